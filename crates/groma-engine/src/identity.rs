//! Identities of resource instances: what a provider calls an object by (since protocol
//! 5.9 and 6.9), beside its attributes. The state keeps them as the provider gave them.

use crate::plan_managed::Current;
use crate::provider_calls::{call_failed, provider_diags};
use crate::walk::Walk;
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::Object;
use groma_value::addr::{ProviderConfig, ResourceInstance};
use groma_value::schema::{Block, Schema};
use groma_value::{Value, json};
use std::sync::Arc;

/// An identity as states keep it: the version of its schema, and JSON.
pub(crate) type StoredIdentity = Option<(u64, Arc<str>)>;

/// The identities of an object before and after a change. `None`: there is none, or the
/// provider has none for this resource type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentityChange {
    /// Now.
    pub before: Option<Value>,
    /// Then; may be unknown in parts.
    pub after: Option<Value>,
}

impl<'a> Walk<'a> {
    /// The schema of a type's identity, with its version.
    fn identity_schema(
        &self,
        addr: &ResourceInstance,
        provider: &groma_value::addr::Provider,
    ) -> Option<(i64, Arc<Schema>)> {
        self.schemas(provider)?.identity(&addr.resource.ty)
    }

    /// The identity of a stored object, brought to the current schema by the provider if
    /// it is of an older one. The outer `None` after an error.
    pub(crate) async fn identity(
        &'a self,
        addr: &ResourceInstance,
        object: &Object,
        provider: &ProviderConfig,
    ) -> Option<Option<Value>> {
        let Some((stored, text)) = &object.identity else { return Some(None) };
        // Of a version of the provider that has none for it any more.
        let Some((version, schema)) = self.identity_schema(addr, &provider.provider.provider) else {
            return Some(None);
        };
        let stored = i64::try_from(*stored).unwrap_or(i64::MAX);
        if stored > version {
            let p = provider.provider.provider.for_display();
            self.push(
                Diagnostic::error(
                    "Resource instance managed by newer provider version",
                    format!(
                        "The identity of {addr} was written with version {stored} of its schema, but the selected version of provider {p} knows only version {version}. Use a newer version of the provider to work with it."
                    ),
                )
                .about(addr),
            );
            return None;
        }
        if stored == version
            && let Ok(v) = json::decode(text, schema.block.implied_type())
        {
            return Some(Some(v));
        }
        let answer = match self.cx.validator(provider).await {
            Ok(p) => p.upgrade_resource_identity(&addr.resource.ty, stored, text.as_bytes()).await,
            Err(e) => Err(e),
        };
        match answer {
            Ok((value, d)) => {
                let mut diags = Diagnostics::new();
                let failed = provider_diags(&mut diags, d, None, None, Some(addr.to_string()));
                self.report(diags);
                (!failed).then_some(value.filter(|v| !v.is_null()))
            }
            Err(e) => {
                self.push(call_failed(&e).about(addr));
                None
            }
        }
    }

    /// As [`Walk::identity`], of what may not be there.
    pub(crate) async fn identity_of(
        &'a self,
        addr: &ResourceInstance,
        current: Option<&Current>,
        provider: &ProviderConfig,
    ) -> Option<Option<Value>> {
        match current {
            Some(c) => self.identity(addr, &c.object, provider).await,
            None => Some(None),
        }
    }

    /// An identity from a provider as the state keeps it. Without one, or with one that
    /// says nothing, `old` stays. `None` after an error.
    pub(crate) fn kept_identity(
        &self,
        addr: &ResourceInstance,
        provider: &groma_value::addr::Provider,
        new: Option<&Value>,
        old: StoredIdentity,
    ) -> Option<StoredIdentity> {
        match stored(new, self.identity_schema(addr, provider)) {
            Ok(None) => Some(old),
            Ok(new) => Some(new),
            Err(why) => {
                self.push(
                    Diagnostic::error(
                        "Provider produced invalid identity",
                        format!(
                            "The identity that provider {} gave for {addr} cannot be kept: it{why}. This is a bug in the provider, which should be reported in the provider's own issue tracker.",
                            provider.for_display()
                        ),
                    )
                    .about(addr),
                );
                None
            }
        }
    }

    /// What an `import` block gives as `identity`, as the type's schema wants it. The
    /// reason, if it is not.
    pub(crate) fn import_identity(
        &self,
        addr: &ResourceInstance,
        provider: &groma_value::addr::Provider,
        given: &Value,
    ) -> Result<Value, String> {
        let Some((_, schema)) = self.identity_schema(addr, provider) else {
            return Err(format!(
                "Provider {} has no identity for resources of type {}. Import the object by its \"id\".",
                provider.for_display(),
                addr.resource.ty
            ));
        };
        conform(&schema.block, given)
    }
}

/// An identity from a provider as states keep it; `None` where it says nothing, or the type has
/// none. The error says what it "..." has or is that states cannot keep.
pub(crate) fn stored(
    new: Option<&Value>,
    schema: Option<(i64, Arc<Schema>)>,
) -> Result<StoredIdentity, String> {
    let (Some(new), Some((version, schema))) = (new.filter(|v| !v.is_null()), schema) else {
        return Ok(None);
    };
    if !new.is_wholly_known() {
        return Err(" has unknown values".to_owned());
    }
    let text = json::encode(new, schema.block.implied_type()).map_err(|e| e.to_string())?;
    Ok(Some((u64::try_from(version).unwrap_or_default(), text.into())))
}

/// A value with the attributes of an identity's schema: those that are left out are null.
fn conform(block: &Block, given: &Value) -> Result<Value, String> {
    let names = || {
        let all = block.attributes.iter().map(|(n, a)| match a.required {
            true => n.to_string(),
            false => format!("{n} (optional)"),
        });
        all.collect::<Vec<_>>().join(", ")
    };
    let Some(fields) = given.as_fields() else {
        return Err(format!("An identity is an object with these attributes: {}.", names()));
    };
    for (name, _) in fields.iter() {
        let known = block.attributes.get(&**name);
        if !known.is_some_and(|a| a.required || a.optional) {
            return Err(format!("The identity has no attribute {name:?}. It has: {}.", names()));
        }
    }
    let mut out = groma_value::Fields::new();
    for (name, a) in &block.attributes {
        let v = match fields.get(name) {
            Some(v) if !v.is_null() => groma_value::convert(v, &a.ty)
                .map_err(|e| format!("The attribute {name:?} of the identity is not suitable: {e}."))?,
            _ if a.required => {
                return Err(format!("The identity needs the attribute {name:?}. It has: {}.", names()));
            }
            _ => Value::null(a.ty.clone()),
        };
        out.insert(name.clone(), v);
    }
    Ok(Value::Object(Arc::new(out)))
}

/// An identity for people: `bucket=logs, region=eu-west-1`.
pub fn identity_text(v: &Value) -> String {
    let Some(fields) = v.as_fields() else { return String::new() };
    let mut out = Vec::new();
    for (name, v) in fields.iter().filter(|(_, v)| !v.is_null()) {
        let text = groma_value::convert(v, &groma_value::Type::String).ok();
        let text = text.as_ref().and_then(Value::as_str).map_or_else(|| "...".to_owned(), str::to_owned);
        out.push(format!("{name}={text}"));
    }
    out.join(", ")
}
