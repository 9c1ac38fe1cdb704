//! API calls beside Terraform: stopping databases, counts of instances and tasks, who am I.

use std::collections::BTreeMap;

use groma_value::{Fields, Value};
use serde_json::{Value as Json, json};

use super::{Key, Stored, Tx, World};
use crate::effects;
use crate::fill::{Place, text_of};

/// AWS starts a stopped database again after this many seconds.
const STOPPED_AT_MOST: i64 = 7 * 86_400;
/// The note on a stopped database: when it was stopped, in seconds since the epoch.
const STOPPED: &str = "stopped";

type Answer = Result<Json, String>;

fn text(v: &Value, name: &str) -> String {
    v.get_attr(name).as_ref().and_then(text_of).unwrap_or_default()
}

fn argument(request: &Json, names: &[&str]) -> String {
    let found = names.iter().find_map(|n| request.get(n));
    found.and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// An object of a type by an attribute; of the request's account and region if it names them, else of
/// any.
fn object(
    tx: &Tx<'_>,
    request: &Json,
    ty: &str,
    attr: &str,
    name: &str,
) -> Option<(Key, Value, BTreeMap<String, String>)> {
    let (account, region) = (argument(request, &["Account"]), argument(request, &["Region"]));
    tx.all()
        .filter(|(k, _)| k.ty == ty)
        .filter(|(k, _)| account.is_empty() || k.account == account)
        .filter(|(k, _)| region.is_empty() || k.region == region)
        .find_map(|(k, o)| {
            let v = o.value(ty)?;
            (text(v, attr) == name || text(v, "arn") == name || text(v, "id") == name)
                .then(|| (k.clone(), v.clone(), o.notes.clone()))
        })
}

fn with(v: &Value, name: &str, new: Value) -> Value {
    let mut fields: Fields = v.as_fields().cloned().unwrap_or_default();
    fields.insert(name, new);
    Value::object(fields)
}

impl World {
    /// Calls an AWS API, as the SDK would: the service and the action by their names in the API, such
    /// as `rds` and `StopDBCluster`, the request and the answer as JSON with the API's names. The
    /// object is looked for in all accounts and regions, unless the request has `Account` or `Region`.
    ///
    /// There are: `rds` `StopDBCluster`, `StartDBCluster`, `DescribeDBClusters`, `ModifyDBCluster`
    /// (of `DeletionProtection`) and the same of `DBInstance`; `elasticloadbalancing`
    /// `ModifyLoadBalancerAttributes` (of `deletion_protection.enabled`); `autoscaling` `SetDesiredCapacity`, `UpdateAutoScalingGroup`,
    /// `DescribeAutoScalingGroups`; `ecs` `UpdateService`, `DescribeServices`; `sts`
    /// `GetCallerIdentity`.
    ///
    /// # Errors
    ///
    /// The error code of AWS, a colon and its message; `UnsupportedOperation` for calls that the
    /// sandbox does not have.
    pub fn call(&self, service: &str, action: &str, request: &Json) -> Answer {
        let done = self.transact(|tx| {
            start_what_was_stopped_too_long(tx);
            match service {
                "rds" => rds(tx, action, request),
                "autoscaling" => autoscaling(tx, action, request),
                "ecs" => ecs(tx, action, request),
                "elasticloadbalancing" => load_balancing(tx, action, request),
                "sts" if action == "GetCallerIdentity" => {
                    let account = match argument(request, &["Account"]) {
                        account if account.is_empty() => self.account.to_string(),
                        account => account,
                    };
                    Ok(json!({
                        "Account": account, "Arn": format!("arn:aws:iam::{account}:user/sandbox"),
                        "UserId": "AIDASANDBOXSANDBOX00",
                    }))
                }
                _ => Err(format!("UnsupportedOperation: the sandbox has no {service} {action}")),
            }
        });
        done.map_err(|e| format!("InternalFailure: {e}"))?
    }

    /// Puts the sandbox's clock forward, by seconds. A database that has been stopped for seven days
    /// is started again, as AWS does.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be written.
    pub fn advance(&self, seconds: u64) -> Result<(), crate::Error> {
        self.transact(|tx| {
            tx.advance(i64::try_from(seconds).unwrap_or(i64::MAX / 4));
            start_what_was_stopped_too_long(tx);
            Ok::<_, crate::Error>(())
        })?
    }
}

fn start_what_was_stopped_too_long(tx: &mut Tx<'_>) {
    let now = tx.now();
    let due: Vec<Key> = tx
        .all()
        .filter(|(_, o)| {
            let since = o.notes.get(STOPPED).and_then(|t| t.parse::<i64>().ok());
            since.is_some_and(|since| now >= since.saturating_add(STOPPED_AT_MOST))
        })
        .map(|(k, _)| k.clone())
        .collect();
    for key in due {
        set_stopped(tx, &key, false);
    }
}

fn set_stopped(tx: &mut Tx<'_>, key: &Key, stopped: bool) {
    let Some(old) = tx.get(key) else { return };
    let (Some(value), mut notes) = (old.value(&key.ty).cloned(), old.notes.clone()) else { return };
    let value = match (value.get_attr("status").is_some(), stopped) {
        (true, true) => with(&value, "status", Value::string("stopped")),
        (true, false) => with(&value, "status", Value::string("available")),
        _ => value,
    };
    if stopped {
        notes.insert(STOPPED.into(), tx.now().to_string());
    } else {
        notes.remove(STOPPED);
    }
    tx.put(key.clone(), Stored::new(value, notes));
}

fn rds(tx: &mut Tx<'_>, action: &str, request: &Json) -> Answer {
    let cluster = action.contains("Cluster");
    let (ty, attr, argument_name, kind) = if cluster {
        ("aws_rds_cluster", "cluster_identifier", "DBClusterIdentifier", "DBCluster")
    } else {
        ("aws_db_instance", "identifier", "DBInstanceIdentifier", "DBInstance")
    };
    let name = argument(request, &[argument_name]);
    let show = |v: &Value, notes: &BTreeMap<String, String>| {
        let status = if notes.contains_key(STOPPED) { "stopped" } else { "available" };
        let status_key = if cluster { "Status" } else { "DBInstanceStatus" };
        json!({
            argument_name: text(v, attr), status_key: status, "Engine": text(v, "engine"),
            "DBClusterArn": text(v, "arn"), "Endpoint": text(v, "endpoint"),
        })
    };
    match action {
        "StopDBCluster" | "StartDBCluster" | "StopDBInstance" | "StartDBInstance" => {
            let Some((key, value, notes)) = object(tx, request, ty, attr, &name) else {
                return Err(format!("{kind}NotFoundFault: {kind} {name} not found."));
            };
            let stop = action.starts_with("Stop");
            if stop == notes.contains_key(STOPPED) {
                let state = if stop { "stopped" } else { "available" };
                return Err(format!(
                    "Invalid{kind}StateFault: {kind} {name} is in {state} state, {action} cannot be done."
                ));
            }
            set_stopped(tx, &key, stop);
            let notes = tx.get(&key).map(|o| o.notes.clone()).unwrap_or_default();
            Ok(json!({ kind: show(&value, &notes) }))
        }
        "ModifyDBCluster" | "ModifyDBInstance" => {
            let Some((key, value, notes)) = object(tx, request, ty, attr, &name) else {
                return Err(format!("{kind}NotFoundFault: {kind} {name} not found."));
            };
            let value = match request.get("DeletionProtection").and_then(Json::as_bool) {
                Some(on) => with(&value, "deletion_protection", Value::bool(on)),
                None => value,
            };
            let answer = json!({ kind: show(&value, &notes) });
            tx.put(key, Stored::new(value, notes));
            Ok(answer)
        }
        "DescribeDBClusters" | "DescribeDBInstances" => {
            let all = tx.all().filter(|(k, _)| k.ty == ty);
            let all = all.filter_map(|(k, o)| Some((o.value(&k.ty)?, &o.notes)));
            let wanted = all.filter(|(v, _)| name.is_empty() || text(v, attr) == name);
            let found: Vec<Json> = wanted.map(|(v, notes)| show(v, notes)).collect();
            if found.is_empty() && !name.is_empty() {
                return Err(format!("{kind}NotFoundFault: {kind} {name} not found."));
            }
            Ok(json!({ format!("{kind}s"): found }))
        }
        _ => Err(format!("UnsupportedOperation: the sandbox has no rds {action}")),
    }
}

fn load_balancing(tx: &mut Tx<'_>, action: &str, request: &Json) -> Answer {
    if action != "ModifyLoadBalancerAttributes" {
        return Err(format!("UnsupportedOperation: the sandbox has no elasticloadbalancing {action}"));
    }
    let arn = argument(request, &["LoadBalancerArn"]);
    let Some((key, mut value, notes)) = object(tx, request, "aws_lb", "arn", &arn) else {
        return Err(format!("LoadBalancerNotFound: Load balancer '{arn}' not found"));
    };
    for a in request.get("Attributes").and_then(Json::as_array).into_iter().flatten() {
        if argument(a, &["Key"]) == "deletion_protection.enabled" {
            let on = argument(a, &["Value"]) == "true";
            value = with(&value, "enable_deletion_protection", Value::bool(on));
        }
    }
    tx.put(key, Stored::new(value, notes));
    Ok(json!({}))
}

fn autoscaling(tx: &mut Tx<'_>, action: &str, request: &Json) -> Answer {
    const TY: &str = "aws_autoscaling_group";
    let name = argument(request, &["AutoScalingGroupName"]);
    match action {
        "SetDesiredCapacity" | "UpdateAutoScalingGroup" => {
            let Some((key, mut value, notes)) = object(tx, request, TY, "name", &name) else {
                return Err(format!("ValidationError: AutoScalingGroup name not found - {name}"));
            };
            for (from, to) in
                [("DesiredCapacity", "desired_capacity"), ("MinSize", "min_size"), ("MaxSize", "max_size")]
            {
                if let Some(n) = request.get(from).and_then(Json::as_i64) {
                    value = with(&value, to, Value::int(n));
                }
            }
            let number = |n: &str| text(&value, n).parse::<i64>().unwrap_or(0);
            let (least, greatest, desired) =
                (number("min_size"), number("max_size"), number("desired_capacity"));
            if !(least..=greatest).contains(&desired) {
                return Err(format!(
                    "ValidationError: New SetDesiredCapacity value {desired} is not between min {least} and max {greatest}."
                ));
            }
            tx.put(key.clone(), Stored::new(value.clone(), notes));
            let place = Place { account: key.account, region: key.region };
            effects::scale_group(tx, &place, &value);
            Ok(json!({}))
        }
        "DescribeAutoScalingGroups" => {
            let mut groups = Vec::new();
            for (k, o) in tx.all().filter(|(k, _)| k.ty == TY) {
                let Some(v) = o.value(TY) else { continue };
                let own = text(v, "name");
                let instances: Vec<Json> = tx
                    .all()
                    .filter(|(i, o)| i.account == k.account && o.notes.get(effects::GROUP) == Some(&own))
                    .map(|(i, _)| json!({ "InstanceId": i.id, "LifecycleState": "InService", "HealthStatus": "Healthy" }))
                    .collect();
                let number = |n: &str| text(v, n).parse::<i64>().unwrap_or(0);
                groups.push(json!({
                    "AutoScalingGroupName": own, "MinSize": number("min_size"), "MaxSize": number("max_size"),
                    "DesiredCapacity": number("desired_capacity"), "Instances": instances,
                }));
            }
            Ok(json!({ "AutoScalingGroups": groups }))
        }
        _ => Err(format!("UnsupportedOperation: the sandbox has no autoscaling {action}")),
    }
}

fn ecs(tx: &mut Tx<'_>, action: &str, request: &Json) -> Answer {
    const TY: &str = "aws_ecs_service";
    let show = |v: &Value| {
        let desired: i64 = text(v, "desired_count").parse().unwrap_or(0);
        json!({
            "serviceName": text(v, "name"), "serviceArn": text(v, "id"), "clusterArn": text(v, "cluster"),
            "desiredCount": desired, "runningCount": desired, "status": "ACTIVE",
        })
    };
    match action {
        "UpdateService" => {
            let name = argument(request, &["service", "Service"]);
            let Some((key, value, notes)) = object(tx, request, TY, "name", &name) else {
                return Err(format!("ServiceNotFoundException: Service not found: {name}"));
            };
            let count = request.get("desiredCount").and_then(Json::as_i64);
            let value = count.map_or(value.clone(), |n| with(&value, "desired_count", Value::int(n)));
            tx.put(key, Stored::new(value.clone(), notes));
            Ok(json!({ "service": show(&value) }))
        }
        "DescribeServices" => {
            let all = tx.all().filter(|(k, _)| k.ty == TY);
            let found: Vec<Json> = all.filter_map(|(_, o)| o.value(TY)).map(show).collect();
            Ok(json!({ "services": found, "failures": [] }))
        }
        _ => Err(format!("UnsupportedOperation: the sandbox has no ecs {action}")),
    }
}
