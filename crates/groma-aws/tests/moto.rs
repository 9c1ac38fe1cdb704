//! The typed calls against an AWS API server.

mod common;

use common::{environment, home, quick};
use groma_aws::autoscaling::Sizes;
use groma_aws::rds::Kind;
use groma_aws::ssm::Put;
use groma_aws::{Caller, CallerOptions, Cause, Role, autoscaling, ecs, rds, ssm, tagging};
use groma_testkit::{ApiServer, Moto, skip};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One server for the tests that run at the same time; it ends with the last of them.
fn server() -> Option<Arc<ApiServer>> {
    static SHARED: Mutex<Weak<ApiServer>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Some(running);
    }
    let started = Arc::new(Moto::start()?);
    *shared = Arc::downgrade(&started);
    Some(started)
}

/// A server and a caller for it.
fn start() -> Option<(Arc<ApiServer>, Caller)> {
    match server() {
        Some(server) => {
            let caller = common::caller(&server.endpoint());
            Some((server, caller))
        }
        None => {
            skip("no AWS API server (moto)");
            None
        }
    }
}

#[test]
fn the_caller_is_identified_also_in_a_role() {
    let Some((server, caller)) = start() else { return };
    let identity = caller.check_account("123456789012").unwrap();
    assert!(identity.arn.starts_with("arn:aws:sts::123456789012:"), "{identity:?}");
    let dir = home(&[(
        "config",
        "[profile p]\nrole_arn = arn:aws:iam::210987654321:role/ops\nsource_profile = base\nrole_session_name = me\n[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n",
    )]);
    let endpoint = server.endpoint();
    let env = environment(
        Some(dir.path()),
        &[("AWS_ENDPOINT_URL", &endpoint), ("AWS_DEFAULT_REGION", "eu-west-1")],
    );
    let options = CallerOptions { profile: Some("p".into()), ..quick() };
    let identity = Caller::new(&env, options).unwrap().check_account("210987654321").unwrap();
    assert_eq!(identity.arn, "arn:aws:sts::210987654321:assumed-role/ops/me");
    let role = Role::new("arn:aws:iam::333333333333:role/other");
    let options = CallerOptions { profile: Some("base".into()), role: Some(role), ..quick() };
    let caller = Caller::new(&env, options).unwrap();
    let error = caller.check_account("444444444444").unwrap_err();
    assert_eq!(error.cause, Cause::WrongAccount);
    let who = "the role arn:aws:iam::333333333333:role/other by way of the profile \"base\"";
    assert!(error.message.contains(who) && error.message.contains("account 333333333333"), "{error}");
}

const RDS: &str = "2014-10-31";

#[test]
fn databases_are_stopped_and_started() {
    let Some((_server, caller)) = start() else { return };
    let cluster = [
        ("DBClusterIdentifier", "park-c"),
        ("Engine", "aurora-mysql"),
        ("MasterUsername", "root"),
        ("MasterUserPassword", "long-enough-1"),
    ];
    caller.call_query("rds", RDS, "CreateDBCluster", &cluster).unwrap();
    let member = [
        ("DBInstanceIdentifier", "park-m"),
        ("DBClusterIdentifier", "park-c"),
        ("DBInstanceClass", "db.t4g.medium"),
        ("Engine", "aurora-mysql"),
    ];
    caller.call_query("rds", RDS, "CreateDBInstance", &member).unwrap();
    let status = |kind, id| rds::status(&caller, kind, id).unwrap();
    let before = status(Kind::Cluster, "park-c").unwrap();
    assert_eq!((before.id.as_str(), before.engine.as_str()), ("park-c", "aurora-mysql"));
    assert_eq!(before.arn, "arn:aws:rds:eu-west-1:123456789012:cluster:park-c");
    assert_eq!(before.members, ["park-m"]);
    assert!(before.starts() && !before.stops(), "{before:?}");
    rds::stop_cluster(&caller, "park-c").unwrap();
    assert!(status(Kind::Cluster, "park-c").unwrap().stops());
    // Again: it is so already.
    rds::stop_cluster(&caller, "park-c").unwrap();
    rds::start_cluster(&caller, "park-c").unwrap();
    rds::start_cluster(&caller, "park-c").unwrap();
    assert!(status(Kind::Cluster, "park-c").unwrap().starts());

    let instance = [
        ("DBInstanceIdentifier", "park-i"),
        ("DBInstanceClass", "db.t4g.micro"),
        ("Engine", "postgres"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "root"),
        ("MasterUserPassword", "long-enough-1"),
    ];
    caller.call_query("rds", RDS, "CreateDBInstance", &instance).unwrap();
    let before = status(Kind::Instance, "park-i").unwrap();
    assert_eq!((before.state.as_str(), before.engine.as_str()), ("available", "postgres"));
    rds::stop_instance(&caller, "park-i").unwrap();
    rds::stop_instance(&caller, "park-i").unwrap();
    assert!(status(Kind::Instance, "park-i").unwrap().stops());
    rds::start_instance(&caller, "park-i").unwrap();
    assert!(status(Kind::Instance, "park-i").unwrap().starts());

    assert_eq!(status(Kind::Cluster, "none"), None);
    assert_eq!(status(Kind::Instance, "none"), None);
    let error = rds::stop_cluster(&caller, "none").unwrap_err();
    assert_eq!((error.cause, error.code.as_str()), (Cause::NotFound, "DBClusterNotFoundFault"));
    assert_eq!(error.status, Some(404));
}

const AUTOSCALING: &str = "2011-01-01";

#[test]
fn groups_are_described_and_resized() {
    let Some((_server, caller)) = start() else { return };
    let image = [("Filter.1.Name", "virtualization-type"), ("Filter.1.Value.1", "hvm")];
    let images = caller.call_query("ec2", "2016-11-15", "DescribeImages", &image).unwrap();
    let ami = images.find("imageId").unwrap().text.clone();
    let launch = [("LaunchConfigurationName", "lc"), ("ImageId", ami.as_str()), ("InstanceType", "t3.micro")];
    caller.call_query("autoscaling", AUTOSCALING, "CreateLaunchConfiguration", &launch).unwrap();
    for name in ["web", "worker"] {
        let group = [
            ("AutoScalingGroupName", name),
            ("LaunchConfigurationName", "lc"),
            ("AvailabilityZones.member.1", "eu-west-1a"),
            ("MinSize", "1"),
            ("MaxSize", "4"),
            ("DesiredCapacity", "2"),
        ];
        caller.call_query("autoscaling", AUTOSCALING, "CreateAutoScalingGroup", &group).unwrap();
    }
    let one = |name: &str| autoscaling::describe(&caller, &[name]).unwrap().pop().unwrap();
    let web = one("web");
    assert_eq!((web.min, web.max, web.desired, web.in_service), (1, 4, 2, 2));
    assert_eq!(web.instances.len(), 2);
    assert!(web.instances.iter().all(|i| i.id.starts_with("i-") && i.healthy), "{web:?}");
    assert!(web.arn.contains(":autoScalingGroupName/web"), "{}", web.arn);
    let mut both: Vec<String> = autoscaling::describe(&caller, &["web", "none", "worker"])
        .unwrap()
        .into_iter()
        .map(|g| g.name)
        .collect();
    both.sort();
    assert_eq!(both, ["web", "worker"]);
    assert!(autoscaling::describe(&caller, &[]).unwrap().is_empty());

    autoscaling::set_desired(&caller, "web", 3).unwrap();
    assert_eq!(one("web").desired, 3);
    autoscaling::set_sizes(&caller, "web", Sizes { min: Some(0), desired: Some(0), max: None }).unwrap();
    let parked = one("web");
    assert_eq!((parked.min, parked.max, parked.desired, parked.in_service), (0, 4, 0, 0));
    autoscaling::set_sizes(&caller, "web", Sizes { min: Some(1), desired: Some(3), max: Some(5) }).unwrap();
    let resumed = one("web");
    assert_eq!((resumed.min, resumed.max, resumed.desired, resumed.in_service), (1, 5, 3, 3));
    autoscaling::set_sizes(&caller, "web", Sizes::default()).unwrap();
    assert_eq!(one("web"), resumed);
}

#[test]
fn services_are_described_and_resized() {
    let Some((_server, caller)) = start() else { return };
    let api = |action: &str| format!("AmazonEC2ContainerServiceV20141113.{action}");
    let call = |action: &str, body| caller.call_json("ecs", &api(action), &body).unwrap();
    call("CreateCluster", json!({ "clusterName": "c" }));
    let container = json!([{ "name": "a", "image": "i", "memory": 128 }]);
    call("RegisterTaskDefinition", json!({ "family": "f", "containerDefinitions": container }));
    let names: Vec<String> = (0..12).map(|n| format!("s{n}")).collect();
    for name in &names {
        call(
            "CreateService",
            json!({ "cluster": "c", "serviceName": name, "taskDefinition": "f", "desiredCount": 2 }),
        );
    }
    // More than AWS takes at once, and one that is not there.
    let mut asked: Vec<&str> = names.iter().map(String::as_str).collect();
    asked.insert(3, "none");
    let found = ecs::describe_services(&caller, "c", &asked).unwrap();
    assert_eq!(found.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), names);
    let first = &found[0];
    assert_eq!((first.status.as_str(), first.desired), ("ACTIVE", 2));
    assert!(first.arn.ends_with("service/c/s0") && first.task_definition.ends_with("f:1"), "{first:?}");
    assert_eq!(ecs::update_desired(&caller, "c", "s0", 0).unwrap().desired, 0);
    assert_eq!(ecs::describe_services(&caller, "c", &["s0"]).unwrap()[0].desired, 0);
    let error = ecs::update_desired(&caller, "c", "none", 1).unwrap_err();
    assert_eq!((error.cause, error.action.as_str()), (Cause::NotFound, "UpdateService"));
    assert!(ecs::describe_services(&caller, "none", &["s0"]).is_err());
}

#[test]
fn parameters_are_written_read_and_deleted() {
    let Some((_server, caller)) = start() else { return };
    let name = "/groma/parked/web";
    assert_eq!(ssm::get_parameter(&caller, name).unwrap(), None);
    let plain = Put { description: Some("counts"), ..Put::default() };
    assert_eq!(ssm::put_parameter(&caller, name, "{\"n\": 2}", plain).unwrap(), 1);
    assert_eq!(ssm::put_parameter(&caller, name, "é", plain).unwrap(), 2);
    let found = ssm::get_parameter(&caller, name).unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.value.as_str(), found.version), (name, "é", 2));
    assert!(!found.secure && found.arn.ends_with(":parameter/groma/parked/web"), "{found:?}");
    let error = ssm::put_parameter(&caller, name, "x", Put { new: true, ..plain }).unwrap_err();
    assert_eq!(error.code, "ParameterAlreadyExists");
    ssm::put_parameter(&caller, "/groma/secret", "hidden", Put { secure: true, ..Put::default() }).unwrap();
    let secret = ssm::get_parameter(&caller, "/groma/secret").unwrap().unwrap();
    assert_eq!((secret.value.as_str(), secret.secure), ("hidden", true));
    assert!(!format!("{secret:?}").contains("hidden"));
    assert!(ssm::delete_parameter(&caller, name).unwrap());
    assert!(!ssm::delete_parameter(&caller, name).unwrap());
    assert_eq!(ssm::get_parameter(&caller, name).unwrap(), None);
    let long = "x".repeat(5000);
    ssm::put_parameter(&caller, "/groma/long", &long, plain).unwrap();
    assert_eq!(ssm::get_parameter(&caller, "/groma/long").unwrap().unwrap().value, long);
}

#[test]
fn what_has_a_tag_is_found() {
    let Some((_server, caller)) = start() else { return };
    let queue = |name: &str, env: &str| {
        let body = json!({ "QueueName": name, "tags": { "environment": env, "platform": "p" } });
        caller.call_json("sqs", "AmazonSQS.CreateQueue", &body).unwrap();
    };
    (0..3).for_each(|n| queue(&format!("tagged-{n}"), "one"));
    queue("tagged-other", "two");
    let found = tagging::resources_with_tag(&caller, "environment", "one").unwrap();
    let arns: Vec<&str> = found.iter().map(|r| r.arn.as_str()).collect();
    let expected: Vec<String> =
        (0..3).map(|n| format!("arn:aws:sqs:eu-west-1:123456789012:tagged-{n}")).collect();
    assert_eq!(arns, expected);
    assert_eq!(found[0].tags["platform"], "p");
    let both = [("environment", "two"), ("platform", "p")];
    assert_eq!(tagging::resources_with_tags(&caller, &both).unwrap().len(), 1);
    assert!(tagging::resources_with_tags(&caller, &[both[0], ("platform", "q")]).unwrap().is_empty());
    assert!(
        tagging::resources_with_tag(&caller.in_region("eu-west-2"), "environment", "one").unwrap().is_empty()
    );
}
