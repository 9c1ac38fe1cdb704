//! The functions of the language.

use groma_value::{Type, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What functions need to know of the run.
#[derive(Clone, Debug, Default)]
pub struct FunctionContext {
    /// Relative file names are relative to this directory.
    pub base_dir: PathBuf,
    /// What `plantimestamp()` gives, RFC 3339; `None` while it is not known
    /// (validation), when it gives an unknown.
    pub plan_timestamp: Option<String>,
    /// What `~` expands to.
    pub home_dir: Option<PathBuf>,
    /// Whether impure functions (`timestamp`, `uuid`, `bcrypt`) give real values;
    /// while planning they give unknowns.
    pub apply: bool,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionError {
    /// The argument (from 0) that is wrong, if it is one.
    pub argument: Option<usize>,
    /// The reason; no trailing period.
    pub message: String,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes; arguments are converted to it.
    pub ty: Type,
    /// Whether null is accepted.
    pub allow_null: bool,
    /// Whether unknown values reach the implementation (otherwise the result is
    /// unknown).
    pub allow_unknown: bool,
    /// Whether values of unknown type reach it.
    pub allow_dynamic: bool,
    /// Whether marks reach it (otherwise they move to the result).
    pub allow_marked: bool,
    /// One sentence.
    pub description: &'static str,
}

/// A function.
pub struct Function {
    /// Its name.
    pub name: Arc<str>,
    /// Parameters by position.
    pub params: Vec<Parameter>,
    /// The parameter of all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result from the (converted, unmarked) arguments, some of which may be unknown.
    pub return_type: ReturnTypeFn,
    /// The result.
    pub call: CallFn,
    /// A sentence or two.
    pub description: Arc<str>,
}

/// Computes the type of a call's result.
pub type ReturnTypeFn = Arc<dyn Fn(&[Value]) -> Result<Type, FunctionError> + Send + Sync>;
/// Computes a call's result.
pub type CallFn = Arc<dyn Fn(&[Value]) -> Result<Value, FunctionError> + Send + Sync>;

/// The functions of a scope, by name.
#[derive(Clone, Default)]
pub struct Functions {
    table: BTreeMap<Arc<str>, Arc<Function>>,
}

impl Functions {
    /// The function `name`, as written (`core::` prefixes included).
    pub fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.table.get(name.strip_prefix("core::").unwrap_or(name))
    }
    /// All names without `core::`.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.table.keys()
    }
    /// Adds a function (a provider's, for instance).
    pub fn insert(&mut self, f: Function) {
        self.table.insert(f.name.clone(), Arc::new(f));
    }
}
