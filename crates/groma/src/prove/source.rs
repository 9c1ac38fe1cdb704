//! What is proved about: a directory, a plan, a state, an environment.

use super::understudy::Speaker;
use super::world::{Builder, Staged};
use crate::args::Args;
use crate::commands::Failure;
use crate::operation;
use crate::session::Session;
use groma_engine::{PlanMode, Quiet};
use groma_lang::Diagnostics;
use std::path::Path;
use std::sync::Arc;

/// The world that the arguments name.
pub fn staged(s: &Session, args: &Args) -> Result<Staged, Failure> {
    match &args.rest[..] {
        [] => directory(s, args, Path::new("")),
        [dir] => {
            std::env::set_current_dir(dir).map_err(|e| format!("Cannot work in {dir:?}: {e}"))?;
            directory(s, args, Path::new(dir))
        }
        _ => Err("groma prove takes one plan, directory or environment.".to_owned().into()),
    }
}

/// Who speaks for the providers of this run.
pub fn speaker(s: &Session) -> Result<Speaker, Failure> {
    let mut speaker = Speaker::new()?;
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|n| s.env.get(*n));
    speaker.default_region = region.map(|r| r.as_str().into());
    if s.sandbox.get().is_some() {
        let defaults = groma_sandbox::Settings::default();
        speaker.default_account = Some(defaults.account.as_str().into());
        speaker.default_region = Some(defaults.region.as_str().into());
    }
    Ok(speaker)
}

/// Plans the working directory.
fn directory(s: &Session, args: &Args, dir: &Path) -> Result<Staged, Failure> {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let m = s.open_state(args, Some("OperationTypePlan"))?;
    let state = m.file().state.clone();
    let ready = s.ready(args, config, &state, Arc::new(Quiet), &mut diags)?;
    let options = operation::plan_options(args, ready.variables.clone(), PlanMode::Normal)?;
    s.watch_interrupts(&ready.pool);
    let planned = operation::run(s, groma_engine::plan(&ready.context, &state, &options));
    s.close_state(m)?;
    let Some((plan, found)) = planned else { return Err("Planning was abandoned.".to_owned().into()) };
    diags.extend(found);
    s.ui.documents_only(true);
    s.check(&diags)?;
    let mut builder = Builder::new(speaker(s)?);
    builder.add("", &ready.context, &plan, &s.sources, dir);
    Ok(builder.finish())
}
