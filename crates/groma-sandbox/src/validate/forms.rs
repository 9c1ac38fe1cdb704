//! The forms of texts and numbers: CIDR blocks, JSON, names, classes, ports.

use groma_value::{Path, Value};

use super::{Limits, Out};

/// Says what is wrong with a text: a summary and a detail.
pub(super) fn text(ty: &str, at: &str, s: &str) -> Option<(String, String)> {
    let name = at.rsplit('.').next().unwrap_or(at);
    if let Some(wrong) = cidr(name, s) {
        return Some(wrong);
    }
    if is_json(ty, name) {
        return serde_json::from_str::<serde::de::IgnoredAny>(s).err().map(|e| {
            (
                format!("\"{at}\" contains an invalid JSON: {e}"),
                "jsonencode(...) writes JSON that is valid.".into(),
            )
        });
    }
    let top = at == name;
    let chars = |ok: fn(char) -> bool| s.chars().all(ok);
    let wrong = |summary: String, detail: &str| Some((summary, detail.to_owned()));
    match (ty, name) {
        ("aws_lb" | "aws_alb" | "aws_lb_target_group" | "aws_alb_target_group", "name") if top => {
            if s.len() > 32 {
                return wrong(
                    format!("\"name\" cannot be longer than 32 characters: {s:?}"),
                    "Shorten it, or use name_prefix.",
                );
            }
            if !chars(|c| c.is_ascii_alphanumeric() || c == '-') || s.starts_with('-') || s.ends_with('-') {
                return wrong(
                    format!("only alphanumeric characters and hyphens allowed in \"name\": {s:?}"),
                    "It can neither begin nor end with a hyphen.",
                );
            }
            if s.starts_with("internal-") {
                return wrong(format!("\"name\" cannot begin with \"internal-\": {s:?}"), "");
            }
        }
        (
            "aws_iam_role"
            | "aws_iam_policy"
            | "aws_iam_role_policy"
            | "aws_iam_instance_profile"
            | "aws_iam_user",
            "name",
        ) if top && !chars(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) => {
            return wrong(
                format!("invalid value for name (must match [\\w+=,.@-]): {s}"),
                "Use letters, digits and _+=,.@- only.",
            );
        }
        ("aws_security_group", "description")
            if !chars(|c| c.is_ascii_alphanumeric() || "_ .:/()#,@[]+=&;{}!$*-".contains(c)) =>
        {
            return wrong(
                format!(
                    "invalid value for description (cannot contain characters other than a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{{}}!$*): {s}"
                ),
                "",
            );
        }
        ("aws_security_group", "name") if s.starts_with("sg-") => {
            return wrong(format!("invalid value for name (cannot begin with sg-): {s}"), "");
        }
        ("aws_s3_bucket", "bucket") => {
            return bucket(s).map(|why| (format!("Invalid bucket name {s:?}: {why}"), String::new()));
        }
        ("aws_db_instance" | "aws_rds_cluster_instance", "identifier")
        | ("aws_rds_cluster", "cluster_identifier") => {
            return identifier(name, s);
        }
        ("aws_db_instance" | "aws_rds_cluster_instance", "instance_class")
        | ("aws_rds_cluster", "db_cluster_instance_class") => {
            return class("db.", at, s);
        }
        ("aws_elasticache_replication_group" | "aws_elasticache_cluster", "node_type") => {
            return class("cache.", at, s);
        }
        ("aws_msk_cluster", "instance_type") => return class("kafka.", at, s),
        ("aws_instance" | "aws_launch_template" | "aws_launch_configuration", "instance_type") if top => {
            return class("", at, s);
        }
        ("aws_kms_alias", "name") if !s.starts_with("alias/") => {
            return wrong(format!("\"name\" must begin with \"alias/\": {s:?}"), "");
        }
        ("aws_sqs_queue", "name")
            if !chars(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) || s.len() > 80 =>
        {
            return wrong(
                format!("invalid queue name: {s}"),
                "Up to 80 letters, digits, hyphens and underscores.",
            );
        }
        ("aws_ecr_repository", "name") if s.chars().any(|c| c.is_ascii_uppercase()) => {
            return wrong(format!("\"name\" must be in lower case: {s:?}"), "");
        }
        _ => {}
    }
    None
}

fn cidr(name: &str, s: &str) -> Option<(String, String)> {
    const NAMES: [&str; 9] = [
        "cidr_block",
        "cidr_blocks",
        "cidr_ipv4",
        "cidr_ipv6",
        "destination_cidr_block",
        "ipv6_cidr_blocks",
        "client_cidr_block",
        "target_network_cidr",
        "cidr",
    ];
    if !NAMES.contains(&name) || s.is_empty() {
        return None;
    }
    match s.parse::<ipnet::IpNet>() {
        Ok(net) if net.trunc() == net => None,
        Ok(net) => Some((
            format!("{s:?} is not a valid CIDR block; did you mean \"{}\"?", net.trunc()),
            "The address has bits beyond the length of the prefix.".into(),
        )),
        Err(_) => Some((
            format!("{s:?} is not a valid CIDR block: invalid CIDR address: {s}"),
            "A CIDR block is written like 10.0.0.0/16.".into(),
        )),
    }
}

fn is_json(ty: &str, name: &str) -> bool {
    match name {
        "assume_role_policy"
        | "redrive_policy"
        | "redrive_allow_policy"
        | "container_definitions"
        | "dashboard_body"
        | "event_pattern"
        | "inline_policy"
        | "access_policies" => true,
        "policy" => {
            !ty.starts_with("aws_iot") && !ty.starts_with("aws_lb") && !ty.contains("verifiedpermissions")
        }
        "definition" => ty == "aws_sfn_state_machine",
        "content" => ty == "aws_organizations_policy",
        _ => false,
    }
}

fn bucket(s: &str) -> Option<&'static str> {
    if s.len() < 3 || s.len() > 63 {
        return Some("it must have 3 to 63 characters");
    }
    if !s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-') {
        return Some("only lower-case letters, digits, dots and hyphens are allowed");
    }
    let edge = |b: Option<u8>| b.is_none_or(|b| b == b'.' || b == b'-');
    if edge(s.bytes().next()) || edge(s.bytes().last()) || s.contains("..") {
        return Some("it must begin and end with a letter or digit, and have no two dots together");
    }
    s.parse::<std::net::Ipv4Addr>().is_ok().then_some("it must not look like an address")
}

fn identifier(name: &str, s: &str) -> Option<(String, String)> {
    let ok = s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let why = if !ok {
        "only lowercase alphanumeric characters and hyphens allowed in"
    } else if !s.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) {
        "first character must be a letter in"
    } else if s.contains("--") {
        "cannot contain two consecutive hyphens:"
    } else if s.ends_with('-') {
        "cannot end with a hyphen:"
    } else if s.len() > 63 {
        "cannot be longer than 63 characters:"
    } else {
        return None;
    };
    Some((format!("{why} {name:?}: {s:?}"), String::new()))
}

fn class(prefix: &str, at: &str, s: &str) -> Option<(String, String)> {
    let rest = s.strip_prefix(prefix);
    let good = rest.is_some_and(|rest| {
        rest == "serverless"
            || rest.split_once('.').is_some_and(|(family, size)| {
                let ok = |t: &str| {
                    !t.is_empty()
                        && t.bytes()
                            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
                };
                ok(family) && ok(size)
            })
    });
    (!good).then(|| {
        let example = match prefix {
            "db." => "db.r7g.large",
            "cache." => "cache.t4g.small",
            "kafka." => "kafka.m7g.large",
            _ => "t4g.small",
        };
        (format!("invalid {at}: {s:?}"), format!("It is written like {example}."))
    })
}

/// The limits of numbers that the provider itself does not check.
pub(super) fn limits(ty: &str, at: &str) -> Option<Limits> {
    let name = at.rsplit('.').next().unwrap_or(at);
    match (ty, name) {
        (
            "aws_security_group"
            | "aws_security_group_rule"
            | "aws_network_acl"
            | "aws_default_network_acl"
            | "aws_network_acl_rule",
            "from_port" | "to_port",
        ) => Some((Some(-1), Some(65535))),
        ("aws_lb_listener" | "aws_lb_target_group" | "aws_db_instance" | "aws_rds_cluster", "port") => {
            Some((Some(0), Some(65535)))
        }
        ("aws_lambda_function", "memory_size") => Some((Some(128), Some(10240))),
        ("aws_lambda_function", "timeout") => Some((Some(1), Some(900))),
        _ => None,
    }
}

/// Memory, in MiB, that Fargate has for its processors.
const FARGATE: [(&str, i64, i64, i64); 7] = [
    ("256", 512, 2048, 512),
    ("512", 1024, 4096, 1024),
    ("1024", 2048, 8192, 1024),
    ("2048", 4096, 16384, 1024),
    ("4096", 8192, 30720, 1024),
    ("8192", 16384, 61440, 4096),
    ("16384", 32768, 122_880, 8192),
];

/// Checks arguments that belong together.
pub(super) fn pairs(out: &mut Out<'_>, config: &Value) {
    let get = |n: &str| config.get_attr(n).and_then(|v| v.as_str().map(str::to_owned));
    match out.ty {
        "aws_ecs_task_definition" => {
            let modes = config.get_attr("requires_compatibilities");
            let fargate = modes
                .as_ref()
                .and_then(Value::as_elements)
                .is_some_and(|m| m.iter().any(|m| m.as_str() == Some("FARGATE")));
            let (Some(cpu), Some(memory), true) = (get("cpu"), get("memory"), fargate) else { return };
            let Some((_, least, greatest, step)) = FARGATE.iter().find(|(c, ..)| *c == cpu) else {
                let known: Vec<&str> = FARGATE.iter().map(|(c, ..)| *c).collect();
                out.wrong(
                    &Path::new().attr("cpu"),
                    format!("No Fargate configuration exists for given values: {cpu} CPU"),
                    format!("Fargate has these: {}.", known.join(", ")),
                );
                return;
            };
            let fits = memory.parse().is_ok_and(|m: i64| {
                (least..=greatest).contains(&&m) && (m - least) % step == 0
                    // The smallest has 512, 1024 and 2048 only.
                    && !(cpu == "256" && m == 1536)
            });
            if !fits {
                let all =
                    (*least..=*greatest).step_by(*step as usize).filter(|m| !(cpu == "256" && *m == 1536));
                let all: Vec<String> = all.map(|m| m.to_string()).collect();
                out.wrong(
                    &Path::new().attr("memory"),
                    format!("No Fargate configuration exists for given values: {cpu} CPU, {memory} memory"),
                    format!("With cpu = {cpu} memory can be {}.", all.join(", ")),
                );
            }
        }
        "aws_sqs_queue" | "aws_sns_topic" => {
            let switch = if out.ty == "aws_sqs_queue" { "fifo_queue" } else { "fifo_topic" };
            let fifo = config.get_attr(switch).and_then(|v| v.as_bool()) == Some(true);
            let Some(name) = get("name") else { return };
            if fifo != name.ends_with(".fifo") {
                out.wrong(
                    &Path::new().attr("name"),
                    format!("invalid name: {name}"),
                    format!("The name of a FIFO queue or topic ends in \".fifo\", others do not: {switch} is {fifo}."),
                );
            }
        }
        _ => {}
    }
}
