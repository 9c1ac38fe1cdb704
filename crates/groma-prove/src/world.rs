//! What comes in: the objects of one or several root modules as they will be.

use groma_value::Value;
use groma_value::addr::ResourceInstance;
use std::sync::Arc;

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file, as a person would open it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

/// Where a provider configuration works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The account id, if known.
    pub account: Option<Arc<str>>,
    /// The region, if known.
    pub region: Option<Arc<str>>,
}

/// One object of a world: a managed one, or one that a data source read.
///
/// # Values
///
/// Ids and other attributes that only exist after creation are *stand-ins*: realistic
/// texts, unique in the world, which flowed through the configuration like real ones
/// would, so `aws_subnet.vpc_id == aws_vpc.id` holds whatever modules and functions
/// lie between. A stand-in, and everything computed from one, carries the mark
/// [`groma_value::Mark::Invented`]. It says who is meant (compare it freely with
/// other identities); it says nothing about addresses, ports or numbers: where such
/// a value is invented (a rule for `"${aws_instance.a.private_ip}/32"`), it is unknown.
/// Where not even a stand-in could be made, the value is unknown.
///
/// # What the configuration leaves to the provider
///
/// An attribute that may be set and else is computed (`ingress`, `route`, `subnet_ids`,
/// `vpc_security_group_ids`, `associate_public_ip_address`, `source_security_group_id`), and that
/// the configuration does not set, is null where it is a collection of a new object: AWS's defaults
/// decide it. So is a collection that other resources decide (`ingress`, `route`), whatever a state
/// says. Flags, numbers and texts that are not identities are the state's, or null where the object
/// does not exist yet.
///
/// A collection that the configuration sets, but not to something of known length (`dynamic` over
/// an unknown), is unknown, never an invented content.
#[derive(Clone, Debug)]
pub struct Object {
    /// The root module: `levels-prod`, or empty where there is only one.
    pub root: Arc<str>,
    /// The address in its root module.
    pub addr: ResourceInstance,
    /// Where its provider configuration works.
    pub location: Arc<Location>,
    /// The attributes, with marks.
    pub values: Value,
    /// Where the resource block is written; objects that are only in a state have none.
    pub place: Option<Place>,
    /// Whether it exists before the plan is applied.
    pub exists: bool,
}

/// All objects as they will be once everything is applied.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// In the order of root modules, then addresses.
    pub objects: Vec<Object>,
    /// What the plan could not decide (deferred resources, unread data sources): the
    /// address, and why. Each could add anything to the network.
    pub open: Vec<(String, String)>,
}
