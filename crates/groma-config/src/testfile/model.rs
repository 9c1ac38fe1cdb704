//! What test files say: plain data with spans.

use crate::model::{CheckRule, LocalProvider, PassedProvider, ProviderBlock};
use groma_lang::ast::Traversal;
use groma_lang::{Expr, Ident, Span};
use groma_value::addr::{ModulePath, ResourceInstance, Target};
use groma_value::{Name, Value};
use std::collections::BTreeMap;

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// The name, relative to the working directory: `tests/net.tftest.hcl`.
    pub name: String,
    /// `variables`: values for all runs, in source order.
    pub variables: Vec<VariableValue>,
    /// `provider` and `mock_provider` blocks.
    pub providers: BTreeMap<LocalProvider, TestProvider>,
    /// `override_resource`, `override_data`, `override_module`.
    pub overrides: Vec<Override>,
    /// `run` blocks in source order.
    pub runs: Vec<Run>,
}

/// The value of a variable in a test file.
#[derive(Clone, Debug)]
pub struct VariableValue {
    /// The variable.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
    /// All of it.
    pub span: Span,
}

/// A provider of a test file.
#[derive(Clone, Debug)]
pub enum TestProvider {
    /// `provider`: the real one.
    Real(ProviderBlock),
    /// `mock_provider`: nothing real is touched.
    Mock(MockProvider),
}

impl TestProvider {
    /// The header of the block.
    pub fn span(&self) -> Span {
        match self {
            TestProvider::Real(b) => b.span,
            TestProvider::Mock(m) => m.span,
        }
    }
}

/// A `mock_provider` block, with what its `source` directory adds.
#[derive(Clone, Debug)]
pub struct MockProvider {
    /// Local name and alias.
    pub local: LocalProvider,
    /// `mock_resource` by type.
    pub resources: BTreeMap<Name, MockValues>,
    /// `mock_data` by type.
    pub data: BTreeMap<Name, MockValues>,
    /// Overrides that hold for objects of this provider only.
    pub overrides: Vec<Override>,
    /// The header.
    pub span: Span,
}

/// Values that stand for what a provider would have computed.
#[derive(Clone, Debug)]
pub struct MockValues {
    /// An object: values of computed attributes by name.
    pub values: Value,
    /// Whether they are known while planning already (`override_during = plan`).
    pub during_plan: bool,
    /// Where they are written.
    pub span: Span,
}

/// What an override block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideKind {
    /// `override_resource`
    Resource,
    /// `override_data`
    Data,
    /// `override_module`
    Module,
}

/// An `override_...` block.
#[derive(Clone, Debug)]
pub struct Override {
    /// Which of them.
    pub kind: OverrideKind,
    /// The object; without instance keys, all of its instances.
    pub target: Target,
    /// Where the target is written.
    pub target_span: Span,
    /// The values, or outputs of a module.
    pub values: MockValues,
    /// The header.
    pub span: Span,
}

/// What a run does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunCommand {
    /// Plan only.
    Plan,
    /// Plan and apply.
    #[default]
    Apply,
}

/// A `run` block.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name.
    pub name: Ident,
    /// What it does.
    pub command: RunCommand,
    /// How it plans.
    pub options: RunOptions,
    /// `variables`, in source order.
    pub variables: Vec<VariableValue>,
    /// `providers`: names in the module to names in the test file; `None` if not written.
    pub providers: Option<Vec<PassedProvider>>,
    /// The module that is run instead of the one under test.
    pub module: Option<RunModule>,
    /// Overrides of this run alone.
    pub overrides: Vec<Override>,
    /// `assert` blocks.
    pub asserts: Vec<CheckRule>,
    /// `expect_failures`: references, with what kind of object they mean left to
    /// be found out when the run comes.
    pub expect_failures: Vec<Traversal>,
    /// `state_key`: runs with the same one share a state.
    pub state_key: Option<String>,
    /// `parallel`: whether it may run beside others.
    pub parallel: bool,
    /// The header.
    pub span: Span,
}

/// A `plan_options` block.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// `mode = refresh-only`
    pub refresh_only: bool,
    /// `refresh`; true unless said otherwise.
    pub refresh: bool,
    /// `replace`
    pub replace: Vec<ResourceInstance>,
    /// `target`
    pub targets: Vec<Target>,
}

impl Default for RunOptions {
    fn default() -> RunOptions {
        RunOptions { refresh_only: false, refresh: true, replace: Vec::new(), targets: Vec::new() }
    }
}

/// A `module` block of a run.
#[derive(Clone, Debug)]
pub struct RunModule {
    /// `source` as written.
    pub source: String,
    /// Where `source` is written.
    pub source_span: Span,
    /// `version` as written.
    pub version: Option<(String, Span)>,
    /// The header.
    pub span: Span,
}

impl TestFile {
    /// The path of all that belongs to the file: `test`, the parts of its name.
    pub fn path(&self) -> ModulePath {
        let name = self.name.replace('\\', "/");
        let base =
            name.strip_suffix(".tftest.hcl").or_else(|| name.strip_suffix(".tftest.json")).unwrap_or(&name);
        let parts = base.split('/').filter(|p| !p.is_empty() && *p != ".");
        let start = ModulePath::root().child("test");
        parts.fold(start, |path, part| path.child(part))
    }

    /// Under which path the module of a run is installed: the file's, and the run.
    pub fn module_path(&self, run: &Run) -> ModulePath {
        self.path().child(run.name.name.clone())
    }
}
