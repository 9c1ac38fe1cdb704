//! Worlds: from rehearsed plans to what the prover takes.

use super::understudy::Speaker;
use groma_engine::rehearse::{Rehearsal, Rehearsed, Site, Stage, Step, rehearse};
use groma_engine::{Context, Plan};
use groma_lang::Sources;
use groma_prove::world::{Location, Object, Place, World};
use groma_value::addr::Mode;
use groma_value::{Name, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A step of the apply: which root module and what.
pub struct WorldStep {
    /// The root module.
    pub root: Arc<str>,
    /// What is done.
    pub step: Step,
}

/// A root module of a manifest, for naming what is in it.
pub struct NamedRoot {
    /// Its name.
    pub name: String,
    /// The environment, or `network.NAME`.
    pub label: String,
    /// Components by the name of their module.
    pub components: BTreeMap<String, String>,
    /// The root modules whose outputs it reads, which are applied before it.
    pub needs: Vec<String>,
}

/// The world that plans lead to, and how it comes about.
pub struct Staged {
    /// The root modules of a manifest; none of other configurations.
    pub roots: Vec<NamedRoot>,
    /// What the manifest declares.
    pub declared: Vec<super::exact::Allowed>,
    /// As it will be.
    pub world: World,
    /// As it is now.
    pub before: World,
    /// The changes in an order in which they can be applied; none where nobody says it.
    pub steps: Option<Vec<WorldStep>>,
    /// Old objects that an earlier apply left behind and this one deletes, by address.
    pub deposed: Vec<String>,
    /// What could not be evaluated with stand-ins: the address and why. Its objects are
    /// in the world, unknown in places.
    pub notes: Vec<(String, String)>,
    /// What the plans defer, by address: there may be any number of it, so nothing is proved.
    pub deferred: Vec<String>,
}

/// Puts a world together from the plans of root modules.
pub struct Builder {
    /// Who speaks for the providers.
    pub speaker: Speaker,
    stage: Stage,
    staged: Staged,
}

impl Builder {
    /// An empty world, for the root modules of `plans`: a rule in one may be of a group in
    /// another, so all are known from the beginning.
    pub fn new<'p>(speaker: Speaker, plans: impl IntoIterator<Item = &'p Plan>) -> Builder {
        let stage = Stage::default();
        plans.into_iter().for_each(|p| stage.announce(p));
        let staged = Staged {
            roots: Vec::new(),
            declared: Vec::new(),
            world: World::default(),
            before: World::default(),
            steps: Some(Vec::new()),
            deposed: Vec::new(),
            notes: Vec::new(),
            deferred: Vec::new(),
        };
        Builder { speaker, stage, staged }
    }

    /// Adds a root module. `dir`: its directory as a person would write it, before the
    /// names of files. Root modules whose outputs others read come first.
    pub fn add(&mut self, root: &str, cx: &Context, plan: &Plan, sources: &Sources, dir: &Path) {
        self.learn(plan);
        let r = rehearse(cx, plan, &self.stage, &self.speaker);
        self.note_outputs(root, &r, plan);
        let root: Arc<str> = root.into();
        let mut sites: BTreeMap<Site, Arc<Location>> = BTreeMap::new();
        let mut converted = |o: Rehearsed| {
            let location = sites.entry((*o.site).clone()).or_insert_with(|| {
                let Site { account, region } = (*o.site).clone();
                Arc::new(Location { account, region })
            });
            let place = o.span.map(|s| {
                let file = sources.get(s.file);
                let path = tidy(&dir.join(&file.name));
                Place { file: path.as_str().into(), line: file.position(s.start).line as usize }
            });
            let (root, location) = (root.clone(), location.clone());
            Object { root, addr: o.addr, location, values: o.values, place, exists: o.exists }
        };
        self.staged.world.objects.extend(r.objects.into_values().map(&mut converted));
        self.staged.before.objects.extend(r.before.into_values().map(&mut converted));
        let first = self.staged.steps.get_or_insert_default().len() as u32;
        let steps = r.steps.into_iter().map(|step| {
            let after = step.after.iter().map(|s| first + s).collect();
            WorldStep { root: root.clone(), step: Step { after, ..step } }
        });
        self.staged.steps.get_or_insert_default().extend(steps);
        let named = |addr: String| if root.is_empty() { addr } else { format!("{root}: {addr}") };
        let deposed = plan.changes.iter().filter(|c| c.deposed.is_some());
        self.staged.deposed.extend(deposed.map(|c| named(c.addr.to_string())));
        self.staged.deferred.extend(plan.deferred.iter().map(|d| named(d.pattern())));
        self.staged.notes.extend(r.notes.into_iter().map(|(a, why)| (named(a), why)));
        self.staged.world.open.extend(r.open.into_iter().map(|(a, why)| (named(a), why)));
    }

    /// Which accounts data sources told of.
    fn learn(&self, plan: &Plan) {
        for (addr, resource, i) in plan.prior.instances() {
            if addr.resource.mode != Mode::Data || &*addr.resource.ty != "aws_caller_identity" {
                continue;
            }
            let Some(o) = &i.current else { continue };
            let json: Option<serde_json::Value> = serde_json::from_str(&o.attributes).ok();
            if let Some(id) = json.as_ref().and_then(|j| j["account_id"].as_str()) {
                self.speaker.accounts.borrow_mut().insert(resource.provider.to_string(), id.into());
            }
        }
    }

    fn note_outputs(&self, root: &str, r: &Rehearsal, plan: &Plan) {
        if root.is_empty() {
            return;
        }
        // What others read is what this one will have, and what it has that stays.
        let mut outputs: BTreeMap<Name, Value> =
            plan.prior.outputs.iter().map(|(n, o)| (Name::from(n.as_str()), o.value.clone())).collect();
        outputs.extend(r.outputs.iter().map(|(n, v)| (n.clone(), v.clone())));
        self.speaker.outputs.borrow_mut().insert(root.to_owned(), Value::object(outputs));
    }

    /// The world so far, to be added to.
    pub fn staged(&mut self) -> &mut Staged {
        &mut self.staged
    }

    /// The world.
    pub fn finish(self) -> Staged {
        self.staged
    }
}

impl Staged {
    /// What data sources read, which changes nothing.
    fn data(&self) -> impl Iterator<Item = &Object> {
        self.world.objects.iter().filter(|o| o.addr.resource.mode == Mode::Data)
    }

    /// The world before anything is done.
    pub fn now(&self) -> World {
        let managed = self.before.objects.iter().filter(|o| o.addr.resource.mode != Mode::Data);
        World { objects: managed.chain(self.data()).cloned().collect(), open: self.world.open.clone() }
    }
}

/// A path without `./` and `a/..`.
fn tidy(path: &Path) -> String {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir
                if out
                    .components()
                    .next_back()
                    .is_some_and(|l| matches!(l, std::path::Component::Normal(_))) =>
            {
                out.pop();
            }
            c => out.push(c),
        }
    }
    out.to_string_lossy().into_owned()
}

/// A world as JSON, for looking at: what is made up and what is unknown is said.
pub fn to_json(staged: &Staged) -> serde_json::Value {
    let world = &staged.world;
    let object = |o: &Object| {
        let (plain, marks) = o.values.unmark_deep_with_paths();
        let invented: Vec<String> = marks
            .iter()
            .filter(|(_, m)| m.contains(&groma_value::Mark::Invented))
            .map(|(p, _)| p.to_string().trim_start_matches('.').to_owned())
            .collect();
        serde_json::json!({
            "root": &*o.root,
            "address": o.addr.to_string(),
            "account": o.location.account.as_deref(),
            "region": o.location.region.as_deref(),
            "place": o.place.as_ref().map(|p| format!("{}:{}", p.file, p.line)),
            "exists": o.exists,
            "values": plain_json(&plain),
            "invented": invented,
        })
    };
    let pairs = |list: &[(String, String)]| -> Vec<serde_json::Value> {
        list.iter().map(|(a, why)| serde_json::json!({ "what": a, "why": why })).collect()
    };
    let step = |s: &WorldStep| {
        let gone = s.step.gone;
        serde_json::json!({ "root": &*s.root, "address": s.step.addr.to_string(), "gone": gone })
    };
    serde_json::json!({
        "objects": world.objects.iter().map(object).collect::<Vec<_>>(),
        "before": staged.before.objects.len(),
        "open": pairs(&world.open),
        "notes": pairs(&staged.notes),
        "steps": staged.steps.iter().flatten().map(step).collect::<Vec<_>>(),
    })
}

fn plain_json(v: &Value) -> serde_json::Value {
    use serde_json::Value as J;
    match v {
        Value::Unknown(..) => J::String("(unknown)".into()),
        Value::Null(_) => J::Null,
        Value::Bool(b) => J::Bool(*b),
        Value::String(s) => J::String(s.to_string()),
        Value::Number(n) => n.to_string().parse().map(J::Number).unwrap_or(J::Null),
        Value::Marked(m) => plain_json(&m.0),
        Value::Object(f) => J::Object(f.iter().map(|(n, v)| (n.to_string(), plain_json(v))).collect()),
        Value::Map(m) => J::Object(m.items.iter().map(|(n, v)| (n.to_string(), plain_json(v))).collect()),
        v => J::Array(v.as_elements().unwrap_or_default().iter().map(plain_json).collect()),
    }
}
