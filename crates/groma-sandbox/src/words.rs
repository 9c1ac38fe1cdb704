//! Words of templates that are more than an attribute: what AWS derives from several things.

use std::net::Ipv4Addr;

use groma_value::{Type, Value, json};
use sha2::{Digest, Sha256};

use crate::effects;
use crate::fill::{Fill, text_of};
use crate::template::Words;

/// The text of a word; `None` for words that are attributes.
pub(crate) fn special(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    networks(f, word)
        .or_else(|| instances(f, word))
        .or_else(|| load_balancing(f, word))
        .or_else(|| databases(f, word))
        .or_else(|| others(f, word))
}

fn quoted(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().map(|i| format!("{i:?}")).collect();
    format!("[{}]", items.join(","))
}

fn bytes(f: &mut Fill<'_, '_>) -> [u8; 32] {
    f.tx.random()
}

/// The texts of an attribute with several.
fn texts(f: &mut Fill<'_, '_>, name: &str) -> Vec<String> {
    let v = f.attribute(name);
    let items = v.as_ref().and_then(Value::as_elements).unwrap_or_default();
    items.iter().filter_map(text_of).collect()
}

fn field(v: &Value, name: &str) -> Option<String> {
    text_of(&v.get_attr(name)?).filter(|t| !t.is_empty())
}

/// An attribute of the first block of a kind.
fn in_block(f: &mut Fill<'_, '_>, path: &str) -> Option<String> {
    let mut out = Vec::new();
    crate::refuse::at_path(f.planned, path, &mut out);
    out.into_iter().find(|t| !t.is_empty())
}

/// A number for an availability zone, as AWS has in `euw1-az1`.
pub(crate) fn zone_id(zone: &str) -> String {
    let (region, letter) = zone.split_at(zone.len().saturating_sub(1));
    let mut parts = region.split('-');
    let (area, place, number) = (parts.next(), parts.next(), parts.next());
    let place: String = place.unwrap_or_default().chars().take(1).collect();
    let n = letter.bytes().next().map_or(1, |b| b.saturating_sub(b'a') + 1);
    format!("{}{place}{}-az{n}", area.unwrap_or_default(), number.unwrap_or("1"))
}

/// An address in a subnet: beyond the five that AWS keeps, by chance.
fn address_in(cidr: &str, chance: u32) -> Option<String> {
    let net: ipnet::Ipv4Net = cidr.parse().ok()?;
    let size = 1u64.checked_shl(32 - u32::from(net.prefix_len()))?;
    let room = size.saturating_sub(6).max(1);
    let at = u64::from(u32::from(net.network())) + 4 + u64::from(chance) % room;
    Some(Ipv4Addr::from(u32::try_from(at).ok()?).to_string())
}

fn subnet_of(f: &mut Fill<'_, '_>) -> Option<Value> {
    let id = f.text("subnet_id")?;
    f.named(&id)
}

fn networks(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    match word {
        "az" => f.text("availability_zone").map(|z| zone_id(&z)),
        "default_vpc" => effects::default_vpc(f.tx, f.place),
        "default_subnet" => effects::default_subnet(f.tx, f.place),
        "vpc_ipv6" | "vpc_ipv6_id" => {
            let asked = f.text("assign_generated_ipv6_cidr_block").as_deref() == Some("true");
            match (asked, word) {
                (false, _) => Some(String::new()),
                (true, "vpc_ipv6") => f.word("ipv6"),
                (true, _) => f.word("x").map(|x| format!("vpc-cidr-assoc-{x}")),
            }
        }
        "subnet_ipv6_id" => match f.text("ipv6_cidr_block") {
            Some(_) => f.word("x").map(|x| format!("subnet-cidr-assoc-{x}")),
            None => Some(String::new()),
        },
        "subnet_ip" => {
            let chance = u32::from_be_bytes(bytes(f)[..4].try_into().ok()?);
            let cidr = subnet_of(f).and_then(|s| field(&s, "cidr_block"));
            address_in(cidr.as_deref().unwrap_or("172.31.0.0/20"), chance)
        }
        // "Security groups for your Network Load Balancer": one that is made without has none, and
        // filters nothing; only application load balancers get the VPC's default group.
        "lb_sgs" if balancer_kind(f) != "app" => Some("[]".into()),
        "default_sgs" | "lb_sgs" => {
            let vpc = texts(f, "subnets")
                .into_iter()
                .chain(texts(f, "subnet_ids"))
                .chain(f.text("subnet_id"))
                .next();
            let vpc = vpc.and_then(|s| f.named(&s)).and_then(|s| field(&s, "vpc_id"));
            let vpc = vpc.or_else(|| {
                let group = f.text("db_subnet_group_name")?;
                f.named(&group).and_then(|g| field(&g, "vpc_id"))
            });
            let vpc = vpc.or_else(|| effects::default_vpc(f.tx, f.place))?;
            let group = f.named(&vpc).and_then(|v| field(&v, "default_security_group_id"))?;
            Some(quoted([group]))
        }
        "dashed_public_ip" => f.text("public_ip").map(|ip| ip.replace('.', "-")),
        "dashed_private_ip" => f.text("private_ip").map(|ip| ip.replace('.', "-")),
        "mac" => {
            let b = bytes(f);
            Some(format!("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[0], b[1], b[2], b[3], b[4]))
        }
        "octet" => Some(bytes(f)[0].to_string()),
        "prefix_list" => {
            let service = f.text("service_name")?;
            let gateway = f.text("vpc_endpoint_type").is_none_or(|t| t == "Gateway");
            gateway.then(|| prefix_list(&service)).flatten()
        }
        "endpoint_cidrs" => {
            let service = f.text("service_name")?;
            let gateway = f.text("vpc_endpoint_type").is_none_or(|t| t == "Gateway");
            Some(if gateway {
                quoted(prefix_list_cidrs(&service).iter().map(|c| (*c).to_owned()))
            } else {
                "[]".into()
            })
        }
        "endpoint_interfaces" => {
            let n = texts(f, "subnet_ids").len();
            let ids: Vec<String> = (0..n).filter_map(|_| f.word("x").map(|x| format!("eni-{x}"))).collect();
            Some(quoted(ids))
        }
        "endpoint_dns" => {
            if f.text("vpc_endpoint_type").as_deref() != Some("Interface") {
                return Some("[]".into());
            }
            let (id, service) = (f.text("id")?, f.text("service_name")?);
            let region = f.place.region.clone();
            let name = service.rsplit('.').next().unwrap_or_default().to_owned();
            let mut entries = vec![format!("{id}-{}.{name}.{region}.vpce.amazonaws.com", f.word("lower13")?)];
            if f.text("private_dns_enabled").as_deref() == Some("true") {
                entries.push(format!("{name}.{region}.amazonaws.com"));
            }
            let zone = format!("Z{}", f.word("upper13")?);
            let entries: Vec<String> = entries
                .iter()
                .map(|e| format!("{{\"dns_name\":{e:?},\"hosted_zone_id\":{zone:?}}}"))
                .collect();
            Some(format!("[{}]", entries.join(",")))
        }
        "peering_status" => {
            let accepted = f.text("auto_accept").as_deref() == Some("true");
            Some(if accepted { "active" } else { "pending-acceptance" }.into())
        }
        "firewall_status" => {
            let mut subnets = Vec::new();
            crate::refuse::at_path(f.planned, "subnet_mapping.subnet_id", &mut subnets);
            let mut states = Vec::new();
            for subnet in subnets {
                let zone = f.named(&subnet).and_then(|s| field(&s, "availability_zone"))?;
                let endpoint = format!("vpce-{}", f.word("x")?);
                states.push(format!(
                    "{{\"attachment\":[{{\"endpoint_id\":{endpoint:?},\"subnet_id\":{subnet:?}}}],\"availability_zone\":{zone:?}}}"
                ));
            }
            Some(format!("[{{\"sync_states\":[{}]}}]", states.join(",")))
        }
        "rule_group_kind" => {
            let stateless = f.text("type").as_deref() == Some("STATELESS");
            Some(if stateless { "stateless-rulegroup" } else { "stateful-rulegroup" }.into())
        }
        _ => None,
    }
}

/// The prefix list of a service that has gateway endpoints: another one in each region.
pub(crate) fn prefix_list(service: &str) -> Option<String> {
    service.rsplit('.').next().filter(|k| matches!(*k, "s3" | "dynamodb"))?;
    Some(match service {
        "com.amazonaws.eu-west-1.s3" => "pl-6da54004".into(),
        "com.amazonaws.eu-west-1.dynamodb" => "pl-6fa54006".into(),
        name => format!("pl-{}", &crate::text::sha1_hex(name.as_bytes())[..8]),
    })
}

/// The addresses in it.
pub(crate) fn prefix_list_cidrs(service: &str) -> &'static [&'static str] {
    match service.rsplit('.').next() {
        Some("s3") => &["3.5.64.0/21", "52.218.0.0/17", "52.92.0.0/17"],
        Some("dynamodb") => &["52.94.24.0/23", "52.94.5.0/24"],
        _ => &[],
    }
}

fn template_of(f: &mut Fill<'_, '_>, id: &str, name: &str, want: &str) -> Option<String> {
    let given = in_block(f, id).or_else(|| in_block(f, name))?;
    field(&f.named(&given)?, want)
}

fn instances(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    const MIXED: &str = "mixed_instances_policy.launch_template.launch_template_specification";
    match word {
        "instance_public_ip" => {
            let asked = f.text("associate_public_ip_address");
            let subnet = subnet_of(f).and_then(|s| field(&s, "map_public_ip_on_launch"));
            let public = match asked.as_deref() {
                Some(asked)
                    if f.planned.get_attr("associate_public_ip_address").is_some_and(|v| v.is_known()) =>
                {
                    asked == "true"
                }
                _ => subnet.as_deref() == Some("true"),
            };
            if public { f.word("ip") } else { Some(String::new()) }
        }
        "instance_public_dns" => match f.text("public_ip") {
            Some(ip) => {
                Some(format!("ec2-{}.{}.compute.amazonaws.com", ip.replace('.', "-"), f.place.region))
            }
            None => Some(String::new()),
        },
        "key_type" => {
            let ed = f.text("public_key").is_some_and(|k| k.starts_with("ssh-ed25519"));
            Some(if ed { "ed25519" } else { "rsa" }.into())
        }
        "fingerprint" => {
            let key = f.text("public_key").unwrap_or_default();
            let hash = crate::text::hex(&Sha256::digest(key.as_bytes())[..16]);
            let pairs: Vec<&str> = (0..16).map(|i| &hash[2 * i..2 * i + 2]).collect();
            Some(pairs.join(":"))
        }
        "subnet_zones" => {
            let mut zones: Vec<String> = Vec::new();
            for subnet in texts(f, "vpc_zone_identifier") {
                zones.extend(f.named(&subnet).and_then(|s| field(&s, "availability_zone")));
            }
            zones.sort();
            zones.dedup();
            Some(quoted(zones))
        }
        "launch_template_name" => template_of(f, "launch_template.id", "launch_template.name", "name"),
        "launch_template_id" => template_of(f, "launch_template.id", "launch_template.name", "id"),
        "mixed_template_name" => template_of(
            f,
            &format!("{MIXED}.launch_template_id"),
            &format!("{MIXED}.launch_template_name"),
            "name",
        ),
        "mixed_template_id" => template_of(
            f,
            &format!("{MIXED}.launch_template_id"),
            &format!("{MIXED}.launch_template_name"),
            "id",
        ),
        "function_label" => {
            let name = f.text("function_name")?;
            Some(name.rsplit(':').next().unwrap_or_default().to_owned())
        }
        "lambda_version" => {
            let published = f.text("publish").as_deref() == Some("true");
            Some(if published { "1" } else { "$LATEST" }.into())
        }
        "lambda_vpc" => {
            let subnet = in_block(f, "vpc_config.subnet_ids")?;
            field(&f.named(&subnet)?, "vpc_id")
        }
        "sha256" => {
            use base64::Engine;
            let hash = Sha256::digest(bytes(f));
            Some(base64::engine::general_purpose::STANDARD.encode(hash))
        }
        "cluster_name" if f.ty == "aws_ecs_service" => {
            let cluster = f.text("cluster")?;
            Some(cluster.rsplit('/').next().unwrap_or_default().to_owned())
        }
        _ => None,
    }
}

/// What kind of load balancer, as its ARN says it.
fn balancer_kind(f: &mut Fill<'_, '_>) -> &'static str {
    match f.text("load_balancer_type").as_deref() {
        Some("network") => "net",
        Some("gateway") => "gwy",
        _ => "app",
    }
}

fn load_balancing(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    let after = |arn: Option<String>, part: &str| Some(arn?.split_once(part)?.1.to_owned());
    match word {
        "lb_kind" => Some(balancer_kind(f).into()),
        "after_loadbalancer" => after(f.text("arn"), "loadbalancer/"),
        "after_targetgroup" => f.text("arn").and_then(|a| a.rsplit(':').next().map(str::to_owned)),
        "lb_dns" => {
            let (name, region) = (f.text("name")?, f.place.region.clone());
            let internal = if f.text("internal").as_deref() == Some("true") { "internal-" } else { "" };
            let number: u64 = u64::from_be_bytes(bytes(f)[..8].try_into().ok()?) % 2_000_000_000;
            Some(match balancer_kind(f) {
                "net" => format!("{name}-{}.elb.{region}.amazonaws.com", f.word("hex16")?),
                _ => format!("{internal}{name}-{number}.{region}.elb.amazonaws.com"),
            })
        }
        "lb_zone" => Some(if balancer_kind(f) == "net" { "Z2IFOLAFXWLO4F" } else { "Z32O12XQLNTSW2" }.into()),
        "lb_mappings" => {
            let subnets = texts(f, "subnets");
            let one = |s: &String| {
                format!(
                    "{{\"subnet_id\":{s:?},\"allocation_id\":\"\",\"ipv6_address\":\"\",\"outpost_id\":\"\",\"private_ipv4_address\":\"\"}}"
                )
            };
            Some(format!("[{}]", subnets.iter().map(one).collect::<Vec<_>>().join(",")))
        }
        "listener_of" => after(f.text("load_balancer_arn"), "loadbalancer/"),
        "rule_of" => after(f.text("listener_arn"), "listener/"),
        "validations" => {
            if f.text("validation_method").as_deref() != Some("DNS") {
                return Some("[]".into());
            }
            let mut names: Vec<String> = f.text("domain_name").into_iter().collect();
            for name in texts(f, "subject_alternative_names") {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let mut entries = Vec::new();
            for name in names {
                let base = name.trim_start_matches("*.").to_owned();
                // A name and its wildcard share one record.
                let hash = crate::text::hex(&Sha256::digest(base.as_bytes())[..16]);
                entries.push(format!(
                    "{{\"domain_name\":{name:?},\"resource_record_name\":\"_{hash}.{base}.\",\"resource_record_type\":\"CNAME\",\"resource_record_value\":\"_{}.acm-validations.aws.\"}}",
                    crate::text::hex(&Sha256::digest(hash.as_bytes())[..16])
                ));
            }
            Some(format!("[{}]", entries.join(",")))
        }
        "validation" => {
            let imported = f.text("certificate_body").is_some();
            Some(if imported { "NONE" } else { "DNS" }.into())
        }
        "name_servers" => {
            let b = bytes(f);
            let tops = ["com", "net", "org", "co.uk"];
            Some(quoted((0..4).map(|i| {
                format!("ns-{}.awsdns-{:02}.{}", u32::from(b[i]) + 256 * i as u32, b[i] % 64, tops[i])
            })))
        }
        "name_server" => texts(f, "name_servers").into_iter().next(),
        "lower_name" => {
            Some(f.text("name").unwrap_or_default().to_lowercase().trim_end_matches('.').to_owned())
        }
        "record_name" => {
            let name = f.text("name").unwrap_or_default().trim_end_matches('.').to_owned();
            let zone = f.text("zone_id").and_then(|z| f.named(&z)).and_then(|z| field(&z, "name"));
            Some(match zone {
                Some(zone) if name.is_empty() => zone,
                Some(zone) if name != zone && !name.ends_with(&format!(".{zone}")) => {
                    format!("{name}.{zone}")
                }
                _ => name,
            })
        }
        "waf_scope" => {
            let global = f.text("scope").as_deref() == Some("CLOUDFRONT");
            Some(if global { "global" } else { "regional" }.into())
        }
        _ => None,
    }
}

fn databases(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    let engine = |f: &mut Fill<'_, '_>| f.text("engine").unwrap_or_else(|| "mysql".into());
    let cluster = |f: &mut Fill<'_, '_>| f.text("cluster_identifier").and_then(|c| f.named(&c));
    let of_cluster =
        |f: &mut Fill<'_, '_>, name: &str| Some(cluster(f).and_then(|c| field(&c, name)).unwrap_or_default());
    match word {
        "db_port" => Some(
            match engine(f).as_str() {
                e if e.contains("postgres") => "5432",
                e if e.starts_with("sqlserver") => "1433",
                e if e.starts_with("oracle") => "1521",
                _ => "3306",
            }
            .into(),
        ),
        "db_version" => Some(
            match engine(f).as_str() {
                "aurora-mysql" => "8.0.mysql_aurora.3.08.2",
                "aurora-postgresql" => "16.6",
                e if e.contains("postgres") => "17.4",
                "mariadb" => "11.4.5",
                _ => "8.0.41",
            }
            .into(),
        ),
        "db_family" | "option_family" => {
            let (engine, version) = (engine(f), f.text("engine_version").unwrap_or_default());
            let mut parts = version.split('.');
            let (major, minor) = (parts.next().unwrap_or("8"), parts.next().unwrap_or("0"));
            let number =
                if engine.contains("postgres") { major.to_owned() } else { format!("{major}.{minor}") };
            Some(match word {
                "db_family" => format!("{engine}{number}"),
                _ => format!("{engine}-{}", number.replace('.', "-")),
            })
        }
        "license" => Some(
            match engine(f).as_str() {
                e if e.contains("postgres") => "postgresql-license",
                e if e.starts_with("sqlserver") => "license-included",
                _ => "general-public-license",
            }
            .into(),
        ),
        "master_secret" => {
            if f.text("manage_master_user_password").as_deref() != Some("true") {
                return Some("[]".into());
            }
            let arn = crate::template::expand("@secretsmanager:secret:rds!$uuid-$letters6", f);
            let key = crate::template::expand("@kms:key/$uuid", f);
            Some(format!("[{{\"kms_key_id\":{key:?},\"secret_arn\":{arn:?},\"secret_status\":\"active\"}}]"))
        }
        "cluster_port" => of_cluster(f, "port"),
        "cluster_version" => of_cluster(f, "engine_version"),
        "cluster_encrypted" => of_cluster(f, "storage_encrypted"),
        "cluster_key" => of_cluster(f, "kms_key_id"),
        "cluster_subnets" => of_cluster(f, "db_subnet_group_name"),
        "is_writer" => {
            let cluster = f.text("cluster_identifier")?;
            let (account, region) = (f.place.account.clone(), f.place.region.clone());
            let mut others = f.tx.of(&account, &region, "aws_rds_cluster_instance");
            let taken = others.any(|(k, o)| {
                o.value(&k.ty).is_some_and(|v| field(v, "cluster_identifier").as_ref() == Some(&cluster))
            });
            Some((!taken).to_string())
        }
        "cache_clustered" => {
            let many =
                f.planned.get_attr("num_node_groups").and_then(|v| v.as_number()?.as_i64()).unwrap_or(1) > 1;
            let mode = f.text("cluster_mode").as_deref() == Some("enabled");
            Some((many || mode).to_string())
        }
        "cache_primary" | "cache_reader" | "cache_configuration" => {
            let clustered = f.text("cluster_enabled").as_deref() == Some("true");
            let (id, region) = (f.text("replication_group_id")?, f.place.region.clone());
            let tls = f.text("transit_encryption_enabled").as_deref() == Some("true");
            // One name for all three, so not by chance.
            let code = &crate::text::hex(&Sha256::digest(id.as_bytes())[..3]);
            let host = if tls { format!("{id}.{code}") } else { format!("{id}.{code}.ng.0001") };
            Some(match (word, clustered) {
                ("cache_configuration", true) => {
                    format!("clustercfg.{id}.{code}.{region}.cache.amazonaws.com")
                }
                ("cache_primary", false) if tls => format!("master.{host}.{region}.cache.amazonaws.com"),
                ("cache_reader", false) if tls => format!("replica.{host}.{region}.cache.amazonaws.com"),
                ("cache_primary", false) => format!("{host}.{region}.cache.amazonaws.com"),
                ("cache_reader", false) => format!("{id}-ro.{code}.ng.0001.{region}.cache.amazonaws.com"),
                _ => String::new(),
            })
        }
        "cache_count" => {
            let number = |f: &mut Fill<'_, '_>, n: &str| f.text(n).and_then(|t| t.parse::<u64>().ok());
            let groups = number(f, "num_node_groups").unwrap_or(1);
            let replicas = number(f, "replicas_per_node_group").unwrap_or(0);
            Some((groups * (1 + replicas)).to_string())
        }
        "cache_members" => {
            let id = f.text("replication_group_id")?;
            let count: u64 = f.text("num_cache_clusters").and_then(|t| t.parse().ok()).unwrap_or(1);
            Some(quoted((1..=count).map(|i| format!("{id}-{i:03}"))))
        }
        "cache_nodes" => {
            let (id, port) = (f.text("cluster_id")?, f.text("port")?);
            let region = f.place.region.clone();
            Some(format!(
                "[{{\"address\":\"{id}.{}.0001.{region}.cache.amazonaws.com\",\"availability_zone\":\"{region}a\",\"id\":\"0001\",\"outpost_arn\":\"\",\"port\":{port}}}]",
                f.word("lower6")?
            ))
        }
        "brokers_plain" | "brokers_tls" | "brokers_iam" | "brokers_scram" | "zookeeper" => {
            let setting = |f: &mut Fill<'_, '_>, path: &str| in_block(f, path);
            let client = setting(f, "encryption_info.encryption_in_transit.client_broker")
                .unwrap_or_else(|| "TLS".into());
            let iam = setting(f, "client_authentication.sasl.iam").as_deref() == Some("true");
            let scram = setting(f, "client_authentication.sasl.scram").as_deref() == Some("true");
            let port = match word {
                "brokers_plain" if client != "TLS" => 9092,
                "brokers_tls" if client != "PLAINTEXT" => 9094,
                "brokers_iam" if iam => 9098,
                "brokers_scram" if scram => 9096,
                "zookeeper" => 2181,
                _ => return Some(String::new()),
            };
            let (name, region) = (f.text("cluster_name")?, f.place.region.clone());
            let code = &crate::text::hex(&Sha256::digest(name.as_bytes())[..3]);
            let host = if word == "zookeeper" { "z" } else { "b" };
            let all: Vec<String> = (1..=3)
                .map(|i| format!("{host}-{i}.{name}.{code}.c2.kafka.{region}.amazonaws.com:{port}"))
                .collect();
            Some(all.join(","))
        }
        "table_stream" => match f.text("stream_enabled").as_deref() {
            Some("true") => Some(format!("{}/stream/{}", f.text("arn")?, f.word("now")?)),
            _ => Some(String::new()),
        },
        "table_label" => match f.text("stream_enabled").as_deref() {
            Some("true") => f.word("now"),
            _ => Some(String::new()),
        },
        _ => None,
    }
}

fn others(f: &mut Fill<'_, '_>, word: &str) -> Option<String> {
    match word {
        "rotation_days" => {
            let on = f.text("enable_key_rotation").as_deref() == Some("true");
            Some(if on { "365" } else { "0" }.into())
        }
        "target_key" => {
            let key = f.text("target_key_id")?;
            if key.starts_with("arn:") {
                return Some(key);
            }
            f.named(&key).and_then(|k| field(&k, "arn")).or(Some(key))
        }
        "secret_arn" if f.ty == "aws_secretsmanager_secret_version" => {
            let secret = f.text("secret_id")?;
            f.named(&secret).and_then(|s| field(&s, "arn")).or(Some(secret))
        }
        "slashed_name" => {
            let name = f.text("name")?;
            Some(if name.starts_with('/') { name } else { format!("/{name}") })
        }
        "ssm_key" => {
            let secret = f.text("type").as_deref() == Some("SecureString");
            Some(if secret { "alias/aws/ssm" } else { "" }.into())
        }
        "insecure_value_of" => {
            let secret = f.text("type").as_deref() == Some("SecureString");
            if secret { Some(String::new()) } else { f.text("value") }
        }
        "url_host" => Some(f.text("url")?.trim_start_matches("https://").to_owned()),
        "sso_instance" => Some(f.text("instance_arn")?.rsplit('/').next()?.to_owned()),
        "managed_policy_label" => Some(f.text("managed_policy_arn")?.rsplit('/').next()?.to_owned()),
        "mail_identity" => {
            let address = f.text("email_identity")?.contains('@');
            Some(if address { "EMAIL_ADDRESS" } else { "DOMAIN" }.into())
        }
        "efs_key" => match f.text("encrypted").as_deref() {
            Some("true") => Some(crate::template::expand("@kms:key/$uuid", f)),
            _ => Some(String::new()),
        },
        "cf_id" => {
            let name = f.text("name")?;
            Some(crate::template::expand(&format!("@cloudformation:stack/{name}/$uuid"), f))
        }
        "bucket_grant" => {
            let id = effects::canonical_user(f.place);
            let grant = Value::tuple(vec![Value::object([
                ("id", Value::string(id)),
                ("permissions", Value::tuple(vec![Value::string("FULL_CONTROL")])),
                ("type", Value::string("CanonicalUser")),
                ("uri", Value::string("")),
            ])]);
            json::encode(&grant, &Type::Dynamic).ok().and_then(|_| json::encode_implied(&grant).ok())
        }
        _ => None,
    }
}
