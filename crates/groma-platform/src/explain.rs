//! The reference of the manifest, from the table that the manifest is read with.

use crate::manifest::spec::{self, Arg, BLOCKS, BlockSpec, COMMON, Default, Type};
use crate::model::ComponentId;
use groma_lang::diag;
use std::fmt::Write;

/// What `path` means: `service`, `service.scale`, `service.scale.cpu`; the list of blocks
/// for an empty path. Lines are wrapped at 78 columns; a newline ends the last.
///
/// # Errors
/// A message for people with the nearest name.
pub fn explain(path: &str) -> Result<String, String> {
    let mut parts = path.split('.').filter(|p| !p.is_empty());
    let Some(keyword) = parts.next() else { return Ok(overview()) };
    let Some(block) = spec::block(keyword) else {
        let remedy = match diag::suggest(keyword, BLOCKS.iter().map(|b| b.keyword)) {
            Some(near) => format!("Did you mean {near}?"),
            None => {
                format!("There are {}.", spec::and(&BLOCKS.iter().map(|b| b.keyword).collect::<Vec<_>>()))
            }
        };
        let of: Vec<String> = BLOCKS
            .iter()
            .filter(|b| b.all_args().any(|a| a.name == keyword))
            .map(|b| format!("{}.{keyword}", b.keyword))
            .collect();
        let remedy = match &of[..] {
            [] => remedy,
            of => format!("It is an argument: groma explain {}.", spec::or(of)),
        };
        return Err(format!("A manifest has no block \"{keyword}\". {remedy}"));
    };
    let mut whole = keyword.to_owned();
    let mut found: Option<&'static Arg> = None;
    for part in parts {
        let here: Vec<&'static Arg> = match found {
            None => block.all_args().collect(),
            Some(a) => match a.ty.fields() {
                Some(fields) => fields.iter().collect(),
                None => return Err(format!("{whole} takes {} and has no parts.", a.ty.describe())),
            },
        };
        let next = here.iter().find(|a| a.name == part).copied();
        found = Some(next.ok_or_else(|| match (found, block.kind) {
            (None, Some(_)) => no_argument(block, part),
            _ => format!("{whole} has no \"{part}\". {}", spec::hint(part, here.into_iter())),
        })?);
        let _ = write!(whole, ".{part}");
    }
    Ok(match found {
        None => of_block(block),
        Some(a) => of_arg(&whole, a),
    })
}

/// What stands behind the keyword of a component and is no argument: a right, or a name.
fn no_argument(block: &'static BlockSpec, part: &str) -> String {
    let keyword = block.keyword;
    if let Some(r) = block.rights.iter().find(|r| r.word() == part) {
        return format!(
            "\"{part}\" is a right, not an argument: {keyword}.NAME.{} stands in uses. See groma explain {keyword} and groma explain service.uses.",
            r.word()
        );
    }
    let known = diag::suggest(part, block.all_args().map(|a| a.name)).is_some()
        || block.all_args().any(|a| a.near.contains(&part));
    match known {
        true => format!("{keyword} has no \"{part}\". {}", spec::hint(part, block.all_args())),
        false => format!(
            "{keyword} has no \"{part}\". If that is the name of one of yours: groma explain {keyword} says what it may have."
        ),
    }
}

/// The columns of a terminal that everybody has.
const WIDTH: usize = 78;

fn overview() -> String {
    let mut out = String::from("A manifest (groma.hcl) has these blocks:\n\n");
    for b in BLOCKS {
        item(&mut out, b.keyword, &first_sentence(b.doc));
    }
    out.push_str("\nFor one of them: groma explain service; for one argument: groma explain service.scale\n");
    out
}

/// The first sentence, which says what a thing is.
fn first_sentence(doc: &str) -> String {
    match doc.find(". ") {
        Some(i) => doc[..=i].to_owned(),
        None => doc.to_owned(),
    }
}

/// `  name            text`, wrapped.
fn item(out: &mut String, name: &str, text: &str) {
    const COLUMN: usize = 22;
    let lines = wrapped(text, WIDTH - COLUMN);
    let mut lines = lines.iter();
    let _ = writeln!(out, "  {name:width$}{}", lines.next().map_or("", String::as_str), width = COLUMN - 2);
    for l in lines {
        let _ = writeln!(out, "{:COLUMN$}{l}", "");
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for word in text.split_whitespace() {
        let line = out.last_mut().map(|l| l.chars().count()).unwrap_or(0);
        if line > 0 && line + 1 + word.chars().count() > width {
            out.push(word.to_owned());
        } else if let Some(l) = out.last_mut() {
            if line > 0 {
                l.push(' ');
            }
            l.push_str(word);
        }
    }
    out
}

fn paragraph(out: &mut String, text: &str) {
    for l in wrapped(text, WIDTH) {
        out.push_str(&l);
        out.push('\n');
    }
}

fn indented(out: &mut String, text: &str) {
    for l in text.lines() {
        let _ = writeln!(out, "    {l}");
    }
}

/// What holds where an argument is not written, as a few words.
fn default(a: &Arg) -> String {
    match a.default {
        Default::Required => "required".into(),
        Default::Value("") => "default \"\"".into(),
        Default::Value(v) if takes_text(&a.ty) => format!("default \"{v}\""),
        Default::Value(v) => format!("default {v}"),
        Default::Says(s) => format!("otherwise {s}"),
    }
}

fn takes_text(ty: &Type) -> bool {
    matches!(ty, Type::Text(_) | Type::Choice(_) | Type::Scalar)
}

fn of_block(b: &BlockSpec) -> String {
    let name = if b.single { "one only" } else { "any number" };
    let mut out = format!("{} \"NAME\" {{ … }}    ({name})\n\n", b.keyword);
    paragraph(&mut out, b.doc);
    out.push('\n');
    indented(&mut out, b.example);
    out.push_str("\nArguments:\n\n");
    for a in b.args {
        item(&mut out, a.name, &format!("{} ({})", first_sentence(a.doc), default(a)));
    }
    if b.kind.is_some() {
        for a in COMMON {
            item(&mut out, a.name, &first_sentence(a.doc));
        }
    }
    let rights = rights(b);
    if !rights.is_empty() {
        out.push('\n');
        paragraph(&mut out, &rights);
    }
    if !b.attributes.is_empty() {
        let _ = write!(out, "\n{}:\n\n", attributes_heading(b));
        for (name, what) in b.attributes {
            item(&mut out, name, what);
        }
    }
    let _ = writeln!(
        out,
        "\nFor one of them: groma explain {}.{}",
        b.keyword,
        b.args.first().map_or("", |a| a.name)
    );
    out
}

/// What the attributes of a block are for.
fn attributes_heading(b: &BlockSpec) -> String {
    match b.keyword {
        "environment" | "platform" => format!("In texts and in inputs of modules, {}.NAME is", b.keyword),
        "network" => "In inputs of modules, network.NAME is of the environment's network".into(),
        k => format!("In inputs of modules, {k}.NAME has"),
    }
}

/// What `uses` can say of a block.
fn rights(b: &BlockSpec) -> String {
    let Some(kind) = b.kind.filter(|_| !b.rights.is_empty()) else { return String::new() };
    let id = ComponentId { kind, name: "NAME".into() };
    let words: Vec<String> = b.rights.iter().map(|r| format!("{id}.{}", r.word())).collect();
    match b.default_right {
        Some(d) if b.rights.len() == 1 => format!("In uses: {id}, which is short for {id}.{}.", d.word()),
        Some(d) => format!("In uses: {}; {id} alone is {id}.{}.", spec::or(&words), d.word()),
        None => format!("In uses: {}.", spec::or(&words)),
    }
}

fn of_arg(path: &str, a: &Arg) -> String {
    let mut out = format!("{path} = …    ({})\n\n", default(a));
    paragraph(&mut out, a.doc);
    out.push('\n');
    paragraph(&mut out, &format!("It takes {}.", a.ty.describe()));
    if a.own {
        out.push('\n');
        paragraph(&mut out, "An environment that is like another does not take it over.");
    }
    out.push('\n');
    indented(&mut out, &format!("{} = {}", a.name, a.example));
    if let Some(fields) = a.ty.fields() {
        out.push_str("\nIts parts:\n\n");
        for f in fields {
            item(&mut out, f.name, &format!("{} ({})", first_sentence(f.doc), default(f)));
        }
    }
    out
}

/// The whole reference as Markdown.
pub fn reference() -> String {
    let mut out = String::from(
        "# The manifest\n\n\
         This page is made from the table that `groma` reads manifests with; `groma explain service.scale`\n\
         prints the same for one block or argument.\n\n\
         A manifest is `groma.hcl`, and any number of files `*.groma.hcl` beside it. It is HCL, with these\n\
         blocks. Values are constants, lists, objects, texts with `${environment.slug}` and the like in them,\n\
         conditions such as `environment.name == \"prod\" ? 4 : 1`, the functions of Terraform, and references\n\
         such as `database.main.write`.\n\n",
    );
    for b in BLOCKS {
        let _ = writeln!(out, "- [`{0}`](#{0}): {1}", b.keyword, first_sentence(b.doc));
    }
    for b in BLOCKS {
        let _ = write!(out, "\n## {}\n\n{}\n\n```hcl\n{}\n```\n\n", b.keyword, b.doc, b.example);
        let common: &[Arg] = if b.kind.is_some() { COMMON } else { &[] };
        table(&mut out, b.args.iter().chain(common));
        for a in b.args {
            if let Some(fields) = a.ty.fields() {
                let _ = write!(out, "\n`{}` of `{}`:\n\n", a.name, b.keyword);
                table(&mut out, fields.iter());
            }
        }
        let rights = rights(b);
        if !rights.is_empty() {
            let _ = write!(out, "\n{rights}\n");
        }
        if !b.attributes.is_empty() {
            let list: Vec<String> = b.attributes.iter().map(|(n, what)| format!("`{n}` ({what})")).collect();
            let _ = write!(out, "\n{}: {}.\n", attributes_heading(b), list.join(", "));
        }
        let own: Vec<String> = b.args.iter().filter(|a| a.own).map(|a| format!("`{}`", a.name)).collect();
        if !own.is_empty() {
            let _ = write!(
                out,
                "\nAn environment that is `like` another does not take over {}.\n",
                spec::and(&own)
            );
        }
    }
    out
}

fn table<'a>(out: &mut String, args: impl Iterator<Item = &'a Arg>) {
    out.push_str("| argument | takes | if not written | |\n| --- | --- | --- | --- |\n");
    let cell = |s: &str| s.replace('|', "\\|");
    for a in args {
        let missing = match a.default {
            Default::Required => "**required**".to_owned(),
            Default::Value(v) if takes_text(&a.ty) => format!("`\"{v}\"`"),
            Default::Value(v) => format!("`{v}`"),
            Default::Says(s) => cell(s),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {missing} | {} `{} = {}` |",
            a.name,
            cell(&a.ty.describe()),
            cell(a.doc),
            a.name,
            cell(a.example)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn what_is_no_path_has_the_nearest() {
        for (path, near) in [
            ("bucket.write", "bucket.NAME.write stands in uses"),
            ("uses", "service.uses"),
            ("database.main", "groma explain database"),
            ("service.sclae", "Did you mean \"scale\"?"),
            ("buckt", "Did you mean bucket?"),
        ] {
            let said = explain(path).expect_err(path);
            assert!(said.contains(near), "{path}: {said}");
        }
    }
}
