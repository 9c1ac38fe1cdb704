//! From objects to a network: `World` in, `Network` out.
//!
//! One file a theme. Each reads its types from the world and adds to the network; rules of
//! AWS are named by the title of the page that states them. Nothing fails: what is not
//! understood becomes a [`crate::model::Doubt`] or is named as
//! [`crate::model::Unsupported`].
//!
//! The order of themes is that of references: VPCs, subnets and groups, then what is
//! in them, then rules, routes and relays that lead from one to another.

mod acls;
mod balancers;
mod build;
mod classic;
mod computed;
mod containers;
mod databases;
mod documents;
mod endpoints;
mod entries;
mod firewalls;
mod functions;
mod gateways;
mod groups;
mod hub_routes;
mod hubs;
mod instances;
mod interfaces;
mod links;
mod lists;
mod managed;
mod managed_types;
mod protocols;
mod read;
mod routes;
mod services;
mod subnets;
mod targets;
mod touches;
mod unsupported;
mod vpc;

use crate::model::Network;
use crate::world::World;
pub use touches::{Touches, touches};

/// The network that the objects of a world make. Never fails: see the invariant of this crate.
/// Linear in the objects, but for the pairs that they name.
pub fn extract(world: &World) -> Network {
    let facts = read::Facts::of(world);
    let mut b = build::Build::new(world, &facts);
    b.read_vpcs();
    b.read_computed_vpcs();
    b.read_tables();
    b.read_subnets();
    b.read_assigned_ranges();
    b.read_acls();
    b.read_groups();
    b.read_cluster_groups();
    b.read_lists();
    b.read_acl_associations();
    b.read_table_associations();

    let notes = b.read_hubs();
    b.read_network_interfaces();
    b.read_instances();
    b.read_managed();
    b.read_databases();
    b.read_balancers();
    b.read_containers();
    b.read_state_machines();
    b.read_client_vpn();

    b.read_gateways();
    b.read_private_gateways();
    b.read_peerings();
    b.read_endpoints();
    b.read_attachments(notes);

    b.read_rules();
    b.read_routes();
    b.read_endpoint_routes();
    b.read_edge_associations();
    b.read_added_groups();
    b.read_elastic_addresses();
    b.read_relays();
    b.read_blocks();
    b.read_the_rest();
    b.read_service_ranges();
    b.net
}
