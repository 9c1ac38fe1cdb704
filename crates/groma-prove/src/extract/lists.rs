//! Prefix lists.

use super::build::*;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

impl<'w> Build<'w> {
    pub(crate) fn read_lists(&mut self) {
        for o in self.of("aws_ec2_managed_prefix_list") {
            let item = self.item(o);
            let many = self.get(o, "entry").many();
            let mut entries = Some(Vec::new());
            for e in &many.items {
                self.add_entry(&mut entries, e.get("cidr").net());
            }
            if many.unknown {
                entries = None;
            }
            self.name_list(o, PrefixList { item, entries, service: None });
        }
        for o in self.data("aws_ec2_managed_prefix_list") {
            let item = self.item(o);
            let many = self.get(o, "entries").many();
            let mut entries = Some(Vec::new());
            for e in &many.items {
                self.add_entry(&mut entries, e.get("cidr").net());
            }
            self.read_list(o, item, entries);
        }
        for o in self.data("aws_prefix_list") {
            let item = self.item(o);
            let mut entries = Some(Vec::new());
            for e in self.get(o, "cidr_blocks").many().items {
                self.add_entry(&mut entries, e.net());
            }
            self.read_list(o, item, entries);
        }
        for o in self.of("aws_ec2_managed_prefix_list_entry") {
            let entry = self.get(o, "cidr").net();
            let lists: Vec<PrefixListId> = match self.get(o, "prefix_list_id").id() {
                Known::Is(id) => vec![self.list(o, Known::Is(id), "prefix_list_id")],
                _ => (0..self.net.prefix_lists.len() as u32).map(PrefixListId).collect(),
            };
            let sure = lists.len() == 1;
            for l in lists {
                let mut entries = self.net.prefix_lists[l.index()].entries.take();
                match (sure, entry) {
                    (true, e) => self.add_entry(&mut entries, e),
                    (false, _) => entries = None,
                }
                self.net.prefix_lists[l.index()].entries = entries;
            }
        }
    }
    fn add_entry(&self, entries: &mut Option<Vec<ipnet::IpNet>>, net: Known<ipnet::IpNet>) {
        match (entries.as_mut(), net) {
            (Some(e), Known::Is(net)) => push_new(e, net),
            _ => *entries = None,
        }
    }
    /// A list that a data source read. An empty one may be one that could not be read.
    fn read_list(&mut self, o: Obj, item: ItemId, entries: Option<Vec<ipnet::IpNet>>) {
        let entries = entries.filter(|e| !e.is_empty());
        let name = self.get(o, "name").id().or(|| self.get(o, "prefix_list_name").id());
        let service = match name {
            Known::Is(n) => service_of(n).map(|s| self.service(s)),
            _ => None,
        };
        if matches!(self.get(o, "id").id(), Known::Is(id) if self.lists.contains_key(id)) {
            return;
        }
        self.name_list(o, PrefixList { item, entries, service });
    }
    fn name_list(&mut self, o: Obj, list: PrefixList) {
        let id = PrefixListId(self.net.prefix_lists.len() as u32);
        self.net.prefix_lists.push(list);
        for name in ["id", "arn", "prefix_list_id"] {
            if let Known::Is(text) = self.get(o, name).id() {
                self.lists.insert(text, id);
            }
        }
    }
    /// The list with an id; of one that is not in this world nothing is known.
    pub(crate) fn list(&mut self, o: Obj, id: Known<&'w str>, attribute: &str) -> PrefixListId {
        if let Known::Is(id) = id
            && let Some(l) = self.lists.get(id)
        {
            return *l;
        }
        let place = self.world.objects[o].place.clone();
        let of = self.item(o);
        let item = match id {
            Known::Is(id) => self.named(format!("the prefix list {id}"), place),
            _ => self.part(&format!("the prefix list in {attribute}"), of),
        };
        let list = PrefixListId(self.net.prefix_lists.len() as u32);
        self.net.prefix_lists.push(PrefixList { item, entries: None, service: None });
        if let Known::Is(id) = id {
            self.lists.insert(id, list);
        }
        list
    }
}

/// `s3` of `com.amazonaws.eu-west-1.s3`; `None` for lists that are not of a service's endpoints.
pub(crate) fn service_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("com.amazonaws.").or_else(|| name.strip_prefix("aws."))?;
    let (region, service) = rest.split_once('.').unwrap_or(("", rest));
    (region != "global" && !region.starts_with("vpce")).then_some(service)
}
