//! How many tasks services run (ECS).

use crate::{AwsError, Caller};
use serde_json::{Value, json};

const API: &str = "AmazonEC2ContainerServiceV20141113";

/// A service in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// AWS's word: `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// How many tasks there should be.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are being started.
    pub pending: u32,
    /// The ARN of the task definition that new tasks have.
    pub task_definition: String,
    /// The state of the newest deployment, where AWS says it: `IN_PROGRESS`, `COMPLETED`, `FAILED`.
    pub rollout: Option<String>,
}

/// The services of some names in a cluster, in the order of the names; those that do not exist, or were deleted, are
/// absent.
pub fn describe_services(caller: &Caller, cluster: &str, names: &[&str]) -> Result<Vec<Service>, AwsError> {
    let mut out = Vec::new();
    // AWS takes ten at a time.
    for some in names.chunks(10) {
        let body = json!({ "cluster": cluster, "services": some });
        let answer = caller.call_json("ecs", &format!("{API}.DescribeServices"), &body)?;
        let Some(found) = answer["services"].as_array() else {
            return Err(caller.malformed("ecs", "DescribeServices", "the answer has no services"));
        };
        let found: Vec<Service> = found.iter().map(read).filter(|s| s.status != "INACTIVE").collect();
        out.extend(some.iter().filter_map(|n| found.iter().find(|s| s.name == *n || s.arn == *n)).cloned());
    }
    Ok(out)
}

/// Sets how many tasks a service should have, and gives the service as it then is.
pub fn update_desired(
    caller: &Caller,
    cluster: &str,
    service: &str,
    desired: u32,
) -> Result<Service, AwsError> {
    let body = json!({ "cluster": cluster, "service": service, "desiredCount": desired });
    let answer = caller.call_json("ecs", &format!("{API}.UpdateService"), &body)?;
    match &answer["service"] {
        Value::Object(_) => Ok(read(&answer["service"])),
        _ => Err(caller.malformed("ecs", "UpdateService", "the answer has no service")),
    }
}

fn read(service: &Value) -> Service {
    let text = |name: &str| service[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| service[name].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    let deployments = service["deployments"].as_array().into_iter().flatten();
    let newest = deployments.clone().find(|d| d["status"] == "PRIMARY");
    Service {
        name: text("serviceName"),
        arn: text("serviceArn"),
        status: text("status"),
        desired: number("desiredCount"),
        running: number("runningCount"),
        pending: number("pendingCount"),
        task_definition: text("taskDefinition"),
        rollout: newest.and_then(|d| d["rolloutState"].as_str()).map(str::to_owned),
    }
}
