//! Files to blocks: which files there are, that blocks are known, named once, and named
//! well.

use super::names::{Names, SLUG};
use super::spec::{self, BLOCKS, BlockSpec};
use super::text;
use groma_lang::ast::{Block, Body};
use groma_lang::{Diagnostic, Diagnostics, Sources, Span, diag, syntax};
use std::path::Path;

/// The file that every manifest has.
const MAIN: &str = "groma.hcl";
/// How the names of further files end.
const FURTHER: &str = ".groma.hcl";
/// The summary of errors after which nothing else is looked at.
pub(super) const UNREADABLE: &str = "Manifest cannot be read";
/// The summary of the error about a block that no manifest has.
pub(super) const UNKNOWN: &str = "Unknown block";
/// The longest name of a block; names in AWS are made of several.
const LONGEST: usize = 32;
/// First words of root modules that are not environments.
const RESERVED: &[&str] = &["network", "platform", "groma"];

/// A block at the top of a file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// What it is.
    pub spec: &'static BlockSpec,
    /// Its name.
    pub name: String,
    /// What is written.
    pub block: Block,
}

impl Entry {
    /// What it is called in messages: `service "web"`.
    pub fn title(&self) -> String {
        format!("{} \"{}\"", self.spec.keyword, self.name)
    }
}

/// The bodies of the manifest's files. `None` if they cannot be read.
pub(super) fn files(dir: &Path, sources: &Sources, diags: &mut Diagnostics) -> Option<Vec<Body>> {
    let shown = |name: &str| match dir.as_os_str().is_empty() || dir == Path::new(".") {
        true => name.to_owned(),
        false => dir.join(name).to_string_lossy().into_owned(),
    };
    let mut names: Vec<String> = Vec::new();
    match std::fs::read_dir(if dir.as_os_str().is_empty() { Path::new(".") } else { dir }) {
        Ok(entries) => names.extend(
            entries
                .flatten()
                .map(|e| e.file_name().to_string_lossy().into_owned())
                .filter(|n| n == MAIN || n.ends_with(FURTHER) && !n.starts_with('.')),
        ),
        Err(e) => {
            diags.push(Diagnostic::error(
                UNREADABLE,
                format!("The directory {} cannot be read: {e}.", dir.display()),
            ));
            return None;
        }
    }
    if names.is_empty() {
        let place =
            if shown("").is_empty() { "this directory".to_owned() } else { dir.display().to_string() };
        diags.push(Diagnostic::error(
            "No manifest",
            format!(
                "There is no {MAIN} in {place}. Go to the directory that has one, name it with -chdir=DIR, or begin one \
                 with a platform block: groma explain platform"
            ),
        ));
        return None;
    }
    names.sort_by_key(|n| (n != MAIN, n.clone()));
    let mut out = Vec::new();
    let before = diags.len();
    for name in names {
        match std::fs::read(dir.join(&name)) {
            Ok(bytes) => {
                let file = sources.add_bytes(shown(&name), bytes, diags);
                out.push(syntax::parse_file(&file, diags));
            }
            Err(e) => {
                diags.push(Diagnostic::error(UNREADABLE, format!("{} cannot be read: {e}.", shown(&name))));
            }
        }
    }
    // After an error of syntax, what else seems to be wrong is often its consequence.
    (!diags.iter().skip(before).any(Diagnostic::is_error)).then_some(out)
}

/// The blocks of all files.
pub(super) fn entries(files: Vec<Body>, diags: &mut Diagnostics) -> (Vec<Entry>, Names) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut names = Names::default();
    for body in files {
        for a in &body.attributes {
            let name = &*a.name.name;
            let of: Vec<&str> =
                BLOCKS.iter().filter(|b| b.arg(name).is_some()).map(|b| b.keyword).take(4).collect();
            let remedy = match (spec::block(name), &of[..]) {
                (Some(b), _) => format!(
                    "{name} is a block: write it without the equals sign, as in\n    {}",
                    b.example.lines().next().unwrap_or_default()
                ),
                (None, []) => format!("There are blocks only. {}", nearest(name)),
                (None, of) => {
                    format!("It is an argument of {}, and stands within such a block.", spec::or(of))
                }
            };
            diags.error(
                a.name.span,
                "Argument outside of a block",
                format!("\"{name}\" stands outside of all blocks. {remedy}"),
            );
        }
        for block in body.blocks {
            if let Some(e) = entry(block, &entries, diags) {
                names.insert(e.spec.keyword, &e.name);
                entries.push(e);
            }
        }
    }
    (entries, names)
}

fn nearest(name: &str) -> String {
    const TERRAFORM: &[&str] = &["resource", "data", "variable", "locals", "output", "provider", "terraform"];
    if TERRAFORM.contains(&name) {
        return "Terraform's own blocks go into a directory of .tf files, which is a part of each environment \
                by a block such as\n    module \"search\" { source = \"./terraform/search\" }"
            .to_owned();
    }
    match diag::suggest(name, BLOCKS.iter().map(|b| b.keyword)) {
        Some(near) => format!("Did you mean {near}?"),
        None => format!("There are {}.", spec::and(&BLOCKS.iter().map(|b| b.keyword).collect::<Vec<_>>())),
    }
}

fn entry(block: Block, entries: &[Entry], diags: &mut Diagnostics) -> Option<Entry> {
    let keyword = block.ty.name.clone();
    let Some(spec) = spec::block(&keyword) else {
        diags.error(
            block.ty.span,
            UNKNOWN,
            format!("A manifest has no block \"{keyword}\". {}", nearest(&keyword)),
        );
        return None;
    };
    let name = label(&block, spec, diags)?;
    let well = check_name(&name.0, name.1, spec, diags);
    let name = name.0;
    if spec.keyword != "environment" {
        for b in &block.body.blocks {
            diags.push(needless_block(b, spec));
        }
    }
    let same = |e: &&Entry| e.spec.keyword == spec.keyword && (spec.single || e.name == name);
    if let Some(first) = entries.iter().find(same) {
        let (summary, detail) = match spec.single {
            true => (
                "Written twice",
                format!(
                    "A manifest has one {keyword} block, and there is {} already. Keep one of them.",
                    first.title()
                ),
            ),
            false => (
                "Name given twice",
                format!("There is a {} already. Give one of them another name.", first.title()),
            ),
        };
        diags.push(Diagnostic::error(summary, detail).at(block.header));
        return None;
    }
    well.then_some(Entry { spec, name, block })
}

/// A block where arguments belong: most often an object without its equals sign.
fn needless_block(b: &Block, spec: &BlockSpec) -> Diagnostic {
    let name = &*b.ty.name;
    let detail = match spec.arg(name) {
        Some(_) => format!("\"{name}\" is an argument: put an equals sign after it, \"{name} = {{ … }}\"."),
        None => format!(
            "Within {} {} block stand arguments only. {}",
            spec::article(spec.keyword),
            spec.keyword,
            spec::hint(name, spec.all_args())
        ),
    };
    Diagnostic::error("Block within a block", detail).at(b.header)
}

/// The one label of a block.
pub(super) fn label(block: &Block, spec: &BlockSpec, diags: &mut Diagnostics) -> Option<(String, Span)> {
    match &block.labels[..] {
        [one] => Some((one.name.to_string(), one.span)),
        [] => {
            diags.error(
                block.header,
                "Missing name",
                format!("Every {0} has a name, in quotes: {0} \"NAME\" {{ … }}.", spec.keyword),
            );
            None
        }
        [_, second, ..] => {
            diags.error(
                second.span,
                "Too many names",
                format!("A {} has one name. Remove this one.", spec.keyword),
            );
            None
        }
    }
}

fn check_name(name: &str, span: Span, spec: &BlockSpec, diags: &mut Diagnostics) -> bool {
    if let Err(w) = text::name(name) {
        diags.error(span, w.0, w.1);
        return false;
    }
    let longest = match spec.keyword {
        "environment" | "network" | "platform" => SLUG,
        _ => LONGEST,
    };
    if name.len() > longest {
        diags.error(
            span,
            "Name too long",
            format!(
                "The name of {} {} has up to {longest} characters, because names in AWS are made of several names, and \
                 \"{name}\" has {}. Shorten it.",
                spec::article(spec.keyword),
                spec.keyword,
                name.len()
            ),
        );
        return false;
    }
    if spec.keyword == "environment" {
        let taken = RESERVED
            .iter()
            .find(|r| name == **r || name.strip_prefix(**r).is_some_and(|n| n.starts_with('-')));
        let meant = spec.attributes.iter().find(|(n, _)| *n == name);
        let reason = match (taken, meant) {
            (Some(r), _) => format!("Names that begin with \"{r}\" are those of other root modules."),
            (None, Some((n, what))) => format!("environment.{n} means {what} of the environment at hand."),
            (None, None) if matches!(name, "internet" | "other") => {
                "The word has a meaning in proofs.".into()
            }
            (None, None) => return true,
        };
        diags.error(
            span,
            "Reserved name",
            format!("An environment cannot be called \"{name}\". {reason} Choose another name."),
        );
        return false;
    }
    true
}
