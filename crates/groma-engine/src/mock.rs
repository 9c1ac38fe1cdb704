//! A provider that makes up what a real one would compute.
//!
//! What is configured stays as it is. Computed attributes become what the test
//! says, or else something of their type: eight random characters, zero, `false`,
//! an empty collection.

use crate::overlay::{Fill, MockProvider};
use async_trait::async_trait;
use groma_provider::{
    ApplyRequest, ApplyResponse, CallResult, Diags, EphemeralOpen, ImportId, Imported, MoveRequest,
    MovedObject, PlanRequest, PlanResponse, Private, Provider, ProviderDiagnostic, ProviderError,
    ProviderFailure, ReadResponse, Schemas,
};
use groma_value::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting, Schema};
use groma_value::{Path, Type, Value, convert, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A provider, or one object, that is made up.
pub(crate) struct Mock {
    schemas: Arc<dyn Schemas>,
    source: Source,
}

enum Source {
    Provider(Arc<MockProvider>),
    Object(Fill),
}

impl Mock {
    /// All of a provider.
    pub fn provider(mock: Arc<MockProvider>, schemas: Arc<dyn Schemas>) -> Mock {
        Mock { schemas, source: Source::Provider(mock) }
    }
    /// One object.
    pub fn object(fill: Fill, schemas: Arc<dyn Schemas>) -> Mock {
        Mock { schemas, source: Source::Object(fill) }
    }

    fn fill(&self, ty: &str, data: bool) -> Fill {
        let fill = match &self.source {
            Source::Object(f) => Some(f),
            Source::Provider(m) if data => m.data.get(ty),
            Source::Provider(m) => m.resources.get(ty),
        };
        fill.cloned().unwrap_or_default()
    }

    fn unknown<T>(&self, call: &'static str, kind: &'static str, name: &str) -> CallResult<T> {
        Err(ProviderError::new("mock", call, ProviderFailure::Unknown { kind, name: name.to_owned() }))
    }

    fn resource(&self, call: &'static str, ty: &str) -> CallResult<Arc<Schema>> {
        self.schemas.resource(ty).map_or_else(|| self.unknown(call, "resource type", ty), Ok)
    }
}

/// Fills what is unknown.
struct Filler<'f> {
    fill: &'f Fill,
    diags: Diags,
}

impl Filler<'_> {
    fn new(fill: &Fill) -> Filler<'_> {
        Filler { fill, diags: Vec::new() }
    }

    fn all(&mut self, block: &Block, value: &Value) -> Value {
        let with: Vec<(groma_value::Name, Value)> =
            self.fill.values.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
        self.block(block, value, Some(&Value::object(with)), &Path::new())
    }

    fn problem(&mut self, path: &Path, why: &str) {
        let d = ProviderDiagnostic {
            path: Some(path.clone()),
            ..ProviderDiagnostic::error(
                "Failed to compute attribute",
                format!(
                    "The value that the test gives for {} at {} cannot be used: {why}.",
                    path.to_string().trim_start_matches('.'),
                    self.fill.place
                ),
            )
        };
        // One mistake is in every attribute of every nested object.
        if !self.diags.contains(&d) {
            self.diags.push(d);
        }
    }

    fn block(&mut self, block: &Block, value: &Value, with: Option<&Value>, path: &Path) -> Value {
        let Value::Object(fields) = value else { return value.clone() };
        let given = |n: &str| with.and_then(|w| w.get_attr(n));
        Value::Object(Arc::new(fields.map_values(|n, v| {
            let path = path.clone().attr(n.clone());
            if let Some(a) = block.attributes.get(n) {
                return self.attribute(a, v, given(n).as_ref(), &path);
            }
            match block.blocks.get(n) {
                Some(b) => self.nested_block(b, v, given(n), &path),
                None => v.clone(),
            }
        })))
    }

    fn nested_block(&mut self, b: &NestedBlock, v: &Value, with: Option<Value>, path: &Path) -> Value {
        let with = match with {
            Some(w) if w.as_fields().is_none() => {
                let why = "an object is needed, whose attributes are those of each of the blocks";
                self.problem(path, why);
                None
            }
            w => w,
        };
        elements(v, &mut |x| self.block(&b.block, x, with.as_ref(), path))
    }

    fn attribute(&mut self, a: &Attribute, v: &Value, with: Option<&Value>, path: &Path) -> Value {
        if !a.computed || v.is_known() {
            return match &a.nested {
                Some(n) if v.is_known() && !v.is_null() && !v.is_wholly_known() => {
                    let object = with.filter(|w| w.as_fields().is_some());
                    let mut one = |x: &Value| self.object(n, x, object, path);
                    if matches!(n.nesting, Nesting::Single | Nesting::Group) {
                        one(v)
                    } else {
                        elements(v, &mut one)
                    }
                }
                _ => v.clone(),
            };
        }
        match with {
            Some(w) => match suited(w, &a.ty) {
                Ok(v) => v,
                Err(why) => {
                    self.problem(path, &why);
                    made_up(&a.ty)
                }
            },
            None => made_up(&a.ty),
        }
    }

    fn object(&mut self, n: &NestedObject, v: &Value, with: Option<&Value>, path: &Path) -> Value {
        let Value::Object(fields) = v else { return v.clone() };
        Value::Object(Arc::new(fields.map_values(|name, v| match n.attributes.get(name) {
            Some(a) => {
                let given = with.and_then(|w| w.get_attr(name));
                self.attribute(a, v, given.as_ref(), &path.clone().attr(name.clone()))
            }
            None => v.clone(),
        })))
    }
}

/// Each element of a collection, or the object itself, changed.
fn elements(v: &Value, f: &mut dyn FnMut(&Value) -> Value) -> Value {
    let mut many = |items: &[Value]| -> Vec<Value> { items.iter().map(&mut *f).collect() };
    match (v, v.ty()) {
        (Value::Null(_) | Value::Unknown(..), _) => v.clone(),
        (Value::Object(_), _) => f(v),
        (_, Type::List(t)) => Value::list((*t).clone(), many(v.as_elements().unwrap_or_default())),
        (_, Type::Set(t)) => Value::set((*t).clone(), many(v.as_elements().unwrap_or_default())),
        (_, Type::Tuple(_)) => Value::tuple(many(v.as_elements().unwrap_or_default())),
        (Value::Map(m), Type::Map(t)) => {
            Value::map((*t).clone(), m.items.iter().map(|(k, x)| (k.clone(), f(x))))
        }
        _ => v.clone(),
    }
}

/// A value given by a test as one of type `ty`: what is missing in objects is made up.
fn suited(v: &Value, ty: &Type) -> Result<Value, String> {
    if v.is_null() {
        return Ok(Value::null(ty.clone()));
    }
    match ty {
        Type::Object(o) => {
            let Some(given) = v.as_fields() else {
                return Err(format!("object required, but it is {}", v.ty().friendly_name()));
            };
            let mut out = Vec::new();
            for (n, t) in &o.attrs {
                let value = match given.get(n) {
                    Some(x) => suited(x, t).map_err(|e| format!("in {n:?}: {e}"))?,
                    None => made_up(t),
                };
                out.push((n.clone(), value));
            }
            Ok(Value::object(out))
        }
        Type::List(t) | Type::Set(t) => {
            let Some(items) = v.as_elements() else { return convert(v, ty).map_err(|e| e.to_string()) };
            let items: Vec<Value> = items.iter().map(|x| suited(x, t)).collect::<Result<_, _>>()?;
            let items = if matches!(ty, Type::List(_)) {
                Value::list((**t).clone(), items)
            } else {
                Value::set((**t).clone(), items)
            };
            Ok(items)
        }
        Type::Map(t) => {
            let Some(given) = v.as_fields() else { return convert(v, ty).map_err(|e| e.to_string()) };
            let mut out: BTreeMap<groma_value::Name, Value> = BTreeMap::new();
            for (n, x) in given.iter() {
                out.insert(n.clone(), suited(x, t)?);
            }
            Ok(Value::map((**t).clone(), out))
        }
        _ => convert(v, ty).map_err(|e| e.to_string()),
    }
}

/// Something of a type.
fn made_up(ty: &Type) -> Value {
    match ty {
        Type::String => Value::string(random_text()),
        Type::Number => Value::int(0),
        Type::Bool => Value::bool(false),
        Type::List(t) => Value::list((**t).clone(), Vec::new()),
        Type::Set(t) => Value::set((**t).clone(), Vec::new()),
        Type::Map(t) => Value::map::<groma_value::Name>((**t).clone(), []),
        Type::Tuple(items) => Value::tuple(items.iter().map(made_up).collect()),
        Type::Object(o) => Value::object(o.attrs.iter().map(|(n, t)| (n.clone(), made_up(t)))),
        Type::Dynamic => Value::null(Type::Dynamic),
    }
}

/// Eight characters of `a-z0-9`.
fn random_text() -> String {
    const CHARACTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let bytes = uuid::Uuid::new_v4().into_bytes();
    // Bytes 6 and 8 of a random UUID have fixed bits.
    let usable = bytes.iter().enumerate().filter(|(i, _)| *i != 6 && *i != 8).take(8);
    usable.map(|(_, b)| char::from(CHARACTERS[usize::from(*b) % CHARACTERS.len()])).collect()
}

/// Computed attributes that nobody has set are unknown; in nested objects too.
fn unset_computed_unknown(block: &Block, v: &Value) -> Value {
    let Value::Object(fields) = v else { return v.clone() };
    Value::Object(Arc::new(fields.map_values(|n, v| {
        if let Some(a) = block.attributes.get(n) {
            if a.computed && v.is_null() {
                return Value::unknown(a.ty.clone());
            }
            return v.clone();
        }
        match block.blocks.get(n) {
            Some(b) => elements(v, &mut |x| unset_computed_unknown(&b.block, x)),
            None => v.clone(),
        }
    })))
}

#[async_trait]
impl Provider for Mock {
    fn schemas(&self) -> Arc<dyn Schemas> {
        self.schemas.clone()
    }
    async fn validate_provider_config(&self, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn validate_resource_config(&self, _: &str, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn validate_data_config(&self, _: &str, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn validate_ephemeral_config(&self, _: &str, _: &Value) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn upgrade_resource_state(
        &self,
        ty: &str,
        _: i64,
        attributes: &[u8],
    ) -> CallResult<(Option<Value>, Diags)> {
        let schema = self.resource("UpgradeResourceState", ty)?;
        match json::decode(&String::from_utf8_lossy(attributes), schema.block.implied_type()) {
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
        if req.proposed.is_null() {
            out.planned = Some(req.proposed.clone());
            return Ok(out);
        }
        let schema = self.resource("PlanResourceChange", req.ty)?;
        let planned = unset_computed_unknown(&schema.block, req.proposed);
        let fill = self.fill(req.ty, false);
        if !fill.during_plan {
            out.planned = Some(planned);
            return Ok(out);
        }
        let mut filler = Filler::new(&fill);
        out.planned = Some(filler.all(&schema.block, &planned));
        out.diags = filler.diags;
        Ok(out)
    }
    async fn apply_resource_change(&self, req: ApplyRequest<'_>) -> CallResult<ApplyResponse> {
        let mut out = ApplyResponse { private: req.private, ..ApplyResponse::default() };
        if req.planned.is_null() {
            out.state = Some(req.planned.clone());
            return Ok(out);
        }
        let schema = self.resource("ApplyResourceChange", req.ty)?;
        let fill = self.fill(req.ty, false);
        let mut filler = Filler::new(&fill);
        let value = filler.all(&schema.block, req.planned);
        out.diags = filler.diags;
        out.state = Some(if out.diags.is_empty() { value } else { req.prior.clone() });
        Ok(out)
    }
    async fn import_resource_state(&self, ty: &str, _: ImportId<'_>) -> CallResult<(Vec<Imported>, Diags)> {
        let why = format!(
            "An object of type {ty} cannot be imported from a provider that is mocked: there is none. Override the resource in the test instead."
        );
        Ok((Vec::new(), vec![ProviderDiagnostic::error("Invalid import request", why)]))
    }
    async fn move_resource_state(&self, req: MoveRequest<'_>) -> CallResult<(Option<MovedObject>, Diags)> {
        let why = format!("A mocked object of type {} cannot become a {}.", req.source_type, req.target_type);
        Ok((None, vec![ProviderDiagnostic::error("Unsupported move", why)]))
    }
    async fn read_data_source(
        &self,
        ty: &str,
        config: &Value,
        _: &Value,
    ) -> CallResult<(Option<Value>, Diags)> {
        let Some(schema) = self.schemas.data_source(ty) else {
            return self.unknown("ReadDataSource", "data source", ty);
        };
        let fill = self.fill(ty, true);
        let mut filler = Filler::new(&fill);
        let planned = groma_value::proposed_new::planned_data_resource_object(&schema.block, config);
        let value = filler.all(&schema.block, &planned);
        let failed = !filler.diags.is_empty();
        Ok(((!failed).then_some(value), filler.diags))
    }
    async fn open_ephemeral(&self, ty: &str, config: &Value) -> CallResult<EphemeralOpen> {
        let Some(schema) = self.schemas.ephemeral(ty) else {
            return self.unknown("OpenEphemeralResource", "ephemeral resource type", ty);
        };
        let fill = Fill::default();
        let planned = groma_value::proposed_new::planned_data_resource_object(&schema.block, config);
        let value = Filler::new(&fill).all(&schema.block, &planned);
        Ok(EphemeralOpen { result: Some(value), ..EphemeralOpen::default() })
    }
    async fn renew_ephemeral(&self, _: &str, private: Private) -> CallResult<EphemeralOpen> {
        Ok(EphemeralOpen { private, ..EphemeralOpen::default() })
    }
    async fn close_ephemeral(&self, _: &str, _: Private) -> CallResult<Diags> {
        Ok(Vec::new())
    }
    async fn call_function(
        &self,
        name: &str,
        _: &[Value],
    ) -> CallResult<Result<Value, (Option<usize>, String)>> {
        self.unknown("CallFunction", "function", name)
    }
    async fn stop(&self) -> CallResult<()> {
        Ok(())
    }
}
