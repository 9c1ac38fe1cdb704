//! The built-in provider `terraform.io/builtin/terraform`: `terraform_data` and
//! `terraform_remote_state`.

use crate::api::{
    ApplyRequest, ApplyResponse, CallResult, Capabilities, Diags, EphemeralOpen, FunctionParam,
    FunctionSignature, ImportId, Imported, MoveRequest, MovedObject, PlanRequest, PlanResponse, Private,
    Provider, ProviderDiagnostic, ReadResponse, Schemas,
};
use crate::error::{ProviderError, ProviderFailure};
use crate::pool::NativeProvider;
use async_trait::async_trait;
use groma_value::schema::{Attribute, Block, Schema};
use groma_value::{Path, Refinement, Type, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Reads the outputs of another state, for `terraform_remote_state`: by backend
/// type, its configuration (null where not given) and workspace. The result is an
/// object of outputs; `Ok(None)`: there is no state yet.
pub type ReadOutputs = dyn Fn(&str, &Value, Option<&str>) -> Result<Option<Value>, String> + Send + Sync;

/// Makes instances of the built-in provider.
pub struct Builtin {
    read_outputs: Arc<ReadOutputs>,
}

impl Builtin {
    /// With the function that reads other states.
    pub fn new(read_outputs: Arc<ReadOutputs>) -> Builtin {
        Builtin { read_outputs }
    }
}

impl NativeProvider for Builtin {
    fn instance(&self) -> Arc<dyn Provider> {
        Arc::new(Instance { read_outputs: self.read_outputs.clone() })
    }
}

struct Instance {
    read_outputs: Arc<ReadOutputs>,
}

const DATA: &str = "terraform_data";
const REMOTE_STATE: &str = "terraform_remote_state";
/// The backends whose states can be read.
const BACKENDS: [&str; 3] = ["http", "local", "s3"];

static SCHEMAS: LazyLock<Arc<BuiltinSchemas>> = LazyLock::new(|| {
    let schema = |block: Block| Arc::new(Schema { version: 0, block: Arc::new(block) });
    let documented =
        |a: Attribute, text: &str| Attribute { description: text.into(), description_markdown: true, ..a };
    Arc::new(BuiltinSchemas {
        provider: schema(Block::default()),
        data: schema(Block::of_attributes([
            ("id", Attribute::computed(Type::String)),
            ("input", Attribute::optional(Type::Dynamic)),
            ("output", Attribute::computed(Type::Dynamic)),
            ("triggers_replace", Attribute::optional(Type::Dynamic)),
        ])),
        remote_state: schema(Block::of_attributes([
            (
                "backend",
                documented(
                    Attribute::required(Type::String),
                    "The type of the backend that has the state, e.g. `s3`.",
                ),
            ),
            (
                "config",
                documented(
                    Attribute::optional(Type::Dynamic),
                    "The backend's configuration: the arguments of its `backend` block, as an object.",
                ),
            ),
            (
                "defaults",
                documented(
                    Attribute::optional(Type::Dynamic),
                    "Values of outputs that the state does not have, or for when there is no state.",
                ),
            ),
            (
                "outputs",
                documented(
                    Attribute::computed(Type::Dynamic),
                    "All root module outputs of the state, as an object.",
                ),
            ),
            (
                "workspace",
                documented(
                    Attribute::optional(Type::String),
                    "The workspace, where the backend has several.",
                ),
            ),
        ])),
    })
});

/// The functions. Whoever evaluates expressions has them: they are about the language.
static FUNCTIONS: LazyLock<Arc<BTreeMap<String, FunctionSignature>>> = LazyLock::new(|| {
    let one = |name: &str, param: &str, ty: Type, return_type: Type, summary: &str| {
        let param = FunctionParam {
            name: param.into(),
            ty,
            allow_null: false,
            allow_unknown: false,
            description: String::new(),
        };
        let signature = FunctionSignature {
            params: vec![param],
            variadic: None,
            return_type,
            summary: summary.into(),
            description: String::new(),
            deprecation: String::new(),
        };
        (name.to_owned(), signature)
    };
    Arc::new(BTreeMap::from([
        one(
            "decode_tfvars",
            "src",
            Type::String,
            Type::Dynamic,
            "The values that the text of a .tfvars file sets, as an object.",
        ),
        one(
            "encode_expr",
            "value",
            Type::Dynamic,
            Type::String,
            "The text of an expression that gives a value.",
        ),
        one(
            "encode_tfvars",
            "value",
            Type::Dynamic,
            Type::String,
            "The text of a .tfvars file that sets a variable for each attribute of an object.",
        ),
    ]))
});

struct BuiltinSchemas {
    provider: Arc<Schema>,
    data: Arc<Schema>,
    remote_state: Arc<Schema>,
}

impl Schemas for BuiltinSchemas {
    fn provider(&self) -> Arc<Schema> {
        self.provider.clone()
    }
    fn provider_meta(&self) -> Option<Arc<Schema>> {
        None
    }
    fn resource(&self, ty: &str) -> Option<Arc<Schema>> {
        (ty == DATA).then(|| self.data.clone())
    }
    fn data_source(&self, ty: &str) -> Option<Arc<Schema>> {
        (ty == REMOTE_STATE).then(|| self.remote_state.clone())
    }
    fn ephemeral(&self, _: &str) -> Option<Arc<Schema>> {
        None
    }
    fn functions(&self) -> Arc<BTreeMap<String, FunctionSignature>> {
        FUNCTIONS.clone()
    }
    fn identity(&self, _: &str) -> Option<(i64, Arc<Schema>)> {
        None
    }
    fn resource_types(&self) -> Vec<String> {
        vec![DATA.into()]
    }
    fn data_source_types(&self) -> Vec<String> {
        vec![REMOTE_STATE.into()]
    }
    fn ephemeral_types(&self) -> Vec<String> {
        Vec::new()
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { move_resource_state: true, ..Capabilities::default() }
    }
}

fn at(v: &Value, name: &str) -> Value {
    v.get_attr(name).unwrap_or_else(|| Value::null(Type::Dynamic))
}

fn with(v: &Value, set: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut fields = v.as_fields().cloned().unwrap_or_default();
    for (n, x) in set {
        fields.insert(n, x);
    }
    Value::object(fields)
}

/// The output for an input while planning: not known before it is stored.
fn planned_output(input: &Value) -> Value {
    if input.is_null() { Value::null(Type::Dynamic) } else { Value::unknown(input.ty()) }
}

fn unknown_id() -> Value {
    Value::unknown_refined(Type::String, Refinement::not_null())
}

impl Instance {
    fn unsupported<T>(&self, call: &'static str, kind: &'static str, name: &str) -> CallResult<T> {
        let cause = ProviderFailure::Unknown { kind, name: name.to_owned() };
        Err(ProviderError::new("terraform.io/builtin/terraform", call, cause))
    }
}

#[async_trait]
impl Provider for Instance {
    fn schemas(&self) -> Arc<dyn Schemas> {
        SCHEMAS.clone()
    }
    async fn validate_provider_config(&self, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn validate_resource_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        if ty != DATA {
            return self.unsupported("ValidateResourceConfig", "resource type", ty);
        }
        let mut out = Vec::new();
        for name in ["id", "output"] {
            if !at(config, name).is_null() {
                out.push(ProviderDiagnostic {
                    path: Some(Path::new().attr(name)),
                    ..ProviderDiagnostic::error(
                        "Value for read-only attribute",
                        format!(
                            "The attribute {name:?} is decided by the provider and cannot be set. Remove it."
                        ),
                    )
                });
            }
        }
        Ok(out)
    }
    async fn validate_data_config(&self, ty: &str, config: &Value) -> CallResult<Diags> {
        if ty != REMOTE_STATE {
            return self.unsupported("ValidateDataSourceConfig", "data source", ty);
        }
        let mut out = Vec::new();
        if let Some(backend) = at(config, "backend").as_str()
            && !BACKENDS.contains(&backend)
        {
            out.push(ProviderDiagnostic {
                path: Some(Path::new().attr("backend")),
                ..ProviderDiagnostic::error(
                    "Invalid backend configuration",
                    format!(
                        "There is no backend type named {backend:?}. There are: {}.",
                        BACKENDS.join(", ")
                    ),
                )
            });
        }
        let config_value = at(config, "config");
        for (name, v) in [("config", config_value), ("defaults", at(config, "defaults"))] {
            if v.is_known() && !v.is_null() && v.as_fields().is_none() {
                out.push(ProviderDiagnostic {
                    path: Some(Path::new().attr(name)),
                    ..ProviderDiagnostic::error(
                        "Invalid remote state configuration",
                        format!("{name:?} must be an object, not {}.", v.ty().friendly_name()),
                    )
                });
            }
        }
        Ok(out)
    }
    async fn validate_ephemeral_config(&self, ty: &str, _: &Value) -> CallResult<Diags> {
        self.unsupported("ValidateEphemeralResourceConfig", "ephemeral resource type", ty)
    }
    async fn upgrade_resource_state(
        &self,
        ty: &str,
        _: i64,
        attributes: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        let schema = match SCHEMAS.resource(ty).or_else(|| SCHEMAS.data_source(ty)) {
            Some(s) => s,
            None => return self.unsupported("UpgradeResourceState", "resource type", ty),
        };
        let text = String::from_utf8_lossy(attributes);
        match json::decode(&text, schema.block.implied_type()) {
            Ok(v) => Ok((Some(v), Vec::new())),
            Err(e) => Ok((None, vec![ProviderDiagnostic::error("Invalid stored object", format!("{e}."))])),
        }
    }
    async fn configure(&self, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn read_resource(
        &self,
        _: &str,
        state: &Value,
        private: Private,
        _: &Value,
        _: Option<&Value>,
    ) -> CallResult<ReadResponse> {
        Ok(ReadResponse { state: Some(state.clone()), private, identity: None, diags: Vec::new() })
    }
    async fn plan_resource_change(&self, req: PlanRequest<'_>) -> CallResult<PlanResponse> {
        let mut out = PlanResponse { private: req.private, ..PlanResponse::default() };
        let p = req.proposed;
        if p.is_null() {
            out.planned = Some(p.clone());
            return Ok(out);
        }
        let (input, trigger) = (at(p, "input"), at(p, "triggers_replace"));
        let planned = if req.prior.is_null() {
            with(p, [("id", unknown_id()), ("output", planned_output(&input))])
        } else if at(req.prior, "triggers_replace") != trigger {
            out.requires_replace.push(Path::new().attr("triggers_replace"));
            with(p, [("id", unknown_id()), ("output", planned_output(&input))])
        } else if at(req.prior, "input") != input {
            with(p, [("output", Value::unknown(input.ty()))])
        } else {
            p.clone()
        };
        out.planned = Some(planned);
        Ok(out)
    }
    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse> {
        let mut out = ApplyResponse { private: req.private, ..ApplyResponse::default() };
        let p = req.planned;
        if p.is_null() {
            out.state = Some(p.clone());
            return Ok(out);
        }
        let mut state = p.clone();
        if !at(p, "id").is_known() {
            state = with(&state, [("id", Value::string(uuid::Uuid::new_v4().to_string()))]);
        }
        if !at(p, "output").is_known() {
            state = with(&state, [("output", at(p, "input"))]);
        }
        out.state = Some(state);
        Ok(out)
    }
    async fn import_resource_state(&self, ty: &str, id: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)> {
        let ImportId::Id(id) = id else {
            return Ok((
                Vec::new(),
                vec![ProviderDiagnostic::error("Cannot import", "terraform_data is imported by id.")],
            ));
        };
        let null = Value::null(Type::Dynamic);
        let state = Value::object([
            ("id", Value::string(id)),
            ("input", null.clone()),
            ("output", null.clone()),
            ("triggers_replace", null),
        ]);
        Ok((vec![Imported { ty: ty.to_owned(), state, private: Arc::from([]), identity: None }], Vec::new()))
    }
    async fn move_resource_state(&self, req: MoveRequest<'_>) -> CallResult<(Option<MovedObject>, Diags)> {
        // `null_resource` has `id` and `triggers`, which mean the same.
        if req.source_type != "null_resource" || req.target_type != DATA {
            let why = format!("An object of type {} cannot become a {}.", req.source_type, req.target_type);
            let known = req.source_provider.ends_with("/hashicorp/null");
            let what = if known { "resource type" } else { "provider" };
            let summary = format!("Unsupported source {what} for move operation");
            return Ok((None, vec![ProviderDiagnostic::error(&summary, why)]));
        }
        let text = String::from_utf8_lossy(req.source_state);
        let source = Type::object([("id", Type::String), ("triggers", Type::map(Type::String))]);
        let old = match json::decode(&text, &source) {
            Ok(v) => v,
            Err(e) => {
                return Ok((None, vec![ProviderDiagnostic::error("Unsupported move", format!("{e}."))]));
            }
        };
        let triggers = match at(&old, "triggers") {
            t if t.is_null() => Value::null(Type::Dynamic),
            t => Value::object(t.as_fields().cloned().unwrap_or_default()),
        };
        let null = Value::null(Type::Dynamic);
        let state = Value::object([
            ("id", at(&old, "id")),
            ("input", null.clone()),
            ("output", null),
            ("triggers_replace", triggers),
        ]);
        Ok((Some(MovedObject { value: state, private: Arc::from([]), identity: None }), Vec::new()))
    }
    async fn read_data_source(
        &self,
        ty: &str,
        config: &Value,
        _: &Value,
    ) -> CallResult<(Option<Value>, Diags)> {
        if ty != REMOTE_STATE {
            return self.unsupported("ReadDataSource", "data source", ty);
        }
        let backend = at(config, "backend");
        let workspace = at(config, "workspace");
        let (read, name) = (self.read_outputs.clone(), backend.as_str().unwrap_or_default().to_owned());
        let (cfg, ws) = (at(config, "config"), workspace.as_str().map(str::to_owned));
        // Backends block: on the network, or on a lock.
        let found = tokio::task::spawn_blocking(move || read(&name, &cfg, ws.as_deref())).await;
        let outputs = match found {
            Ok(Ok(v)) => v,
            Ok(Err(why)) => {
                return Ok((None, vec![ProviderDiagnostic::error("Unable to read remote state", why)]));
            }
            Err(e) => {
                return Ok((
                    None,
                    vec![ProviderDiagnostic::error("Unable to read remote state", e.to_string())],
                ));
            }
        };
        let defaults = at(config, "defaults");
        if outputs.is_none() {
            let why = "No stored state was found for the given workspace in the given backend. Apply the configuration that it belongs to first.";
            return Ok((None, vec![ProviderDiagnostic::error("Unable to find remote state", why)]));
        }
        let mut all = defaults.as_fields().cloned().unwrap_or_default();
        for (n, v) in outputs.as_ref().and_then(Value::as_fields).into_iter().flat_map(|f| f.iter()) {
            all.insert(n.clone(), v.clone());
        }
        Ok((Some(with(config, [("outputs", Value::object(all))])), Vec::new()))
    }
    async fn open_ephemeral(&self, ty: &str, _: &Value) -> CallResult<EphemeralOpen> {
        self.unsupported("OpenEphemeralResource", "ephemeral resource type", ty)
    }
    async fn renew_ephemeral(&self, ty: &str, _: Private) -> CallResult<EphemeralOpen> {
        self.unsupported("RenewEphemeralResource", "ephemeral resource type", ty)
    }
    async fn close_ephemeral(&self, ty: &str, _: Private) -> CallResult<Diags> {
        self.unsupported("CloseEphemeralResource", "ephemeral resource type", ty)
    }
    async fn call_function(
        &self,
        name: &str,
        _: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        self.unsupported("CallFunction", "function", name)
    }
    async fn stop(&self) -> CallResult<()> {
        Ok(())
    }
}
