//! How many instances there are (EC2 Auto Scaling).

use crate::{AwsError, Caller, Element};

const VERSION: &str = "2011-01-01";

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many instances there must be at least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// How many there should be.
    pub desired: u32,
    /// How many are in service and healthy.
    pub in_service: u32,
    /// All of its instances, also those that come or go.
    pub instances: Vec<Instance>,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its ID.
    pub id: String,
    /// AWS's word: `InService`, `Pending`, `Terminating`, ...
    pub lifecycle: String,
    /// Whether it passes its health checks.
    pub healthy: bool,
}

/// The sizes to set; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// At least.
    pub min: Option<u32>,
    /// At most.
    pub max: Option<u32>,
    /// Now.
    pub desired: Option<u32>,
}

/// The groups of some names, in the order of AWS's answer; those that do not exist are absent.
pub fn describe(caller: &Caller, names: &[&str]) -> Result<Vec<Group>, AwsError> {
    let mut out = Vec::new();
    // Without names, AWS would answer with all groups; it takes 100 of them.
    for some in names.chunks(100) {
        let listed: Vec<(String, &str)> = some
            .iter()
            .enumerate()
            .map(|(i, name)| (format!("AutoScalingGroupNames.member.{}", i + 1), *name))
            .collect();
        let mut token: Option<String> = None;
        loop {
            let mut params: Vec<(&str, &str)> = listed.iter().map(|(n, v)| (n.as_str(), *v)).collect();
            params.push(("MaxRecords", "100"));
            params.extend(token.as_deref().map(|t| ("NextToken", t)));
            let answer = caller.call_query("autoscaling", VERSION, "DescribeAutoScalingGroups", &params)?;
            for e in answer.list(&["AutoScalingGroups"]) {
                let group = read(e).map_err(|name| {
                    let message = format!("a group in the answer has no {name}");
                    caller.malformed("autoscaling", "DescribeAutoScalingGroups", &message)
                })?;
                out.push(group);
            }
            token = answer.value("NextToken").map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
    }
    Ok(out)
}

/// A group from its element; on error, the name of what it lacks.
fn read(e: &Element) -> Result<Group, &'static str> {
    let text = |e: &Element, name: &str| e.value(name).unwrap_or_default().to_owned();
    let number = |name: &'static str| e.value(name).and_then(|v| v.parse().ok()).ok_or(name);
    let instances: Vec<Instance> = e
        .list(&["Instances"])
        .map(|i| Instance {
            id: text(i, "InstanceId"),
            lifecycle: text(i, "LifecycleState"),
            healthy: i.value("HealthStatus").is_some_and(|h| h.eq_ignore_ascii_case("healthy")),
        })
        .collect();
    let in_service = instances.iter().filter(|i| i.lifecycle == "InService" && i.healthy).count();
    Ok(Group {
        name: text(e, "AutoScalingGroupName"),
        arn: text(e, "AutoScalingGroupARN"),
        min: number("MinSize")?,
        max: number("MaxSize")?,
        desired: number("DesiredCapacity")?,
        in_service: in_service as u32,
        instances,
    })
}

/// Sets how many instances a group should have, at once, between its least and its most: AWS refuses other numbers.
pub fn set_desired(caller: &Caller, name: &str, desired: u32) -> Result<(), AwsError> {
    let desired = desired.to_string();
    let params =
        [("AutoScalingGroupName", name), ("DesiredCapacity", desired.as_str()), ("HonorCooldown", "false")];
    caller.call_query("autoscaling", VERSION, "SetDesiredCapacity", &params).map(|_| ())
}

/// Sets a group's sizes together: this is how a group gets to zero and back.
pub fn set_sizes(caller: &Caller, name: &str, sizes: Sizes) -> Result<(), AwsError> {
    let all = [("MinSize", sizes.min), ("MaxSize", sizes.max), ("DesiredCapacity", sizes.desired)];
    let set: Vec<(&str, String)> =
        all.into_iter().filter_map(|(name, size)| Some((name, size?.to_string()))).collect();
    if set.is_empty() {
        return Ok(());
    }
    let mut params = vec![("AutoScalingGroupName", name)];
    params.extend(set.iter().map(|(n, v)| (*n, v.as_str())));
    caller.call_query("autoscaling", VERSION, "UpdateAutoScalingGroup", &params).map(|_| ())
}
