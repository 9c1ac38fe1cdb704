//! What the extraction reads, theme by theme.

mod acls;
mod balancers;
mod databases;
mod endpoints;
mod groups;
mod hubs;
mod instances;
mod limits;
mod routes;
mod services;
mod support;
mod vpcs;
mod worlds;
