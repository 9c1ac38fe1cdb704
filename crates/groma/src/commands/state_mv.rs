//! `groma state mv`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{COMMON_FLAGS, SANDBOX};
use crate::session::Session;
use crate::state::{IGNORE_REMOTE_VERSION, LOCK_FLAGS};
use crate::state_edit::{self, EDIT_FLAGS};
use groma_lang::{Diagnostic, Diagnostics};
use groma_state::manager::Manager;
use groma_state::{ResourceState, State};
use groma_value::addr::{AbsResource, Key, Mode, ModuleInstance, ResourceInstance, Target};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

mod twice;

const FLAGS: &[Flag] = &[
    switch("dry-run", "Only say what would be moved."),
    switch(
        "review",
        "Show what would be moved and what both states have then, and ask, with both states locked.",
    ),
    switch("auto-approve", "With -review: do not ask."),
    value("state-out", "PATH", "Move into this state file, which is made if it does not exist."),
    value("backup-out", "PATH", "Where the former state of -state-out is kept."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "state mv",
    usage: "[flags] SOURCE DESTINATION [SOURCE DESTINATION]...",
    summary: "Move something in the state to another address",
    help: "Gives module instances, resources or resource instances other addresses in the state, or moves them into another state: all that is named, or nothing. The real objects are not touched. Between two states, the destination is written first: what an interruption leaves in both is put right by the same command again. To record a move for everybody who uses the configuration, write a moved block instead.",
    flags: &[FLAGS, EDIT_FLAGS, LOCK_FLAGS, &[SANDBOX, IGNORE_REMOTE_VERSION], COMMON_FLAGS],
    run,
    main: false,
};

/// What is moved: always between two addresses of one kind.
enum Move {
    Module(ModuleInstance, ModuleInstance),
    Resource(AbsResource, AbsResource),
    Instance(ResourceInstance, ResourceInstance),
}

/// What a command line comes to.
struct Moved {
    old: State,
    new: Option<State>,
    /// Addresses before and after.
    lines: Vec<(String, String)>,
    /// How many instances both states have of an interrupted move.
    twice: usize,
}

fn run(s: &Session, args: &Args) -> Outcome {
    if args.rest.is_empty() || !args.rest.len().is_multiple_of(2) {
        return Err("Exactly two arguments expected, or several pairs: the address now and the new one."
            .to_owned()
            .into());
    }
    state_edit::check_flags(args)?;
    let mut pairs = Vec::new();
    for pair in args.rest.chunks(2) {
        pairs.push((s.address(&pair[0])?, s.address(&pair[1])?));
    }
    let dry_run = args.on("dry-run", false);
    let (mut from, file) = if dry_run {
        (s.look_into_state(args)?, None)
    } else {
        let open = s.edit_state(args, "state-mv")?;
        (open.manager, open.file)
    };
    let out = args.get("state-out").map(Path::new);
    let real = |p: &Path| std::fs::canonicalize(p).unwrap_or_else(|_| p.to_owned());
    let out = out.filter(|o| file.as_ref().is_none_or(|f| real(f) != real(o)));
    let mut to: Option<Manager> = match out {
        Some(path) if dry_run => Some(looked_at(s, path)?),
        Some(path) => match s.edit_file(args, path, args.get("backup-out"), "state-mv") {
            Ok(m) => Some(m),
            Err(f) => {
                s.close_state(from)?;
                return Err(f);
            }
        },
        None => None,
    };
    let names = (from.store().describe(), to.as_mut().map(|m| m.store().describe()));
    let done = (|| {
        let moved = match work_out(&pairs, &from.file().state, to.as_ref().map(|m| &m.file().state)) {
            Ok(moved) => moved,
            Err(diags) => {
                s.check(&diags)?;
                return Err(Failure::Reported);
            }
        };
        if !approved(s, args, &moved, &names)? {
            return Ok(None);
        }
        if !dry_run {
            save(s, &mut from, to.as_mut(), &moved, &names)?;
        }
        Ok(Some(moved))
    })();
    let closed = to.map_or(Ok(()), |m| s.close_state(m));
    let closed = s.close_state(from).and(closed);
    let moved = done?;
    closed?;
    let Some(moved) = moved else {
        s.ui.line("Nothing was moved.");
        return Ok(1);
    };
    let verb = if dry_run { "Would move" } else { "Move" };
    for (a, b) in &moved.lines {
        s.ui.line(&format!("{verb} {a:?} to {b:?}"));
    }
    if let (1.., Some(out)) = (moved.twice, &names.1) {
        let only = if dry_run { "would only be" } else { "were only" };
        s.ui.line(&format!(
            "{} resource instance(s) were in {out} already, of a move that was interrupted: they {only} removed from {}.",
            moved.twice, names.0
        ));
    }
    if !dry_run {
        s.ui.line(&format!("Successfully moved {} object(s).", moved.lines.len()));
    }
    Ok(0)
}

/// The states after all moves, one after the other.
fn work_out(pairs: &[(Target, Target)], old: &State, new: Option<&State>) -> Result<Moved, Diagnostics> {
    let mut moved = Moved { old: old.clone(), new: new.cloned(), lines: Vec::new(), twice: 0 };
    for (source, destination) in pairs {
        if let Some(new) = &mut moved.new {
            moved.twice += twice::forget_same(source, destination, &moved.old, new);
        }
        let found = plan(source, destination, &moved.old, moved.new.as_ref()).map_err(|mut diags| {
            let both = moved.new.as_ref().and_then(|n| twice::same_object(source, destination, &moved.old, n));
            if let Some((here, there)) = both {
                diags.push(Diagnostic::error(
                    "The same object is in both states",
                    format!(
                        "{here} and {there} of the other state have the same id. Probably a move was interrupted, and the object was changed since. Remove {here} with groma state rm, and only this one object is left: the one in the other state."
                    ),
                ));
            }
            diags
        })?;
        moved.lines.extend(perform(&found, &mut moved.old, moved.new.as_mut()));
    }
    Ok(moved)
}

/// With `-review`: shows what is about to be done, and asks.
fn approved(
    s: &Session,
    args: &Args,
    moved: &Moved,
    names: &(String, Option<String>),
) -> Result<bool, Failure> {
    if !args.on("review", false) || args.on("dry-run", false) {
        return Ok(true);
    }
    let out = names.1.as_ref().unwrap_or(&names.0);
    let mut text = format!("Groma will move {} object(s) from {} to {out}:\n\n", moved.lines.len(), names.0);
    for (a, b) in &moved.lines {
        text.push_str(&format!("  {a}\n    -> {b}\n"));
    }
    let has =
        |name: &str, state: &State| format!("{name} has {} resource instance(s)", state.instances().count());
    let mut then = vec![has(&names.0, &moved.old)];
    if let (Some(name), Some(state)) = (&names.1, &moved.new) {
        then.push(has(name, state));
    }
    text.push_str(&format!("\nThen {}. No real object is touched.\n", then.join(", ")));
    s.ui.out(&text);
    if args.on("auto-approve", false) {
        return Ok(true);
    }
    s.confirm("Do you want to move them?", "")
}

/// Writes both states, the destination first: what is there twice is easier to mend than
/// what is nowhere.
fn save(
    s: &Session,
    from: &mut Manager,
    to: Option<&mut Manager>,
    moved: &Moved,
    names: &(String, Option<String>),
) -> Result<(), Failure> {
    let between = to.is_some();
    if let (Some(m), Some(new)) = (to, &moved.new) {
        s.save_state(m, new.clone())?;
    }
    s.save_state(from, moved.old.clone()).inspect_err(|_| {
        if let (true, Some(out)) = (between, &names.1) {
            s.fail(Diagnostic::error(
                "The move is half done",
                format!(
                    "{out} has what was to be moved, but {} still has it too. Run the same command again when the cause is gone: it removes there what both have.",
                    names.0
                ),
            ));
        }
    })
}

/// The state in a file, for a dry run.
fn looked_at(s: &Session, path: &Path) -> Result<Manager, Failure> {
    let env = groma_state::BackendEnv { state: Some(path.to_owned()), ..groma_state::BackendEnv::default() };
    let backend = s.local_backend(&env)?;
    let store = backend
        .open_existing(groma_state::DEFAULT_WORKSPACE)
        .map_err(|e| s.fail(crate::state::state_error(&e)))?;
    s.manage(store, None, None, false)
}

fn error(summary: &str, detail: String) -> Diagnostics {
    Diagnostic::error(summary, detail).into()
}

fn no_source(source: &Target, hint: &str) -> Diagnostics {
    error(
        "Invalid source address",
        format!("Cannot move {source}: does not match anything in the current state.{hint}"),
    )
}

fn bad_target(detail: String) -> Diagnostics {
    error("Invalid target address", detail)
}

/// Finds out what is to be moved, and whether it can be.
fn plan(
    source: &Target,
    destination: &Target,
    old: &State,
    other: Option<&State>,
) -> Result<Move, Diagnostics> {
    let new = other.unwrap_or(old);
    let (a, b) = match (source, destination) {
        (Target::Module(a), Target::Module(b)) => return module(source, a, b, old, other),
        (Target::Module(_), _) => {
            return Err(bad_target(format!(
                "Cannot move {source} to {destination}: the target must also be a module."
            )));
        }
        (_, Target::Module(_)) => {
            return Err(bad_target(format!(
                "Cannot move {source} to {destination}: the target must also be a resource or a resource instance."
            )));
        }
        (a, b) => (a, b),
    };
    let resource = |t: &Target| match t {
        Target::Resource(r) => r.clone(),
        Target::Instance(i) => i.abs_resource(),
        Target::Module(m) => {
            AbsResource { module: m.clone(), resource: groma_value::addr::Resource::managed("", "") }
        }
    };
    let (ra, rb) = (resource(a), resource(b));
    same_kind(source, destination, &ra, &rb)?;
    let Some(stored) = old.resources.get(&ra) else { return Err(no_source(source, &elsewhere(&ra, old))) };
    let single = stored.instances.len() == 1 && stored.instances.contains_key(&Key::None);
    let (ia, ib) = match (a, b) {
        (Target::Instance(i), Target::Instance(j)) => (i.clone(), j.clone()),
        (Target::Instance(i), _) => (i.clone(), rb.instance(Key::None)),
        (_, Target::Instance(j)) if single => (ra.instance(Key::None), j.clone()),
        (_, Target::Instance(_)) => {
            return Err(bad_target(format!(
                "Cannot move {source} to {destination}: the source is a whole resource (not a resource instance) so the target must also be a whole resource."
            )));
        }
        _ if single => (ra.instance(Key::None), rb.instance(Key::None)),
        _ => {
            if new.resources.contains_key(&rb) {
                return Err(bad_target(format!(
                    "Cannot move to {destination}: there is already a resource at that address in the current state."
                )));
            }
            return Ok(Move::Resource(ra, rb));
        }
    };
    if !stored.instances.contains_key(&ia.key) {
        let keys: Vec<String> = stored.instances.keys().map(|k| ra.instance(k.clone()).to_string()).collect();
        return Err(no_source(source, &format!(" There are {}.", keys.join(", "))));
    }
    if new.instance(&ib).is_some() {
        return Err(bad_target(format!(
            "Cannot move to {destination}: there is already a resource instance at that address in the current state."
        )));
    }
    Ok(Move::Instance(ia, ib))
}

fn same_kind(
    source: &Target,
    destination: &Target,
    a: &AbsResource,
    b: &AbsResource,
) -> Result<(), Diagnostics> {
    let mut diags = Diagnostics::new();
    let mut invalid = |why: &str| {
        diags.push(Diagnostic::error(
            "Invalid state move request",
            format!("Cannot move {source} to {destination}: {why}."),
        ));
    };
    if a.resource.mode != b.resource.mode {
        invalid(match a.resource.mode {
            Mode::Data => "a data resource can be moved only to another data resource address",
            _ => "a managed resource can be moved only to another managed resource address",
        });
    }
    if a.resource.ty != b.resource.ty {
        invalid("resource types don't match");
    }
    if diags.is_empty() { Ok(()) } else { Err(diags) }
}

/// The same resource in other instances of the module, as a hint.
fn elsewhere(r: &AbsResource, old: &State) -> String {
    let config = r.config();
    let found = old.resources.keys().find(|o| o.config() == config);
    found.map(|o| format!(" There is {o}.")).unwrap_or_default()
}

/// A module within `a`, at the same place within `b`.
fn rebased(m: &ModuleInstance, a: &ModuleInstance, b: &ModuleInstance) -> ModuleInstance {
    b.steps().iter().chain(&m.steps()[a.steps().len()..]).cloned().collect()
}

fn module(
    source: &Target,
    a: &ModuleInstance,
    b: &ModuleInstance,
    old: &State,
    other: Option<&State>,
) -> Result<Move, Diagnostics> {
    if !old.resources.keys().any(|r| r.module.within(a)) {
        let path = a.path();
        let keyed: BTreeSet<String> = old
            .resources
            .keys()
            .filter(|r| r.module.steps().len() >= a.steps().len())
            .map(|r| r.module.steps()[..a.steps().len()].iter().cloned().collect::<ModuleInstance>())
            .filter(|m| m.path() == path)
            .map(|m| m.to_string())
            .collect();
        let hint = match keyed.is_empty() {
            true => String::new(),
            false => format!(
                " There are {}; each is moved by itself.",
                keyed.into_iter().collect::<Vec<_>>().join(", ")
            ),
        };
        return Err(no_source(source, &hint));
    }
    // What moves away does not stand in its own way.
    let moving = |m: &ModuleInstance| other.is_none() && m.within(a);
    let destinations: BTreeSet<ModuleInstance> =
        old.resources.keys().filter(|r| r.module.within(a)).map(|r| rebased(&r.module, a, b)).collect();
    let taken = |m: &ModuleInstance| destinations.contains(m) && !moving(m);
    let taken = other.unwrap_or(old).resources.keys().map(|r| &r.module).find(|m| taken(m));
    if other.is_none() && a == b || taken.is_some() {
        let at = taken.unwrap_or(b);
        return Err(bad_target(format!(
            "Cannot move to {b}: there is already a module at the address {at} in the current state."
        )));
    }
    Ok(Move::Module(a.clone(), b.clone()))
}

/// Moves within `old`, or from `old` to `new`. The moves as pairs of addresses.
fn perform(m: &Move, old: &mut State, mut new: Option<&mut State>) -> Vec<(String, String)> {
    match m {
        Move::Module(a, b) => {
            let inside: Vec<AbsResource> =
                old.resources.keys().filter(|r| r.module.within(a)).cloned().collect();
            let to = |m: &ModuleInstance| rebased(m, a, b);
            let taken: Vec<(AbsResource, Arc<ResourceState>)> =
                inside.into_iter().filter_map(|r| old.resources.remove(&r).map(|s| (r, s))).collect();
            let mut modules: BTreeSet<(usize, ModuleInstance)> = BTreeSet::new();
            for (r, content) in taken {
                modules.insert((r.module.steps().len(), r.module.clone()));
                let moved = AbsResource { module: to(&r.module), resource: r.resource };
                new.as_deref_mut().unwrap_or(old).resources.insert(moved, content);
            }
            modules.into_iter().map(|(_, m)| (m.to_string(), to(&m).to_string())).collect()
        }
        Move::Resource(a, b) => {
            if let Some(content) = old.resources.remove(a) {
                new.unwrap_or(old).resources.insert(b.clone(), content);
            }
            vec![(a.to_string(), b.to_string())]
        }
        Move::Instance(a, b) => {
            let key = a.abs_resource();
            let mut taken = None;
            if let Some(shared) = old.resources.get_mut(&key) {
                let r = Arc::make_mut(shared);
                taken = r.instances.remove(&a.key).map(|i| (r.provider.clone(), i));
                if r.instances.is_empty() {
                    old.resources.remove(&key);
                }
            }
            if let Some((provider, content)) = taken {
                let shared = new.unwrap_or(old).resources.entry(b.abs_resource());
                let shared = shared
                    .or_insert_with(|| Arc::new(ResourceState { provider, instances: Default::default() }));
                Arc::make_mut(shared).instances.insert(b.key.clone(), content);
            }
            vec![(a.to_string(), b.to_string())]
        }
    }
}
