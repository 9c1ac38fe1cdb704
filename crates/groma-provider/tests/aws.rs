//! The client against the real AWS provider: start, schema, validation, configuration, plan.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use groma_provider::{
    LaunchSettings, PlanRequest, Pool, PoolSettings, Private, Provider, ProviderFailure, ProviderSource,
};
use groma_value::addr::Provider as ProviderAddr;
use groma_value::schema::Block;
use groma_value::{Fields, Value};

/// The binary in the mirror of real providers.
fn aws_binary() -> Option<PathBuf> {
    let mirror = groma_testkit::mirror()?;
    let versions = mirror.join("registry.terraform.io").join("hashicorp").join("aws");
    let platforms = std::fs::read_dir(versions).ok()?.flatten().flat_map(|version| {
        std::fs::read_dir(version.path()).into_iter().flatten().flatten().collect::<Vec<_>>()
    });
    let files = platforms.flat_map(|platform| {
        std::fs::read_dir(platform.path()).into_iter().flatten().flatten().collect::<Vec<_>>()
    });
    files.map(|file| file.path()).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-"))
    })
}

fn settings(cache: &Path) -> PoolSettings {
    PoolSettings {
        launch: LaunchSettings::new(cache),
        cache_dir: Some(cache.to_owned()),
        terraform_version: "1.11.4".into(),
        memory_budget: None,
        validation_salt: Vec::new(),
    }
}

fn aws() -> ProviderAddr {
    ProviderAddr::implied("aws")
}

fn pool(cache: &Path, binary: &Path) -> Pool {
    let pool = Pool::new(settings(cache));
    pool.add(aws(), ProviderSource::Binary(binary.to_owned()));
    pool
}

/// A value of a block with some attributes set.
fn object(block: &Block, set: &[(&str, Value)]) -> Value {
    let mut fields: Fields = block.empty_value().as_fields().unwrap().clone();
    for (name, value) in set {
        fields.insert(*name, value.clone());
    }
    Value::object(fields)
}

fn offline_config(block: &Block, region: &str) -> Value {
    object(
        block,
        &[
            ("region", region.into()),
            ("access_key", "test".into()),
            ("secret_key", "test".into()),
            ("skip_credentials_validation", true.into()),
            ("skip_metadata_api_check", "true".into()),
            ("skip_requesting_account_id", true.into()),
            ("s3_use_path_style", true.into()),
        ],
    )
}

macro_rules! need_aws {
    () => {
        match aws_binary() {
            Some(binary) => binary,
            None => return groma_testkit::skip("no mirror with the AWS provider"),
        }
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_to_a_plan() {
    let binary = need_aws!();
    let cache = tempfile::tempdir().unwrap();
    let first = pool(cache.path(), &binary);
    let schemas = first.schemas(&aws()).await.unwrap();
    assert!(schemas.resource_types().len() > 1000 && schemas.data_source_types().len() > 500);
    assert!(schemas.capabilities().schema_optional);
    assert!(schemas.functions().contains_key("arn_parse"));
    assert!(!schemas.ephemeral_types().is_empty());
    assert!(schemas.resource("aws_nothing").is_none());
    first.shutdown().await;
    assert!(first.processes().is_empty());

    let second = pool(cache.path(), &binary);
    let schemas = second.schemas(&aws()).await.unwrap();
    let vpc = schemas.resource("aws_vpc").unwrap();
    assert!(second.processes().is_empty(), "the cache must do without a process");
    let unconfigured = second.unconfigured(&aws()).await.unwrap();
    let config = object(&vpc.block, &[("cidr_block", "10.0.0.0/16".into())]);
    assert_eq!(unconfigured.validate_resource_config("aws_vpc", &config).await.unwrap(), []);
    let wrong = object(&vpc.block, &[("cidr_block", "10.0.0.1/16".into())]);
    let diags = unconfigured.validate_resource_config("aws_vpc", &wrong).await.unwrap();
    assert!(diags[0].error && diags[0].path.as_ref().unwrap().to_string() == ".cidr_block", "{diags:?}");
    let provider_config = offline_config(&schemas.provider().block, "eu-west-1");
    assert_eq!(unconfigured.validate_provider_config(&provider_config).await.unwrap(), []);
    let (configured, diags) = second.configured(&aws(), &provider_config).await.unwrap();
    assert_eq!(diags, []);
    assert_eq!(second.processes().len(), 1, "the first configuration takes over the process");
    plan_vpc(&configured, &config).await;
    for _ in 0..20 {
        plan_vpc(&configured, &config).await;
    }
    let (_, diags) = second.configured(&aws(), &provider_config).await.unwrap();
    assert_eq!(diags, []);
    assert_eq!(second.processes().len(), 1, "the same configuration shares the process");
    let result = configured.call_function("arn_parse", &["arn:aws:iam::1:user/x".into()]).await.unwrap();
    assert_eq!(result.unwrap().get_attr("service"), Some("iam".into()));
    let error = configured.call_function("arn_parse", &["x".into()]).await.unwrap().unwrap_err();
    assert!(error.1.contains("arn"), "{error:?}");
    configured.stop().await.unwrap();

    let third = pool(cache.path(), &binary);
    let again = third.unconfigured(&aws()).await.unwrap();
    assert_eq!(again.validate_resource_config("aws_vpc", &config).await.unwrap(), []);
    assert_eq!(again.validate_provider_config(&provider_config).await.unwrap(), []);
    assert!(third.processes().is_empty(), "what was found valid is remembered");
}

async fn plan_vpc(provider: &Arc<dyn Provider>, config: &Value) {
    let schema = provider.schemas().resource("aws_vpc").unwrap();
    let null = Value::null(schema.block.implied_type().clone());
    let mut proposed = config.as_fields().unwrap().clone();
    for (name, attribute) in &schema.block.attributes {
        if attribute.computed && proposed.get(name).unwrap().is_null() {
            proposed.insert(name.clone(), Value::unknown(attribute.ty.clone()));
        }
    }
    let request = PlanRequest {
        ty: "aws_vpc",
        prior: &null,
        proposed: &Value::object(proposed),
        config,
        private: Private::default(),
        provider_meta: &Value::null(groma_value::Type::Dynamic),
        identity: None,
    };
    let response = provider.plan_resource_change(request).await.unwrap();
    assert_eq!(response.diags, []);
    assert!(response.legacy_type_system);
    let planned = response.planned.unwrap();
    assert_eq!(planned.get_attr("cidr_block"), Some("10.0.0.0/16".into()));
    assert!(!planned.get_attr("id").unwrap().is_known());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_provider_is_an_error_with_a_cause() {
    let binary = need_aws!();
    let cache = tempfile::tempdir().unwrap();
    let pool = pool(cache.path(), &binary);
    let schemas = pool.schemas(&aws()).await.unwrap();
    let provider = pool.unconfigured(&aws()).await.unwrap();
    let config = offline_config(&schemas.provider().block, "eu-west-1");
    let pid = pool.processes()[0].pid;
    // The first validation of a configuration takes this provider seconds.
    let call = tokio::spawn(async move { provider.validate_provider_config(&config).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
    let error = call.await.unwrap().unwrap_err();
    assert!(
        matches!(&error.cause, ProviderFailure::Exited(how) if how.contains("signal 9")),
        "{error}: {:?}",
        error.cause
    );
    assert_eq!(error.call, "PrepareProviderConfig");
    assert!(error.to_string().contains("registry.terraform.io/hashicorp/aws"));
    // An unconfigured provider is replaced by a new process.
    let vpc = schemas.resource("aws_vpc").unwrap();
    let config = object(&vpc.block, &[("cidr_block", "10.0.0.0/16".into())]);
    let provider = pool.unconfigured(&aws()).await.unwrap();
    assert_eq!(provider.validate_resource_config("aws_vpc", &config).await.unwrap(), []);
    pool.release_idle().await;
    assert!(pool.processes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_under_a_memory_budget() {
    let binary = need_aws!();
    let cache = tempfile::tempdir().unwrap();
    let mut settings = settings(cache.path());
    settings.launch.tls = false;
    // Too little for two, which both have work to do.
    settings.memory_budget = Some(1);
    let pool = Pool::new(settings);
    pool.add(aws(), ProviderSource::Binary(binary));
    pool.warm(&aws());
    let schemas = pool.schemas(&aws()).await.unwrap();
    let block = &schemas.provider().block;
    let (ireland, frankfurt) = tokio::join!(
        async { pool.configured(&aws(), &offline_config(block, "eu-west-1")).await.unwrap() },
        async { pool.configured(&aws(), &offline_config(block, "eu-central-1")).await.unwrap() },
    );
    assert_eq!((ireland.1, frankfurt.1), (vec![], vec![]));
    assert_eq!(pool.processes().len(), 2);
    let before = pool.processes();
    assert!(before.iter().all(|process| process.resident > 10_000_000), "{before:?}");
    // An idle process makes room for the next.
    drop(frankfurt.0);
    let (_virginia, diags) = pool.configured(&aws(), &offline_config(block, "us-east-1")).await.unwrap();
    assert_eq!(diags, []);
    let after = pool.processes();
    assert_eq!(after.iter().filter(|process| before.iter().any(|old| old.pid == process.pid)).count(), 1);
    assert_eq!(after.len(), 2);
}
