//! Small states for tests.
#![allow(dead_code, reason = "not every test uses all of it")]

use groma_state::{Change, Object, StateFile, Status};
use groma_value::addr::{Provider, ProviderConfig, ResourceInstance};
use std::sync::Arc;

pub fn object(attributes: &str) -> Arc<Object> {
    Arc::new(Object {
        status: Status::Ready,
        schema_version: 0,
        attributes: attributes.into(),
        attributes_flat: None,
        sensitive_paths: Arc::default(),
        private: Arc::new([]),
        dependencies: Arc::new([]),
        create_before_destroy: false,
        identity: None,
    })
}

pub fn data(id: &str) -> Arc<Object> {
    object(&format!("{{\"id\":\"{id}\",\"input\":null,\"output\":null,\"triggers_replace\":null}}"))
}

pub fn provider() -> ProviderConfig {
    ProviderConfig::root_default(Provider::builtin())
}

pub fn instance(addr: &str) -> ResourceInstance {
    ResourceInstance::parse(addr).unwrap()
}

/// The change that creates an instance.
pub fn create(addr: &str, id: &str) -> Change {
    Change::Current { addr: instance(addr), provider: provider(), object: Some(data(id)) }
}

/// Adds an instance and raises the serial.
pub fn add(file: &mut StateFile, addr: &str) {
    create(addr, "1").apply(&mut file.state);
    file.serial += 1;
}
