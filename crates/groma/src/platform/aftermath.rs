//! What is done beside Terraform: databases stopped and started, what is left with an
//! environment's tag, the account looked at before anything is planned.

use super::Project;
use crate::commands::Failure;
use groma_lang::Diagnostic;
use groma_platform::Account;
use groma_platform::compile::{Root, RootOf, tag};
use groma_state::State;
use groma_value::addr::ResourceInstance;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Something that is left.
pub struct Left {
    /// What it is: a type or a service.
    pub what: String,
    /// Its ARN or id.
    pub id: String,
}

/// A database that can be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stoppable {
    /// The identifier.
    pub identifier: String,
    /// Whether it is a cluster.
    pub cluster: bool,
}

/// The region that tells of what belongs to none (of IAM, CloudFront, Route 53), in the
/// part of AWS that a region is in.
fn global(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "cn-northwest-1",
        r if r.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// All current objects of a state of some types (of any, if none is named), with their
/// attributes.
pub fn objects(state: &State, types: &[&str]) -> Vec<(ResourceInstance, Value)> {
    let mut out = Vec::new();
    for (addr, r) in &state.resources {
        if !types.is_empty() && !types.contains(&&*addr.resource.ty) {
            continue;
        }
        for (key, i) in &r.instances {
            if let Some(v) = i.current.as_ref().and_then(|o| serde_json::from_str(&o.attributes).ok()) {
                let addr = ResourceInstance {
                    module: addr.module.clone(),
                    resource: addr.resource.clone(),
                    key: key.clone(),
                };
                out.push((addr, v));
            }
        }
    }
    out
}

/// The aliases of the provider configurations that a state names.
pub fn aliases(state: &State) -> std::collections::BTreeSet<String> {
    state
        .resources
        .values()
        .filter_map(|r| r.provider.provider.alias.as_ref())
        .map(ToString::to_string)
        .collect()
}

/// A text attribute.
pub fn text(v: &Value, name: &str) -> Option<String> {
    v.get(name)?.as_str().map(str::to_owned)
}

/// A number attribute, if it is a whole one.
pub fn number(v: &Value, name: &str) -> Option<u32> {
    v.get(name)?.to_string().parse().ok()
}

/// The service of a component's module: `service_web`.
fn service_of(addr: &ResourceInstance) -> Option<String> {
    let (first, _) = addr.module.steps().first()?;
    first.strip_prefix("service_").map(str::to_owned)
}

/// How many of each service are wanted now, by the module's label of the service.
pub fn counts(state: &State) -> BTreeMap<String, u32> {
    let mut out = BTreeMap::new();
    for (addr, v) in objects(state, &["aws_autoscaling_group"]) {
        if let (Some(s), Some(n)) = (service_of(&addr), number(&v, "desired_capacity")) {
            out.insert(s, n);
        }
    }
    for (addr, v) in objects(state, &["aws_ecs_service"]) {
        if let (Some(s), Some(n)) = (service_of(&addr), number(&v, "desired_count")) {
            out.insert(s, n);
        }
    }
    out
}

/// The databases of an environment's state.
pub fn databases(state: &State) -> Vec<Stoppable> {
    let mut out = Vec::new();
    for (_, v) in objects(state, &["aws_rds_cluster"]) {
        out.extend(text(&v, "cluster_identifier").map(|identifier| Stoppable { identifier, cluster: true }));
    }
    for (_, v) in objects(state, &["aws_db_instance"]) {
        out.extend(text(&v, "identifier").map(|identifier| Stoppable { identifier, cluster: false }));
    }
    out
}

/// Whether AWS still names something that is gone or going: instances, NAT gateways, VPNs,
/// peerings and endpoints keep their tags for an hour or so after they were deleted, what ECS calls inactive keeps
/// them for longer, and automated snapshots of a database go some time after it.
fn on_its_way(caller: &groma_aws::Caller, arn: &str) -> bool {
    const VERSION: &str = "2016-11-15";
    let state = |action: &str, parameter: &str, id: &str, name: &str, inner: &str| match caller.call_query(
        "ec2",
        VERSION,
        action,
        &[(parameter, id)],
    ) {
        Ok(answer) => match answer.find(name) {
            Some(e) if inner.is_empty() => e.text.clone(),
            Some(e) => e.value(inner).unwrap_or_default().to_owned(),
            None => "deleted".to_owned(),
        },
        Err(e) if e.code.ends_with("NotFound") => "deleted".to_owned(),
        Err(_) => String::new(),
    };
    let gone = |s: String| {
        matches!(
            s.as_str(),
            "terminated"
                | "shutting-down"
                | "deleted"
                | "deleting"
                | "delete-complete"
                | "delete-in-progress"
        )
    };
    let inactive = |action: &str, request: serde_json::Value, at: &str| match caller.call_json(
        "ecs",
        &format!("AmazonEC2ContainerServiceV20141113.{action}"),
        &request,
    ) {
        Ok(answer) => match answer.pointer(at).and_then(Value::as_str) {
            Some(status) => status != "ACTIVE",
            None => true,
        },
        Err(e) => e.code.ends_with("NotFoundException"),
    };
    let service = arn.split(':').nth(2).unwrap_or("");
    let resource = arn.splitn(6, ':').nth(5).unwrap_or("");
    if service == "rds" {
        // AWS keeps names that begin so for its own.
        return resource.starts_with("snapshot:rds:") || resource.starts_with("cluster-snapshot:rds:");
    }
    if service == "ecs" {
        let cluster = resource.split('/').nth(1).unwrap_or("");
        return match resource.split('/').next() {
            Some("cluster") => {
                inactive("DescribeClusters", json!({ "clusters": [arn] }), "/clusters/0/status")
            }
            Some("service") => {
                let request = json!({ "cluster": cluster, "services": [arn] });
                inactive("DescribeServices", request, "/services/0/status")
            }
            Some("task-definition") => {
                inactive("DescribeTaskDefinition", json!({ "taskDefinition": arn }), "/taskDefinition/status")
            }
            _ => false,
        };
    }
    match resource.split_once('/') {
        Some(("instance", id)) if id.starts_with("i-") => {
            gone(state("DescribeInstances", "InstanceId.1", id, "instanceState", "name"))
        }
        Some(("natgateway", id)) => gone(state("DescribeNatGateways", "NatGatewayId.1", id, "state", "")),
        Some(("vpn-connection", id)) => {
            gone(state("DescribeVpnConnections", "VpnConnectionId.1", id, "state", ""))
        }
        Some(("vpn-gateway", id)) => gone(state("DescribeVpnGateways", "VpnGatewayId.1", id, "state", "")),
        Some(("customer-gateway", id)) => {
            gone(state("DescribeCustomerGateways", "CustomerGatewayId.1", id, "state", ""))
        }
        Some(("vpc-peering-connection", id)) => {
            gone(state("DescribeVpcPeeringConnections", "VpcPeeringConnectionId.1", id, "status", "code"))
        }
        Some(("vpc-endpoint", id)) => {
            gone(state("DescribeVpcEndpoints", "VpcEndpointId.1", id, "vpcEndpointState", ""))
        }
        // The one kind whose ARN has a plural in moto, and none in AWS.
        Some(("prefix-list" | "managed-prefix-lists", id)) => {
            gone(state("DescribeManagedPrefixLists", "PrefixListId.1", id, "state", ""))
        }
        _ => false,
    }
}

impl Project<'_> {
    /// Makes sure that the credentials belong to the accounts that will be changed.
    pub fn check_accounts(&self, accounts: &[(String, String)]) -> Result<(), Failure> {
        if self.sandbox {
            return Ok(());
        }
        for (name, region) in accounts {
            let Some(a) = self.manifest.platform.accounts.iter().find(|a| a.name == *name) else { continue };
            self.check_account(a, region)?;
        }
        Ok(())
    }

    /// Makes sure that the credentials for an account belong to it.
    pub fn check_account(&self, a: &Account, region: &str) -> Result<(), Failure> {
        if self.sandbox {
            return Ok(());
        }
        self.caller(a, region)?.check_account(&a.id).map(|_| ()).map_err(|e| {
            self.s.fail(
                Diagnostic::error(format!("The account {:?} cannot be used", a.name), e.to_string())
                    .at(a.span),
            )
        })
    }

    /// A caller of AWS's API for an account of the manifest.
    pub fn caller(&self, a: &Account, region: &str) -> Result<groma_aws::Caller, Failure> {
        let environment = groma_aws::Environment {
            vars: self.s.env.clone(),
            home: self.s.env.get("HOME").map(std::path::PathBuf::from),
            root: self.dir.clone(),
        };
        let options = groma_aws::CallerOptions {
            profile: a.profile.clone(),
            role: a.role.as_deref().map(groma_aws::Role::new),
            region: Some(region.to_owned()),
            ..groma_aws::CallerOptions::default()
        };
        groma_aws::Caller::new(&environment, options).map_err(|e| {
            self.s.fail(
                Diagnostic::error(format!("No credentials for the account {:?}", a.name), e.to_string())
                    .at(a.span),
            )
        })
    }

    /// What still has the tag of an environment, or of a network, whose root module was
    /// destroyed: in the root module's account and region, and where AWS keeps the tags of
    /// what belongs to no region.
    pub fn left(&self, roots: &[Root]) -> Result<Vec<Left>, Failure> {
        let mut left = Vec::new();
        for root in roots {
            let (key, name) = match &root.of {
                RootOf::Environment(slug) => (tag("environment"), slug),
                RootOf::Network(name) => (tag("network"), name),
                // It has no tag of its own.
                RootOf::Once => continue,
            };
            if let Some(s) = self.s.sandbox.get() {
                let found = s.world().tagged(&key, name).map_err(|e| e.to_string())?;
                left.extend(
                    found
                        .into_iter()
                        .map(|o| Left { what: o.ty.clone(), id: o.arn.clone().unwrap_or(o.id.clone()) }),
                );
                continue;
            }
            let declared = self.manifest.platform.accounts.iter().find(|a| a.name == root.account);
            let account = match declared {
                Some(a) => a.clone(),
                None => self.account_of(&self.kept(&self.recorded()?, &root.name)),
            };
            let caller = self.caller(&account, &root.region)?;
            for region in BTreeSet::from([root.region.as_str(), global(&root.region)]) {
                left.extend(self.left_in(&caller.in_region(region), &key, name)?);
            }
        }
        Ok(left)
    }

    /// What has a tag in a caller's region.
    fn left_in(&self, caller: &groma_aws::Caller, key: &str, name: &str) -> Result<Vec<Left>, Failure> {
        let platform = &self.manifest.platform.name;
        let mut left = Vec::new();
        // The list of tagged resources lags behind what is deleted.
        for attempt in 0..6 {
            if attempt > 0 {
                std::thread::sleep(std::time::Duration::from_secs(5));
            }
            let found =
                groma_aws::tagging::resources_with_tag(caller, key, name).map_err(|e| e.to_string())?;
            left = found
                .into_iter()
                .filter(|r| r.tags.get(&tag("platform")).is_none_or(|p| p == platform))
                .filter(|r| !on_its_way(caller, &r.arn))
                .map(|r| Left { what: r.arn.split(':').nth(2).unwrap_or("").to_owned(), id: r.arn })
                .collect();
            if left.is_empty() {
                break;
            }
        }
        Ok(left)
    }

    /// Stops or starts databases. What is already so is left alone.
    pub fn switch_databases(
        &self,
        account: &str,
        region: &str,
        databases: &[Stoppable],
        start: bool,
    ) -> Result<(), Failure> {
        if let Some(s) = self.s.sandbox.get() {
            for d in databases {
                let (action, key) = match (start, d.cluster) {
                    (true, true) => ("StartDBCluster", "DBClusterIdentifier"),
                    (false, true) => ("StopDBCluster", "DBClusterIdentifier"),
                    (true, false) => ("StartDBInstance", "DBInstanceIdentifier"),
                    (false, false) => ("StopDBInstance", "DBInstanceIdentifier"),
                };
                let mut body = serde_json::Map::new();
                body.insert(key.into(), d.identifier.clone().into());
                match s.world().call("rds", action, &serde_json::Value::Object(body)) {
                    Ok(_) => {}
                    Err(e) if e.to_string().contains("State") => {}
                    Err(e) => return Err(format!("{} {}: {e}", action, d.identifier).into()),
                }
            }
            return Ok(());
        }
        let Some(a) = self.manifest.platform.accounts.iter().find(|a| a.name == account) else {
            return Ok(());
        };
        let caller = self.caller(a, region)?;
        for d in databases {
            use groma_aws::rds;
            let done = match (start, d.cluster) {
                (true, true) => rds::start_cluster(&caller, &d.identifier),
                (false, true) => rds::stop_cluster(&caller, &d.identifier),
                (true, false) => rds::start_instance(&caller, &d.identifier),
                (false, false) => rds::stop_instance(&caller, &d.identifier),
            };
            match done {
                Ok(()) => {}
                Err(e) => return Err(format!("{}: {e}", d.identifier).into()),
            }
        }
        Ok(())
    }
}
