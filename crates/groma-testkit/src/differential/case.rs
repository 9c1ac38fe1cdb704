//! What a case says.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// One case: files, and the steps taken with them.
///
/// `case.json`, all of it optional:
///
/// ```json
/// {
///   "about": "what the case shows",
///   "env": { "TF_VAR_x": "1" },
///   "init": false,
///   "needs": ["aws"],
///   "steps": [
///     { "plan": ["-var", "x=1"], "env": { "TF_VAR_y": "2" }, "in": "folder" },
///     { "apply": [] },
///     { "write": { "main.tf": "text, or lines as an array" } },
///     { "remove": ["old.tf"] },
///     { "apply": [], "expect": "error" }
///   ]
/// }
/// ```
///
/// A step is named by its command; its value is the list of further arguments. `plan` writes a plan file, which
/// `apply_saved` applies; `plan`, `apply` and `destroy` never prompt. `console` takes expressions. Other commands run
/// as they are. Each run expects success (`ok`) unless it says `error`; `any` leaves it open.
///
/// Without steps the case is init, plan, apply, and a plan which should be empty. With `"expect": "error"` and no
/// steps it is a bad configuration: init, validate and plan until one refuses, which both must do at the same stage
/// (init and validate count as one) and for the same places. With `"places": "among"` it is enough that the subject
/// names some of the oracle's: after a syntax error a parser goes on where it can, and where is its own affair. With
/// `"places": "more"` it must name all of the oracle's, and may name others too: it found more.
///
/// `"gap": "why"` marks something that Groma does not do yet: the case passes as long as the two differ, and fails
/// when they no longer do, so that the mark goes away with the gap.
///
/// A case which needs the real AWS provider says so, and is skipped where there is no mirror of it.
///
/// Init comes first by itself, in the case's folder, unless `"init": false`.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// What the case shows.
    pub about: String,
    /// The folder the files are copied from.
    pub folder: PathBuf,
    /// Whether the subject may name fewer places than the oracle.
    pub among: bool,
    /// Whether the subject may name more places than the oracle.
    pub more: bool,
    /// What is missing, if the case is known to differ.
    pub gap: Option<String>,
    /// Whether the real AWS provider must be in the mirror.
    pub needs_aws: bool,
    /// Environment variables of all steps.
    pub env: Vec<(String, String)>,
    /// The steps; `None` for a bad configuration.
    pub steps: Option<Vec<Step>>,
}

/// One step of a case.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// How it should end.
    pub expect: Expect,
    /// The folder in which the command runs, relative to the case's.
    pub folder: PathBuf,
    /// Environment variables of this step alone.
    pub env: Vec<(String, String)>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// `plan -out`, and the plan as JSON.
    Plan(Vec<String>),
    /// `apply -auto-approve`.
    Apply(Vec<String>),
    /// `apply` of the plan file which the last `plan` wrote.
    ApplySaved(Vec<String>),
    /// `destroy -auto-approve`.
    Destroy(Vec<String>),
    /// `validate -json`.
    Validate,
    /// `console`, with these expressions as its input.
    Console(Vec<String>),
    /// Any other command, named first.
    Run(Vec<String>),
    /// Files are written.
    Write(Vec<(PathBuf, String)>),
    /// Files are removed.
    Remove(Vec<PathBuf>),
}

/// How a step should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// With exit code 0, or 2 (changes, under `-detailed-exitcode`).
    Ok,
    /// With exit code 1.
    Error,
    /// Either way.
    Any,
}

impl Case {
    /// Reads a case's folder.
    ///
    /// # Errors
    ///
    /// What is wrong with its `case.json`.
    pub fn load(folder: &Path) -> Result<Self, String> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wrong = |what: String| format!("{name}/case.json: {what}");
        let spec = match fs::read_to_string(folder.join("case.json")) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?,
            Err(_) => Value::Object(Map::new()),
        };
        let Value::Object(mut spec) = spec else { return Err(wrong("not an object".to_owned())) };
        let about =
            spec.shift_remove("about").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let env = pairs(spec.shift_remove("env")).map_err(&wrong)?;
        let init = spec.shift_remove("init").is_none_or(|value| value != Value::Bool(false));
        let refused = spec.shift_remove("expect").is_some_and(|value| value == "error");
        let gap = spec.shift_remove("gap").and_then(|v| v.as_str().map(str::to_owned));
        let (among, more) = match spec.shift_remove("places") {
            None => (false, false),
            Some(value) if value == "among" && refused => (true, false),
            Some(value) if value == "more" && refused => (false, true),
            Some(value) => return Err(wrong(format!("`places` is {value}"))),
        };
        let needs =
            list(spec.shift_remove("needs").unwrap_or_else(|| Value::Array(Vec::new()))).map_err(&wrong)?;
        if let Some(part) = needs.iter().find(|part| *part != "aws") {
            return Err(wrong(format!("nothing is known of the part {part}")));
        }
        let listed = spec.shift_remove("steps");
        if let Some(key) = spec.keys().next() {
            return Err(wrong(format!("unknown key {key}")));
        }
        let steps = match listed {
            None if refused => None,
            None => Some(Self::usual_steps()),
            Some(Value::Array(steps)) => {
                Some(steps.into_iter().map(Step::parse).collect::<Result<_, _>>().map_err(&wrong)?)
            }
            Some(_) => return Err(wrong("`steps` is not a list".to_owned())),
        };
        let steps = steps.map(|mut steps: Vec<Step>| {
            if init {
                steps.insert(0, Step::of(Action::Run(vec!["init".to_owned()])));
            }
            steps
        });
        let (folder, needs_aws) = (folder.to_path_buf(), !needs.is_empty());
        Ok(Self { name, about, folder, among, more, gap, needs_aws, env, steps })
    }

    fn usual_steps() -> Vec<Step> {
        let again = Action::Plan(vec!["-detailed-exitcode".to_owned()]);
        [Action::Plan(Vec::new()), Action::Apply(Vec::new()), again].map(Step::of).into()
    }

    pub(crate) fn heading(&self) -> String {
        let about = if self.about.is_empty() { String::new() } else { format!(" ({})", self.about) };
        format!("case {}{about}\n", self.name)
    }
}

impl Step {
    fn of(action: Action) -> Self {
        Self { action, expect: Expect::Ok, folder: PathBuf::new(), env: Vec::new() }
    }

    fn parse(value: Value) -> Result<Self, String> {
        let Value::Object(mut spec) = value else { return Err("a step is not an object".to_owned()) };
        let expect = match spec.shift_remove("expect").as_ref().map(|value| value.as_str()) {
            None | Some(Some("ok")) => Expect::Ok,
            Some(Some("error")) => Expect::Error,
            Some(Some("any")) => Expect::Any,
            Some(_) => return Err("`expect` is ok, error or any".to_owned()),
        };
        let folder = spec.shift_remove("in").and_then(|v| v.as_str().map(PathBuf::from)).unwrap_or_default();
        let env = pairs(spec.shift_remove("env"))?;
        let mut rest = spec.into_iter();
        let (Some((name, value)), None) = (rest.next(), rest.next()) else {
            return Err("a step has exactly one command".to_owned());
        };
        let action = match name.as_str() {
            "plan" => Action::Plan(list(value)?),
            "apply" => Action::Apply(list(value)?),
            "apply_saved" => Action::ApplySaved(list(value)?),
            "destroy" => Action::Destroy(list(value)?),
            "validate" => Action::Validate,
            "console" => Action::Console(list(value)?),
            "write" => Action::Write(files(value)?),
            "remove" => Action::Remove(list(value)?.into_iter().map(PathBuf::from).collect()),
            _ => Action::Run(std::iter::once(name).chain(list(value)?).collect()),
        };
        Ok(Self { action, expect, folder, env })
    }

    /// The step as a report names it.
    pub fn label(&self) -> String {
        let command = |name: &str, args: &[String]| [&[name.to_owned()], args].concat().join(" ");
        let text = match &self.action {
            Action::Plan(args) => command("plan", args),
            Action::Apply(args) => command("apply", args),
            Action::ApplySaved(args) => command("apply (saved plan)", args),
            Action::Destroy(args) => command("destroy", args),
            Action::Validate => "validate -json".to_owned(),
            Action::Console(_) => "console".to_owned(),
            Action::Run(args) => args.join(" "),
            Action::Write(files) => format!("write {} files", files.len()),
            Action::Remove(files) => format!("remove {} files", files.len()),
        };
        if self.folder.as_os_str().is_empty() {
            text
        } else {
            format!("{text} (in {})", self.folder.display())
        }
    }
}

fn list(value: Value) -> Result<Vec<String>, String> {
    let Value::Array(items) = value else { return Err(format!("{value} is not a list of strings")) };
    let text = |item: Value| item.as_str().map(str::to_owned).ok_or(format!("{item} is not a string"));
    items.into_iter().map(text).collect()
}

fn pairs(value: Option<Value>) -> Result<Vec<(String, String)>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let Value::Object(map) = value else { return Err("`env` is not an object".to_owned()) };
    let pair = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        other => Err(format!("{name}: {other} is not a string")),
    };
    map.into_iter().map(pair).collect()
}

/// File names with their texts; a text may be given as a list of lines.
fn files(value: Value) -> Result<Vec<(PathBuf, String)>, String> {
    let Value::Object(map) = value else { return Err("`write` is not an object".to_owned()) };
    let file = |(name, value): (String, Value)| {
        let text = match value {
            Value::String(text) => text,
            other => list(other)?.join("\n") + "\n",
        };
        Ok((PathBuf::from(name), text))
    };
    map.into_iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(spec: &str) -> Result<Case, String> {
        let temp = tempfile::tempdir().expect("a folder");
        fs::write(temp.path().join("case.json"), spec).expect("a file");
        Case::load(temp.path())
    }

    #[test]
    fn steps_are_read_with_their_circumstances() {
        let spec = r#"{"init": false, "steps": [
            {"write": {"a.tf": ["x", "y"]}},
            {"plan": ["-var", "x=1"], "expect": "error", "in": "sub", "env": {"A": "1"}},
            {"state": ["list"]}]}"#;
        let steps = case(spec).expect("a case").steps.expect("steps");
        assert!(matches!(&steps[0].action, Action::Write(files) if files[0].1 == "x\ny\n"));
        assert_eq!((steps[1].expect, steps[1].label().as_str()), (Expect::Error, "plan -var x=1 (in sub)"));
        assert_eq!(steps[1].env, [("A".to_owned(), "1".to_owned())]);
        assert_eq!(steps[2].label(), "state list");
    }

    #[test]
    fn a_bad_configuration_has_no_steps_and_the_usual_case_has_four() {
        assert!(case(r#"{"expect": "error"}"#).expect("a case").steps.is_none());
        assert_eq!(case("{}").expect("a case").steps.map(|steps| steps.len()), Some(4));
    }

    #[test]
    fn mistakes_in_a_case_are_named() {
        for (spec, part) in [
            (r#"{"step": []}"#, "unknown key step"),
            (r#"{"steps": [{"plan": [], "apply": []}]}"#, "exactly one command"),
            (r#"{"steps": [{"plan": "x"}]}"#, "list of strings"),
            (r#"{"steps": [{"plan": [], "expect": "maybe"}]}"#, "ok, error or any"),
        ] {
            let error = case(spec).expect_err(spec);
            assert!(error.contains(part), "{error}");
        }
    }
}
