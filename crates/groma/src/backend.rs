//! Which backend keeps the state: the one that the configuration asks for, which
//! `init` records in the data directory, or plain files where nothing is said.

use crate::args::Args;
use crate::commands::Failure;
use crate::session::Session;
use groma_config::Module;
use groma_config::early::EarlyScope;
use groma_lang::ast::Body;
use groma_lang::decode::{decode_block, missing_item, span_of_path};
use groma_lang::eval::{Nothing, evaluate_constant};
use groma_lang::{Diagnostic, Diagnostics, Span};
use groma_state::backend::{Comparison, unsupported};
use groma_state::{Backend, BackendEnv, Problem, SavedBackend, StateError, backend_schema, open_backend};
use groma_value::schema::Block;
use groma_value::{Type, Value, convert};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// A `backend` block.
pub struct Wanted {
    /// Its type.
    pub ty: String,
    /// Its content as a value of the type that the backend's schema implies.
    pub block: Value,
    /// Its header.
    pub span: Span,
    body: Body,
    schema: Block,
}

/// Arguments that would have to be checked against the account in use, which is not
/// done: silence would promise a protection that is not there.
const UNCHECKED: [&str; 2] = ["allowed_account_ids", "forbidden_account_ids"];

/// Why a configuration with an argument in [`UNCHECKED`] is refused.
fn unchecked(ty: &str, config: &Value) -> Option<Problem> {
    let set = |n: &&str| config.get_attr(n).is_some_and(|v| v.as_elements().is_some_and(|e| !e.is_empty()));
    let name = (ty == "s3").then(|| UNCHECKED.into_iter().find(set)).flatten()?;
    Some(
        Problem::new(
            "Unsupported argument",
            format!("Groma does not compare the account in use with {name:?} yet, so it refuses the argument rather than ignore it. Remove it from the backend's configuration."),
        )
        .at(name),
    )
}

impl Wanted {
    /// Evaluates a `backend` block, which takes what is known early.
    fn new(
        backend: &groma_config::Backend,
        scope: &EarlyScope<'_>,
        diags: &mut Diagnostics,
    ) -> Option<Wanted> {
        let ty = backend.ty.name.to_string();
        let Some(schema) = backend_schema(&ty) else {
            diags.error(backend.ty.span, "Unsupported backend type", unsupported(&ty));
            return None;
        };
        // What is required may come from elsewhere; opening the backend insists on it.
        let schema = lenient(schema);
        let before = diags.len();
        let block = decode_block(&backend.body, &schema, scope, diags);
        let ok = !diags.iter().skip(before).any(Diagnostic::is_error);
        ok.then(|| Wanted { ty, block, span: backend.span, body: backend.body.clone(), schema })
    }

    /// The block with `-backend-config` options over it; `None` where there are none.
    pub fn with_options(&self, s: &Session, options: &[String], diags: &mut Diagnostics) -> Option<Value> {
        if options.is_empty() {
            return None;
        }
        let mut fields = self.block.as_fields().cloned().unwrap_or_default();
        for o in options.iter().filter(|o| !o.is_empty()) {
            match o.split_once('=') {
                Some((name, text)) => match self.option(s, name.trim(), text) {
                    Ok(v) => fields.insert(name.trim(), v),
                    Err(d) => diags.push(*d),
                },
                None => {
                    let Some(values) = self.file(s, o, diags) else { continue };
                    for (n, v) in
                        values.as_fields().into_iter().flat_map(|f| f.iter()).filter(|(_, v)| !v.is_null())
                    {
                        fields.insert(n.clone(), v.clone());
                    }
                }
            }
        }
        Some(Value::object(fields))
    }

    /// The value of `-backend-config=name=text`.
    fn option(&self, s: &Session, name: &str, text: &str) -> Result<Value, Box<Diagnostic>> {
        let bad =
            |detail: String| Box::new(Diagnostic::error("Invalid backend configuration argument", detail));
        let Some(a) = self.schema.attributes.get(name) else {
            let near = groma_lang::diag::suggest(name, self.schema.attributes.keys().map(|n| &**n));
            let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            return Err(bad(format!(
                "The backend {:?} has no argument named {name:?}, which -backend-config gives.{hint}",
                self.ty
            )));
        };
        let given = match &a.ty {
            Type::String | Type::Number | Type::Bool => Value::string(text),
            _ => {
                let file = s.sources.add(format!("-backend-config={name}"), text);
                let mut found = Diagnostics::new();
                let v = groma_lang::syntax::parse_expr(&file, &mut found)
                    .map(|e| evaluate_constant(&e, &mut found));
                match (found.iter().find(|d| d.is_error()), v) {
                    (Some(d), _) => return Err(Box::new(d.clone())),
                    (None, v) => v.unwrap_or_else(|| Value::null(a.ty.clone())),
                }
            }
        };
        convert(&given, &a.config_type())
            .map_err(|e| bad(format!("-backend-config={name}={text} does not fit: {e}.")))
    }

    /// The values in a file of `-backend-config`.
    fn file(&self, s: &Session, path: &str, diags: &mut Diagnostics) -> Option<Value> {
        let text = match std::fs::read_to_string(path) {
            Ok(t) => t,
            Err(e) => {
                diags.push(Diagnostic::error(
                    "Failed to read file",
                    format!("The file {path:?}, which -backend-config names, cannot be read: {e}. To set an argument, write -backend-config=NAME=VALUE."),
                ));
                return None;
            }
        };
        let file = s.sources.add(path, text);
        let mut found = Diagnostics::new();
        let body = if path.ends_with(".json") {
            groma_lang::syntax::parse_json_file(&file, &mut found)
        } else {
            groma_lang::syntax::parse_file(&file, &mut found)
        };
        let mut v = None;
        if !found.has_errors() {
            v = Some(decode_block(&body, &self.schema, &Nothing, &mut found));
        }
        let failed = found.has_errors();
        diags.extend(found);
        v.filter(|_| !failed)
    }

    /// The diagnostic of a problem with a configuration, at its argument if the block
    /// has it, or at the block.
    fn diagnostic(&self, p: &Problem) -> Diagnostic {
        let missing = missing_item(&self.body);
        let span = match p.path.is_empty() {
            true => self.span,
            false => Some(span_of_path(&self.body, &p.path)).filter(|s| *s != missing).unwrap_or(self.span),
        };
        Diagnostic::error(&p.summary, &p.detail).at(span)
    }
}

/// The schema with nothing required on the first level.
fn lenient(mut schema: Block) -> Block {
    for a in schema.attributes.values_mut().filter(|a| a.required) {
        (a.required, a.optional) = (false, true);
    }
    schema
}

/// The environment of backends, without the options of the command line.
pub fn environment(root: &Path, vars: BTreeMap<String, String>) -> BackendEnv {
    BackendEnv {
        root: root.to_owned(),
        home: vars.get("HOME").map(PathBuf::from),
        vars,
        ..BackendEnv::default()
    }
}

impl Session {
    /// Where `init` records the backend.
    pub fn record_path(&self) -> PathBuf {
        self.data_dir.join("terraform.tfstate")
    }

    /// The backend that `init` recorded.
    pub fn saved_backend(&self) -> Result<Option<SavedBackend>, Failure> {
        SavedBackend::read(&self.record_path()).map_err(|e| self.fail(crate::state::state_error(&e)))
    }

    /// The `backend` block of a root module.
    pub fn wanted_backend(&self, root: &Module) -> Result<Option<Wanted>, Failure> {
        let mut diags = Diagnostics::new();
        if let Some(span) = root.cloud {
            diags.error(
                span,
                "Unsupported cloud block",
                "Groma does not keep states in HCP Terraform. Use a backend block instead, e.g. backend \"s3\".",
            );
        }
        let options = self.load_options();
        let scope = EarlyScope::root(root, &self.sources, &options);
        let wanted = root.backend.as_ref().and_then(|b| Wanted::new(b, &scope, &mut diags));
        self.check(&diags)?;
        Ok(wanted)
    }

    /// The `backend` block of the working directory, where the whole configuration is
    /// not loaded.
    fn backend_of_directory(&self) -> Result<Option<Wanted>, Failure> {
        let mut diags = Diagnostics::new();
        if !groma_config::has_configuration(Path::new(".")) {
            return Ok(None);
        }
        let root = groma_config::load_module(Path::new("."), &self.sources, &self.load_options(), &mut diags);
        // Warnings are for those who look at the whole of it.
        if diags.has_errors() {
            self.check(&diags)?;
        }
        self.wanted_backend(&root)
    }

    /// What backends need to know, options of the command line included.
    pub fn backend_env(&self, args: &Args) -> BackendEnv {
        let path = |n: &str| args.get(n).filter(|p| !p.is_empty()).map(PathBuf::from);
        BackendEnv {
            state: path("state"),
            state_out: path("state-out"),
            backup: path("backup"),
            ..environment(Path::new("."), self.env.clone())
        }
    }

    /// Opens a backend with a whole configuration. `block` is where it stands, for
    /// messages.
    pub fn open_backend(
        &self,
        ty: &str,
        config: &Value,
        env: &BackendEnv,
        block: Option<&Wanted>,
    ) -> Result<Box<dyn Backend>, Failure> {
        let opened = match unchecked(ty, config) {
            Some(p) => Err(StateError::Invalid(vec![p])),
            None => open_backend(ty, config, env),
        };
        opened.map_err(|e| match (&e, block) {
            (StateError::Invalid(problems), Some(w)) => {
                let mut diags = Diagnostics::new();
                diags.extend(problems.iter().map(|p| w.diagnostic(p)));
                self.ui.diags(&diags, &self.sources);
                Failure::Reported
            }
            _ => self.fail(crate::state::state_error(&e)),
        })
    }

    /// Asks for required arguments that a backend's configuration lacks, if that is
    /// possible; opening the backend complains of what is missing then.
    pub fn complete_backend(&self, w: &Wanted, config: Value) -> Result<Value, Failure> {
        let mut fields = config.as_fields().cloned().unwrap_or_default();
        for (n, a) in backend_schema(&w.ty).iter().flat_map(|s| &s.attributes).filter(|(_, a)| a.required) {
            if !self.input || !std::io::stdin().is_terminal() || fields.get(n).is_some_and(|v| !v.is_null()) {
                continue;
            }
            let answer = self.ask(n, &format!("The backend {:?} needs this argument.", w.ty))?;
            let v = convert(&Value::string(&answer), &a.ty)
                .map_err(|e| format!("{answer:?} does not fit: {e}."))?;
            fields.insert(n.clone(), v);
        }
        Ok(Value::object(fields))
    }

    /// Files in the working directory: what there is without a backend block.
    pub fn local_backend(&self, env: &BackendEnv) -> Result<Box<dyn Backend>, Failure> {
        let schema = backend_schema("local").map(|s| s.empty_value()).unwrap_or_else(Value::empty_object);
        self.open_backend("local", &schema, env, None)
    }

    /// The backend of the working directory. Fails where `init` has to be run first.
    pub fn backend(&self, args: &Args) -> Result<Box<dyn Backend>, Failure> {
        self.backend_with(&self.backend_env(args))
    }

    /// As [`Session::backend`], with other options.
    pub fn backend_with(&self, env: &BackendEnv) -> Result<Box<dyn Backend>, Failure> {
        if let Some(dir) = self.sandbox_dir() {
            // What is made up must never be taken for what there is, and the other way round.
            let own = BackendEnv { root: dir, ..env.clone() };
            return self.local_backend(if env.state.is_none() { &own } else { env });
        }
        let wanted = self.backend_of_directory()?;
        let saved = self.saved_backend()?;
        let pair = wanted.as_ref().map(|w| (w.ty.as_str(), &w.block));
        let of = |ty: &str| format!("{ty:?}");
        let reason = match (SavedBackend::compare(saved.as_ref(), pair, None), &saved, &wanted) {
            (Comparison::Same, Some(b), w) => return self.open_backend(&b.ty, &b.config, env, w.as_ref()),
            (Comparison::Same, None, _) => return self.local_backend(env),
            (Comparison::New, _, Some(w)) => format!("the backend {} is new", of(&w.ty)),
            (Comparison::TypeChanged, Some(b), Some(w)) => {
                format!("the backend was {} and is now {}", of(&b.ty), of(&w.ty))
            }
            (Comparison::Removed, Some(b), _) => {
                format!("the backend {} is no longer in the configuration", of(&b.ty))
            }
            _ => "the configuration of the backend has changed".into(),
        };
        let what = match saved {
            None => {
                "To set it up (it asks whether to take a state along that there is already):\n  groma init"
            }
            Some(_) => {
                "To take the state along into the new place:\n  groma init -migrate-state\n\nTo use the new place as it is:\n  groma init -reconfigure"
            }
        };
        let d = Diagnostic::error(
            "Backend initialization required, please run \"groma init\"",
            format!(
                "The backend is where the state is kept, and {reason}. Nothing has been done yet. {what}"
            ),
        );
        Err(self.fail(match &wanted {
            Some(w) => d.at(w.span),
            None => d,
        }))
    }

    /// The backend that was recorded, whatever the configuration says now.
    pub fn recorded_backend(&self, args: &Args) -> Result<Box<dyn Backend>, Failure> {
        let env = self.backend_env(args);
        match self.saved_backend()? {
            Some(b) => self.open_backend(&b.ty, &b.config, &env, None),
            None => self.local_backend(&env),
        }
    }
}

/// The configuration of a backend that is not a block: an object with some of its
/// arguments.
pub fn conform(ty: &str, config: &Value) -> Result<Value, StateError> {
    let Some(schema) = backend_schema(ty) else {
        return Err(StateError::invalid("Unsupported backend type", unsupported(ty)));
    };
    let none = groma_value::Fields::new();
    let given = config.as_fields().unwrap_or(&none);
    let mut problems: Vec<Problem> = Vec::new();
    for n in given.names().filter(|n| !schema.attributes.contains_key(&***n)) {
        let near = groma_lang::diag::suggest(n, schema.attributes.keys().map(|n| &**n));
        let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
        let detail = format!("The backend {ty:?} has no argument named {:?}.{hint}", &**n);
        problems.push(Problem::new("Unsupported argument", detail).at(n));
    }
    let mut out = groma_value::Fields::new();
    for (n, a) in &schema.attributes {
        let v = match given.get(n) {
            None => Value::null(a.ty.clone()),
            Some(v) => convert(v, &a.config_type()).unwrap_or_else(|e| {
                let detail = format!("The argument {:?} of the backend {ty:?} does not fit: {e}.", &**n);
                problems.push(Problem::new("Incorrect attribute value type", detail).at(n));
                Value::null(a.ty.clone())
            }),
        };
        out.insert(n.clone(), v);
    }
    let whole = Value::object(out);
    problems.extend(unchecked(ty, &whole));
    if problems.is_empty() { Ok(whole) } else { Err(StateError::Invalid(problems)) }
}
