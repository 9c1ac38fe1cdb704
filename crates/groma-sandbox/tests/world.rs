//! A small platform in the sandbox: made, planned again, changed, refused what AWS refuses, deleted.

mod real;

use std::sync::Arc;

use groma_provider::{ApplyRequest, NativeProvider, PlanRequest, Provider};
use groma_sandbox::{Faults, Sandbox, Settings};
use groma_value::proposed_new::proposed_new;
use groma_value::{Type, Value};
use serde_json::{Value as Json, json};

struct Aws {
    provider: Arc<dyn Provider>,
}

impl Aws {
    async fn new(sandbox: &Sandbox, config: Json) -> Aws {
        let native: Arc<dyn NativeProvider> = sandbox.provider();
        let provider = native.instance();
        let value = real::provider_config(&provider.schemas().provider().block, config);
        let diags = provider.configure(&value).await.expect("configured");
        assert!(diags.iter().all(|d| !d.error), "{diags:?}");
        Aws { provider }
    }

    async fn change(&self, ty: &str, prior: Option<&Value>, config: Option<&Json>) -> Result<Value, String> {
        let block = self.provider.schemas().resource(ty).expect("a type").block.clone();
        let null = Value::Null(block.implied_type().clone());
        let meta = Value::Null(Type::object::<&str>([]));
        let prior = prior.unwrap_or(&null);
        let config = config.map_or_else(|| null.clone(), |c| real::value(&block, c));
        let checked = if config.is_null() {
            Vec::new()
        } else {
            self.provider.validate_resource_config(ty, &config).await.expect("checked")
        };
        if let Some(d) = checked.iter().find(|d| d.error) {
            return Err(format!("{} {}", d.summary, d.detail));
        }
        let proposed = if config.is_null() { null.clone() } else { proposed_new(&block, prior, &config) };
        let plan = PlanRequest {
            ty,
            prior,
            proposed: &proposed,
            config: &config,
            private: Default::default(),
            provider_meta: &meta,
            identity: None,
        };
        let planned = self.provider.plan_resource_change(plan).await.map_err(|e| e.to_string())?;
        let planned = planned.planned.expect("a plan");
        let apply = ApplyRequest {
            ty,
            prior,
            planned: &planned,
            config: &config,
            private: Default::default(),
            provider_meta: &meta,
            identity: None,
        };
        let done = self.provider.apply_resource_change(apply).await.map_err(|e| e.to_string())?;
        if let Some(d) = done.diags.iter().find(|d| d.error) {
            return Err(d.summary.clone());
        }
        let state = done.state.expect("a state");
        if state.is_null() {
            return Ok(state);
        }
        assert!(state.is_wholly_known(), "{ty} has unknowns: {state:?}");
        // Known and planned again, it is what it was.
        let proposed = proposed_new(&block, &state, &config);
        let again = PlanRequest { prior: &state, proposed: &proposed, ..plan_of(ty, &config, &meta) };
        let again = self.provider.plan_resource_change(again).await.expect("a plan");
        let differences = real::differences(again.planned.as_ref().expect("planned"), &state);
        assert!(differences.is_empty(), "{ty} planned again: {differences:?}");
        assert!(again.requires_replace.is_empty(), "{ty}: {:?}", again.requires_replace);
        let read =
            self.provider.read_resource(ty, &state, Default::default(), &meta, None).await.expect("read");
        assert_eq!(real::differences(read.state.as_ref().expect("there"), &state), Vec::<String>::new());
        Ok(state)
    }

    async fn make(&self, ty: &str, config: Json) -> Value {
        self.change(ty, None, Some(&config)).await.unwrap_or_else(|e| panic!("{ty}: {e}"))
    }

    async fn refuses(&self, ty: &str, config: Json, part: &str) {
        let error = self.change(ty, None, Some(&config)).await.expect_err(part);
        assert!(error.contains(part), "{error}");
    }

    async fn delete(&self, ty: &str, object: &Value) -> Result<(), String> {
        self.change(ty, Some(object), None).await.map(|_| ())
    }
}

fn plan_of<'a>(ty: &'a str, config: &'a Value, meta: &'a Value) -> PlanRequest<'a> {
    PlanRequest {
        ty,
        prior: meta,
        proposed: meta,
        config,
        private: Default::default(),
        provider_meta: meta,
        identity: None,
    }
}

fn text(v: &Value, name: &str) -> String {
    v.get_attr(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn sandbox() -> Sandbox {
    Sandbox::open(Settings::default()).expect("a sandbox")
}

#[tokio::test]
async fn a_network_is_made_and_deleted_in_order_only() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({ "default_tags": [{ "tags": { "Environment": "prod" } }] })).await;
    let vpc = aws.make("aws_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await;
    let vpc_id = text(&vpc, "id");
    assert!(vpc_id.starts_with("vpc-0") && vpc_id.len() == 21, "{vpc_id}");
    assert_eq!(text(&vpc, "arn"), format!("arn:aws:ec2:eu-west-1:123456789012:vpc/{vpc_id}"));
    let subnet = json!({ "vpc_id": vpc_id, "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1b" });
    let a = aws.make("aws_subnet", subnet).await;
    assert_eq!(text(&a, "availability_zone_id"), "euw1-az2");
    let subnet = |cidr: &str| json!({ "vpc_id": vpc_id, "cidr_block": cidr });
    aws.refuses("aws_subnet", subnet("10.0.0.0/20"), "InvalidSubnet.Conflict").await;
    aws.refuses("aws_subnet", subnet("10.1.0.0/24"), "InvalidSubnet.Range").await;
    aws.refuses(
        "aws_subnet",
        json!({ "vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24" }),
        "InvalidVpcID.NotFound",
    )
    .await;
    let igw = aws.make("aws_internet_gateway", json!({ "vpc_id": vpc_id })).await;
    let eip = aws.make("aws_eip", json!({ "domain": "vpc" })).await;
    let nat = json!({ "allocation_id": text(&eip, "id"), "subnet_id": text(&a, "id") });
    let nat = aws.make("aws_nat_gateway", nat).await;
    assert_eq!(text(&nat, "public_ip"), text(&eip, "public_ip"));
    let group = aws.make("aws_security_group", json!({ "name": "web", "vpc_id": vpc_id })).await;
    aws.refuses("aws_security_group", json!({ "name": "web", "vpc_id": vpc_id }), "InvalidGroup.Duplicate")
        .await;
    let rule = json!({ "security_group_id": text(&group, "id"), "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 443, "to_port": 443 });
    aws.make("aws_vpc_security_group_ingress_rule", rule.clone()).await;
    aws.refuses("aws_vpc_security_group_ingress_rule", rule, "InvalidPermission.Duplicate").await;
    for (ty, object, part) in [
        ("aws_vpc", &vpc, "DependencyViolation"),
        ("aws_subnet", &a, "DependencyViolation"),
        ("aws_eip", &eip, "InUse"),
        ("aws_internet_gateway", &igw, "mapped public address"),
    ] {
        let error = aws.delete(ty, object).await.expect_err(ty);
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(sandbox.world().tagged("Environment", "prod").expect("objects").len(), 7);
    for (ty, object) in [
        ("aws_nat_gateway", &nat),
        ("aws_eip", &eip),
        ("aws_internet_gateway", &igw),
        ("aws_subnet", &a),
        ("aws_security_group", &group),
        ("aws_vpc", &vpc),
    ] {
        aws.delete(ty, object).await.unwrap_or_else(|e| panic!("{ty}: {e}"));
    }
}

#[tokio::test]
async fn a_group_has_instances_and_a_template_has_versions() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let vpc = aws.make("aws_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await;
    let subnet =
        json!({ "vpc_id": text(&vpc, "id"), "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a" });
    let subnet = aws.make("aws_subnet", subnet).await;
    let mut config = json!({ "name": "web", "image_id": "ami-1", "instance_type": "t4g.small" });
    let template = aws.make("aws_launch_template", config.clone()).await;
    let version = |v: &Value| v.get_attr("latest_version").and_then(|v| v.as_number()?.as_i64());
    assert_eq!(version(&template), Some(1));
    config["image_id"] = json!("ami-2");
    let template = aws.change("aws_launch_template", Some(&template), Some(&config)).await.expect("changed");
    assert_eq!(version(&template), Some(2));
    let mut config = json!({
        "name": "web", "min_size": 1, "max_size": 4, "desired_capacity": 3, "vpc_zone_identifier": [text(&subnet, "id")],
        "launch_template": [{ "id": text(&template, "id") }],
        "tag": [{ "key": "Role", "value": "web", "propagate_at_launch": true }],
    });
    let group = aws.make("aws_autoscaling_group", config.clone()).await;
    let instances = || sandbox.world().tagged("Role", "web").expect("objects");
    let running = instances();
    assert_eq!(running.len(), 3);
    assert_eq!(
        (running[0].ty.as_str(), text(&running[0].attributes, "ami")),
        ("aws_instance", "ami-2".into())
    );
    assert!(aws.delete("aws_subnet", &subnet).await.is_err());
    config["desired_capacity"] = json!(1);
    let group = aws.change("aws_autoscaling_group", Some(&group), Some(&config)).await.expect("changed");
    assert_eq!(instances().len(), 1);
    aws.delete("aws_autoscaling_group", &group).await.expect("deleted");
    assert_eq!(instances().len(), 0);
    aws.delete("aws_subnet", &subnet).await.expect("deleted");
}

#[tokio::test]
async fn data_sources_answer() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let read = async |ty: &str, config: Json| -> Result<Value, String> {
        let block = &aws.provider.schemas().data_source(ty).expect(ty).block;
        let meta = Value::Null(Type::object::<&str>([]));
        let (value, diags) =
            aws.provider.read_data_source(ty, &real::value(block, &config), &meta).await.expect("an answer");
        match value {
            Some(v) => {
                assert!(v.is_wholly_known(), "{ty}");
                block.coerce_value(&v).unwrap_or_else(|e| panic!("{ty}: {e}"));
                Ok(v)
            }
            None => Err(diags[0].summary.clone() + &diags[0].detail),
        }
    };
    let zones = read("aws_availability_zones", json!({ "state": "available" })).await.expect("zones");
    assert_eq!(zones.get_attr("names").and_then(|v| v.as_elements().map(<[Value]>::len)), Some(3));
    let me = read("aws_caller_identity", json!({})).await.expect("identity");
    assert_eq!(text(&me, "account_id"), "123456789012");
    let zone = read("aws_route53_zone", json!({ "name": "example.com" })).await.expect("a zone");
    let again = read("aws_route53_zone", json!({ "name": "example.com" })).await.expect("a zone");
    assert!(text(&zone, "zone_id").starts_with('Z'));
    assert_eq!(text(&zone, "zone_id"), text(&again, "zone_id"));
    let vpc = aws.make("aws_vpc", json!({ "cidr_block": "10.0.0.0/16", "tags": { "Name": "x" } })).await;
    let found = read("aws_vpc", json!({ "tags": { "Name": "x" } })).await.expect("a vpc");
    assert_eq!(text(&found, "id"), text(&vpc, "id"));
    let found = read("aws_vpcs", json!({ "filter": [{ "name": "tag:Name", "values": ["x*"] }] }))
        .await
        .expect("vpcs");
    assert_eq!(found.get_attr("ids").and_then(|v| v.as_elements().map(<[Value]>::len)), Some(1));
    assert!(read("aws_vpc", json!({ "tags": { "Name": "y" } })).await.is_err());
    for (ty, config) in [
        ("aws_region", json!({})),
        ("aws_partition", json!({})),
        ("aws_canonical_user_id", json!({})),
        ("aws_organizations_organization", json!({})),
        ("aws_ssoadmin_instances", json!({})),
        ("aws_elb_service_account", json!({})),
        ("aws_ip_ranges", json!({ "services": ["s3"] })),
        (
            "aws_ami",
            json!({ "most_recent": true, "owners": ["amazon"], "filter": [{ "name": "name", "values": ["al2023-*-arm64"] }] }),
        ),
        (
            "aws_ssm_parameter",
            json!({ "name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64" }),
        ),
        ("aws_ec2_managed_prefix_list", json!({ "name": "com.amazonaws.global.cloudfront.origin-facing" })),
        ("aws_prefix_list", json!({ "name": "com.amazonaws.eu-west-1.s3" })),
        ("aws_cloudfront_cache_policy", json!({ "name": "Managed-CachingOptimized" })),
        ("aws_vpc_endpoint_service", json!({ "service": "s3" })),
        ("aws_default_tags", json!({})),
        ("aws_service_principal", json!({ "service_name": "ec2" })),
    ] {
        read(ty, config).await.unwrap_or_else(|e| panic!("{ty}: {e}"));
    }
    let error = read("aws_quicksight_theme", json!({ "theme_id": "x" })).await.expect_err("not there");
    assert!(error.contains("sandbox"), "{error}");
}

#[tokio::test]
async fn the_world_is_kept_and_shared() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = || Settings { dir: Some(dir.path().to_owned()), ..Settings::default() };
    let one = Sandbox::open(settings()).expect("a sandbox");
    let other = Sandbox::open(settings()).expect("a second one");
    let aws = Aws::new(&one, json!({})).await;
    let bucket =
        aws.make("aws_s3_bucket", json!({ "bucket": "groma-test-bucket", "tags": { "A": "b" } })).await;
    assert_eq!(other.world().tagged("A", "b").expect("objects").len(), 1);
    let elsewhere =
        json!({ "assume_role": [{ "role_arn": "arn:aws:iam::210987654321:role/x" }], "region": "us-east-1" });
    let second = Aws::new(&other, elsewhere).await;
    second.refuses("aws_s3_bucket", json!({ "bucket": "groma-test-bucket" }), "BucketAlreadyExists").await;
    let topic = second.make("aws_sns_topic", json!({ "name": "t" })).await;
    assert_eq!(text(&topic, "arn"), "arn:aws:sns:us-east-1:210987654321:t");
    aws.delete("aws_s3_bucket", &bucket).await.expect("deleted");
    drop((one, other));
    // A line that was not finished is as if it had never been.
    let log = dir.path().join("world.log");
    let mut kept = std::fs::read(&log).expect("the log");
    kept.extend_from_slice(b"{\"n\":99,\"put\":[");
    std::fs::write(&log, kept).expect("written");
    let third = Sandbox::open(settings()).expect("a third one");
    let objects = third.world().objects().expect("objects");
    assert_eq!(objects.iter().map(|o| o.ty.as_str()).collect::<Vec<_>>(), ["aws_sns_topic"]);
}

#[tokio::test]
async fn faults_strike() {
    let faults = Faults::parse(
        "aws_db_instance.create=error:InsufficientDBInstanceCapacity*1,aws_sqs_queue.create=lost,after:4=crash",
    );
    let sandbox = Sandbox::open(Settings { faults: faults.expect("a specification"), ..Settings::default() })
        .expect("a sandbox");
    let aws = Aws::new(&sandbox, json!({})).await;
    let db = json!({ "identifier": "d", "engine": "mysql", "instance_class": "db.t4g.micro", "allocated_storage": 20, "username": "root", "password": "secret123", "skip_final_snapshot": true });
    aws.refuses("aws_db_instance", db.clone(), "InsufficientDBInstanceCapacity").await;
    aws.make("aws_db_instance", db).await;
    aws.refuses("aws_sqs_queue", json!({ "name": "q" }), "RequestTimeout").await;
    assert_eq!(sandbox.world().objects().expect("objects").len(), 2);
    aws.refuses("aws_sqs_queue", json!({ "name": "q" }), "QueueAlreadyExists").await;
    let error = aws.change("aws_sns_topic", None, Some(&json!({ "name": "t" }))).await.expect_err("dead");
    assert!(error.contains("ended"), "{error}");
}

#[tokio::test]
async fn databases_stop_and_start_and_groups_scale() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let cluster = json!({ "cluster_identifier": "a", "engine": "aurora-mysql", "master_username": "root", "manage_master_user_password": true });
    let made = aws.make("aws_rds_cluster", cluster).await;
    assert_eq!(text(&made, "engine_version"), "8.0.mysql_aurora.3.08.2");
    let world = sandbox.world();
    let of = json!({ "DBClusterIdentifier": "a" });
    let status = || {
        world.call("rds", "DescribeDBClusters", &of).expect("a cluster")["DBClusters"][0]["Status"].clone()
    };
    assert_eq!(status(), "available");
    world.call("rds", "StopDBCluster", &of).expect("stopped");
    assert_eq!(status(), "stopped");
    assert!(world.call("rds", "StopDBCluster", &of).expect_err("stopped already").contains("State"));
    world.advance(6 * 86_400).expect("time passes");
    assert_eq!(status(), "stopped");
    world.advance(86_400).expect("time passes");
    assert_eq!(status(), "available");
    assert!(
        world
            .call("rds", "StopDBCluster", &json!({ "DBClusterIdentifier": "b" }))
            .expect_err("none")
            .contains("NotFound")
    );
    assert_eq!(world.call("sts", "GetCallerIdentity", &json!({})).expect("me")["Account"], "123456789012");
    let error = aws.delete("aws_rds_cluster", &made).await.expect_err("a snapshot is asked for");
    assert!(error.contains("final_snapshot_identifier"), "{error}");
    let asg = json!({ "name": "g", "min_size": 0, "max_size": 3, "availability_zones": ["eu-west-1a"], "launch_configuration": "x" });
    aws.make("aws_autoscaling_group", asg).await;
    world
        .call(
            "autoscaling",
            "SetDesiredCapacity",
            &json!({ "AutoScalingGroupName": "g", "DesiredCapacity": 2 }),
        )
        .expect("scaled");
    assert_eq!(world.objects().expect("objects").iter().filter(|o| o.ty == "aws_instance").count(), 2);
    let error = world.call(
        "autoscaling",
        "SetDesiredCapacity",
        &json!({ "AutoScalingGroupName": "g", "DesiredCapacity": 4 }),
    );
    assert!(error.expect_err("too many").contains("max 3"));
}

#[tokio::test]
async fn networks_are_not_mixed() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let mut places = Vec::new();
    for net in ["10.0", "10.1"] {
        let vpc = aws
            .make(
                "aws_vpc",
                json!({ "cidr_block": format!("{net}.0.0/16"), "assign_generated_ipv6_cidr_block": true }),
            )
            .await;
        assert!(text(&vpc, "ipv6_cidr_block").ends_with("::/56"));
        let vpc = text(&vpc, "id");
        let mut subnets = Vec::new();
        for (i, zone) in ["a", "b"].iter().enumerate() {
            let subnet = json!({ "vpc_id": vpc, "cidr_block": format!("{net}.{i}.0/24"), "availability_zone": format!("eu-west-1{zone}") });
            subnets.push(text(&aws.make("aws_subnet", subnet).await, "id"));
        }
        let group = aws.make("aws_security_group", json!({ "name": "x", "vpc_id": vpc })).await;
        places.push((subnets, text(&group, "id")));
    }
    let lb = |subnets: &[String], group: &str| json!({ "name": "x", "subnets": subnets, "security_groups": [group] });
    aws.refuses("aws_lb", lb(&places[0].0, &places[1].1), "different networks").await;
    aws.refuses("aws_lb", lb(&places[0].0[..1], &places[0].1), "two different Availability Zones").await;
    let groups =
        |made: &Value| made.get_attr("security_groups").expect("groups").as_elements().map(<[Value]>::len);
    let made = aws.make("aws_lb", lb(&places[0].0, &places[0].1)).await;
    assert_eq!(groups(&made), Some(1));
    // Only an application load balancer has the VPC's default group where none is named.
    for (kind, has) in [("application", 1), ("network", 0), ("gateway", 0)] {
        let lb = json!({ "name": kind, "load_balancer_type": kind, "subnets": places[0].0 });
        assert_eq!(groups(&aws.make("aws_lb", lb).await), Some(has), "{kind}");
    }
    aws.refuses("aws_db_subnet_group", json!({ "name": "d", "subnet_ids": [places[0].0[0]] }), "AZs").await;
}

#[tokio::test]
async fn objects_are_imported_by_what_people_write() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let vpc = aws.make("aws_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await;
    let subnet =
        aws.make("aws_subnet", json!({ "vpc_id": text(&vpc, "id"), "cidr_block": "10.0.1.0/24" })).await;
    let table = aws.make("aws_route_table", json!({ "vpc_id": text(&vpc, "id") })).await;
    let association = json!({ "subnet_id": text(&subnet, "id"), "route_table_id": text(&table, "id") });
    aws.make("aws_route_table_association", association).await;
    aws.make("aws_iam_role", json!({ "name": "r", "assume_role_policy": "{}" })).await;
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    aws.make("aws_iam_role_policy_attachment", json!({ "role": "r", "policy_arn": policy })).await;
    for (ty, id) in [
        ("aws_vpc", text(&vpc, "id")),
        ("aws_iam_role", "r".to_owned()),
        ("aws_iam_role_policy_attachment", format!("r/{policy}")),
        ("aws_route_table_association", format!("{}/{}", text(&subnet, "id"), text(&table, "id"))),
    ] {
        let (found, diags) = aws
            .provider
            .import_resource_state(ty, groma_provider::ImportId::Id(&id))
            .await
            .expect("an answer");
        assert!(diags.is_empty() && found.len() == 1, "{ty}: {diags:?}");
        let meta = Value::Null(Type::object::<&str>([]));
        let read = aws.provider.read_resource(ty, &found[0].state, Default::default(), &meta, None).await;
        assert!(!read.expect("read").state.expect("a state").is_null(), "{ty} {id}");
    }
}

#[tokio::test]
async fn a_certificate_says_how_to_prove_its_names() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let config = json!({ "domain_name": "example.com", "subject_alternative_names": ["*.example.com", "a.example.com"], "validation_method": "DNS" });
    let made = aws.make("aws_acm_certificate", config).await;
    let options = made.get_attr("domain_validation_options").expect("options");
    let options = options.as_elements().expect("a set");
    assert_eq!(options.len(), 3);
    assert!(options.iter().all(|o| text(o, "resource_record_type") == "CNAME"), "{options:?}");
    let of = |name: &str| {
        options.iter().find(|o| text(o, "domain_name") == name).map(|o| text(o, "resource_record_name"))
    };
    assert_eq!(of("example.com"), of("*.example.com"), "a name and its wildcard share a record");
}

#[tokio::test]
async fn a_secret_keeps_its_name_for_its_recovery_window() {
    let sandbox = sandbox();
    let aws = Aws::new(&sandbox, json!({})).await;
    let kept =
        aws.make("aws_secretsmanager_secret", json!({ "name": "s", "recovery_window_in_days": 7 })).await;
    aws.delete("aws_secretsmanager_secret", &kept).await.expect("scheduled for deletion");
    aws.refuses("aws_secretsmanager_secret", json!({ "name": "s" }), "scheduled for deletion").await;
    sandbox.world().advance(8 * 86_400).expect("time passes");
    let gone =
        aws.make("aws_secretsmanager_secret", json!({ "name": "s", "recovery_window_in_days": 0 })).await;
    aws.delete("aws_secretsmanager_secret", &gone).await.expect("deleted");
    aws.make("aws_secretsmanager_secret", json!({ "name": "s" })).await;
}
