//! Data sources about the account, the region and the services in it.

use groma_value::Value;
use serde_json::json;

use super::Source;
use crate::effects;
use crate::refuse::{Done, Refusal};
use crate::words::{prefix_list, prefix_list_cidrs, zone_id};
use crate::world::{GLOBAL, Key};

/// The zones of a region that an account has: three, but for these.
fn zones(region: &str) -> &'static [&'static str] {
    match region {
        "us-east-1" => &["a", "b", "c", "d", "e", "f"],
        "us-west-2" | "ap-northeast-2" => &["a", "b", "c", "d"],
        "us-west-1" => &["a", "c"],
        "ap-northeast-1" => &["a", "c", "d"],
        "ca-central-1" => &["a", "b", "d"],
        _ => &["a", "b", "c"],
    }
}

const REGIONS: [(&str, &str); 17] = [
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ca-central-1", "Canada (Central)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

/// The accounts that write the logs of load balancers, by region.
const ELB_ACCOUNTS: [(&str, &str); 17] = [
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-south-1", "718504428378"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ca-central-1", "985666609251"),
    ("eu-central-1", "054676820928"),
    ("eu-north-1", "897822967062"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-west-3", "009996457667"),
    ("sa-east-1", "507241528517"),
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
];

/// Managed policies of CloudFront: data source, name, id.
const CLOUDFRONT: [(&str, &str, &str); 16] = [
    ("aws_cloudfront_cache_policy", "Managed-CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ("aws_cloudfront_cache_policy", "Managed-CachingDisabled", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
    (
        "aws_cloudfront_cache_policy",
        "Managed-CachingOptimizedForUncompressedObjects",
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    ),
    ("aws_cloudfront_cache_policy", "Managed-Elemental-MediaPackage", "08627262-05a9-4f76-9ded-b50ca2e3a84f"),
    ("aws_cloudfront_cache_policy", "Managed-Amplify", "2e54312d-136d-493c-8eb9-b001f22f67d2"),
    ("aws_cloudfront_cache_policy", "UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    ("aws_cloudfront_origin_request_policy", "Managed-AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    (
        "aws_cloudfront_origin_request_policy",
        "Managed-AllViewerExceptHostHeader",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    ),
    ("aws_cloudfront_origin_request_policy", "Managed-CORS-S3Origin", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"),
    (
        "aws_cloudfront_origin_request_policy",
        "Managed-CORS-CustomOrigin",
        "59781a5b-3903-41f3-afcb-af62929ccde1",
    ),
    (
        "aws_cloudfront_origin_request_policy",
        "Managed-UserAgentRefererHeaders",
        "acba4595-bd28-49b8-b9fe-13317c0390fa",
    ),
    (
        "aws_cloudfront_response_headers_policy",
        "Managed-SecurityHeadersPolicy",
        "67f7725c-6f97-4210-82d7-5512b31e9d03",
    ),
    ("aws_cloudfront_response_headers_policy", "Managed-SimpleCORS", "60669652-455b-4ae9-85a4-c4c02393f86c"),
    (
        "aws_cloudfront_response_headers_policy",
        "Managed-CORS-With-Preflight",
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    ),
    (
        "aws_cloudfront_response_headers_policy",
        "Managed-CORS-and-SecurityHeadersPolicy",
        "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    ),
    (
        "aws_cloudfront_response_headers_policy",
        "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
    ),
];

/// Prefix lists of AWS itself: name, id, some of what is in them.
const PREFIX_LISTS: [(&str, &str, &[&str]); 3] = [
    (
        "com.amazonaws.global.cloudfront.origin-facing",
        "pl-4fa04526",
        &["13.124.199.0/24", "130.176.0.0/18", "15.158.0.0/16"],
    ),
    ("com.amazonaws.global.groundstation", "pl-0e4ad2b0e2a6e9f1d", &["13.248.0.0/24"]),
    ("com.amazonaws.global.ipv6.cloudfront.origin-facing", "pl-0a1b2c3d4e5f60718", &["2600:9000:1000::/36"]),
];

fn description(region: &str) -> &str {
    REGIONS.iter().find(|(r, _)| *r == region).map_or(region, |(_, d)| *d)
}

pub(super) fn read(ty: &str, s: &mut Source<'_, '_>) -> Option<Done<Value>> {
    let (account, region) = (s.place.account.clone(), s.place.region.clone());
    let partition = s.place.partition();
    Some(match ty {
        "aws_caller_identity" => s.answer(json!({
            "account_id": account, "arn": format!("arn:{partition}:iam::{account}:user/sandbox"),
            "user_id": "AIDASANDBOXSANDBOX00", "id": account,
        })),
        "aws_partition" => s.answer(json!({
            "partition": partition, "id": partition, "dns_suffix": "amazonaws.com",
            "reverse_dns_prefix": "com.amazonaws",
        })),
        "aws_region" => {
            let name = s.text("name").unwrap_or(region);
            let text = description(&name).to_owned();
            s.answer(json!({
                "name": name, "id": name, "description": text, "endpoint": format!("ec2.{name}.amazonaws.com"),
            }))
        }
        "aws_regions" => {
            let names: Vec<&str> = REGIONS.iter().map(|(r, _)| *r).collect();
            s.answer(json!({ "names": names, "id": partition }))
        }
        "aws_availability_zones" => availability_zones(s, &region),
        "aws_availability_zone" => {
            let name = s.text("name").or_else(|| {
                let id = s.text("zone_id")?;
                zones(&region).iter().map(|z| format!("{region}{z}")).find(|z| zone_id(z) == id)
            });
            match name {
                Some(name) => s.answer(json!({
                    "name": name, "id": name, "region": region, "zone_id": zone_id(&name),
                    "name_suffix": name.trim_start_matches(&region), "state": "available",
                    "opt_in_status": "opt-in-not-required", "zone_type": "availability-zone",
                    "group_name": format!("{region}-zg-1"), "network_border_group": region,
                    "group_long_name": description(&region),
                })),
                None => Err(Refusal::new("InvalidParameterValue", "no matching availability zone found")),
            }
        }
        "aws_canonical_user_id" => {
            let id = effects::canonical_user(s.place);
            s.answer(json!({ "id": id, "display_name": "sandbox" }))
        }
        "aws_default_tags" => {
            let tags: serde_json::Map<_, _> = s
                .provider
                .default_tags
                .iter()
                .filter_map(|(k, v)| Some((k.clone(), json!(v.as_str()?))))
                .collect();
            s.answer(json!({ "tags": tags, "id": partition }))
        }
        "aws_service_principal" => {
            let service = s.text("service_name").unwrap_or_default();
            let name = s.text("region").unwrap_or(region);
            s.answer(json!({
                "name": format!("{service}.amazonaws.com"), "service_name": service, "suffix": "amazonaws.com",
                "region": name, "id": format!("{service}.{name}.amazonaws.com"),
            }))
        }
        "aws_service" => {
            let service = s.text("service_id").or_else(|| {
                Some(s.text("dns_name")?.split('.').next()?.to_owned())
            });
            let service = service.unwrap_or_default();
            s.answer(json!({
                "service_id": service, "region": region, "partition": partition, "supported": true,
                "dns_name": format!("{service}.{region}.amazonaws.com"),
                "reverse_dns_name": format!("com.amazonaws.{region}.{service}"),
                "reverse_dns_prefix": "com.amazonaws", "id": format!("com.amazonaws.{region}.{service}"),
            }))
        }
        "aws_elb_service_account" => {
            let name = s.text("region").unwrap_or(region);
            match ELB_ACCOUNTS.iter().find(|(r, _)| *r == name) {
                Some((_, id)) => s.answer(json!({ "id": id, "arn": format!("arn:{partition}:iam::{id}:root") })),
                None => Err(Refusal::new("", format!("unknown region ({name})"))),
            }
        }
        "aws_elb_hosted_zone_id" => s.answer(json!({ "id": "Z32O12XQLNTSW2" })),
        "aws_lb_hosted_zone_id" => {
            let network = s.text("load_balancer_type").as_deref() == Some("network");
            s.answer(json!({ "id": if network { "Z2IFOLAFXWLO4F" } else { "Z32O12XQLNTSW2" } }))
        }
        "aws_billing_service_account" => {
            s.answer(json!({ "id": "386209384616", "arn": "arn:aws:iam::386209384616:root" }))
        }
        "aws_cloudfront_log_delivery_canonical_user_id" => {
            s.answer(json!({ "id": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0" }))
        }
        "aws_iam_account_alias" => s.answer(json!({ "account_alias": "sandbox", "id": "sandbox" })),
        "aws_iam_session_context" => {
            let arn = s.text("arn").unwrap_or_default();
            s.answer(json!({ "issuer_arn": arn, "issuer_name": "sandbox", "id": arn }))
        }
        "aws_arn" => {
            let arn = s.text("arn").unwrap_or_default();
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            if let [_, partition, service, region, account, resource] = parts[..] {
                s.answer(json!({
                    "partition": partition, "service": service, "region": region, "account": account,
                    "resource": resource, "id": arn,
                }))
            } else {
                Err(Refusal::new("", format!("{arn:?} is an invalid ARN")))
            }
        }
        "aws_route53_zone" => zone(s),
        "aws_organizations_organization" => organization(s),
        "aws_ssoadmin_instances" => s.answer(json!({
            "arns": [format!("arn:{partition}:sso:::instance/ssoins-7223{}", &account[..12.min(account.len())])],
            "identity_store_ids": [format!("d-9367{}", &account[..6.min(account.len())])],
            "id": region,
        })),
        "aws_identitystore_group" | "aws_identitystore_user" => {
            let wanted = wanted_identity(s);
            let id = crate::text::sha1_hex(wanted.as_bytes());
            let uuid = format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]);
            let kind = if ty.ends_with("group") { "group_id" } else { "user_id" };
            s.answer(json!({ kind: uuid, "display_name": wanted, "user_name": wanted, "id": uuid }))
        }
        "aws_prefix_list" => {
            let name = s.text("name").unwrap_or_else(|| format!("com.amazonaws.{region}.s3"));
            match prefix_list(&name) {
                Some(id) => s.answer(json!({ "id": id, "name": name, "cidr_blocks": prefix_list_cidrs(&name) })),
                None => Err(Refusal::new("InvalidPrefixListId.NotFound", "no matching EC2 Prefix List found")),
            }
        }
        "aws_ec2_managed_prefix_list" => return managed_prefix_list(s),
        "aws_ip_ranges" => s.answer(json!({
            "cidr_blocks": ["13.248.0.0/16", "52.94.76.0/22"], "ipv6_cidr_blocks": ["2600:1f18::/32"],
            "create_date": "2026-01-01-00-00-00", "sync_token": 1767225600, "id": "1767225600",
        })),
        "aws_vpc_endpoint_service" => endpoint_service(s, &region),
        "aws_cloudfront_cache_policy"
        | "aws_cloudfront_origin_request_policy"
        | "aws_cloudfront_response_headers_policy" => {
            let (name, id) = (s.text("name"), s.text("id"));
            let found = CLOUDFRONT.iter().find(|(t, n, i)| {
                *t == ty && (name.as_deref() == Some(*n) || id.as_deref() == Some(*i))
            })?;
            s.answer(json!({ "id": found.2, "name": found.1, "etag": "E23ZP02F085DFQ", "comment": "" }))
        }
        "aws_kms_alias" => {
            let name = s.text("name").unwrap_or_default();
            if !name.starts_with("alias/aws/") {
                return None;
            }
            let id = crate::text::sha1_hex(format!("{account}{region}{name}").as_bytes());
            let id = format!("{}-{}-4{}-8{}-{}", &id[..8], &id[8..12], &id[13..16], &id[17..20], &id[20..32]);
            s.answer(json!({
                "name": name, "arn": format!("arn:{partition}:kms:{region}:{account}:{name}"),
                "target_key_id": id, "target_key_arn": format!("arn:{partition}:kms:{region}:{account}:key/{id}"),
                "id": format!("arn:{partition}:kms:{region}:{account}:{name}"),
            }))
        }
        "aws_iam_policy" => {
            let (name, arn) = (s.text("name"), s.text("arn"));
            let managed = arn.as_ref().filter(|a| a.contains(":iam::aws:policy/"))?;
            let label = name.unwrap_or_else(|| managed.rsplit('/').next().unwrap_or_default().to_owned());
            s.answer(json!({ "arn": managed, "name": label, "id": managed, "path": "/", "policy": "{}" }))
        }
        "aws_secretsmanager_secret_version" => secret_version(s),
        "aws_secretsmanager_random_password" => {
            let random = crate::text::hex(&s.tx.random());
            s.answer(json!({ "random_password": random[..32], "id": random[..32] }))
        }
        _ => return None,
    })
}

fn availability_zones(s: &mut Source<'_, '_>, region: &str) -> Done<Value> {
    let excluded: Vec<String> = ["exclude_names", "exclude_zone_ids"]
        .iter()
        .flat_map(|n| {
            let v = s.config.get_attr(n);
            let items = v.as_ref().and_then(Value::as_elements).unwrap_or_default();
            items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>()
        })
        .collect();
    let names: Vec<String> = zones(region)
        .iter()
        .map(|z| format!("{region}{z}"))
        .filter(|z| !excluded.contains(z) && !excluded.contains(&zone_id(z)))
        .collect();
    let ids: Vec<String> = names.iter().map(|n| zone_id(n)).collect();
    s.answer(json!({ "names": names, "zone_ids": ids, "group_names": [region], "id": region }))
}

fn wanted_identity(s: &Source<'_, '_>) -> String {
    let v = s.config.get_attr("alternate_identifier");
    let mut found = Vec::new();
    if let Some(v) = &v {
        crate::refuse::at_path(v, "unique_attribute.attribute_value", &mut found);
    }
    found.into_iter().next().or_else(|| s.text("group_id")).or_else(|| s.text("user_id")).unwrap_or_default()
}

/// The sandbox owns any zone that is asked for: it is made when it is not there.
fn zone(s: &mut Source<'_, '_>) -> Done<Value> {
    let wanted = s.text("name").map(|n| n.trim_end_matches('.').to_owned());
    let (id, account) = (s.text("zone_id"), s.place.account.clone());
    let private = s.text("private_zone").as_deref() == Some("true") || s.text("vpc_id").is_some();
    let found = s.tx.of(&account, GLOBAL, "aws_route53_zone").find_map(|(k, o)| {
        let v = o.value(&k.ty)?;
        let field = |n: &str| v.get_attr(n).and_then(|v| v.as_str().map(str::to_owned));
        let inside = v.get_attr("vpc").is_some_and(|v| v.as_elements().is_some_and(|e| !e.is_empty()));
        let fits = id.as_ref().is_none_or(|id| field("zone_id").as_ref() == Some(id))
            && wanted.as_ref().is_none_or(|n| field("name").as_ref() == Some(n))
            && (id.is_some() || inside == private);
        fits.then(|| v.clone())
    });
    let zone = match (found, wanted) {
        (Some(zone), _) => zone,
        (None, Some(name)) if !private => {
            // By its name, so that a plan and the apply after it agree in any order.
            let id = crate::text::sha1_hex(format!("{account} {name}").as_bytes()).to_uppercase();
            effects::own_zone(s.tx, s.place, &name, &format!("Z0{}", &id[..18]));
            let key = Key {
                account,
                region: GLOBAL.into(),
                ty: "aws_route53_zone".into(),
                id: format!("Z0{}", &id[..18]),
            };
            match s.tx.get(&key).and_then(|o| o.value("aws_route53_zone")).cloned() {
                Some(zone) => zone,
                None => {
                    return Err(Refusal::new("NoSuchHostedZone", "no matching Route 53 Hosted Zone found"));
                }
            }
        }
        _ => return Err(Refusal::new("NoSuchHostedZone", "no matching Route 53 Hosted Zone found")),
    };
    let field = |n: &str| zone.get_attr(n).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let servers = zone.get_attr("name_servers");
    let servers: Vec<String> = servers
        .as_ref()
        .and_then(Value::as_elements)
        .unwrap_or_default()
        .iter()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect();
    s.answer(json!({
        "id": field("zone_id"), "zone_id": field("zone_id"), "name": field("name"), "arn": field("arn"),
        "comment": field("comment"), "name_servers": servers, "primary_name_server": field("primary_name_server"),
        "private_zone": private, "caller_reference": "sandbox", "resource_record_set_count": 2,
    }))
}

fn organization(s: &mut Source<'_, '_>) -> Done<Value> {
    let account = s.place.account.clone();
    let mut found = None;
    let mut accounts = Vec::new();
    for (k, o) in s.tx.all() {
        let Some(v) = o.value(&k.ty) else { continue };
        let field = |n: &str| v.get_attr(n).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        match k.ty.as_str() {
            "aws_organizations_organization" => found = Some(v.clone()),
            "aws_organizations_account" => accounts.push(json!({
                "arn": field("arn"), "email": field("email"), "id": field("id"), "name": field("name"), "status": "ACTIVE",
            })),
            _ => {}
        }
    }
    let made = |n: &str| {
        let v = found.as_ref()?.get_attr(n)?;
        groma_value::json::encode_implied(&v)
            .ok()
            .and_then(|t| serde_json::from_str::<serde_json::Value>(&t).ok())
    };
    let master = json!({
        "arn": format!("arn:aws:organizations::{account}:account/o-sandbox0001/{account}"),
        "email": "root@example.com", "id": account, "name": "root", "status": "ACTIVE",
    });
    let roots = json!([{
        "arn": format!("arn:aws:organizations::{account}:root/o-sandbox0001/r-sand"), "id": "r-sand",
        "name": "Root", "policy_types": [],
    }]);
    let mut all = vec![master];
    all.extend(accounts.iter().cloned());
    s.answer(json!({
        "id": made("id").unwrap_or_else(|| json!("o-sandbox0001")),
        "arn": made("arn").unwrap_or_else(|| json!(format!("arn:aws:organizations::{account}:organization/o-sandbox0001"))),
        "master_account_id": account,
        "master_account_arn": format!("arn:aws:organizations::{account}:account/o-sandbox0001/{account}"),
        "master_account_email": "root@example.com", "master_account_name": "root",
        "feature_set": "ALL", "roots": made("roots").unwrap_or(roots),
        "accounts": all, "non_master_accounts": accounts,
        "aws_service_access_principals": ["ram.amazonaws.com", "sso.amazonaws.com"],
        "enabled_policy_types": ["SERVICE_CONTROL_POLICY"],
    }))
}

fn managed_prefix_list(s: &mut Source<'_, '_>) -> Option<Done<Value>> {
    let mut names: Vec<String> = s.text("name").into_iter().collect();
    let filters = s.config.get_attr("filter");
    if let Some(filters) = &filters {
        crate::refuse::at_path(filters, "values", &mut names);
        let mut more = Vec::new();
        for f in filters.as_elements().unwrap_or_default() {
            for v in f.get_attr("values").as_ref().and_then(Value::as_elements).unwrap_or_default() {
                more.extend(v.as_str().map(str::to_owned));
            }
        }
        names.extend(more);
    }
    let id = s.text("id");
    for name in &names {
        if let Some(id) = name.starts_with("com.amazonaws.").then(|| prefix_list(name)).flatten() {
            let entries: Vec<_> =
                prefix_list_cidrs(name).iter().map(|c| json!({ "cidr": c, "description": "" })).collect();
            return Some(s.answer(json!({
                "id": id, "name": name, "address_family": "IPv4", "owner_id": "AWS", "entries": entries,
                "arn": format!("arn:aws:ec2:{}:aws:prefix-list/{id}", s.place.region), "max_entries": 0, "version": 0,
            })));
        }
    }
    let (name, id, cidrs) =
        PREFIX_LISTS.iter().find(|(n, i, _)| names.iter().any(|x| x == n) || id.as_deref() == Some(*i))?;
    let entries: Vec<_> = cidrs.iter().map(|c| json!({ "cidr": c, "description": "" })).collect();
    let family = if name.contains("ipv6") { "IPv6" } else { "IPv4" };
    Some(s.answer(json!({
        "id": id, "name": name, "address_family": family, "owner_id": "AWS", "entries": entries,
        "arn": format!("arn:aws:ec2:{}:aws:prefix-list/{id}", s.place.region), "max_entries": 0, "version": 0,
    })))
}

fn endpoint_service(s: &mut Source<'_, '_>, region: &str) -> Done<Value> {
    let service = s.text("service");
    let name =
        s.text("service_name").or_else(|| service.as_ref().map(|v| format!("com.amazonaws.{region}.{v}")));
    let Some(name) = name else {
        return Err(Refusal::new("InvalidServiceName", "name the service: service = \"s3\""));
    };
    let kind = s
        .text("service_type")
        .unwrap_or_else(|| if prefix_list(&name).is_some() { "Gateway".into() } else { "Interface".into() });
    let zones: Vec<String> = zones(region).iter().map(|z| format!("{region}{z}")).collect();
    let label = name.rsplit('.').next().unwrap_or_default().to_owned();
    s.answer(json!({
        "service_name": name, "service_type": kind, "availability_zones": zones, "owner": "amazon",
        "id": crate::text::crc32(name.as_bytes()).to_string(), "service_id": format!("vpce-svc-0{:08x}", crate::text::crc32(name.as_bytes())),
        "private_dns_name": format!("{label}.{region}.amazonaws.com"), "vpc_endpoint_policy_supported": true,
        "acceptance_required": false, "manages_vpc_endpoints": false, "service_region": region,
        "supported_ip_address_types": ["ipv4"],
    }))
}

fn secret_version(s: &mut Source<'_, '_>) -> Done<Value> {
    let wanted = s.text("secret_id").unwrap_or_default();
    let secret = s.tx.named(s.place, &wanted);
    let arn = secret.as_ref().and_then(|v| v.get_attr("arn")).and_then(|v| v.as_str().map(str::to_owned));
    let arn = arn.unwrap_or_else(|| wanted.clone());
    let found =
        s.tx.of(&s.place.account, &s.place.region, "aws_secretsmanager_secret_version").find_map(|(k, o)| {
            let v = o.value(&k.ty)?;
            let field =
                |n: &str| v.get_attr(n).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            (field("arn") == arn || field("secret_id") == wanted)
                .then(|| (field("secret_string"), field("version_id")))
        });
    match found {
        Some((text, version)) => s.answer(json!({
            "arn": arn, "secret_string": text, "version_id": version, "version_stages": ["AWSCURRENT"],
            "id": format!("{wanted}|AWSCURRENT"),
        })),
        None => Err(Refusal::new(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        )),
    }
}
