//! Reading.

use super::{StateFile, legacy};
use crate::error::{Problem, StateError};
use crate::json_text::compact;
use crate::model::{InstanceState, Object, OutputValue, ResourceState, State, Status};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groma_value::addr::{
    AbsResource, ConfigResource, Key, Mode, ModuleInstance, Provider, ProviderAlias, ProviderConfig,
    Resource, ResourceInstance,
};
use groma_value::{Marks, Path, PathStep, Type, json};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const METADATA: &str = "Invalid resource instance metadata in state";
const UNSUPPORTED: &str = "Unsupported state file format";
const INVALID: &str = "Invalid state file format";

/// Reads a state file of format 4, or of format 3 with its content brought to
/// the form of format 4. All problems are reported, not only the first. Members
/// that format 4 does not know are dropped, as Terraform drops them.
pub fn read(bytes: &[u8]) -> Result<StateFile, StateError> {
    if bytes.is_empty() {
        return Err(StateError::invalid("No state", "The state file is empty."));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        StateError::invalid(
            UNSUPPORTED,
            format!(
                "The state file could not be parsed as JSON: it is not UTF-8 text at byte offset {}.",
                e.valid_up_to()
            ),
        )
    })?;
    match version(text)? {
        0 => Err(StateError::invalid(
            UNSUPPORTED,
            "The state file uses JSON syntax but has a version number of zero. There was never a JSON-based state format zero, so this state file is invalid and cannot be processed.",
        )),
        1 | 2 => Err(StateError::invalid(
            UNSUPPORTED,
            "The state file uses a format of Terraform before 0.9. Upgrade it with Terraform 0.11 (terraform refresh), then with Terraform 0.13, and use the result.",
        )),
        3 => legacy::read_v3(text),
        4 => read_v4(text),
        v => {
            let written_by = match claimed_version(text) {
                Some(v) => format!("was created by Terraform {v}"),
                None => "may have been created by a newer version of Terraform".into(),
            };
            Err(StateError::invalid(
                UNSUPPORTED,
                format!(
                    "The state file uses format version {v}, which is not supported. This state file {written_by}."
                ),
            ))
        }
    }
}

/// The format version.
fn version(text: &str) -> Result<u64, StateError> {
    #[derive(Deserialize)]
    struct Sniff<'a> {
        #[serde(borrow)]
        version: Option<&'a RawValue>,
    }
    let no_version = "The state file does not have a \"version\" attribute, which is required to identify the format version.";
    let not_a_number = |what: &str| {
        StateError::invalid(
            UNSUPPORTED,
            format!("The version in the state file is {what}. A positive whole number is required."),
        )
    };
    let sniff: Sniff<'_> = match serde_json::from_str(text) {
        Ok(s) if kind_of(text) == "object" => s,
        Ok(_) => return Err(not_a_number(kind_of(text))),
        Err(e) if e.is_data() => return Err(not_a_number(kind_of(text))),
        Err(e) => {
            return Err(StateError::invalid(
                UNSUPPORTED,
                format!(
                    "The state file could not be parsed as JSON: syntax error at byte offset {}.",
                    byte_offset(text, e.line(), e.column())
                ),
            ));
        }
    };
    match sniff.version.map(RawValue::get) {
        None | Some("null") => Err(StateError::invalid(UNSUPPORTED, no_version)),
        Some(v) => v.parse().map_err(|_| match kind_of(v) {
            "number" => not_a_number(&format!("number {v}")),
            kind => not_a_number(kind),
        }),
    }
}

/// What kind of value JSON text is.
fn kind_of(text: &str) -> &'static str {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "null",
        _ => "number",
    }
}

fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column
}

fn claimed_version(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Sniff {
        terraform_version: String,
    }
    let v = serde_json::from_str::<Sniff>(text).ok()?.terraform_version;
    is_version(&v).then_some(v)
}

/// Whether it is a version number: digits in up to three places or more, and
/// an optional `-…` or `+…` part.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next().unwrap_or_default();
    !core.is_empty() && core.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Deserialize)]
struct FileV4<'a> {
    #[serde(default, borrow)]
    terraform_version: Option<Cow<'a, str>>,
    #[serde(default)]
    serial: Option<u64>,
    #[serde(default)]
    lineage: Option<Cow<'a, str>>,
    #[serde(default)]
    outputs: Option<BTreeMap<String, OutputV4<'a>>>,
    #[serde(default)]
    resources: Option<Vec<ResourceV4<'a>>>,
    #[serde(default)]
    check_results: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(crate) struct OutputV4<'a> {
    #[serde(default, borrow)]
    value: Option<&'a RawValue>,
    #[serde(rename = "type", default, borrow)]
    ty: Option<&'a RawValue>,
    #[serde(default)]
    sensitive: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct ResourceV4<'a> {
    #[serde(default, borrow)]
    module: Option<Cow<'a, str>>,
    #[serde(default)]
    mode: Option<Cow<'a, str>>,
    #[serde(rename = "type", default)]
    ty: Option<Cow<'a, str>>,
    #[serde(default)]
    name: Option<Cow<'a, str>>,
    #[serde(default)]
    provider: Option<Cow<'a, str>>,
    #[serde(default)]
    instances: Option<Vec<InstanceV4<'a>>>,
}

#[derive(Deserialize)]
pub(crate) struct InstanceV4<'a> {
    #[serde(default, borrow)]
    index_key: Option<&'a RawValue>,
    #[serde(default)]
    status: Option<Cow<'a, str>>,
    #[serde(default)]
    deposed: Option<Cow<'a, str>>,
    /// OpenTofu has it here where the provider configuration has `for_each`.
    #[serde(default)]
    provider: Option<Cow<'a, str>>,
    #[serde(default)]
    schema_version: Option<u64>,
    // Not an `Option`: a `null` is text of its own here, other than absence.
    #[serde(default, borrow, deserialize_with = "present")]
    attributes: Option<&'a RawValue>,
    #[serde(default)]
    attributes_flat: Option<BTreeMap<String, String>>,
    #[serde(default, borrow)]
    sensitive_attributes: Option<&'a RawValue>,
    #[serde(default)]
    private: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    dependencies: Option<&'a RawValue>,
    #[serde(default)]
    create_before_destroy: Option<bool>,
    #[serde(default)]
    identity_schema_version: Option<u64>,
    #[serde(default, borrow)]
    identity: Option<&'a RawValue>,
}

fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(d).map(Some)
}

#[derive(Deserialize)]
struct StepV4<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// What repeats over instances is parsed and kept once.
#[derive(Default)]
pub(crate) struct Reader<'a> {
    pub(crate) problems: Vec<Problem>,
    dependencies: HashMap<&'a str, Arc<[ConfigResource]>>,
    paths: HashMap<&'a str, Arc<Vec<(Path, Marks)>>>,
    providers: HashMap<Cow<'a, str>, ProviderConfig>,
    modules: HashMap<Cow<'a, str>, ModuleInstance>,
}

fn read_v4(text: &str) -> Result<StateFile, StateError> {
    let raw: FileV4<'_> = serde_json::from_str(text).map_err(|e| {
        StateError::invalid(
            INVALID,
            format!("The state file does not conform to the expected JSON data structure: {e}."),
        )
    })?;
    let mut r = Reader::default();
    let terraform_version = raw.terraform_version.unwrap_or_default().into_owned();
    if !terraform_version.is_empty() && !is_version(&terraform_version) {
        r.problem(
            "Invalid Terraform version string",
            format!(
                "State file claims to have been written by Terraform version {terraform_version:?}, which is not a valid version string."
            ),
        );
    }
    let mut state = State::default();
    for (name, o) in raw.outputs.unwrap_or_default() {
        match output(&name, &o) {
            Ok(o) => {
                state.outputs.insert(name, o);
            }
            Err(p) => r.problems.push(p),
        }
    }
    for resource in raw.resources.unwrap_or_default() {
        r.resource(resource, &mut state);
    }
    state.check_results = raw.check_results.and_then(check_results).map(Arc::new);
    if r.problems.is_empty() {
        Ok(StateFile {
            terraform_version,
            serial: raw.serial.unwrap_or_default(),
            lineage: raw.lineage.unwrap_or_default().into_owned(),
            state,
        })
    } else {
        Err(StateError::Invalid(r.problems))
    }
}

/// An output from its JSON texts; an absent `type` or `value` is wrong.
pub(crate) fn output(name: &str, o: &OutputV4<'_>) -> Result<OutputValue, Problem> {
    let ty = json::type_from_text(o.ty.map_or("", RawValue::get)).map_err(|e| {
        Problem::new(
            "Invalid output value type in state",
            format!("The state file has an invalid type specification for output {name:?}: {e}."),
        )
    })?;
    let value = json::decode(o.value.map_or("null", RawValue::get), &ty).map_err(|e| {
        Problem::new(
            "Invalid output value saved in state",
            format!("The state file has an invalid value for output {name:?}: {e}."),
        )
    })?;
    let ty = if ty.has_dynamic() { value.ty() } else { ty };
    Ok(OutputValue { value, ty, sensitive: o.sensitive.unwrap_or_default() })
}

impl<'a> Reader<'a> {
    fn problem(&mut self, summary: &str, detail: impl Into<String>) {
        self.problems.push(Problem::new(summary, detail));
    }

    /// Reads one resource; what is wrong with it is noted and left out.
    pub(crate) fn resource(&mut self, raw: ResourceV4<'a>, state: &mut State) {
        let ty = raw.ty.unwrap_or_default();
        let name = raw.name.unwrap_or_default();
        let mode = match raw.mode.as_deref() {
            Some("managed") => Mode::Managed,
            Some("data") => Mode::Data,
            other => {
                let other = other.unwrap_or_default();
                return self.problem(
                    "Invalid resource mode in state",
                    format!(
                        "State contains a resource with mode {other:?} ({ty:?} {name:?}) which is not supported."
                    ),
                );
            }
        };
        let module_text = raw.module.unwrap_or_default();
        let module = match self.modules.get(&module_text) {
            Some(m) => m.clone(),
            None => match ModuleInstance::parse(&module_text) {
                Ok(m) => {
                    self.modules.insert(module_text, m.clone());
                    m
                }
                Err(e) => return self.problem("Invalid module instance address", e),
            },
        };
        let resource = Resource { mode, ty: ty.into(), name: name.into() };
        let addr = AbsResource { module, resource };
        let instances = raw.instances.unwrap_or_default();
        let of_instances = instances.iter().find_map(|i| i.provider.clone());
        let Some(provider) = self.provider(&addr, raw.provider.or(of_instances).unwrap_or_default()) else {
            return;
        };
        let provider = provider.whole();
        // A resource may come in several parts; the last one's provider holds.
        let mut shared = state.resources.remove(&addr).unwrap_or_else(|| {
            Arc::new(ResourceState { provider: provider.clone(), instances: BTreeMap::new() })
        });
        let target = Arc::make_mut(&mut shared);
        target.provider = provider;
        for instance in instances {
            self.instance(&addr, instance, target);
        }
        state.resources.insert(addr, shared);
    }

    /// A provider configuration as a resource or an instance names it.
    fn provider(&mut self, addr: &AbsResource, text: Cow<'a, str>) -> Option<ProviderConfig> {
        if let Some(p) = self.providers.get(&text) {
            return Some(p.clone());
        }
        match provider_config(&text) {
            Ok(p) => {
                self.providers.insert(text, p.clone());
                Some(p)
            }
            Err(e) => {
                let detail = format!("Resource {addr} has an invalid provider address: {e}.");
                self.problem("Invalid provider configuration address", detail);
                None
            }
        }
    }

    fn instance(&mut self, resource: &AbsResource, raw: InstanceV4<'a>, target: &mut ResourceState) {
        let Some(key) = instance_key(raw.index_key) else {
            let key = raw.index_key.map_or("", RawValue::get);
            return self.problem(
                METADATA,
                format!("Resource {resource} has an instance with the invalid instance key {key}."),
            );
        };
        let addr = resource.instance(key.clone());
        let deposed = raw.deposed.clone();
        let provider = match raw.provider.clone() {
            None => None,
            Some(text) => match self.provider(resource, text) {
                Some(p) if p.whole() == target.provider => Some(p),
                Some(p) => {
                    let detail = format!(
                        "Instance {addr} has the provider {p}, and other instances have {}: all must have the \
                         same but for a key.",
                        target.provider
                    );
                    return self.problem("Provider instance field conflict in state", detail);
                }
                None => return,
            },
        };
        let Some(object) = self.object(&addr, raw) else { return };
        const DUPLICATE: &str = "Duplicate resource instance in state";
        let slot: &mut InstanceState = target.instances.entry(key).or_default();
        if let Some(p) = provider {
            slot.set_provider(&p);
        }
        match deposed.as_deref() {
            None | Some("") if slot.current.is_some() => {
                self.problem(DUPLICATE, format!("Instance {addr} appears multiple times in the state file."));
            }
            None | Some("") => slot.current = Some(object),
            Some(d) if d.len() != 8 => self.problem(
                METADATA,
                format!(
                    "Instance {addr} has an object with deposed key {d:?}, which is not correctly formatted."
                ),
            ),
            Some(d) if slot.deposed.contains_key(d) => self.problem(
                DUPLICATE,
                format!("Instance {addr} deposed object {d:?} appears multiple times in the state file."),
            ),
            Some(d) => {
                slot.deposed.insert(d.to_owned(), object);
            }
        }
    }

    /// Reads an object; what is wrong with it is noted.
    pub(crate) fn object(&mut self, addr: &ResourceInstance, raw: InstanceV4<'a>) -> Option<Arc<Object>> {
        let status = match raw.status.as_deref() {
            None | Some("") => Status::Ready,
            Some("tainted") => Status::Tainted,
            Some(other) => {
                self.problem(METADATA, format!("Instance {addr} has invalid status {other:?}."));
                return None;
            }
        };
        let private = match STANDARD.decode(raw.private.as_deref().unwrap_or_default()) {
            Ok(p) => p,
            Err(e) => {
                self.problem(INVALID, format!("Instance {addr} has private data that is not base64: {e}."));
                return None;
            }
        };
        let (attributes, attributes_flat) = match (raw.attributes, raw.attributes_flat) {
            (Some(a), _) => (Arc::from(compact(a.get())), None),
            (None, Some(flat)) => (Arc::from("{}"), Some(Arc::new(flat))),
            (None, None) => (Arc::from("{}"), None),
        };
        let sensitive_paths = self.sensitive_paths(raw.sensitive_attributes)?;
        let dependencies = self.dependencies(raw.dependencies)?;
        let identity = raw
            .identity
            .map(|i| (raw.identity_schema_version.unwrap_or_default(), Arc::<str>::from(compact(i.get()))));
        Some(Arc::new(Object {
            status,
            schema_version: raw.schema_version.unwrap_or_default(),
            attributes,
            attributes_flat,
            sensitive_paths,
            private: private.into(),
            dependencies,
            create_before_destroy: raw.create_before_destroy.unwrap_or_default(),
            identity,
        }))
    }

    fn sensitive_paths(&mut self, raw: Option<&'a RawValue>) -> Option<Arc<Vec<(Path, Marks)>>> {
        let text = raw.map_or("[]", RawValue::get);
        if let Some(p) = self.paths.get(text) {
            return Some(p.clone());
        }
        match decode_paths(text) {
            Ok(paths) => {
                let paths = Arc::new(paths.into_iter().map(|p| (p, Marks::sensitive())).collect::<Vec<_>>());
                self.paths.insert(text, paths.clone());
                Some(paths)
            }
            Err(p) => {
                self.problems.push(p);
                None
            }
        }
    }

    fn dependencies(&mut self, raw: Option<&'a RawValue>) -> Option<Arc<[ConfigResource]>> {
        let text = raw.map_or("[]", RawValue::get);
        if let Some(d) = self.dependencies.get(text) {
            return Some(d.clone());
        }
        let parsed = serde_json::from_str::<Vec<Cow<'_, str>>>(text)
            .map_err(|e| {
                Problem::new(
                    INVALID,
                    format!("The \"dependencies\" of an instance are not a list of addresses: {e}."),
                )
            })
            .and_then(|list| {
                let one = |d: &Cow<'_, str>| {
                    ConfigResource::parse(d).map_err(|e| Problem::new("Invalid address", format!("{e}.")))
                };
                list.iter().map(one).collect::<Result<Arc<[_]>, _>>()
            });
        match parsed {
            Ok(d) => {
                self.dependencies.insert(text, d.clone());
                Some(d)
            }
            Err(p) => {
                self.problems.push(p);
                None
            }
        }
    }
}

/// The instance key from its JSON text. A fraction is cut off.
fn instance_key(raw: Option<&RawValue>) -> Option<Key> {
    let Some(text) = raw.map(RawValue::get) else { return Some(Key::None) };
    match text.as_bytes().first()? {
        b'"' => Some(Key::Str(serde_json::from_str::<String>(text).ok()?.into())),
        b'0'..=b'9' => match text.parse() {
            Ok(i) => Some(Key::Int(i)),
            // A whole number may be written `1e3`; nothing else comes here.
            Err(_) => text.parse::<f64>().ok().filter(|f| *f < 9e15).map(|f| Key::Int(f as u64)),
        },
        _ => None,
    }
}

/// Paths from their JSON text.
pub(crate) fn decode_paths(text: &str) -> Result<Vec<Path>, Problem> {
    let raw: Vec<Vec<StepV4<'_>>> = serde_json::from_str(text)
        .map_err(|e| Problem::new("Error unmarshaling path steps", format!("{e}.")))?;
    let step = |s: &StepV4<'_>| match &*s.kind {
        "get_attr" => serde_json::from_str::<String>(s.value.get())
            .map(|n| PathStep::Attr(n.into()))
            .map_err(|e| format!("Failed to unmarshal get attr step name: {e}")),
        "index" => json::decode(s.value.get(), &Type::Dynamic)
            .map(PathStep::Index)
            .map_err(|e| format!("Failed to unmarshal index step key: {e}")),
        kind => Err(format!("Unsupported path step type {kind:?}")),
    };
    let path = |steps: &Vec<StepV4<'_>>| steps.iter().map(step).collect::<Result<Vec<_>, _>>().map(Path);
    raw.iter().map(|steps| path(steps).map_err(|e| Problem::new("Error unmarshaling path step", e))).collect()
}

/// A provider configuration address. Besides what is written today, states hold
/// addresses from before providers had source addresses (`provider.aws`,
/// `module.a.provider.aws.west`): these become the placeholder namespace `-`,
/// which `state replace-provider` resolves.
pub(crate) fn provider_config(text: &str) -> Result<ProviderConfig, String> {
    let placeholder = "provider[\"registry.terraform.io/-/";
    if let Some((before, rest)) = text.split_once(placeholder)
        && let Some((ty, alias)) = rest.split_once("\"]")
    {
        let mut like = ProviderConfig::parse(&format!("{before}provider[\"{ty}\"]{alias}"))?;
        like.provider.provider = legacy_provider(ty);
        return Ok(like);
    }
    ProviderConfig::parse(text).or_else(|e| {
        let parts: Vec<&str> = text.split('.').collect();
        let modules = parts.chunks(2).take_while(|c| c[0] == "module" && c.len() == 2).count();
        let (ty, alias) = match parts[modules * 2..] {
            ["provider", ty] => (ty, None),
            ["provider", ty, alias] => (ty, Some(alias.into())),
            _ => return Err(e),
        };
        let made = ProviderConfig {
            module: parts[..modules * 2].chunks(2).map(|c| c[1]).collect(),
            provider: ProviderAlias { provider: legacy_provider(ty), alias, key: Key::None },
        };
        // Its names are held to the rules of today, or what is written could not be read again.
        provider_config(&made.to_string())
    })
}

fn legacy_provider(ty: &str) -> Provider {
    if ty == "terraform" {
        return Provider::builtin();
    }
    Provider { hostname: groma_value::addr::DEFAULT_REGISTRY.into(), namespace: "-".into(), ty: ty.into() }
}

/// Check results with unknown statuses named so and unknown kinds left out.
fn check_results(raw: serde_json::Value) -> Option<serde_json::Value> {
    use serde_json::Value as J;
    let J::Array(mut items) = raw else { return None };
    let normal = |item: &mut J| {
        if let Some(status) = item.get_mut("status")
            && !matches!(status.as_str(), Some("pass" | "fail" | "error" | "unknown"))
        {
            *status = "unknown".into();
        }
    };
    items.retain(|i| {
        matches!(i.get("object_kind").and_then(J::as_str), Some("resource" | "output" | "check" | "var"))
    });
    for item in &mut items {
        normal(item);
        if let Some(objects) = item.get_mut("objects").and_then(J::as_array_mut) {
            objects.iter_mut().for_each(normal);
        }
    }
    (!items.is_empty()).then_some(J::Array(items))
}
