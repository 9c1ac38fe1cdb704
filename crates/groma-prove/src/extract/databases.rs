//! RDS and Aurora.

use super::build::*;
use super::interfaces::Spec;
use super::managed::tcp;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

/// "Amazon RDS: Settings for DB instances", "Port": by engine.
const PORTS: [(&str, u16); 8] = [
    ("aurora-postgresql", 5432),
    ("aurora-mysql", 3306),
    ("aurora", 3306),
    ("postgres", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("sqlserver", 1433),
    ("db2", 50000),
];

impl<'w> Build<'w> {
    pub(crate) fn read_databases(&mut self) {
        for o in self.of("aws_rds_cluster") {
            self.read_cluster(o);
        }
        for o in self.of("aws_db_instance") {
            let subnets = self.instance_subnets(o, 0);
            self.database(o, subnets, "publicly_accessible", o, o);
        }
        for o in self.of_any(&[
            "aws_rds_cluster_instance",
            "aws_docdb_cluster_instance",
            "aws_neptune_cluster_instance",
        ]) {
            self.read_cluster_instance(o);
        }
        self.read_proxy_targets();
    }

    /// A cluster with its endpoints.
    fn read_cluster(&mut self, o: Obj) {
        // The cluster's endpoints are addresses of its instances. Without any it is read all the
        // same, as instances may be added by automatic scaling.
        let subnets = self.subnets_of_group(o, "db_subnet_group_name", &["aws_db_subnet_group"]);
        let subnets = subnets.unwrap_or_else(|| self.default_subnets(o));
        self.database(o, subnets, "publicly_accessible", o, o);
        // "CreateDBCluster", PubliclyAccessible: a Multi-AZ DB cluster is public where its VPC has an
        // internet gateway, and the provider does not say otherwise.
        let aurora = matches!(self.get(o, "engine").text(), Known::Is(e) if e.starts_with("aurora"));
        if !aurora && !self.get(o, "db_cluster_instance_class").is_absent() {
            let item = self.item(o);
            let doubt = self.doubt(item, "", "it is public if its VPC has an internet gateway");
            for i in self.holders.get(&o).cloned().unwrap_or_default() {
                let x = &mut self.net.interfaces[i.index()];
                x.public = or(x.public, Tri::Maybe(doubt));
            }
        }
    }

    fn read_cluster_instance(&mut self, o: Obj) {
        let clusters = ["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"];
        let cluster = match self.get(o, "cluster_identifier").id() {
            Known::Is(c) => self.find(o, &clusters, c),
            _ => None,
        };
        let Some(c) = cluster else {
            let item = self.item(o);
            let s = self.subnet(o, Known::Unknown, None);
            let node = self.node(o);
            let mut groups = self.groups_at(o, "vpc_security_group_ids", None);
            groups.unknown =
                Some(self.doubt(item, "cluster_identifier", "its cluster is not in this configuration"));
            let public = self.tri(o, "publicly_accessible", false);
            let spec = Spec { groups: Some(groups), public, ..Spec::new(item, node, s) };
            self.interface_of(o, spec);
            return;
        };
        let interfaces = self.holders.get(&c).cloned().unwrap_or_default();
        let mut subnets: Vec<SubnetId> =
            interfaces.iter().map(|i| self.net.interfaces[i.index()].subnet).collect();
        subnets.dedup();
        if let Some(own) = self.subnets_of_group(o, "db_subnet_group_name", &["aws_db_subnet_group"]) {
            subnets = own;
        }
        self.database(o, subnets, "publicly_accessible", c, c);
        let (from, to) = (self.node(c), self.node(o));
        self.net.nodes[to.index()].listens = self.net.nodes[from.index()].listens.clone();
        // The cluster's own interfaces are its instances': as public as they are.
        let public = self.tri(o, "publicly_accessible", false);
        for i in interfaces {
            let x = &mut self.net.interfaces[i.index()];
            x.public = or(x.public, public);
        }
    }

    fn instance_subnets(&mut self, o: Obj, depth: u8) -> Vec<SubnetId> {
        if let Some(s) = self.subnets_of_group(o, "db_subnet_group_name", &["aws_db_subnet_group"]) {
            return s;
        }
        // "aws_db_instance": a replica in the same region is in the subnets of its source.
        if let Known::Is(source) = self.get(o, "replicate_source_db").id()
            && depth < 8
        {
            let found = self.find(o, &["aws_db_instance", "aws_rds_cluster"], source);
            if let Some(s) = found
                && self.location(s) == self.location(o)
            {
                return self.instance_subnets(s, depth + 1);
            }
        }
        // "Restoring a DB instance to a specified time": where the source was, perhaps.
        if !self.get(o, "restore_to_point_in_time").is_absent() {
            return vec![self.subnet(o, Known::Unknown, None)];
        }
        self.default_subnets(o)
    }

    /// One class for each subnet; groups and ports as `of` says.
    fn database(&mut self, o: Obj, subnets: Vec<SubnetId>, public: &str, of: Obj, ports: Obj) {
        let item = self.item(o);
        let node = self.node(o);
        let public = self.tri(o, public, false);
        let dual = match self.get(of, "network_type").text() {
            Known::Is(t) => yes(t.eq_ignore_ascii_case("DUAL") || t.contains("ipv6")),
            Known::Absent => Tri::No,
            Known::Unknown => Tri::Maybe(self.doubt(item, "network_type", NOT_KNOWN)),
        };
        self.net.nodes[node.index()].listens = self.ports_of_database(ports).map(|p| vec![tcp(p, p)]);
        let options = match self.get(of, "option_group_name").id() {
            Known::Is(name) => self.find(of, &["aws_db_option_group"], name),
            _ => None,
        };
        for subnet in subnets {
            let vpc = self.vpc_of_subnet(subnet);
            let mut groups = self.groups_at(of, "vpc_security_group_ids", Some(vpc));
            if let Some(option_group) = options {
                self.groups_of_options(option_group, &mut groups);
            }
            let spec = Spec {
                groups: Some(groups),
                families: (Tri::Yes, dual),
                public,
                many: true,
                ..Spec::new(item, node, subnet)
            };
            self.interface_of(o, spec);
        }
    }
    /// "Working with option groups": an option may have groups of its own, for a port of its own.
    fn groups_of_options(&mut self, o: Obj, groups: &mut super::groups::Groups) {
        let many = self.get(o, "option").many();
        for option in many.items {
            let of = option.get("vpc_security_group_memberships").many();
            let of = self.groups_of(o, "option", &[of], None);
            for g in of.known {
                push_new(&mut groups.known, g);
            }
            groups.unknown = groups.unknown.or(of.unknown);
        }
    }
    /// The port; `None`: any, also where an option group may add others.
    fn ports_of_database(&self, o: Obj) -> Option<u16> {
        let engine = match self.get(o, "engine").text() {
            Known::Is(e) => e,
            _ => return None,
        };
        if engine.starts_with("oracle")
            || engine.starts_with("custom")
            || engine == "neptune"
            || engine == "docdb"
        {
            return None;
        }
        // An option has a port of its own.
        if let Known::Is(name) = self.get(o, "option_group_name").id()
            && let Some(group) = self.find(o, &["aws_db_option_group"], name)
            && !self.get(group, "option").is_absent()
        {
            return None;
        }
        match self.get(o, "port").num() {
            Known::Is(n) => u16::try_from(n).ok(),
            Known::Absent => PORTS.iter().find(|(name, _)| engine.starts_with(name)).map(|(_, p)| *p),
            Known::Unknown => None,
        }
    }

    /// A proxy opens connections of its own to its database.
    fn read_proxy_targets(&mut self) {
        for o in self.of("aws_db_proxy_target") {
            let item = self.item(o);
            let proxy = match self.get(o, "db_proxy_name").id() {
                Known::Is(p) => self.find(o, &["aws_db_proxy"], p),
                _ => None,
            };
            let mut to = Vec::new();
            for name in ["db_instance_identifier", "db_cluster_identifier"] {
                if let Known::Is(t) = self.get(o, name).id() {
                    to.extend(self.find(o, &["aws_db_instance", "aws_rds_cluster"], t));
                }
            }
            let (Some(proxy), false) = (proxy, to.is_empty()) else {
                self.unsupported(item, "which database the proxy leads to is not known", Vec::new());
                continue;
            };
            for t in to {
                let (from, to) = (self.node(proxy), self.node(t));
                let connects = self.net.nodes[to.index()].listens.as_ref().and_then(|l| l.first().copied());
                self.net.relays.push(Relay {
                    item,
                    from,
                    accepts: None,
                    to,
                    connects,
                    keeps_client: Tri::No,
                    direct: false,
                    presence: Presence::Sure,
                });
            }
        }
    }
}
