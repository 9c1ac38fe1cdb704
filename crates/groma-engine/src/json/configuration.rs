//! The configuration as JSON: what it says, unevaluated.

use super::expression::{arguments, depends_on, expression, expressions, told};
use super::state::by_mode;
use super::value::{Obj, object, plain};
use crate::context::SchemaMap;
use groma_config::{
    Config, LocalProvider, Module, ModuleCall, ModuleNode, Output, PassedProvider, Provisioner, Resource,
    Variable,
};
use groma_lang::Sources;
use groma_provider::version::Constraints;
use groma_value::addr::{Mode, Provider};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

struct Cx<'a> {
    schemas: &'a SchemaMap,
    sources: &'a Sources,
    /// Provider configurations by key, those that stand for one of a caller
    /// included.
    providers: BTreeMap<String, Entry>,
}

/// A provider configuration.
struct Entry {
    full_name: String,
    /// The key of the configuration that this one stands for.
    parent: Option<String>,
    json: Json,
}

/// The configuration as plan JSON has it.
pub(super) fn configuration(config: &Config, schemas: &SchemaMap, sources: &Sources) -> Json {
    let mut cx = Cx { schemas, sources, providers: BTreeMap::new() };
    cx.provider_configs(&config.root, None);
    let mut out = Obj::new();
    let own = cx.providers.iter().filter(|(_, e)| e.parent.is_none());
    out.filled("provider_config", object(own.map(|(k, e)| (k, e.json.clone()))));
    out.put("root_module", cx.module(&config.root));
    out.json()
}

/// `aws`, `aws.west`, and with the module in front below the root: `module.a:aws`.
fn provider_key(local: &str, module: &str) -> String {
    if module.is_empty() { local.to_owned() } else { format!("{module}:{local}") }
}

fn local_text(p: &LocalProvider) -> String {
    match &p.alias {
        Some(a) => format!("{}.{a}", p.name),
        None => p.name.to_string(),
    }
}

/// All constraints of a module on a provider together.
fn constraints(module: &Module, provider: &Provider) -> String {
    let required = module.required_providers.values().filter(|r| r.source == *provider).map(|r| &r.version);
    let blocks = module.provider_configs.values().filter(|b| module.provider_of(&b.local.name) == *provider);
    let blocks = blocks.filter_map(|b| b.version.as_ref().map(|(v, _)| v));
    let texts = required.chain(blocks).filter(|v| !v.is_empty());
    let all = texts.fold(Constraints::any(), |all, t| match Constraints::parse(t) {
        Ok(c) => all.and(&c),
        Err(_) => all,
    });
    if all.is_any() { String::new() } else { all.to_string() }
}

impl Cx<'_> {
    /// The key of the outermost configuration that `key` stands for, as far as it
    /// is of the same provider.
    fn source_of(&self, key: String, full_name: &str) -> Option<String> {
        let mut found = None;
        let mut at = Some(key);
        while let Some((k, e)) = at.and_then(|k| self.providers.get_key_value(&k)) {
            if e.full_name != full_name {
                break;
            }
            at = e.parent.clone();
            found = Some(k.clone());
        }
        found
    }

    /// `parent`: the address of the calling module.
    fn provider_configs(&mut self, node: &Arc<ModuleNode>, parent: Option<&str>) {
        let module = node.module.clone();
        let address = node.path.to_string();
        for (local, block) in &module.provider_configs {
            let provider = module.provider_of(&local.name);
            let body = match self.schemas.get(&provider) {
                Some(s) => expressions(&block.body, &s.provider().block, self.sources),
                None => Json::Null,
            };
            let mut out = Obj::new();
            out.text("name", &local.name).put("full_name", provider.to_string());
            out.opt("alias", local.alias.as_deref());
            out.opt("for_each_expression", block.for_each.as_ref().and_then(|e| told(e, self.sources)));
            out.text("version_constraint", constraints(&module, &provider)).text("module_address", &address);
            out.opt("expressions", body.as_object().filter(|o| !o.is_empty()).cloned());
            let full_name = provider.to_string();
            let entry = Entry { full_name, parent: None, json: out.json() };
            self.providers.insert(provider_key(&local_text(local), &address), entry);
        }
        for (name, required) in &module.required_providers {
            for alias in &required.aliases {
                self.unconfigured(&module, &address, name, &local_text(alias), &required.source, None);
            }
            self.unconfigured(&module, &address, name, name, &required.source, parent);
        }
        // A provider that is only implied goes by its type, whatever its name here.
        let implied: BTreeSet<Provider> = node.providers.values().map(|p| p.provider.clone()).collect();
        for p in implied {
            let name = p.ty.clone();
            self.unconfigured(&module, &address, &name, &name, &p, parent);
        }
        for (name, call) in &module.calls {
            let Some(child) = node.children.get(name) else { continue };
            let inner_address = child.path.to_string();
            for PassedProvider { inner, outer, .. } in call.providers.iter().flatten() {
                let provider = child.module.provider_of(&inner.name);
                let full_name = provider.to_string();
                let parent = self.source_of(provider_key(&local_text(outer), &address), &full_name);
                let mut out = Obj::new();
                out.put("name", local_text(inner)).put("full_name", &*full_name);
                out.put("module_address", &*inner_address);
                let entry = Entry { full_name, parent, json: out.json() };
                self.providers.insert(provider_key(&local_text(inner), &inner_address), entry);
            }
            self.provider_configs(child, Some(&address));
        }
    }

    /// Notes a provider that has no block here, unless it is noted already.
    fn unconfigured(
        &mut self,
        module: &Module,
        address: &str,
        name: &str,
        local: &str,
        provider: &Provider,
        parent: Option<&str>,
    ) {
        let key = provider_key(local, address);
        if self.providers.contains_key(&key) {
            return;
        }
        let full_name = provider.to_string();
        let parent = parent.and_then(|p| self.source_of(provider_key(name, p), &full_name));
        let mut out = Obj::new();
        out.text("name", name).put("full_name", &*full_name);
        out.text("version_constraint", constraints(module, provider)).text("module_address", address);
        self.providers.insert(key, Entry { full_name, parent, json: out.json() });
    }

    fn module(&self, node: &Arc<ModuleNode>) -> Json {
        let module = &node.module;
        let mut out = Obj::new();
        out.filled("outputs", object(module.outputs.iter().map(|(n, o)| (n, self.output(o)))));
        let mut resources = Vec::new();
        // The format has no place for ephemeral resources.
        for mode in [Mode::Managed, Mode::Data] {
            let of_mode = module.resources.values().filter(|r| r.addr.mode == mode);
            let mut sorted: Vec<(String, &Resource)> = of_mode.map(|r| (r.addr.to_string(), r)).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            resources.extend(sorted.into_iter().map(|(_, r)| self.resource(r, node)));
        }
        out.filled("resources", Json::Array(resources));
        out.filled("module_calls", object(module.calls.iter().map(|(n, c)| (n, self.call(c, node)))));
        out.filled("variables", object(module.variables.iter().map(|(n, v)| (n, variable(v)))));
        out.json()
    }

    fn output(&self, o: &Output) -> Json {
        let mut out = Obj::new();
        out.flag("sensitive", o.sensitive);
        out.put("expression", expression(&o.expr, self.sources));
        out.filled("depends_on", depends_on(&o.depends_on));
        out.text("description", o.description.as_deref().unwrap_or_default());
        out.json()
    }

    fn resource(&self, r: &Resource, node: &ModuleNode) -> Json {
        let mut out = Obj::new();
        out.put("address", r.addr.to_string()).put("mode", r.addr.mode.as_str());
        out.put("type", &*r.addr.ty).put("name", &*r.addr.name);
        let key = provider_key(&local_text(&r.provider), &node.path.to_string());
        let source = self.providers.get(&key).and_then(|e| e.parent.clone());
        out.put("provider_config_key", source.unwrap_or(key));
        out.filled("provisioners", r.provisioners.iter().map(|p| self.provisioner(p)).collect());
        let schemas = self.schemas.get(&node.module.provider_of(&r.provider.name));
        let schema = schemas.and_then(|s| by_mode(&**s, r.addr.mode, &r.addr.ty));
        if let Some(s) = schema {
            out.filled("expressions", expressions(&r.body, &s.block, self.sources));
            out.put("schema_version", s.version);
        }
        self.repetition(&mut out, r.count.as_ref(), r.for_each.as_ref());
        out.filled("depends_on", depends_on(&r.depends_on));
        out.json()
    }

    fn repetition(&self, out: &mut Obj, count: Option<&groma_lang::Expr>, each: Option<&groma_lang::Expr>) {
        match count.and_then(|e| told(e, self.sources)) {
            Some(c) => out.put("count_expression", c),
            None => out.opt("for_each_expression", each.and_then(|e| told(e, self.sources))),
        };
    }

    fn provisioner(&self, p: &Provisioner) -> Json {
        let mut out = Obj::new();
        out.put("type", &*p.ty.name);
        out.filled("expressions", arguments(p.body.attributes.iter(), self.sources));
        out.json()
    }

    fn call(&self, c: &ModuleCall, node: &ModuleNode) -> Json {
        let child = node.children.get(&c.name.name);
        let mut out = Obj::new();
        let early = node.sources.get(&c.name.name);
        out.text("source", early.map_or(&c.source, |(source, _)| source));
        if let Some(child) = child {
            let known =
                c.body.attributes.iter().filter(|a| child.module.variables.contains_key(&a.name.name));
            out.filled("expressions", arguments(known, self.sources));
        }
        self.repetition(&mut out, c.count.as_ref(), c.for_each.as_ref());
        out.opt("module", child.map(|n| self.module(n)));
        let version = match early {
            Some((_, version)) => version.as_deref(),
            None => c.version.as_ref().map(|(v, _)| v.as_str()),
        };
        out.text("version_constraint", version.unwrap_or_default());
        out.filled("depends_on", depends_on(&c.depends_on));
        out.json()
    }
}

fn variable(v: &Variable) -> Json {
    let mut out = Obj::new();
    out.opt("default", v.default.as_ref().map(plain));
    out.text("description", v.description.as_deref().unwrap_or_default());
    out.flag("sensitive", v.sensitive);
    out.json()
}
