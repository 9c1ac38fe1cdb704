//! `groma docs`

use super::{Command, Outcome};
use crate::args::{Args, Flag, value};
use crate::operation::COMMON_FLAGS;
use crate::platform::{EACH_FLAGS, PLATFORM_FLAGS, Project, now};
use crate::session::Session;
use groma_platform::compile::allocate;
use groma_platform::docs::{Scene, diagram, markdown};
use groma_platform::record::Live;

const FLAGS: &[Flag] = &[value("out", "DIR", "Where to write; the working directory unless given.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "docs",
    usage: "[flags] ENVIRONMENT",
    summary: "Write what an environment is: a page of Markdown and a picture",
    help: "Writes ENVIRONMENT.md and ENVIRONMENT.svg: what there is in the environment, who may reach what and why, the network, ways in, settings by name, and what is always on. Both come from the manifest and from what is remembered of the environment; AWS is not asked. The same manifest gives the same bytes, so the files can be kept beside it.",
    flags: &[FLAGS, EACH_FLAGS, PLATFORM_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let p = Project::open(s, args)?;
    let env = p.named("docs")?;
    let mut record = p.recorded()?;
    // What is not up yet is shown with the addresses that it would get.
    if !record.environments.contains_key(&env.slug) {
        let live = Live { name: env.name.clone(), label: env.label.clone(), since: now(), ..Live::default() };
        record.environments.insert(env.slug.clone(), live);
    }
    allocate(&p.manifest, &mut record).map_err(|d| s.fail(d))?;
    let scene = Scene::new(&p.manifest, &env, &record).map_err(|d| s.fail(d))?;
    let dir = p.dir.join(args.get("out").filter(|o| !o.is_empty()).unwrap_or("."));
    std::fs::create_dir_all(&dir).map_err(|e| format!("{} cannot be made: {e}", dir.display()))?;
    let picture = format!("{}.svg", env.slug);
    let page = format!("{}.md", env.slug);
    for (file, text) in [(&picture, diagram(&scene)), (&page, markdown(&scene, &picture))] {
        let path = dir.join(file);
        std::fs::write(&path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    }
    s.ui.out(&format!("{} is described in {page}, with the picture {picture}.\n", env.slug));
    Ok(0)
}
