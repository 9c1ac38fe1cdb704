//! Makes the data that the sandbox embeds: the schemas of the real `hashicorp/aws` provider without
//! descriptions, and what is measured of how it plans. `cargo xtask sandbox-data` runs it.
//!
//! Usage: `sandbox_data DIRECTORY [checks] [TYPE...]`: with types only these are measured, printed,
//! and put in place of what is in the directory; with `checks` only what validation accepts is.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks to its terminal")]

mod checks;
mod measure;
mod sample;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use groma_provider::{LaunchSettings, Pool, PoolSettings, Provider, ProviderSource, Schemas};
use groma_sandbox::data::{Archive, encode_schema, write_archive};
use groma_value::addr::Provider as ProviderAddr;
use groma_value::schema::Block;
use groma_value::{Fields, Value, json};

/// The version whose behaviour the sandbox has.
const VERSION: &str = "5.100.0";
/// Processes that are asked at once.
const WORKERS: usize = 2;

fn binary() -> Result<PathBuf, String> {
    let mirror = groma_testkit::mirror().ok_or("no filesystem mirror with the AWS provider was found")?;
    let aws = mirror.join("registry.terraform.io").join("hashicorp").join("aws").join(VERSION);
    let entries = |path: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let files = entries(&aws).into_iter().flat_map(|platform| entries(&platform));
    let mut files = files.filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-"))
    });
    files.next().ok_or_else(|| format!("the mirror has no hashicorp/aws {VERSION}"))
}

pub(crate) fn object(block: &Block, set: &[(&str, Value)]) -> Value {
    let mut fields: Fields = block.empty_value().as_fields().cloned().unwrap_or_default();
    for (name, value) in set {
        fields.insert(*name, value.clone());
    }
    Value::object(fields)
}

/// A process of the provider, configured.
pub(crate) struct Worker {
    binary: PathBuf,
    cache: PathBuf,
    pool: Mutex<Option<(Pool, Arc<dyn Provider>)>>,
}

impl Worker {
    fn new(binary: PathBuf, cache: PathBuf) -> Worker {
        Worker { binary, cache, pool: Mutex::new(None) }
    }

    /// The provider, in a new process where the last one died.
    pub async fn provider(&self) -> Result<Arc<dyn Provider>, String> {
        if let Some((_, provider)) = &*self.pool.lock().map_err(|e| e.to_string())? {
            return Ok(provider.clone());
        }
        let pool = Pool::new(PoolSettings {
            launch: LaunchSettings::new(std::env::temp_dir()),
            cache_dir: Some(self.cache.clone()),
            terraform_version: "1.11.4".into(),
            memory_budget: None,
            validation_salt: Vec::new(),
        });
        let aws = ProviderAddr::implied("aws");
        pool.add(aws.clone(), ProviderSource::Binary(self.binary.clone()));
        let schemas = pool.schemas(&aws).await.map_err(|e| e.to_string())?;
        let config = object(
            &schemas.provider().block,
            &[
                ("region", "eu-west-1".into()),
                ("access_key", "test".into()),
                ("secret_key", "test".into()),
                ("skip_credentials_validation", true.into()),
                ("skip_metadata_api_check", "true".into()),
                ("skip_requesting_account_id", true.into()),
                ("s3_use_path_style", true.into()),
            ],
        );
        let (provider, diags) = pool.configured(&aws, &config).await.map_err(|e| e.to_string())?;
        if diags.iter().any(|d| d.error) {
            return Err(format!("{diags:?}"));
        }
        *self.pool.lock().map_err(|e| e.to_string())? = Some((pool, provider.clone()));
        Ok(provider)
    }

    /// Gives up the process.
    pub fn lost(&self) {
        if let Ok(mut pool) = self.pool.lock() {
            *pool = None;
        }
    }
}

fn schema_records(schemas: &dyn Schemas) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut out = BTreeMap::new();
    let mut add = |name: String, schema: Option<Arc<groma_value::schema::Schema>>| {
        let schema = schema.ok_or_else(|| format!("{name} has no schema"))?;
        let bytes = encode_schema(&schema).ok_or_else(|| format!("{name} cannot be encoded"))?;
        out.insert(name, bytes);
        Ok::<_, String>(())
    };
    add("p/".into(), Some(schemas.provider()))?;
    if let Some(meta) = schemas.provider_meta() {
        add("m/".into(), Some(meta))?;
    }
    for ty in schemas.resource_types() {
        add(format!("r/{ty}"), schemas.resource(&ty))?;
    }
    for ty in schemas.data_source_types() {
        add(format!("d/{ty}"), schemas.data_source(&ty))?;
    }
    for ty in schemas.ephemeral_types() {
        add(format!("e/{ty}"), schemas.ephemeral(&ty))?;
    }
    let functions: serde_json::Map<String, serde_json::Value> = schemas
        .functions()
        .iter()
        .map(|(name, f)| {
            let param = |p: &groma_provider::FunctionParam| {
                serde_json::json!({
                    "name": p.name, "type": json::type_to_json(&p.ty),
                    "null": p.allow_null, "unknown": p.allow_unknown,
                })
            };
            let text = serde_json::json!({
                "params": f.params.iter().map(param).collect::<Vec<_>>(),
                "variadic": f.variadic.as_ref().map(param),
                "return": json::type_to_json(&f.return_type),
                "summary": f.summary,
            });
            (name.clone(), text)
        })
        .collect();
    out.insert("f/".into(), serde_json::to_vec(&functions).map_err(|e| e.to_string())?);
    Ok(out)
}

fn write(path: &Path, records: BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let raw: usize = records.values().map(Vec::len).sum();
    let records: Vec<_> = records.into_iter().collect();
    let bytes = write_archive(&records).map_err(|e| e.to_string())?;
    println!("{}: {} records, {raw} bytes, {} compressed", path.display(), records.len(), bytes.len());
    if bytes.len() >= 1 << 20 {
        return Err(format!("{} would be larger than 1 MiB", path.display()));
    }
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// Adds what could not be measured.
fn merge(record: &mut serde_json::Value, more: &serde_json::Value) {
    use serde_json::Value as Json;
    match (record, more) {
        (Json::Object(a), Json::Object(b)) => {
            for (k, v) in b {
                merge(a.entry(k.clone()).or_insert(Json::Null), v);
            }
        }
        (Json::Array(a), Json::Array(b)) => {
            a.extend(b.iter().filter(|v| !a.contains(v)).cloned().collect::<Vec<_>>());
        }
        (_, Json::Null) => {}
        (a, b) => *a = b.clone(),
    }
}

async fn run() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let out = PathBuf::from(args.next().ok_or("usage: sandbox_data DIRECTORY [TYPE...]")?);
    let mut only: Vec<String> = args.collect();
    let checks_only = only.first().is_some_and(|first| first == "checks");
    if checks_only {
        only.remove(0);
    }
    let binary = binary()?;
    let cache = tempfile::tempdir().map_err(|e| e.to_string())?;
    let first = Worker::new(binary.clone(), cache.path().to_owned());
    let schemas = first.provider().await?.schemas();
    let records = schema_records(&*schemas)?;
    if only.is_empty() {
        write(&out.join("schemas.bin"), records)?;
        std::fs::write(out.join("version"), VERSION).map_err(|e| e.to_string())?;
    }
    let types = if only.is_empty() { schemas.resource_types() } else { only.clone() };
    let total = types.len();
    let queue = Arc::new(Mutex::new(types.into_iter().rev().collect::<Vec<_>>()));
    let results = Arc::new(Mutex::new(BTreeMap::new()));
    let start = Instant::now();
    let mut workers = vec![first];
    while workers.len() < WORKERS.min(total) {
        workers.push(Worker::new(binary.clone(), cache.path().to_owned()));
    }
    let mut tasks = Vec::new();
    for worker in workers {
        let (queue, results, schemas) = (queue.clone(), results.clone(), schemas.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let Some(ty) = queue.lock().ok().and_then(|mut q| q.pop()) else { return };
                let Some(schema) = schemas.resource(&ty) else { continue };
                let found = match checks_only {
                    true => None,
                    false => Some(measure::measure(&worker, &ty, &schema.block).await),
                };
                let checks = checks::checks(&worker, &ty, &schema.block).await;
                let Ok(mut results) = results.lock() else { return };
                results.insert(ty, (found, checks));
                if results.len() % 100 == 0 {
                    eprintln!("{} of {total} types, {} s", results.len(), start.elapsed().as_secs());
                }
            }
        }));
    }
    for task in tasks {
        task.await.map_err(|e| e.to_string())?;
    }
    let results = std::mem::take(&mut *results.lock().map_err(|e| e.to_string())?);
    let (mut records, mut check_records) = (BTreeMap::new(), BTreeMap::new());
    if !only.is_empty() {
        records = existing(&out.join("behaviour.bin"));
        check_records = existing(&out.join("checks.bin"));
    }
    let mut failed = 0;
    let corrections: serde_json::Value =
        serde_json::from_str(include_str!("corrections.json")).map_err(|e| e.to_string())?;
    for (ty, (found, checks)) in results {
        let check_text = serde_json::to_vec(&checks).map_err(|e| e.to_string())?;
        if !only.is_empty() {
            println!("{ty} checks: {}", String::from_utf8_lossy(&check_text));
        }
        check_records.insert(ty.clone(), check_text);
        let Some(found) = found else { continue };
        if let Some(problem) = &found.problem {
            failed += 1;
            eprintln!("{ty}: {problem}");
        }
        let mut record = serde_json::to_value(&found.record).map_err(|e| e.to_string())?;
        merge(&mut record, &corrections[&ty]);
        let text = serde_json::to_vec(&record).map_err(|e| e.to_string())?;
        if !only.is_empty() {
            println!("{ty}: {}", String::from_utf8_lossy(&text));
        }
        records.insert(ty, text);
    }
    check_records.retain(|_, text: &mut Vec<u8>| text != b"{}");
    println!("measured {total} types in {} s, {failed} not wholly", start.elapsed().as_secs());
    if !checks_only {
        write(&out.join("behaviour.bin"), records)?;
    }
    write(&out.join("checks.bin"), check_records)
}

/// The records of an archive that is there already.
fn existing(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes: &'static [u8] = Vec::leak(std::fs::read(path).unwrap_or_default());
    let Some(archive) = Archive::open(bytes) else { return BTreeMap::new() };
    let record = |name: &str| Some((name.to_owned(), archive.with(name, |bytes| Some(bytes.to_vec()))?));
    archive.names("").filter_map(record).collect()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::process::ExitCode {
    match run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sandbox_data: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
