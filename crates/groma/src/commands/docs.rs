//! `groma docs`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::COMMON_FLAGS;
use crate::platform::{EACH_FLAGS, PLATFORM_FLAGS, Project, now};
use crate::prove::properties::About;
use crate::prove::verdict::Verdict;
use crate::prove::{self, exact, source};
use crate::session::Session;
use groma_platform::compile::allocate;
use groma_platform::docs::{Proof, Proven, Scene, diagram, markdown};
use groma_platform::record::Live;

const FLAGS: &[Flag] = &[
    value("out", "DIR", "Where to write; the working directory unless given."),
    switch(
        "prove",
        "Plan the environment and say of each connection whether it is proved to work. It takes credentials, or -sandbox.",
    ),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "docs",
    usage: "[flags] ENVIRONMENT",
    summary: "Write what an environment is: a page of Markdown and a picture",
    help: "Writes ENVIRONMENT.md and ENVIRONMENT.svg: what there is in the environment, who may reach what and why, the network, ways in, settings by name, and what is always on. Both come from the manifest and from what is remembered of the environment; AWS is not asked, unless -prove is given. The same manifest gives the same bytes, so the files can be kept beside it.",
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
    let mut scene = Scene::new(&p.manifest, &env, &record).map_err(|d| s.fail(d))?;
    if args.on("prove", false) {
        scene.proofs = Some(proofs(s, args, &env.name, &env.slug)?);
    }
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

/// What is proved of the connections that an environment declares.
fn proofs(s: &Session, args: &Args, name: &str, slug: &str) -> Result<Vec<Proven>, Failure> {
    let source = source::open(s, args, Some(name))?;
    let network = prove::network(&source.staged);
    let about = About { staged: &source.staged, network: &network, declared: &source.staged.declared };
    let found = exact::verdicts(&about, slug).into_iter().map(|(d, v)| Proven {
        from: d.from,
        to: d.to,
        proof: match v {
            // What is put off may open or close anything.
            Verdict::Proved if source.staged.deferred.is_empty() => Proof::Works,
            Verdict::Proved | Verdict::NotProved => Proof::Unknown,
            Verdict::Refuted => Proof::Blocked,
        },
    });
    Ok(found.collect())
}
