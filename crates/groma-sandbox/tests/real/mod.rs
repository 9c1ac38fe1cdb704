//! The real provider, and values for both.
#![allow(dead_code, reason = "each test needs another part")]

use std::path::PathBuf;
use std::sync::Arc;

use groma_provider::{LaunchSettings, Pool, PoolSettings, Provider, ProviderSource};
use groma_sandbox::PROVIDER_VERSION;
use groma_value::addr::Provider as ProviderAddr;
use groma_value::schema::Block;
use groma_value::{Type, Value, json};

/// The program in the mirror of real providers, of the version that the sandbox is made from.
pub fn binary() -> Option<PathBuf> {
    let mirror = groma_testkit::mirror()?;
    let aws = mirror.join("registry.terraform.io").join("hashicorp").join("aws").join(PROVIDER_VERSION);
    let entries = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path());
    let mut files = entries(aws).flat_map(entries);
    files.find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-"))
    })
}

/// The real provider, configured; `None` where the machine has none.
pub async fn provider(extra: serde_json::Value) -> Option<(Pool, Arc<dyn Provider>)> {
    let cache = groma_testkit::scratch().join("cache").join("sandbox-tests");
    std::fs::create_dir_all(&cache).expect("a folder for the cache");
    let pool = Pool::new(PoolSettings {
        launch: LaunchSettings::new(std::env::temp_dir()),
        cache_dir: Some(cache),
        terraform_version: "1.11.4".into(),
        memory_budget: None,
        validation_salt: Vec::new(),
    });
    let aws = ProviderAddr::implied("aws");
    pool.add(aws.clone(), ProviderSource::Binary(binary()?));
    let schemas = pool.schemas(&aws).await.expect("schemas");
    let config = provider_config(&schemas.provider().block, extra);
    let (provider, diags) = pool.configured(&aws, &config).await.expect("configured");
    assert!(diags.iter().all(|d| !d.error), "{diags:?}");
    Some((pool, provider))
}

/// A configuration of the provider that asks no API.
pub fn provider_config(block: &Block, extra: serde_json::Value) -> Value {
    let mut config = serde_json::json!({
        "region": "eu-west-1", "access_key": "test", "secret_key": "test",
        "skip_credentials_validation": true, "skip_metadata_api_check": "true",
        "skip_requesting_account_id": true, "s3_use_path_style": true,
    });
    for (name, v) in extra.as_object().into_iter().flatten() {
        config[name] = v.clone();
    }
    value(block, &config)
}

/// A value of a block from JSON, in which the text `?` stands for an unknown.
pub fn value(block: &Block, json: &serde_json::Value) -> Value {
    let v = json::from_json_implied(&complete_block(json, block)).expect("a value");
    let v = block.coerce_value(&v).unwrap_or_else(|e| panic!("{e} in {json}"));
    v.transform(&mut |_, v| match v.as_str() {
        Some("?") => Value::unknown(Type::String),
        _ => v,
    })
}

fn complete_block(json: &serde_json::Value, block: &Block) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Array(items) => items.iter().map(|v| complete_block(v, block)).collect(),
        Json::Object(m) => {
            let mut out = m.clone();
            for (n, v) in &mut out {
                *v = match (block.attributes.get(&**n), block.blocks.get(&**n)) {
                    (Some(a), _) => complete(v, &a.ty),
                    (_, Some(b)) => complete_block(v, &b.block),
                    _ => v.clone(),
                };
            }
            Json::Object(out)
        }
        v => v.clone(),
    }
}

/// With null for what objects that are attributes leave out, as blocks may.
fn complete(json: &serde_json::Value, ty: &Type) -> serde_json::Value {
    use serde_json::Value as Json;
    match (json, ty) {
        (Json::Object(m), Type::Object(o)) => {
            let mut out = m.clone();
            for (n, v) in &mut out {
                *v = o.attrs.get(&**n).map_or_else(|| v.clone(), |t| complete(v, t));
            }
            for n in o.attrs.keys() {
                out.entry(n.to_string()).or_insert(Json::Null);
            }
            Json::Object(out)
        }
        (Json::Array(items), Type::List(t) | Type::Set(t)) => items.iter().map(|v| complete(v, t)).collect(),
        _ => json.clone(),
    }
}

/// What differs, by path.
pub fn differences(a: &Value, b: &Value) -> Vec<String> {
    let mut out = Vec::new();
    differ("", a, b, &mut out);
    out
}

fn differ(path: &str, a: &Value, b: &Value, out: &mut Vec<String>) {
    if a == b || !a.is_known() && !b.is_known() {
        return;
    }
    // Within blocks, what is not set and what is empty is one to the old SDK.
    if path.contains('[') && is_nothing(a) && is_nothing(b) {
        return;
    }
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            for (n, v) in x.iter() {
                match y.get(n) {
                    Some(w) => differ(&format!("{path}.{n}"), v, w, out),
                    None => out.push(format!("{path}.{n}: missing")),
                }
            }
        }
        (Value::List(x), Value::List(y)) | (Value::Set(x), Value::Set(y))
            if x.items.len() == y.items.len() =>
        {
            for (i, (v, w)) in x.items.iter().zip(&y.items).enumerate() {
                differ(&format!("{path}[{i}]"), v, w, out);
            }
        }
        (a, b) => out.push(format!("{path}: real {}, sandbox {}", show(a), show(b))),
    }
}

pub fn show(v: &Value) -> String {
    match v {
        Value::Unknown(..) => "unknown".into(),
        v if v.is_wholly_known() => json::encode_implied(v).unwrap_or_else(|e| e.to_string()),
        v => format!("{v:?}"),
    }
}

fn is_nothing(v: &Value) -> bool {
    match v {
        Value::Null(_) => true,
        Value::String(s) => s.is_empty(),
        Value::Number(n) => n.is_zero(),
        Value::Bool(b) => !b,
        Value::Map(m) => m.items.is_empty(),
        v => v.as_elements().is_some_and(<[Value]>::is_empty),
    }
}
