//! Loading a module: the files of a directory, merged and decoded.

use crate::content::{Shape, content};
use crate::decode::{self, Cx, terraform};
use crate::model::Module;
use crate::{files, overrides};
use groma_lang::{Block, Body, Diagnostics, Sources, Span};
use groma_value::Name;
use groma_value::addr::Mode;
use std::path::{Path, PathBuf};

/// Settings of loading.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// What relative directories are relative to.
    pub working_dir: PathBuf,
    /// Where modules are installed, relative to the working directory: `.terraform`.
    pub data_dir: PathBuf,
    /// The version of the language that `required_version` is held against.
    pub terraform_version: String,
    /// What is read instead of files on the disk.
    pub snapshot: Option<std::sync::Arc<crate::Snapshot>>,
    /// Whether modules in directories are used where they are without having been
    /// installed, which then changes nothing but the manifest.
    pub local_modules: bool,
    /// What is known of the root module's variables while it is loaded.
    pub early: Option<std::sync::Arc<crate::early::EarlyInputs>>,
    /// Files that are read besides those of a directory: its path, and the names with
    /// the texts.
    pub extra: Vec<(PathBuf, String, String)>,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions {
            working_dir: PathBuf::from("."),
            data_dir: PathBuf::from(".terraform"),
            terraform_version: "1.11.4".to_owned(),
            snapshot: None,
            local_modules: false,
            early: None,
            extra: Vec::new(),
        }
    }
}

pub(crate) const ROOT: Shape = Shape {
    attrs: &[],
    blocks: &[
        ("terraform", &[]),
        // Not allowed here, but worth a message of its own.
        ("required_providers", &[]),
        ("provider", &["name"]),
        ("variable", &["name"]),
        ("locals", &[]),
        ("output", &["name"]),
        ("module", &["name"]),
        ("resource", &["type", "name"]),
        ("data", &["type", "name"]),
        ("ephemeral", &["type", "name"]),
        ("moved", &[]),
        ("import", &[]),
        ("action", &["type", "name"]),
        ("check", &["name"]),
        ("removed", &[]),
    ],
};

/// What query files may hold.
const QUERY: Shape = Shape {
    attrs: &[],
    blocks: &[("list", &["type", "name"]), ("provider", &["name"]), ("variable", &["name"]), ("locals", &[])],
};

/// How the names of query files end. They are only read where they are given, see
/// [`LoadOptions::extra`].
pub const QUERY_FILE: &str = ".tfquery.hcl";

/// Loads the module in `dir`, which is relative to the working directory and
/// appears in names of files as it is (`.` not at all). What can be understood
/// is in the result, even after errors.
pub fn load_module(dir: &Path, sources: &Sources, options: &LoadOptions, diags: &mut Diagnostics) -> Module {
    let mut module = Module { dir: dir.to_owned(), ..Module::default() };
    if let Some(files) = files::read(dir, options, sources, diags) {
        let mut files = files;
        let mut queries = Vec::new();
        for (_, name, text) in options.extra.iter().filter(|(d, ..)| d == dir) {
            let body = files::parse(name, text.as_bytes().to_vec(), sources, diags);
            if name.ends_with(QUERY_FILE) { &mut queries } else { &mut files.primary }.extend(body);
        }
        decode_files(
            &files.primary,
            &files.overrides,
            &queries,
            &mut module,
            &mut Cx { sources, options, diags },
        );
    }
    module
}

/// Loads a module from texts: name and content of each file. For tests, and for
/// configurations that are not on the disk.
pub fn load_module_text(
    dir: &Path,
    files: &[(&str, &str)],
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> Module {
    let mut module = Module { dir: dir.to_owned(), ..Module::default() };
    let bodies: Vec<Body> =
        files.iter().filter_map(|(n, t)| files::parse(n, t.as_bytes().to_vec(), sources, diags)).collect();
    decode_files(&bodies, &[], &[], &mut module, &mut Cx { sources, options, diags });
    module
}

fn decode_files(primary: &[Body], over: &[Body], queries: &[Body], module: &mut Module, cx: &mut Cx<'_>) {
    let mut blocks: Vec<Block> = Vec::new();
    for body in primary {
        blocks.extend(content(body, &ROOT, cx).blocks);
    }
    for body in over {
        let found = content(body, &ROOT, cx).blocks;
        overrides::merge(&mut blocks, found, cx);
    }
    for body in queries {
        blocks.extend(content(body, &QUERY, cx).blocks);
    }
    let mut loader = Loader { module, settings: terraform::Settings::default(), late: Diagnostics::new() };
    for b in &blocks {
        loader.block(b, cx);
    }
    let Loader { settings, late, module } = loader;
    terraform::finish(settings, module, cx);
    cx.diags.extend(late);
}

struct Loader<'m> {
    module: &'m mut Module,
    settings: terraform::Settings,
    /// Duplicates: reported after what is wrong within blocks.
    late: Diagnostics,
}

impl Loader<'_> {
    fn duplicate(&mut self, span: Span, summary: impl Into<String>, detail: String) {
        self.late.error(span, summary, detail);
    }

    fn block(&mut self, b: &Block, cx: &mut Cx<'_>) {
        match &*b.ty.name {
            "terraform" => terraform::terraform(b, &mut self.settings, self.module, cx),
            "required_providers" => cx.error(
                b.header,
                "Invalid required_providers block",
                "A required_providers block stands within a terraform block.",
            ),
            "provider" => self.provider(b, cx),
            "variable" => {
                let Some(v) = decode::values::variable(b, cx) else { return };
                match self.module.variables.get(&v.name.name) {
                    Some(first) => {
                        let detail = named("An input variable", &v.name.name, &cx.place(first.span));
                        self.duplicate(v.span, "Duplicate variable declaration", detail);
                    }
                    None => _ = self.module.variables.insert(v.name.name.clone(), v),
                }
            }
            "locals" => {
                for l in decode::values::locals(&b.body, cx) {
                    match self.module.locals.get(&l.name.name) {
                        Some(first) => {
                            let detail = named("A local value", &l.name.name, &cx.place(first.span));
                            self.duplicate(l.span, "Duplicate local value definition", detail);
                        }
                        None => _ = self.module.locals.insert(l.name.name.clone(), l),
                    }
                }
            }
            "output" => {
                let Some(o) = decode::values::output(b, cx) else { return };
                match self.module.outputs.get(&o.name.name) {
                    Some(first) => {
                        let detail = named("An output", &o.name.name, &cx.place(first.span));
                        self.duplicate(o.span, "Duplicate output definition", detail);
                    }
                    None => _ = self.module.outputs.insert(o.name.name.clone(), o),
                }
            }
            "module" => {
                let Some(c) = decode::module_call::module_call(b, cx) else { return };
                match self.module.calls.get(&c.name.name) {
                    Some(first) => {
                        let detail = named("A module call", &c.name.name, &cx.place(first.span));
                        self.duplicate(c.span, "Duplicate module call", detail);
                    }
                    None => _ = self.module.calls.insert(c.name.name.clone(), c),
                }
            }
            "resource" => self.resource(decode::resource::resource(b, Mode::Managed, cx), cx),
            "data" => self.resource(decode::resource::resource(b, Mode::Data, cx), cx),
            "ephemeral" => self.resource(decode::resource::resource(b, Mode::Ephemeral, cx), cx),
            "moved" => self.module.moved.extend(decode::moves::moved(b, cx)),
            "list" => self.list(b, cx),
            "action" => self.action(b, cx),
            "import" => self.module.imports.extend(decode::moves::import(b, cx)),
            "removed" => self.module.removed.extend(decode::moves::removed(b, cx)),
            "check" => {
                let Some((check, data)) = decode::check::check(b, cx) else { return };
                if let Some(first) = self.module.checks.get(&check.name.name) {
                    let name = &check.name.name;
                    let detail = named("A check", name, &cx.place(first.span));
                    self.duplicate(check.span, format!("Duplicate check \"{name}\" configuration"), detail);
                    return;
                }
                self.module.checks.insert(check.name.name.clone(), check);
                self.resource(data, cx);
            }
            _ => {}
        }
    }

    fn list(&mut self, b: &Block, cx: &mut Cx<'_>) {
        let Some(l) = decode::asked::list(b, cx) else { return };
        let same = |o: &&crate::model::List| {
            (&o.asked.ty.name, &o.asked.name.name) == (&l.asked.ty.name, &l.asked.name.name)
        };
        if let Some(first) = self.module.lists.iter().find(same) {
            let detail = named("A list of this type", &l.asked.name.name, &cx.place(first.asked.span));
            let summary = format!("Duplicate list \"{}\" configuration", l.asked.ty.name);
            self.duplicate(l.asked.span, summary, detail);
            return;
        }
        self.module.lists.push(l);
    }

    fn action(&mut self, b: &Block, cx: &mut Cx<'_>) {
        let Some(a) = decode::asked::action(b, cx) else { return };
        let key = (a.ty.name.clone(), a.name.name.clone());
        if let Some(first) = self.module.actions.get(&key) {
            let detail = named("An action of this type", &a.name.name, &cx.place(first.span));
            self.duplicate(a.span, format!("Duplicate action \"{}\" configuration", a.ty.name), detail);
            return;
        }
        self.module.actions.insert(key, a);
    }

    fn provider(&mut self, b: &Block, cx: &mut Cx<'_>) {
        let Some(p) = decode::provider::provider(b, cx) else { return };
        if let Some(first) = self.module.provider_configs.get(&p.local) {
            let place = cx.place(first.span);
            let name = &p.local.name;
            let detail = match &p.local.alias {
                None => format!(
                    "The provider \"{name}\" has a configuration without alias already, at {place}. Further ones need \
                     the argument \"alias\"."
                ),
                Some(alias) => {
                    format!(
                        "The provider \"{name}\" has a configuration with the alias \"{alias}\" already, at {place}."
                    )
                }
            };
            self.duplicate(p.span, "Duplicate provider configuration", detail);
            return;
        }
        self.module.provider_configs.insert(p.local.clone(), p);
    }

    fn resource(&mut self, r: Option<crate::model::Resource>, cx: &mut Cx<'_>) {
        let Some(r) = r else { return };
        if let Some(first) = self.module.resources.get(&r.addr) {
            let kind = match r.addr.mode {
                Mode::Managed => "resource",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            };
            let (ty, name) = (&r.addr.ty, &r.addr.name);
            let place = cx.place(first.span);
            let detail = format!(
                "There is a {kind} \"{ty}\" with the name \"{name}\" already, at {place}. Each name may be used once for each type."
            );
            self.duplicate(r.span, format!("Duplicate {kind} \"{ty}\" configuration"), detail);
            return;
        }
        self.module.resources.insert(r.addr.clone(), r);
    }
}

fn named(what: &str, name: &Name, place: &str) -> String {
    format!("{what} named \"{name}\" is there already, at {place}. Names must be unique within a module.")
}
