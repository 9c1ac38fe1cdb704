//! Input variables of the root module: from files, flags, the environment, and by asking.

use crate::args::Args;
use crate::commands::Failure;
use crate::session::Session;
use groma_config::Config;
use groma_config::variables::{
    InputSource, VariableInputs, VariableOption, collect_variables, prompted_value, report_missing,
};
use groma_engine::VariableInput;
use groma_lang::Diagnostics;
use groma_value::Name;
use std::collections::BTreeMap;
use std::io::IsTerminal;

/// What the environment and flags say of variables.
pub fn inputs(env: &BTreeMap<String, String>, args: &Args) -> VariableInputs {
    let environment =
        env.iter().filter_map(|(k, v)| Some((k.strip_prefix("TF_VAR_")?.to_owned(), v.clone()))).collect();
    let options = args
        .ordered
        .iter()
        .filter_map(|(flag, v)| match *flag {
            "var" => Some(VariableOption::Var(v.clone())),
            "var-file" => Some(VariableOption::File(v.clone())),
            _ => None,
        })
        .collect();
    VariableInputs { environment, options }
}

/// Values for all variables that have one. Asks for what is missing, if that is
/// possible, and fails otherwise.
pub fn collect(
    s: &Session,
    args: &Args,
    config: &Config,
    diags: &mut Diagnostics,
) -> Result<BTreeMap<Name, VariableInput>, Failure> {
    let inputs = inputs(&s.env, args);
    let root = &config.root.module;
    let load = s.load_options();
    let mut found = collect_variables(root, &inputs, &s.sources, &load, diags);
    if !found.missing.is_empty() && !diags.has_errors() {
        if s.input && std::io::stdin().is_terminal() {
            for name in std::mem::take(&mut found.missing) {
                let Some(v) = root.variables.get(&name) else { continue };
                let answer = ask(s, &name, v.description.as_deref())?;
                let value = prompted_value(v, &answer, &s.sources, &load, diags);
                found.values.insert(name, value);
            }
        } else {
            report_missing(root, &found.missing, diags);
        }
    }
    if diags.has_errors() {
        s.ui.diags(diags, &s.sources);
        return Err(Failure::Reported);
    }
    Ok(found
        .values
        .into_iter()
        .filter_map(|(n, v)| {
            let set = v.source != InputSource::Default;
            Some((n, VariableInput { value: v.value?, set }))
        })
        .collect())
}

fn ask(s: &Session, name: &str, description: Option<&str>) -> Result<String, Failure> {
    let mut text = format!("{}\n", s.paint().bold(&format!("var.{name}")));
    if let Some(d) = description {
        text.push_str(&format!("  {d}\n"));
    }
    text.push_str("\n  Enter a value: ");
    let answer = s.answer(&text)?.unwrap_or_default();
    Ok(answer.trim_end_matches(['\n', '\r']).to_owned())
}
