//! The decoded configuration: plain data with spans.

use groma_lang::{Body, Expr, Ident, Span};
use groma_value::addr::{ModulePath, Provider, Resource as ResourceAddr};
use groma_value::convert::Defaults;
use groma_value::{Name, Type, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A whole configuration: the tree of modules.
#[derive(Debug)]
pub struct Config {
    /// The root module's node.
    pub root: Arc<ModuleNode>,
}

/// A module in the tree of calls.
#[derive(Debug)]
pub struct ModuleNode {
    /// Its static path; empty for the root.
    pub path: ModulePath,
    /// What it contains.
    pub module: Arc<Module>,
    /// The modules that it calls, by call name.
    pub children: BTreeMap<Name, Arc<ModuleNode>>,
    /// For each provider local name and alias that the module uses: which provider
    /// it is, and whether the configuration comes from a `provider` block here or
    /// from the caller (resolved up the tree). Filled by the loader.
    pub providers: BTreeMap<LocalProvider, ResolvedProvider>,
    /// Source and version of the calls in which they are no constants.
    pub sources: BTreeMap<Name, (String, Option<String>)>,
}

impl ModuleNode {
    /// The node at a path below this one (relative names).
    pub fn descend(self: &Arc<Self>, path: &ModulePath) -> Option<Arc<ModuleNode>> {
        let mut node = self.clone();
        for n in path.names() {
            node = node.children.get(n)?.clone();
        }
        Some(node)
    }
    /// This node and all below, parents first, siblings by name.
    pub fn walk(self: &Arc<Self>, f: &mut dyn FnMut(&Arc<ModuleNode>)) {
        f(self);
        for c in self.children.values() {
            c.walk(f);
        }
    }
}

/// How a module names a provider: local name and alias.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalProvider {
    /// The local name, usually the provider's type.
    pub name: Name,
    /// The alias.
    pub alias: Option<Name>,
}

/// Which provider configuration a [`LocalProvider`] means.
#[derive(Clone, Debug)]
pub struct ResolvedProvider {
    /// The provider.
    pub provider: Provider,
    /// The module in which the `provider` block is (an empty configuration of the
    /// root module is implied where there is no block anywhere).
    pub module: ModulePath,
    /// The alias of that block.
    pub alias: Option<Name>,
    /// Whether that block has `for_each`: then one of its instances has to be chosen.
    pub repeated: bool,
    /// Which instance was chosen by a call that passes it.
    pub passed: Option<PassedKey>,
}

/// The instance of a provider configuration that a module call passes.
#[derive(Clone, Debug)]
pub struct PassedKey {
    /// The called module.
    pub callee: ModulePath,
    /// The key, evaluated in the caller for each instance of the call.
    pub key: Expr,
}

/// One module: the merged content of the files of a directory.
#[derive(Debug, Default)]
pub struct Module {
    /// The directory, relative to the working directory as Terraform prints it
    /// (`.` for the root, `modules/net`, `.terraform/modules/x`).
    pub dir: PathBuf,
    /// `terraform { required_version }` constraints.
    pub required_versions: Vec<(String, Span)>,
    /// `required_providers` by local name.
    pub required_providers: BTreeMap<Name, RequiredProvider>,
    /// The `backend` block.
    pub backend: Option<Backend>,
    /// The `cloud` block.
    pub cloud: Option<Span>,
    /// `provider` blocks.
    pub provider_configs: BTreeMap<LocalProvider, ProviderBlock>,
    /// `provider_meta` blocks by local name.
    pub provider_metas: BTreeMap<Name, Body>,
    /// Input variables.
    pub variables: BTreeMap<Name, Variable>,
    /// Local values.
    pub locals: BTreeMap<Name, Local>,
    /// Output values.
    pub outputs: BTreeMap<Name, Output>,
    /// Managed resources, data sources and ephemeral resources.
    pub resources: BTreeMap<ResourceAddr, Resource>,
    /// Calls of other modules.
    pub calls: BTreeMap<Name, ModuleCall>,
    /// `moved` blocks in source order.
    pub moved: Vec<Moved>,
    /// `import` blocks in source order.
    pub imports: Vec<Import>,
    /// `removed` blocks in source order.
    pub removed: Vec<Removed>,
    /// `check` blocks.
    pub checks: BTreeMap<Name, Check>,
    /// `list` blocks of query files, in source order; only where those are read.
    pub lists: Vec<List>,
    /// `action` blocks by type and name.
    pub actions: BTreeMap<(Name, Name), Asked>,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// The provider.
    pub source: Provider,
    /// The version constraint as written; empty if there is none.
    pub version: String,
    /// `configuration_aliases`.
    pub aliases: Vec<LocalProvider>,
    /// The entry.
    pub span: Span,
}

/// A `backend` block.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Its type: `local`, `s3`, ...
    pub ty: Ident,
    /// Its content.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    /// Local name and alias.
    pub local: LocalProvider,
    /// The legacy `version` argument.
    pub version: Option<(String, Span)>,
    /// `for_each` (OpenTofu).
    pub for_each: Option<Expr>,
    /// The content without meta-arguments.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Ident,
    /// The type constraint, with optional attributes; `Dynamic` if not given.
    pub ty: Type,
    /// Defaults of optional attributes.
    pub type_defaults: Option<Arc<Defaults>>,
    /// The default, converted to the type.
    pub default: Option<Value>,
    /// Documentation.
    pub description: Option<String>,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `nullable`; true unless said otherwise.
    pub nullable: bool,
    /// `const`: its value must be known before anything is planned.
    pub constant: bool,
    /// `deprecated`: why nobody should set it any more.
    pub deprecated: Option<String>,
    /// `validation` blocks.
    pub validations: Vec<CheckRule>,
    /// How command line and environment give it: parse as an expression, or take
    /// it literally (primitive types and no type).
    pub parse_literal: bool,
    /// The header.
    pub span: Span,
}

/// A local value.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub expr: Expr,
    /// All of it.
    pub span: Span,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub expr: Expr,
    /// The type constraint, if there is one, with the defaults of optional attributes.
    pub ty: Option<(Type, Option<Arc<Defaults>>)>,
    /// Documentation.
    pub description: Option<String>,
    /// `deprecated`: why nobody should refer to it any more.
    pub deprecated: Option<String>,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `depends_on`
    pub depends_on: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<CheckRule>,
    /// The header.
    pub span: Span,
}

/// A `validation`, `precondition`, `postcondition` or `assert` block.
#[derive(Clone, Debug)]
pub struct CheckRule {
    /// What must be true.
    pub condition: Expr,
    /// What to say when it is not.
    pub error_message: Expr,
    /// The header.
    pub span: Span,
}

/// A `resource`, `data` or `ephemeral` block.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Mode, type and name.
    pub addr: ResourceAddr,
    /// `provider`, or the one implied by the type.
    pub provider: LocalProvider,
    /// The key in `provider`: which instance of a configuration that has `for_each`.
    pub provider_key: Option<Expr>,
    /// Where `provider` is written, if it is.
    pub provider_span: Option<Span>,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `depends_on`: traversals.
    pub depends_on: Vec<Expr>,
    /// `lifecycle`
    pub lifecycle: Lifecycle,
    /// `connection`
    pub connection: Option<Body>,
    /// `provisioner` blocks in order.
    pub provisioners: Vec<Provisioner>,
    /// The content without meta-arguments and meta-blocks, to be decoded by the
    /// provider's schema.
    pub body: Body,
    /// The header.
    pub span: Span,
    /// For a data source nested in a `check` block: the check's name.
    pub check: Option<Name>,
}

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// `enabled`: whether there is one instance or none.
    pub enabled: Option<Expr>,
    /// `create_before_destroy`, if written.
    pub create_before_destroy: Option<bool>,
    /// `prevent_destroy`
    pub prevent_destroy: bool,
    /// `prevent_destroy`, if it is no constant.
    pub prevent_destroy_expr: Option<Expr>,
    /// Where `prevent_destroy` is written.
    pub prevent_destroy_span: Option<Span>,
    /// `ignore_changes = all`
    pub ignore_all: bool,
    /// `ignore_changes`: paths into the resource, written as traversals.
    pub ignore_changes: Vec<Expr>,
    /// `replace_triggered_by`
    pub replace_triggered_by: Vec<Expr>,
    /// `action_trigger` blocks.
    pub triggers: Vec<ActionTrigger>,
    /// `precondition` blocks.
    pub preconditions: Vec<CheckRule>,
    /// `postcondition` blocks.
    pub postconditions: Vec<CheckRule>,
}

/// A `provisioner` block.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// Its type: `local-exec`, ...
    pub ty: Ident,
    /// `when = destroy`
    pub on_destroy: bool,
    /// `on_failure = continue`
    pub continue_on_failure: bool,
    /// A `connection` block of its own.
    pub connection: Option<Body>,
    /// The content without meta-arguments.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// An entry of `providers` in a module call.
#[derive(Clone, Debug)]
pub struct PassedProvider {
    /// The callee's name.
    pub inner: LocalProvider,
    /// The caller's name.
    pub outer: LocalProvider,
    /// Which instance of a configuration that has `for_each`.
    pub key: Option<Expr>,
    /// Where the caller's name is written.
    pub span: Span,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Ident,
    /// `source` as written.
    pub source: String,
    /// Where `source` is written.
    pub source_span: Span,
    /// `version` as written.
    pub version: Option<(String, Span)>,
    /// `source`, if it is no constant: then the text is empty until it is worked out.
    pub source_expr: Option<Expr>,
    /// `version`, if it is no constant.
    pub version_expr: Option<Expr>,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `enabled` in `lifecycle`: whether there is one instance or none.
    pub enabled: Option<Expr>,
    /// `depends_on`: traversals.
    pub depends_on: Vec<Expr>,
    /// `providers`: the callee's name to the caller's; `None` if not written.
    pub providers: Option<Vec<PassedProvider>>,
    /// The arguments: attributes only.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// A `moved` block. Addresses are relative to the module that it is in.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The old address.
    pub from: groma_value::addr::Target,
    /// The new address.
    pub to: groma_value::addr::Target,
    /// Where `from` is written.
    pub from_span: Span,
    /// Where `to` is written.
    pub to_span: Span,
    /// The header.
    pub span: Span,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct Import {
    /// What to import to; may use `each.key` in instance keys.
    pub to: Expr,
    /// The id.
    pub id: Option<Expr>,
    /// The identity object, instead of the id.
    pub identity: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `provider`
    pub provider: Option<LocalProvider>,
    /// The key in `provider`: which instance of a configuration that has `for_each`.
    pub provider_key: Option<Expr>,
    /// The header.
    pub span: Span,
}

/// A block that asks a provider for something in a `config` block: an action, or a list.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The type, as the provider has it.
    pub ty: Ident,
    /// Its name.
    pub name: Ident,
    /// `provider`, or the one implied by the type.
    pub provider: LocalProvider,
    /// The key in `provider`: which instance of a configuration that has `for_each`.
    pub provider_key: Option<Expr>,
    /// Where `provider` is written, if it is.
    pub provider_span: Option<Span>,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// The `config` block, empty without one.
    pub config: Body,
    /// The header.
    pub span: Span,
}

/// A `list` block: what to look for among what exists.
#[derive(Clone, Debug)]
pub struct List {
    /// The resource type, and what the provider is asked.
    pub asked: Asked,
    /// Whether the objects themselves are wanted, too.
    pub include_resource: Option<Expr>,
    /// The greatest number of objects.
    pub limit: Option<Expr>,
}

/// When an action is invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionEvent {
    BeforeCreate,
    AfterCreate,
    BeforeUpdate,
    AfterUpdate,
}

impl ActionEvent {
    /// All of them.
    pub const ALL: [ActionEvent; 4] = [
        ActionEvent::BeforeCreate,
        ActionEvent::AfterCreate,
        ActionEvent::BeforeUpdate,
        ActionEvent::AfterUpdate,
    ];
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            ActionEvent::BeforeCreate => "before_create",
            ActionEvent::AfterCreate => "after_create",
            ActionEvent::BeforeUpdate => "before_update",
            ActionEvent::AfterUpdate => "after_update",
        }
    }
    /// By its name.
    pub fn of(name: &str) -> Option<ActionEvent> {
        ActionEvent::ALL.into_iter().find(|e| e.as_str() == name)
    }
    /// Whether it comes before the change.
    pub fn is_before(self) -> bool {
        matches!(self, ActionEvent::BeforeCreate | ActionEvent::BeforeUpdate)
    }
    /// Whether it is about a creation.
    pub fn is_create(self) -> bool {
        matches!(self, ActionEvent::BeforeCreate | ActionEvent::AfterCreate)
    }
}

/// An `action_trigger` block.
#[derive(Clone, Debug)]
pub struct ActionTrigger {
    /// When.
    pub events: Vec<ActionEvent>,
    /// Only if this is true.
    pub condition: Option<Expr>,
    /// The actions, in order.
    pub actions: Vec<ActionRef>,
    /// The header.
    pub span: Span,
}

/// An action of the same module.
#[derive(Clone, Debug)]
pub struct ActionRef {
    /// Its type.
    pub ty: Name,
    /// Its name.
    pub name: Name,
    /// What says which instance: `[0]`, `[each.key]`.
    pub key: Option<Expr>,
    /// The reference.
    pub span: Span,
}

/// A `removed` block. The address is relative to the module that it is in and
/// has no instance keys.
#[derive(Clone, Debug)]
pub struct Removed {
    /// What was removed.
    pub from: groma_value::addr::Target,
    /// `lifecycle { destroy = … }`; true unless said otherwise.
    pub destroy: bool,
    /// Destroy-time provisioners.
    pub provisioners: Vec<Provisioner>,
    /// The header.
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// The data source within it (also in [`Module::resources`]).
    pub data: Option<ResourceAddr>,
    /// `assert` blocks.
    pub asserts: Vec<CheckRule>,
    /// The header.
    pub span: Span,
}
