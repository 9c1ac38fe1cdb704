//! The functions of the language: the table of them, how one is called, and
//! their implementations by theme.
//!
//! Names, parameters, results and messages are those of Terraform 1.11. Functions of
//! OpenTofu are there besides: `base64gunzip` and `urldecode` (in `encoding`),
//! `cidrcontains` (in `cidr`), `convert`, and those in `assume`. `try`, `can` and
//! `convert` are listed, but the evaluator handles them, and so does the console with
//! `type`.

mod assume;
mod build;
mod call;
mod cidr;
mod collections;
mod conversion;
mod csv;
mod datetime;
mod encoding;
mod files;
mod format;
mod glob;
mod gzip;
mod hashes;
mod huffman;
mod numbers;
mod paths;
mod regex;
mod regex_go;
mod rsa;
mod sequences;
mod sets;
mod strings;
mod templates;
mod text_encoding;
pub mod tfvars;

pub use datetime::parse_duration;
mod yaml;
mod yaml_encode;

#[cfg(test)]
mod tests;

use groma_value::{Type, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};

/// Whether a name fits a pattern with `*`, `?`, `[...]`, as `fileset` reads them; never where the
/// pattern is malformed.
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    glob::matches(pattern, name).unwrap_or(false)
}

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

impl FunctionError {
    /// An error of the call as a whole.
    pub fn new(message: impl Into<String>) -> FunctionError {
        FunctionError { argument: None, message: message.into() }
    }
    /// An error of the argument at `index` (from 0).
    pub fn argument(index: usize, message: impl Into<String>) -> FunctionError {
        FunctionError { argument: Some(index), message: message.into() }
    }
}

impl std::fmt::Display for FunctionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for FunctionError {}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Cow<'static, str>,
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
    pub description: Cow<'static, str>,
}

/// A function. Call it with [`Function::call_with`].
pub struct Function {
    /// Its name.
    pub name: Arc<str>,
    /// Parameters by position.
    pub params: Vec<Parameter>,
    /// The parameter of all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result from the (converted, unmarked) arguments, some of
    /// which may be unknown. Asked only when an unknown argument makes the
    /// result unknown: a call with known arguments goes to `call` at once.
    pub return_type: ReturnTypeFn,
    /// The result. Reports the errors of `return_type` too.
    pub call: CallFn,
    /// Whether the result is never null, so that an unknown result can say so.
    pub never_null: bool,
    /// What `terraform metadata functions` prints as the type of the result:
    /// `Dynamic` where it depends on the arguments.
    pub static_type: Type,
    /// A sentence or two.
    pub description: Arc<str>,
}

/// Computes the type of a call's result.
pub type ReturnTypeFn = Arc<dyn Fn(&[Value]) -> Result<Type, FunctionError> + Send + Sync>;
/// Computes a call's result.
pub type CallFn = Arc<dyn Fn(&[Value]) -> Result<Value, FunctionError> + Send + Sync>;

type Table = BTreeMap<Arc<str>, Arc<Function>>;
/// The functions that templates may call.
type SharedTable = Arc<RwLock<Arc<Table>>>;

/// The functions of a scope, by name. Cloning copies two pointers.
#[derive(Clone, Default)]
pub struct Functions {
    table: Arc<Table>,
    /// What is inserted later can be called in templates too, so this is shared
    /// with the functions that render them.
    in_templates: SharedTable,
}

impl Functions {
    /// All functions of the language. The ones that need nothing of the run are
    /// made once a process.
    pub fn standard(ctx: &FunctionContext) -> Functions {
        static PURE: OnceLock<Table> = OnceLock::new();
        let mut table = PURE.get_or_init(|| table_of(pure()).collect()).clone();
        table.extend(table_of(of_context(ctx)));
        let mut within = table.clone();
        within.extend(table_of(templates::refusals()));
        let in_templates: SharedTable = Arc::new(RwLock::new(Arc::new(within)));
        table.extend(table_of(templates::functions(ctx, &in_templates)));
        Functions { table: Arc::new(table), in_templates }
    }
    fn shared(table: &SharedTable) -> Functions {
        let table = table.read().map_or_else(|e| e.into_inner().clone(), |t| t.clone());
        Functions { table, in_templates: SharedTable::default() }
    }
    /// The function `name`, as written (`core::` prefixes included).
    pub fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.table.get(name.strip_prefix("core::").unwrap_or(name))
    }
    /// All names without `core::`, in order.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.table.keys()
    }
    /// Adds a function (a provider's, for instance).
    pub fn insert(&mut self, f: Function) {
        let f = Arc::new(f);
        Arc::make_mut(&mut self.table).insert(f.name.clone(), f.clone());
        let mut within = self.in_templates.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::make_mut(&mut within).insert(f.name.clone(), f);
    }
}

fn table_of(functions: Vec<Function>) -> impl Iterator<Item = (Arc<str>, Arc<Function>)> {
    functions.into_iter().map(|mut f| {
        // Terraform prints what a call with arguments of unknown type gives.
        let open = |p: &Parameter| p.ty == Type::Dynamic && !p.allow_dynamic;
        if f.params.iter().chain(&f.variadic).any(open) {
            f.static_type = Type::Dynamic;
        }
        (f.name.clone(), Arc::new(f))
    })
}

/// The functions that need nothing of the run.
fn pure() -> Vec<Function> {
    [
        numbers::functions(),
        strings::functions(),
        regex::functions(),
        format::functions(),
        collections::functions(),
        sequences::functions(),
        sets::functions(),
        conversion::functions(),
        assume::functions(),
        encoding::functions(),
        text_encoding::functions(),
        templates::special_forms(),
        csv::functions(),
        yaml::functions(),
        datetime::functions(),
        hashes::functions(),
        cidr::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_context(ctx: &FunctionContext) -> Vec<Function> {
    [files::functions(ctx), datetime::clock(ctx), hashes::random(ctx)].into_iter().flatten().collect()
}
