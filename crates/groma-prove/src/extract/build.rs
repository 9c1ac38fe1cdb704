//! What all themes share: looking objects up, items, doubts, nodes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use groma_value::addr::Mode;

use super::read::{Facts, Known, View};
use crate::model::*;
use crate::world::{Location, Place, World};

/// An object of the world, by its index.
pub(crate) type Obj = usize;

/// What the model does not keep of a VPC.
#[derive(Clone, Debug)]
pub(crate) struct VpcInfo {
    /// Of subnets without one of their own.
    pub(crate) main: TableId,
    /// Whether that is certain.
    pub(crate) main_presence: Presence,
    /// Of subnets without one of their own.
    pub(crate) acl: AclId,
    /// Of interfaces without groups.
    pub(crate) group: GroupId,
    /// All its subnets.
    pub(crate) subnets: Vec<SubnetId>,
}

/// What the model does not keep of a subnet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubnetInfo {
    /// Whether interfaces get a public IPv4 address unless they say otherwise.
    pub(crate) public: Tri,
    /// Whether interfaces get an IPv6 address unless they say otherwise.
    pub(crate) assign_v6: Tri,
    /// Whether it has an IPv4 range and an IPv6 range.
    pub(crate) families: (Tri, Tri),
}

pub(crate) struct Build<'w> {
    pub(crate) world: &'w World,
    pub(crate) facts: &'w Facts,
    pub(crate) net: Network,
    managed: BTreeMap<&'w str, Vec<Obj>>,
    data: BTreeMap<&'w str, Vec<Obj>>,
    names: HashMap<&'w str, Vec<Obj>>,
    /// The types that somebody asked for.
    pub(crate) asked: RefCell<BTreeSet<&'w str>>,
    items: Vec<Option<ItemId>>,
    nodes: HashMap<Obj, NodeId>,
    services: HashMap<String, NodeId>,
    pub(crate) internet: NodeId,
    pub(crate) vpcs: HashMap<&'w str, VpcId>,
    pub(crate) default_vpcs: HashMap<Location, VpcId>,
    pub(crate) vpc_info: Vec<VpcInfo>,
    pub(crate) subnets: HashMap<&'w str, SubnetId>,
    pub(crate) subnet_info: Vec<SubnetInfo>,
    pub(crate) tables: HashMap<&'w str, TableId>,
    pub(crate) acls: HashMap<&'w str, AclId>,
    pub(crate) groups: HashMap<&'w str, GroupId>,
    pub(crate) lists: HashMap<&'w str, PrefixListId>,
    pub(crate) gateways: HashMap<&'w str, GatewayId>,
    pub(crate) peerings: HashMap<&'w str, PeeringId>,
    pub(crate) hubs: HashMap<&'w str, HubId>,
    pub(crate) hub_tables: HashMap<&'w str, HubTableId>,
    pub(crate) attachments: HashMap<&'w str, Vec<AttachmentId>>,
    /// By the id of a network interface or of an endpoint.
    pub(crate) enis: HashMap<&'w str, Vec<InterfaceId>>,
    /// The interfaces of an object.
    pub(crate) holders: HashMap<Obj, Vec<InterfaceId>>,
    /// Where services run that are in no VPC of this world.
    pub(crate) elsewhere: Option<(SubnetId, GroupId)>,
    /// VPCs to which a range of IPv6 is assigned, and by what.
    pub(crate) assigned: Vec<(Obj, VpcId)>,
    /// Ids of VPCs that AWS computes for something, and that nothing here is the id of.
    pub(crate) computed: HashSet<&'w str>,
    /// What is unsupported and passes nothing on: VPCs of unknown ranges.
    pub(crate) narrow: Vec<ItemId>,
}

/// Attributes by which other objects may refer to one.
const NAMES: [&str; 25] = [
    "id",
    "arn",
    "name",
    "cluster_identifier",
    "cluster_id",
    "cluster_name",
    "replication_group_id",
    "identifier",
    "allocation_id",
    "association_id",
    "primary_network_interface_id",
    "network_interface_id",
    "invoke_arn",
    "arn_without_revision",
    "dns_name",
    "directory_id",
    "replication_subnet_group_id",
    "spot_instance_id",
    "public_ip",
    "private_ip",
    "service_name",
    "function_name",
    "workgroup_name",
    "domain_name",
    "domain_id",
];

impl<'w> Build<'w> {
    pub(crate) fn new(world: &'w World, facts: &'w Facts) -> Build<'w> {
        let mut managed: BTreeMap<&str, Vec<Obj>> = BTreeMap::new();
        let mut data: BTreeMap<&str, Vec<Obj>> = BTreeMap::new();
        let mut names: HashMap<&str, Vec<Obj>> = HashMap::new();
        for (i, o) in world.objects.iter().enumerate() {
            let by_type = match o.addr.resource.mode {
                Mode::Managed => &mut managed,
                Mode::Data => &mut data,
                Mode::Ephemeral => continue,
            };
            by_type.entry(&o.addr.resource.ty).or_default().push(i);
            let view = View::new(&o.values, facts);
            for name in NAMES {
                if let Known::Is(text) = view.get(name).id() {
                    let known = names.entry(text).or_default();
                    if known.last() != Some(&i) {
                        known.push(i);
                    }
                }
            }
        }
        let mut net = Network::default();
        net.items.push(Item { name: "the internet".into(), place: None });
        net.nodes.push(Node { item: ItemId(0), kind: NodeKind::Internet, labels: Vec::new(), listens: None });
        Build {
            world,
            facts,
            net,
            managed,
            data,
            names,
            asked: RefCell::new(BTreeSet::new()),
            items: vec![None; world.objects.len()],
            nodes: HashMap::new(),
            services: HashMap::new(),
            internet: NodeId(0),
            vpcs: HashMap::new(),
            default_vpcs: HashMap::new(),
            vpc_info: Vec::new(),
            subnets: HashMap::new(),
            subnet_info: Vec::new(),
            tables: HashMap::new(),
            acls: HashMap::new(),
            groups: HashMap::new(),
            lists: HashMap::new(),
            gateways: HashMap::new(),
            peerings: HashMap::new(),
            hubs: HashMap::new(),
            hub_tables: HashMap::new(),
            attachments: HashMap::new(),
            enis: HashMap::new(),
            holders: HashMap::new(),
            elsewhere: None,
            assigned: Vec::new(),
            computed: HashSet::new(),
            narrow: Vec::new(),
        }
    }

    /// The managed objects of a type.
    pub(crate) fn of(&self, ty: &str) -> Vec<Obj> {
        let Some((name, objects)) = self.managed.get_key_value(ty) else { return Vec::new() };
        self.asked.borrow_mut().insert(name);
        objects.clone()
    }
    /// The managed objects of some types.
    pub(crate) fn of_any(&self, types: &[&str]) -> Vec<Obj> {
        types.iter().flat_map(|t| self.of(t)).collect()
    }
    /// What data sources of a type read.
    pub(crate) fn data(&self, ty: &str) -> Vec<Obj> {
        self.data.get(ty).cloned().unwrap_or_default()
    }
    /// All managed types that occur.
    pub(crate) fn types(&self) -> Vec<&'w str> {
        self.managed.keys().copied().collect()
    }
    pub(crate) fn ty(&self, o: Obj) -> &'w str {
        &self.world.objects[o].addr.resource.ty
    }
    pub(crate) fn exists(&self, o: Obj) -> bool {
        self.world.objects[o].exists
    }
    pub(crate) fn view(&self, o: Obj) -> View<'w> {
        View::new(&self.world.objects[o].values, self.facts)
    }
    pub(crate) fn get(&self, o: Obj, path: &str) -> View<'w> {
        self.view(o).at(path)
    }
    /// Where it is: its own `region` (provider 6) or its provider's.
    pub(crate) fn location(&self, o: Obj) -> Location {
        let mut l = (*self.world.objects[o].location).clone();
        if let Known::Is(r) = self.get(o, "region").text()
            && !matches!(self.ty(o), "aws_s3_bucket" | "aws_ip_ranges")
        {
            l.region = Some(r.into());
        }
        l
    }
    /// The object of one of these types that `text` (an id, ARN or name) means. Of several
    /// the one in the place of `from`, a managed one before one that was only read.
    pub(crate) fn find(&self, from: Obj, types: &[&str], text: &str) -> Option<Obj> {
        let of_type = self.names.get(text)?.iter().copied().filter(|o| types.contains(&self.ty(*o)));
        let here = self.location(from);
        let root = &self.world.objects[from].root;
        of_type.max_by_key(|o| {
            let object = &self.world.objects[*o];
            let managed = object.addr.resource.mode == Mode::Managed;
            (self.location(*o) == here, managed, object.root == *root, std::cmp::Reverse(*o))
        })
    }

    /// All objects of one of these types that `text` may mean.
    pub(crate) fn find_all(&self, types: &[&str], text: &str) -> Vec<Obj> {
        let all = self.names.get(text).into_iter().flatten().copied();
        all.filter(|o| types.contains(&self.ty(*o))).collect()
    }

    /// The item of an object.
    pub(crate) fn item(&mut self, o: Obj) -> ItemId {
        if let Some(id) = self.items[o] {
            return id;
        }
        let object = &self.world.objects[o];
        let name = match &*object.root {
            "" => object.addr.to_string(),
            root => format!("{root}: {}", object.addr),
        };
        let id = self.named(name, object.place.clone());
        self.items[o] = Some(id);
        id
    }
    /// An item that has no address of its own.
    pub(crate) fn named(&mut self, name: impl Into<Arc<str>>, place: Option<Place>) -> ItemId {
        self.net.items.push(Item { name: name.into(), place });
        ItemId(self.net.items.len() as u32 - 1)
    }
    /// "the main route table of `item`", at the same place.
    pub(crate) fn part(&mut self, what: &str, of: ItemId) -> ItemId {
        let Item { name, place } = self.net.items[of.index()].clone();
        self.named(format!("{what} of {name}"), place)
    }
    pub(crate) fn doubt(&mut self, item: ItemId, attribute: &str, why: &str) -> DoubtId {
        let attribute = (!attribute.is_empty()).then(|| attribute.into());
        self.net.doubts.push(Doubt { item, attribute, why: why.into() });
        DoubtId(self.net.doubts.len() as u32 - 1)
    }
    pub(crate) fn maybe(&mut self, item: ItemId, attribute: &str, why: &str) -> Presence {
        Presence::Maybe(self.doubt(item, attribute, why))
    }
    /// A flag of an object as a yes, no or doubt.
    pub(crate) fn tri(&mut self, o: Obj, path: &str, absent: bool) -> Tri {
        match self.get(o, path).flag() {
            Known::Is(b) => yes(b),
            Known::Absent => yes(absent),
            Known::Unknown => {
                let item = self.item(o);
                Tri::Maybe(self.doubt(item, path, NOT_KNOWN))
            }
        }
    }
    pub(crate) fn unsupported(&mut self, item: ItemId, why: impl Into<Arc<str>>, vpcs: Vec<VpcId>) {
        let u = Unsupported { item, why: why.into(), vpcs };
        if !self.net.unsupported.contains(&u) {
            self.net.unsupported.push(u);
        }
    }

    /// The node of an object.
    pub(crate) fn node(&mut self, o: Obj) -> NodeId {
        if let Some(n) = self.nodes.get(&o) {
            return *n;
        }
        let item = self.item(o);
        let n = self.new_node(item, NodeKind::Resource(self.ty(o).into()));
        self.nodes.insert(o, n);
        n
    }
    pub(crate) fn new_node(&mut self, item: ItemId, kind: NodeKind) -> NodeId {
        self.net.nodes.push(Node { item, kind, labels: Vec::new(), listens: None });
        NodeId(self.net.nodes.len() as u32 - 1)
    }
    /// Something outside.
    pub(crate) fn outside(&mut self, o: Obj) -> NodeId {
        let n = self.node(o);
        self.net.nodes[n.index()].kind = NodeKind::Outside;
        n
    }
    /// A service of AWS: `s3`.
    pub(crate) fn service(&mut self, name: &str) -> NodeId {
        if let Some(n) = self.services.get(name) {
            return *n;
        }
        let item = self.named(format!("the service {name}"), None);
        let n = self.new_node(item, NodeKind::Service(name.into()));
        self.services.insert(name.to_owned(), n);
        n
    }
}

/// Why something is not known, for most doubts.
pub(crate) const NOT_KNOWN: &str = "it is known after apply only";

/// A boolean as a [`Tri`].
pub(crate) fn yes(b: bool) -> Tri {
    if b { Tri::Yes } else { Tri::No }
}
/// Either of two.
pub(crate) fn or(a: Tri, b: Tri) -> Tri {
    match (a, b) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::Maybe(d), _) | (_, Tri::Maybe(d)) => Tri::Maybe(d),
        _ => Tri::No,
    }
}
/// Both of two.
pub(crate) fn and(a: Tri, b: Tri) -> Tri {
    match (a, b) {
        (Tri::No, _) | (_, Tri::No) => Tri::No,
        (Tri::Maybe(d), _) | (_, Tri::Maybe(d)) => Tri::Maybe(d),
        _ => Tri::Yes,
    }
}
/// The less certain of two.
pub(crate) fn both(a: Presence, b: Presence) -> Presence {
    match a {
        Presence::Sure => b,
        maybe => maybe,
    }
}
