//! Which provider configuration each module means by its local names.
//!
//! A configuration is found in the module itself, or was passed by the caller,
//! or, without an alias, is inherited from the caller's by provider. The root
//! module has an implied empty configuration of every provider.

use crate::decode::module_call::show;
use crate::model::{
    LocalProvider, Module, ModuleCall, ModuleNode, PassedKey, PassedProvider, ProviderBlock,
    ResolvedProvider, Resource,
};
use groma_lang::ast::TraversalStep;
use groma_lang::{Diagnostic, Diagnostics, Expr, Span};
use groma_value::Name;
use groma_value::addr::{Mode, ModulePath, Provider};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Module {
    /// The provider that a local name means here.
    pub fn provider_of(&self, local: &str) -> Provider {
        self.required_providers.get(local).map_or_else(|| Provider::implied(local), |p| p.source.clone())
    }

    /// The local name by which a provider goes here: that of `required_providers`,
    /// or else its type.
    pub fn local_name_of(&self, provider: &Provider) -> Name {
        self.required_providers
            .iter()
            .find(|(_, p)| p.source == *provider)
            .map_or_else(|| provider.ty.clone(), |(n, _)| n.clone())
    }
}

/// A module within its callers.
struct Chain<'a> {
    path: &'a ModulePath,
    module: &'a Module,
    /// The caller and its call; `None` for the root.
    caller: Option<(&'a Chain<'a>, &'a ModuleCall)>,
}

impl<'a> Chain<'a> {
    fn named(&self) -> String {
        if self.path.is_root() { "the root module".into() } else { self.path.to_string() }
    }

    fn own_block(&self, provider: &Provider, alias: Option<&Name>) -> Option<&'a ProviderBlock> {
        self.module
            .provider_configs
            .values()
            .find(|b| b.local.alias.as_ref() == alias && self.module.provider_of(&b.local.name) == *provider)
    }

    /// What the caller passes for a configuration of this module: its own name of it.
    fn passed(&self, provider: &Provider, alias: Option<&Name>) -> Option<&'a PassedProvider> {
        let (_, call) = self.caller?;
        call.providers
            .iter()
            .flatten()
            .find(|p| p.inner.alias.as_ref() == alias && self.module.provider_of(&p.inner.name) == *provider)
    }

    fn resolve(&self, provider: &Provider, alias: Option<&Name>) -> Option<ResolvedProvider> {
        let block = self.own_block(provider, alias);
        let here = |alias: Option<&Name>| ResolvedProvider {
            provider: provider.clone(),
            module: self.path.clone(),
            alias: alias.cloned(),
            repeated: block.is_some_and(|b| b.for_each.is_some()),
            passed: None,
        };
        let Some((parent, _)) = self.caller else {
            return (block.is_some() || alias.is_none()).then(|| here(alias));
        };
        if let Some(p) = self.passed(provider, alias) {
            let (name, alias) = (&p.outer.name, p.outer.alias.as_ref());
            let mut resolved = parent.resolve(&parent.module.provider_of(name), alias)?;
            if let Some(key) = &p.key {
                resolved.passed = Some(PassedKey { callee: self.path.clone(), key: key.clone() });
            }
            return Some(resolved);
        }
        if block.is_some() {
            return Some(here(alias));
        }
        if alias.is_none() { parent.resolve(provider, None) } else { None }
    }
}

/// Fills [`ModuleNode::providers`] of the whole tree and reports what does not
/// fit together.
pub(crate) fn resolve(root: &mut ModuleNode, diags: &mut Diagnostics) {
    let module = root.module.clone();
    let path = root.path.clone();
    let chain = Chain { path: &path, module: &module, caller: None };
    let mut undefined = Diagnostics::new();
    visit(root, &chain, None, &mut undefined, diags);
    // Where something does not fit, missing configurations may be a consequence.
    if !diags.has_errors() {
        diags.extend(undefined);
    }
}

/// `repeated`: the argument that makes a caller, however far up, repeated or
/// delayed, which a module with provider blocks cannot be.
fn visit(
    node: &mut ModuleNode,
    chain: &Chain<'_>,
    repeated: Option<Span>,
    missing: &mut Diagnostics,
    diags: &mut Diagnostics,
) {
    check_module(chain, repeated, diags);
    let module = node.module.clone();
    let mut unresolved: BTreeSet<LocalProvider> = BTreeSet::new();
    for (local, span) in used(&module) {
        if node.providers.contains_key(&local) || unresolved.contains(&local) {
            continue;
        }
        let provider = module.provider_of(&local.name);
        match chain.resolve(&provider, local.alias.as_ref()) {
            Some(r) => _ = node.providers.insert(local, r),
            None => {
                if let Some(span) = span {
                    undefined(&local, chain, span, missing);
                }
                unresolved.insert(local);
            }
        }
    }
    check_keys(node, diags);
    for (name, child) in &mut node.children {
        let Some(call) = module.calls.get(name) else { continue };
        let path = child.path.clone();
        let inner_module = child.module.clone();
        let inner = Chain { path: &path, module: &inner_module, caller: Some((chain, call)) };
        let here = call.repetition().next().or_else(|| call.depends_on.first()).map(|e| e.span);
        check_call(call, &inner, diags);
        // Nothing else holds the node while the tree is being built.
        if let Some(child) = Arc::get_mut(child) {
            visit(child, &inner, repeated.or(here), missing, diags);
        }
    }
}

/// Whether an instance is chosen of each configuration that has several, and of no other.
fn check_keys(node: &ModuleNode, diags: &mut Diagnostics) {
    let m = &node.module;
    let asked = m.lists.iter().map(|l| &l.asked).chain(m.actions.values());
    let uses = m
        .resources
        .values()
        .map(|r| (&r.provider, &r.provider_key, r.provider_span.unwrap_or(r.span)))
        .chain(m.imports.iter().filter_map(|i| Some((i.provider.as_ref()?, &i.provider_key, i.span))))
        .chain(asked.map(|a| (&a.provider, &a.provider_key, a.provider_span.unwrap_or(a.span))))
        .chain(
            m.calls.values().flat_map(|c| c.providers.iter().flatten()).map(|p| (&p.outer, &p.key, p.span)),
        );
    for (local, key, span) in uses {
        let Some(resolved) = node.providers.get(local) else { continue };
        let name = show(local);
        match key {
            None if resolved.repeated && resolved.passed.is_none() => diags.error(
                span,
                "Missing provider instance key",
                format!(
                    "The provider configuration {name} has for_each, so one of its instances must be chosen: \
                     {name}[each.key]"
                ),
            ),
            Some(key) if resolved.passed.is_some() => diags.error(
                key.span,
                "Unexpected provider instance key",
                format!("The caller has chosen the instance that it passes as {name}. Leave the key out."),
            ),
            Some(key) if !resolved.repeated => diags.error(
                key.span,
                "Unexpected provider instance key",
                format!(
                    "The provider configuration {name} has no for_each, so there is one instance of it. Leave the \
                     key out."
                ),
            ),
            _ => {}
        }
    }
    for r in m.resources.values().filter(|r| r.addr.mode == Mode::Managed) {
        same_repetition(node, r, diags);
    }
}

/// Warns of a resource that has the `for_each` of its provider configuration: an element that
/// is taken away takes the provider along that has to destroy its objects.
fn same_repetition(node: &ModuleNode, r: &Resource, diags: &mut Diagnostics) {
    let words = |e: &Option<Expr>| {
        let t = e.as_ref()?.as_traversal()?;
        let mut words = t.root.name.to_string();
        for step in &t.steps {
            let TraversalStep::Attr(a) = step else { return None };
            words += &format!(".{}", a.name);
        }
        Some(words)
    };
    let block = node.module.provider_configs.get(&r.provider);
    let Some(block) = block.filter(|_| r.provider_key.is_some()) else { return };
    if let Some(of_provider) = words(&block.for_each)
        && words(&r.for_each).is_some_and(|w| w == of_provider)
        && let Some(e) = &r.for_each
    {
        diags.warning(
            e.span,
            "Provider configuration for_each matches resource",
            format!(
                "{} and its provider configuration are repeated by the same {of_provider}. When an element is taken \
                 away, the provider is gone that has to destroy what there is. Let one of them be repeated by less: \
                 then elements can be taken away in two steps.",
                r.addr
            ),
        );
    }
}

/// The names of providers that a module uses, with the place of the use where an
/// unknown alias would be reported.
fn used(module: &Module) -> Vec<(LocalProvider, Option<Span>)> {
    let mut out: Vec<(LocalProvider, Option<Span>)> = Vec::new();
    for r in module.resources.values() {
        out.push((r.provider.clone(), Some(r.provider_span.unwrap_or(r.span))));
    }
    for i in &module.imports {
        out.extend(i.provider.clone().map(|p| (p, Some(i.span))));
    }
    for a in module.lists.iter().map(|l| &l.asked).chain(module.actions.values()) {
        out.push((a.provider.clone(), Some(a.provider_span.unwrap_or(a.span))));
    }
    out.extend(module.provider_configs.keys().map(|k| (k.clone(), None)));
    for (name, p) in &module.required_providers {
        out.push((LocalProvider { name: name.clone(), alias: None }, None));
        out.extend(p.aliases.iter().map(|a| (a.clone(), None)));
    }
    for call in module.calls.values() {
        for p in call.providers.iter().flatten() {
            out.push((p.outer.clone(), Some(p.span)));
        }
    }
    out
}

fn undefined(local: &LocalProvider, chain: &Chain<'_>, span: Span, diags: &mut Diagnostics) {
    let declared =
        chain.module.required_providers.get(&local.name).is_some_and(|p| p.aliases.contains(local));
    if declared {
        return; // The call that does not pass it was reported.
    }
    let (name, place) = (show(local), chain.named());
    let mut detail = format!("There is no configuration {name} in {place}.");
    if let Some(alias) = &local.alias {
        detail += &format!(
            " Add a block: provider \"{}\" with the argument alias = \"{alias}\"{}",
            local.name,
            if chain.path.is_root() {
                "."
            } else {
                ", or an entry of configuration_aliases in required_providers, so that the caller passes it."
            }
        );
    }
    diags.error(span, "Provider configuration not present", detail);
}

/// Whether a block does nothing but to say that the module uses a provider, as
/// was the custom once.
fn is_proxy(block: &ProviderBlock) -> bool {
    block.version.is_none()
        && block.for_each.is_none()
        && block.body.attributes.is_empty()
        && block.body.blocks.is_empty()
}

/// What is wrong with the providers and settings of a module, seen alone.
fn check_module(chain: &Chain<'_>, repeated: Option<Span>, diags: &mut Diagnostics) {
    let module = chain.module;
    check_provider_names(module, diags);
    if chain.path.is_root() {
        implicitly_required(module, diags);
        return;
    }
    if let Some(backend) = &module.backend {
        diags.warning(
            backend.span,
            "Backend configuration ignored",
            "State is kept for the configuration as a whole: only the backend of the root module counts.",
        );
    }
    if let Some(cloud) = module.cloud {
        diags.warning(
            cloud,
            "Cloud configuration ignored",
            "State is kept for the configuration as a whole: only the cloud block of the root module counts.",
        );
    }
    for i in &module.imports {
        diags.error(
            i.span,
            "Invalid import configuration",
            format!("Objects are imported by the root module only, and this block is in {}.", chain.path),
        );
    }
    let mut with_content = false;
    let mut proxies: Vec<&ProviderBlock> = Vec::new();
    for b in module.provider_configs.values() {
        if is_proxy(b) {
            proxies.push(b);
        } else {
            with_content = true;
        }
    }
    if let (true, Some(span)) = (with_content, repeated) {
        diags.error(
            span,
            "Module is incompatible with count, for_each, and depends_on",
            format!(
                "{} has provider blocks of its own, so neither it nor a module that calls it may be repeated by count \
                 or for_each, or wait for something by depends_on. Pass provider configurations to it instead.",
                chain.path
            ),
        );
    }
    let mut named: BTreeSet<&Name> = BTreeSet::new();
    for b in &proxies {
        let local = &b.local.name;
        let declared = module.required_providers.get(local).is_some_and(|p| match &b.local.alias {
            Some(_) => p.aliases.contains(&b.local),
            None => true,
        });
        if declared && module.required_providers.contains_key(local) || !named.insert(local) {
            continue;
        }
        let aliases: Vec<String> = proxies
            .iter()
            .filter(|p| p.local.name == *local && p.local.alias.is_some())
            .map(|p| show(&p.local))
            .collect();
        let mut entry = format!("{local} = {{ source = \"{}\"", module.provider_of(local).for_display());
        if !aliases.is_empty() {
            entry += &format!(", configuration_aliases = [{}]", aliases.join(", "));
        }
        diags.warning(
            b.span,
            "Redundant empty provider block",
            format!(
                "An empty provider block in a called module was once the way to say that its caller passes a \
                 configuration. Now an entry in required_providers of {} says so: {entry} }}",
                chain.path
            ),
        );
    }
    // Deprecated blocks are common in old modules; an implied requirement is no problem there.
}

/// A provider block whose local name is none of `required_providers`, for a
/// provider that is there by another name.
fn implicitly_required(module: &Module, diags: &mut Diagnostics) {
    for b in module.provider_configs.values() {
        let local = &b.local.name;
        if module.required_providers.contains_key(local) || b.local.alias.is_some() {
            continue;
        }
        let provider = module.provider_of(local);
        if let Some((name, entry)) = module.required_providers.iter().find(|(_, p)| p.source == provider) {
            diags.push(
                Diagnostic::warning(
                    "Duplicate required provider",
                    format!(
                        "The provider {} goes by the name \"{name}\" here, and there is a block provider \"{local}\" for it \
                         as well. Use the same name in both.",
                        provider.for_display()
                    ),
                )
                .at(entry.span),
            );
        }
    }
}

/// What is wrong with what a call passes.
fn check_call(call: &ModuleCall, inner: &Chain<'_>, diags: &mut Diagnostics) {
    let Some((outer, _)) = inner.caller else { return };
    let passed: &[_] = call.providers.as_deref().unwrap_or_default();
    for (name, entry) in &inner.module.required_providers {
        for alias in &entry.aliases {
            if passed.iter().any(|p| p.inner == *alias) {
                continue;
            }
            diags.error(
                call.span,
                "Missing required provider configuration",
                format!(
                    "{} needs a configuration of the provider {} by the name \"{2}\". Pass one in the argument \
                     \"providers\": {2} = {name}",
                    inner.path,
                    entry.source.for_display(),
                    show(alias)
                ),
            );
        }
    }
    for p in passed {
        check_passed(p, inner, outer, diags);
    }
}

fn check_passed(passed: &PassedProvider, inner: &Chain<'_>, outer: &Chain<'_>, diags: &mut Diagnostics) {
    let PassedProvider { inner: inner_name, outer: outer_name, span, .. } = passed;
    let span = *span;
    let (k, v) = (show(inner_name), show(outer_name));
    let inner_provider = inner.module.provider_of(&inner_name.name);
    let outer_provider = outer.module.provider_of(&outer_name.name);
    let own = inner.module.provider_configs.get(inner_name);
    if own.is_some_and(|b| !is_proxy(b)) {
        diags.error(
            span,
            "Cannot override provider configuration",
            format!(
                "{} has a provider block of its own for {k}, so {} cannot pass another one.",
                inner.path,
                outer.named()
            ),
        );
    }
    if inner_provider != outer_provider {
        diags.error(
            span,
            "Provider type mismatch",
            format!(
                "{v} in {} is a configuration of {}, but {k} in {} is one of {}.",
                outer.named(),
                outer_provider.for_display(),
                inner.path,
                inner_provider.for_display()
            ),
        );
    }
    let declared = match inner.module.required_providers.get(&inner_name.name) {
        Some(p) => inner_name.alias.is_none() || p.aliases.contains(inner_name),
        None => false,
    };
    if !declared && own.is_none_or(|b| !is_proxy(b)) {
        diags.warning(
                span,
                "Reference to undefined provider",
                format!(
                    "{} says nothing of a provider \"{}\"; {} is assumed. An entry in its required_providers would make it \
                     certain.",
                    inner.path,
                    k,
                    inner_provider.for_display()
                ),
            );
    }
}

/// Two entries of `required_providers` for one provider are a trap: a resource
/// would take the one whose name happens to fit its type.
fn check_provider_names(module: &Module, diags: &mut Diagnostics) {
    let mut entries: Vec<_> = module.required_providers.iter().collect();
    entries.sort_by_key(|(_, p)| p.span);
    for (i, (name, p)) in entries.iter().enumerate() {
        if let Some((first, _)) = entries[..i].iter().find(|(_, q)| q.source == p.source) {
            diags.push(
                Diagnostic::warning(
                    "Duplicate required provider",
                    format!(
                        "\"{name}\" and \"{first}\" are both local names of the provider {}. Give each provider one local name.",
                        p.source.for_display()
                    ),
                )
                .at(p.span),
            );
        }
    }
}
