//! Data sources about machine images, instance types and the parameters that AWS publishes.

use groma_value::Value;
use serde_json::json;

use super::Source;
use crate::refuse::Done;

pub(super) fn read(ty: &str, s: &mut Source<'_, '_>) -> Option<Done<Value>> {
    Some(match ty {
        "aws_ami" => ami(s),
        "aws_ami_ids" => {
            let id = image_id(&described(s));
            s.answer(json!({ "ids": [id], "id": "amis" }))
        }
        "aws_ssm_parameter" => {
            let name = s.text("name").unwrap_or_default();
            if !name.starts_with("/aws/service/") {
                return None;
            }
            let value = published(&name, &s.place.region);
            s.answer(json!({
                "name": name, "id": name, "type": "String", "value": value, "insecure_value": value, "version": 1,
                "arn": format!("arn:aws:ssm:{}::parameter{name}", s.place.region),
            }))
        }
        "aws_ec2_instance_type_offerings" => {
            let wanted: Vec<String> = described(s).into_iter().filter(|v| v.contains('.')).collect();
            let zone = format!("{}a", s.place.region);
            let places: Vec<&str> = wanted.iter().map(|_| zone.as_str()).collect();
            let kinds: Vec<&str> = wanted.iter().map(|_| "availability-zone").collect();
            s.answer(json!({
                "instance_types": wanted, "locations": places, "location_types": kinds, "id": s.place.region,
            }))
        }
        "aws_ec2_instance_type" => {
            let name = s.text("instance_type").unwrap_or_default();
            let (cpus, memory) = size_of(&name);
            let arm = is_arm(&name);
            s.answer(json!({
                "instance_type": name, "id": name, "default_vcpus": cpus, "default_cores": cpus.div_ceil(2),
                "default_threads_per_core": 2, "memory_size": memory, "current_generation": true,
                "supported_architectures": [if arm { "arm64" } else { "x86_64" }],
                "hypervisor": "nitro", "ebs_optimized_support": "default", "free_tier_eligible": false,
            }))
        }
        "aws_rds_engine_version" => {
            let engine = s.text("engine").unwrap_or_default();
            let version = s.text("version").unwrap_or_else(|| {
                match engine.as_str() {
                    "aurora-mysql" => "8.0.mysql_aurora.3.08.2",
                    "aurora-postgresql" => "16.6",
                    "postgres" => "17.4",
                    _ => "8.0.41",
                }
                .into()
            });
            let major = version.split('.').take(if engine.contains("postgres") { 1 } else { 2 });
            let family = format!("{engine}{}", major.collect::<Vec<_>>().join("."));
            s.answer(json!({
                "engine": engine, "version": version, "version_actual": version, "status": "available",
                "parameter_group_family": family, "id": version,
            }))
        }
        _ => return None,
    })
}

/// What the arguments and filters say of the image, for an id that is always the same.
fn described(s: &Source<'_, '_>) -> Vec<String> {
    let mut out = Vec::new();
    for name in ["filter", "owners", "name_regex"] {
        let v = s.config.get_attr(name).unwrap_or_else(Value::dynamic);
        v.walk(&mut |_, v| {
            out.extend(v.as_str().map(str::to_owned));
            true
        });
    }
    out
}

fn image_id(described: &[String]) -> String {
    format!("ami-0{}", &crate::text::sha1_hex(described.join(" ").as_bytes())[..16])
}

fn ami(s: &mut Source<'_, '_>) -> Done<Value> {
    let described = described(s);
    let id = image_id(&described);
    let text = described.join(" ");
    let arm = text.contains("arm64") || text.contains("aarch64");
    let pattern = described.iter().find(|d| d.contains('-') && d.contains('*')).cloned();
    let name = pattern.unwrap_or_else(|| "sandbox-image-*".into()).replace('*', "20260101");
    let region = s.place.region.clone();
    s.answer(json!({
        "id": id, "image_id": id, "name": name, "architecture": if arm { "arm64" } else { "x86_64" },
        "arn": format!("arn:aws:ec2:{region}::image/{id}"), "creation_date": "2026-01-01T00:00:00.000Z",
        "description": "An image of the sandbox", "root_device_name": "/dev/sda1", "root_device_type": "ebs",
        "virtualization_type": "hvm", "state": "available", "owner_id": "099720109477", "public": true,
        "hypervisor": "xen", "image_type": "machine", "ena_support": true, "image_location": format!("amazon/{name}"),
        "root_snapshot_id": format!("snap-{}", &id[4..]), "sriov_net_support": "simple", "boot_mode": "uefi-preferred",
    }))
}

/// The value of a parameter below `/aws/service/`.
fn published(name: &str, region: &str) -> String {
    let id = image_id(&[name.to_owned()]);
    if name.contains("/ecs/") && name.ends_with("/recommended") {
        return json!({
            "ecs_agent_version": "1.90.0", "ecs_runtime_version": "Docker version 25.0.8", "image_id": id,
            "image_name": "al2023-ami-ecs-hvm", "image_version": "2023.0.20260101", "os": "Amazon Linux 2023",
            "schema_version": 1, "source_image_name": "al2023-ami-minimal",
        })
        .to_string();
    }
    match name.rsplit('/').next() {
        _ if name.contains("global-infrastructure") => region.to_owned(),
        Some("image_version" | "release_version") => "2023.0.20260101".into(),
        Some("image_name") => "al2023-ami-ecs-hvm".into(),
        _ => id,
    }
}

/// Whether the name of an instance type means a Graviton processor: `t4g.small`, `r7gd.large`.
fn is_arm(name: &str) -> bool {
    let family = name.split('.').next().unwrap_or_default();
    let after = family.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    after.starts_with('g')
}

/// Processors and MiB of memory, by the size in the name.
fn size_of(name: &str) -> (u32, u32) {
    let size = name.split('.').nth(1).unwrap_or_default();
    let cpus = match size {
        "nano" | "micro" | "small" | "medium" | "large" => 2,
        "xlarge" => 4,
        other => other.trim_end_matches("xlarge").parse::<u32>().map_or(2, |n| n * 4),
    };
    let memory = match size {
        "nano" => 512,
        "micro" => 1024,
        "small" => 2048,
        "medium" => 4096,
        _ => cpus * if name.starts_with('r') { 8192 } else { 4096 },
    };
    (cpus, memory)
}
