//! Plans and applies small configurations of the built-in provider, in process.

use groma_engine::{
    Action, Context, Interrupt, NoSink, Plan, PlanMode, PlanOptions, Providers, Quiet, apply, plan, validate,
};
use groma_lang::{Diagnostics, Sources};
use groma_provider::builtin::Builtin;
use groma_provider::{CallResult, Diags, NativeProvider, Provider, Schemas};
use groma_state::State;
use groma_value::Value;
use groma_value::addr::{Provider as ProviderAddr, ResourceInstance};
use std::path::Path;
use std::sync::Arc;

struct OnlyBuiltin(Builtin);

#[async_trait::async_trait]
impl Providers for OnlyBuiltin {
    async fn schemas(&self, _: &ProviderAddr) -> CallResult<Arc<dyn Schemas>> {
        Ok(self.0.instance().schemas())
    }
    async fn unconfigured(&self, _: &ProviderAddr) -> CallResult<Arc<dyn Provider>> {
        Ok(self.0.instance())
    }
    async fn configured(&self, _: &ProviderAddr, _: &Value) -> CallResult<(Arc<dyn Provider>, Diags)> {
        Ok((self.0.instance(), Vec::new()))
    }
}

struct Dir {
    dir: tempfile::TempDir,
    sources: Sources,
}

impl Dir {
    fn new(files: &[(&str, &str)]) -> Dir {
        let d = Dir { dir: tempfile::tempdir().unwrap(), sources: Sources::new() };
        d.write(files);
        d
    }
    fn write(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = self.dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    fn context(&self, state: &State) -> (Context, Diagnostics) {
        let mut diags = Diagnostics::new();
        let options =
            groma_config::LoadOptions { working_dir: self.dir.path().to_owned(), ..Default::default() };
        groma_config::install::install_modules(
            Path::new("."),
            false,
            &groma_config::install::NoFetcher,
            &self.sources,
            &options,
            &mut |_| {},
            &mut diags,
        );
        let config = Arc::new(groma_config::load_config(Path::new("."), &self.sources, &options, &mut diags));
        let providers: Arc<dyn Providers> =
            Arc::new(OnlyBuiltin(Builtin::new(Arc::new(|_, _, _| Err("not here".into())))));
        let which = Context::providers_of(&config, state);
        let schemas = futures::executor::block_on(Context::load_schemas(&*providers, which, &mut diags));
        let cx = Context {
            ssh_agent: None,
            overlay: Default::default(),
            config,
            providers,
            schemas,
            functions: Default::default(),
            parallelism: 10,
            workspace: "default".into(),
            cwd: ".".into(),
            interrupt: Arc::new(Interrupt::default()),
            observer: Arc::new(Quiet),
        };
        (cx, diags)
    }
    fn plan(&self, state: &State, options: &PlanOptions) -> (Context, Plan, Diagnostics) {
        let (cx, diags) = self.context(state);
        assert!(!diags.has_errors(), "{diags:#?}");
        let (p, diags) = futures::executor::block_on(plan(&cx, state, options));
        (cx, p, diags)
    }
    fn apply(&self, state: &State, options: &PlanOptions) -> (Plan, State) {
        let (cx, p, diags) = self.plan(state, options);
        assert!(!diags.has_errors(), "{diags:#?}");
        let (state, diags) = futures::executor::block_on(apply(&cx, &p, &NoSink));
        assert!(!diags.has_errors(), "{diags:#?}");
        (p, state)
    }
}

fn actions(p: &Plan) -> Vec<String> {
    p.changes
        .iter()
        .map(|c| {
            let deposed = c.deposed.as_ref().map(|_| " deposed").unwrap_or_default();
            format!("{}{deposed} {:?}", c.addr, c.action)
        })
        .collect()
}

const BASIC: &str = r#"
variable "n" {
  type    = number
  default = 2
}
locals {
  doubled = var.n * 2
}
resource "terraform_data" "a" {
  count = var.n
  input = "v${count.index}-${local.doubled}"
}
resource "terraform_data" "b" {
  for_each = { for i in range(var.n) : "k${i}" => i }
  input    = terraform_data.a[each.value].output
}
output "all" {
  value = [for k in sort(keys(terraform_data.b)) : terraform_data.b[k].output]
}
"#;

#[test]
fn create_then_nothing_then_destroy() {
    let d = Dir::new(&[("main.tf", BASIC)]);
    let (p, state) = d.apply(&State::default(), &PlanOptions::default());
    assert_eq!(
        actions(&p),
        [
            "terraform_data.a[0] Create",
            "terraform_data.a[1] Create",
            "terraform_data.b[\"k0\"] Create",
            "terraform_data.b[\"k1\"] Create"
        ]
    );
    assert_eq!(state.outputs["all"].value, Value::tuple(vec![Value::string("v0-4"), Value::string("v1-4")]));
    let deps: Vec<String> = state
        .current(&ResourceInstance::parse("terraform_data.b[\"k0\"]").unwrap())
        .unwrap()
        .dependencies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(deps, ["terraform_data.a"]);

    let (_, again, diags) = d.plan(&state, &PlanOptions::default());
    assert!(!diags.has_errors(), "{diags:#?}");
    assert!(!again.has_changes(), "{:#?}", actions(&again));

    let destroy = PlanOptions { mode: PlanMode::Destroy, ..Default::default() };
    let (p, state) = d.apply(&state, &destroy);
    assert!(p.changes.iter().all(|c| c.action == Action::Delete));
    assert_eq!(p.changes.len(), 4);
    assert!(state.is_empty(), "{state:#?}");
}

#[test]
fn update_replace_and_fewer_instances() {
    let text = |input: &str, trigger: &str, n: u32| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = {input}\n  triggers_replace = {trigger}\n}}\n\
             resource \"terraform_data\" \"b\" {{\n  count = {n}\n  input = terraform_data.a.id\n}}\n"
        )
    };
    let d = Dir::new(&[("main.tf", &text("1", "\"x\"", 3))]);
    let (_, state) = d.apply(&State::default(), &PlanOptions::default());
    d.write(&[("main.tf", &text("2", "\"x\"", 3))]);
    let (p, state) = d.apply(&state, &PlanOptions::default());
    assert_eq!(actions(&p)[0], "terraform_data.a Update");
    assert!(p.changes[1..].iter().all(|c| c.action == Action::NoOp));
    d.write(&[("main.tf", &text("2", "\"y\"", 2))]);
    let (p, state) = d.apply(&state, &PlanOptions::default());
    assert_eq!(
        actions(&p),
        [
            "terraform_data.a DeleteThenCreate",
            "terraform_data.b[0] Update",
            "terraform_data.b[1] Update",
            "terraform_data.b[2] Delete"
        ]
    );
    assert_eq!(state.instances().count(), 3);
}

#[test]
fn modules_nest_and_vanish() {
    let d = Dir::new(&[
        (
            "main.tf",
            "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"x\", \"y\"])\n  name = each.key\n}\n\
             output \"ids\" {\n  value = { for k, m in module.m : k => m.inner }\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"name\" {}\nmodule \"n\" {\n  source = \"../n\"\n  count = 2\n  label = \"${var.name}-${count.index}\"\n}\n\
             output \"inner\" {\n  value = module.n[*].out\n}\n",
        ),
        (
            "n/main.tf",
            "variable \"label\" {\n  type = string\n}\nresource \"terraform_data\" \"r\" {\n  input = var.label\n}\n\
             output \"out\" {\n  value = terraform_data.r.output\n}\n",
        ),
    ]);
    let (p, state) = d.apply(&State::default(), &PlanOptions::default());
    assert_eq!(p.changes.len(), 4);
    assert_eq!(p.changes[0].addr.to_string(), "module.m[\"x\"].module.n[0].terraform_data.r");
    let ids = &state.outputs["ids"].value;
    assert_eq!(
        ids.get_attr("y").unwrap().as_elements().unwrap(),
        [Value::string("y-0"), Value::string("y-1")]
    );
    d.write(&[("main.tf", "")]);
    let (p, state) = d.apply(&state, &PlanOptions::default());
    assert_eq!(p.changes.iter().filter(|c| c.action == Action::Delete).count(), 4);
    assert!(state.is_empty(), "{state:#?}");
}

#[test]
fn create_before_destroy_turns_the_order() {
    let text = |t: &str| {
        format!(
            "resource \"terraform_data\" \"a\" {{\n  triggers_replace = {t}\n}}\n\
             resource \"terraform_data\" \"b\" {{\n  triggers_replace = terraform_data.a.id\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n"
        )
    };
    let d = Dir::new(&[("main.tf", &text("1"))]);
    let (_, state) = d.apply(&State::default(), &PlanOptions::default());
    d.write(&[("main.tf", &text("2"))]);
    let (p, state) = d.apply(&state, &PlanOptions::default());
    assert_eq!(actions(&p), ["terraform_data.a CreateThenDelete", "terraform_data.b CreateThenDelete"]);
    assert!(state.instances().all(|(_, _, i)| i.deposed.is_empty() && i.current.is_some()));
}

#[test]
fn moved_and_removed() {
    let d = Dir::new(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"c\" {}\n",
    )]);
    let (_, state) = d.apply(&State::default(), &PlanOptions::default());
    d.write(&[(
        "main.tf",
        "resource \"terraform_data\" \"b\" {\n  count = 1\n}\nmoved {\n  from = terraform_data.a\n  to   = terraform_data.b\n}\n\
         removed {\n  from = terraform_data.c\n  lifecycle {\n    destroy = false\n  }\n}\n",
    )]);
    let (p, state) = d.apply(&state, &PlanOptions::default());
    assert_eq!(actions(&p), ["terraform_data.b[0] NoOp", "terraform_data.c Forget"]);
    assert_eq!(p.changes[0].prev_addr.as_ref().unwrap().to_string(), "terraform_data.a");
    assert_eq!(state.instances().count(), 1);
}

#[test]
fn unknown_type_is_refused_with_a_suggestion() {
    let d = Dir::new(&[("main.tf", "resource \"terraform_dat\" \"a\" {}\n")]);
    let (cx, diags) = d.context(&State::default());
    assert!(!diags.has_errors(), "{diags:#?}");
    let diags = futures::executor::block_on(validate(&cx));
    let first = diags.iter().next().unwrap();
    assert_eq!(first.summary, "Invalid resource type");
    assert!(first.detail.contains("Did you mean \"terraform_data\"?"), "{}", first.detail);
}

#[test]
fn conditions_stop_what_depends_on_them() {
    let d = Dir::new(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = 1\n  lifecycle {\n    postcondition {\n      condition = self.input == 2\n      error_message = \"not two but ${self.input}\"\n    }\n  }\n}\n\
         resource \"terraform_data\" \"b\" {\n  input = terraform_data.a.input\n}\n",
    )]);
    let (_, p, diags) = d.plan(&State::default(), &PlanOptions::default());
    let first = diags.iter().next().unwrap();
    assert_eq!(
        (first.summary.as_str(), first.detail.as_str()),
        ("Resource postcondition failed", "not two but 1")
    );
    assert!(p.errored);
    assert_eq!(p.changes.len(), 1);
}

#[test]
fn an_object_becomes_one_of_another_type() {
    let d = Dir::new(&[(
        "main.tf",
        r#"
resource "terraform_data" "a" {
  count            = 2
  triggers_replace = { v = "1" }
}
moved {
  from = null_resource.a
  to   = terraform_data.a
}
"#,
    )]);
    let instance = |i: u32| {
        format!(
            r#"{{ "index_key": {i}, "schema_version": 0, "attributes": {{ "id": "id-{i}", "triggers": {{ "v": "1" }} }}, "sensitive_attributes": [] }}"#
        )
    };
    let text = format!(
        r#"{{ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {{}}, "resources": [
          {{ "mode": "managed", "type": "null_resource", "name": "a",
             "provider": "provider[\"registry.terraform.io/hashicorp/null\"]",
             "instances": [{}, {}] }}], "check_results": null }}"#,
        instance(0),
        instance(1)
    );
    let state = groma_state::file::read(text.as_bytes()).unwrap().state;
    let (plan, after) = d.apply(&state, &PlanOptions::default());
    assert_eq!(actions(&plan), ["terraform_data.a[0] NoOp", "terraform_data.a[1] NoOp"]);
    assert!(plan.changes.iter().all(|c| c.moved()));
    let types: Vec<String> = after.resources.keys().map(ToString::to_string).collect();
    assert_eq!(types, ["terraform_data.a"]);
    assert_eq!(plan.changes[1].after.get_attr("id").unwrap().as_str(), Some("id-1"));
}
