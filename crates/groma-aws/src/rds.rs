//! Starting and stopping databases (RDS, Aurora), and letting them be deleted.

use crate::{AwsError, Caller, Cause, Element};

const VERSION: &str = "2014-10-31";

/// What kind of database an identifier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An Aurora or Multi-AZ cluster; its instances start and stop with it.
    Cluster,
    /// An instance that is in no cluster.
    Instance,
}

/// How a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its identifier.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// AWS's word: `available`, `stopped`, `stopping`, `starting`, `backing-up`, ...
    pub state: String,
    /// The engine: `aurora-mysql`, `postgres`.
    pub engine: String,
    /// When AWS starts it by itself, which it does seven days after it was stopped.
    pub restarts: Option<jiff::Timestamp>,
    /// The identifiers of a cluster's instances.
    pub members: Vec<String>,
}

impl Status {
    /// Whether it is stopped, or about to be.
    pub fn stops(&self) -> bool {
        matches!(self.state.as_str(), "stopped" | "stopping")
    }

    /// Whether it is started, or about to be.
    pub fn starts(&self) -> bool {
        matches!(self.state.as_str(), "available" | "starting")
    }
}

/// Stops a cluster. Nothing happens where it is stopped or stopping.
pub fn stop_cluster(caller: &Caller, id: &str) -> Result<(), AwsError> {
    change(caller, Kind::Cluster, id, "StopDBCluster", Status::stops)
}

/// Starts a cluster. Nothing happens where it is started or starting.
pub fn start_cluster(caller: &Caller, id: &str) -> Result<(), AwsError> {
    change(caller, Kind::Cluster, id, "StartDBCluster", Status::starts)
}

/// Stops an instance that is in no cluster. Nothing happens where it is stopped or stopping.
pub fn stop_instance(caller: &Caller, id: &str) -> Result<(), AwsError> {
    change(caller, Kind::Instance, id, "StopDBInstance", Status::stops)
}

/// Starts an instance that is in no cluster. Nothing happens where it is started or starting.
pub fn start_instance(caller: &Caller, id: &str) -> Result<(), AwsError> {
    change(caller, Kind::Instance, id, "StartDBInstance", Status::starts)
}

/// Switches the deletion protection of a database off, and waits until it is no longer being
/// modified, five minutes at most.
pub fn unprotect(caller: &Caller, kind: Kind, id: &str) -> Result<(), AwsError> {
    let action = match kind {
        Kind::Cluster => "ModifyDBCluster",
        Kind::Instance => "ModifyDBInstance",
    };
    let params = [(kind.parameter(), id), ("DeletionProtection", "false"), ("ApplyImmediately", "true")];
    caller.call_query("rds", VERSION, action, &params)?;
    for _ in 0..60 {
        match status(caller, kind, id)? {
            Some(s) if s.state == "modifying" => std::thread::sleep(std::time::Duration::from_secs(5)),
            _ => break,
        }
    }
    Ok(())
}

fn change(
    caller: &Caller,
    kind: Kind,
    id: &str,
    action: &str,
    done: fn(&Status) -> bool,
) -> Result<(), AwsError> {
    match caller.call_query("rds", VERSION, action, &[(kind.parameter(), id)]) {
        Ok(_) => Ok(()),
        // Refused for its state: that may be the one wanted, also by an attempt of ours whose answer was lost.
        Err(e) if e.cause == Cause::Refused && e.code.starts_with("InvalidDB") => {
            match status(caller, kind, id) {
                Ok(Some(s)) if done(&s) => Ok(()),
                _ => Err(e),
            }
        }
        Err(e) => Err(e),
    }
}

impl Kind {
    fn parameter(self) -> &'static str {
        match self {
            Kind::Cluster => "DBClusterIdentifier",
            Kind::Instance => "DBInstanceIdentifier",
        }
    }
}

/// How a database is; `None` if there is none of this identifier.
pub fn status(caller: &Caller, kind: Kind, id: &str) -> Result<Option<Status>, AwsError> {
    let (action, list) = match kind {
        Kind::Cluster => ("DescribeDBClusters", "DBClusters"),
        Kind::Instance => ("DescribeDBInstances", "DBInstances"),
    };
    let answer = match caller.call_query("rds", VERSION, action, &[(kind.parameter(), id)]) {
        Err(e) if e.cause == Cause::NotFound => return Ok(None),
        other => other?,
    };
    Ok(answer.list(&[list]).next().map(|e| read(kind, e)))
}

fn read(kind: Kind, e: &Element) -> Status {
    let text = |name: &str| e.value(name).unwrap_or_default().to_owned();
    let (arn, state) = match kind {
        Kind::Cluster => ("DBClusterArn", "Status"),
        Kind::Instance => ("DBInstanceArn", "DBInstanceStatus"),
    };
    let members = e.list(&["DBClusterMembers"]).filter_map(|m| m.value("DBInstanceIdentifier"));
    Status {
        id: text(kind.parameter()),
        arn: text(arn),
        state: text(state),
        engine: text("Engine"),
        restarts: e.value("AutomaticRestartTime").and_then(|t| t.parse().ok()),
        members: members.map(str::to_owned).collect(),
    }
}
