use super::*;
use crate::checks::{CheckKind, CheckResults, CheckStatus};
use crate::identity::IdentityChange;
use crate::plan::{Action, ActionReason, Importing, OutputChange, PlanMode, ResourceChange, VariableInput};
use groma_config::ModuleNode;
use groma_state::{Object, OutputValue, State, Status};
use groma_value::addr::{ConfigResource, ModulePath, ProviderConfig, ResourceInstance, Target};
use groma_value::{Mark, Marks, Number, PathStep, Refinement, Type, Value};
use proptest::prelude::*;

fn config() -> Config {
    let root = ModuleNode {
        path: ModulePath::root(),
        module: Default::default(),
        children: Default::default(),
        providers: Default::default(),
        sources: BTreeMap::new(),
    };
    Config { root: root.into() }
}

fn builtin() -> ProviderConfig {
    ProviderConfig::root_default(groma_value::addr::Provider::builtin())
}

fn change(addr: &str, before: Value, after: Value) -> ResourceChange {
    ResourceChange {
        addr: ResourceInstance::parse(addr).unwrap(),
        prev_addr: None,
        deposed: None,
        provider: builtin(),
        action: Action::Update,
        reason: ActionReason::None,
        before,
        after,
        required_replace: Vec::new(),
        private: Arc::from([]),
        prior_private: Arc::from([]),
        importing: None,
        generated_config: None,
        create_before_destroy: false,
        dependencies: Arc::from([]),
        schema_version: 0,
        config_known: true,
        tainted: false,
        identity: Default::default(),
    }
}

fn plan(changes: Vec<ResourceChange>) -> Plan {
    Plan {
        mode: PlanMode::Normal,
        variables: BTreeMap::new(),
        changes,
        deferred: Vec::new(),
        drift: Vec::new(),
        outputs: BTreeMap::new(),
        previous: State::default(),
        prior: State::default(),
        checks: CheckResults::default(),
        relevant: Vec::new(),
        invocations: Vec::new(),
        excludes: Vec::new(),
        targets: Vec::new(),
        replace: Vec::new(),
        timestamp: "2026-01-02T03:04:05Z".into(),
        errored: false,
        complete: true,
    }
}

fn file(plan: Plan) -> PlanFile {
    let sources = Sources::new();
    sources.add("main.tf", "locals {}\n");
    sources.add("../m/a.tf", "# é\n");
    let state = StateFile { serial: 7, lineage: "l".into(), ..StateFile::new() };
    PlanFile::new("1.2.3", plan, &config(), &sources, Manifest::default(), &state)
}

/// The file as it is after writing and reading.
fn through(f: &PlanFile) -> PlanFile {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p");
    write(&path, f).unwrap();
    read(&path).unwrap()
}

#[test]
fn everything_comes_back() {
    let deps: Arc<[ConfigResource]> = [ConfigResource::parse("module.a.x.y").unwrap()].into();
    let secret = Value::object([
        ("a", Value::from("s").mark(Mark::Sensitive)),
        ("b", Value::list(Type::String, vec![Value::from("x").mark(Mark::Deprecated("use c".into()))])),
        (
            "c",
            Value::unknown_refined(Type::String, Refinement { prefix: "arn:".into(), ..Default::default() }),
        ),
    ]);
    let full = ResourceChange {
        prev_addr: Some(ResourceInstance::parse("module.m[0].x.old[\"k\"]").unwrap()),
        deposed: Some("0a0b0c0d".into()),
        action: Action::CreateThenDelete,
        reason: ActionReason::ReplaceBecauseCannotUpdate,
        required_replace: vec![
            groma_value::Path::new().attr("a").index(Value::int(0)).attr("b"),
            groma_value::Path(vec![PathStep::Index(Value::object([("k", Value::from("v"))]))]),
        ],
        private: Arc::from(*b"\0\xffprivate"),
        prior_private: Arc::from(*b"before"),
        importing: Some(Importing {
            id: Some("i-1".into()),
            identity: Some(Value::object([("id", "x".into())])),
        }),
        generated_config: Some("resource {}\n".into()),
        create_before_destroy: true,
        dependencies: deps.clone(),
        schema_version: 4,
        config_known: false,
        tainted: true,
        identity: IdentityChange { before: Some(Value::object([("id", "x".into())])), after: None },
        ..change("module.m[\"a.b\"].data.x.y[3]", secret, Value::null(Type::object([("a", Type::String)])))
    };
    let mut p = plan(vec![
        full.clone(),
        ResourceChange { dependencies: deps, ..change("x.z", Value::int(1), Value::dynamic()) },
    ]);
    p.mode = PlanMode::RefreshOnly;
    p.drift = vec![full];
    p.variables.insert("v".into(), VariableInput { value: Value::int(3), set: true });
    p.outputs.insert(
        "o".into(),
        OutputChange {
            action: Action::Read,
            before: Value::null(Type::Dynamic),
            after: true.into(),
            sensitive: true,
        },
    );
    p.checks.report(CheckKind::Output, "output.o", "output.o", CheckStatus::Fail, Some("no".into()));
    p.checks.declare(CheckKind::Variable, "var.v");
    p.relevant = vec![(ResourceInstance::parse("x.y[0]").unwrap(), groma_value::Path::new().attr("id"))];
    p.targets = vec![Target::parse("module.m").unwrap(), Target::parse("x.y[1]").unwrap()];
    p.replace = vec![ResourceInstance::parse("x.y").unwrap()];
    p.errored = true;
    p.complete = false;
    let object = Object {
        status: Status::Tainted,
        schema_version: 1,
        attributes: r#"{"id":"1","n":1.5}"#.into(),
        attributes_flat: None,
        sensitive_paths: Arc::new(vec![(groma_value::Path::new().attr("id"), Marks::sensitive())]),
        private: Arc::from(*b"p"),
        dependencies: [ConfigResource::parse("x.a").unwrap()].into(),
        create_before_destroy: true,
        identity: None,
    };
    p.prior.set_current(&ResourceInstance::parse("x.z[\"k\"]").unwrap(), &builtin(), Some(object.into()));
    p.previous
        .outputs
        .insert("o".into(), OutputValue { value: "x".into(), ty: Type::String, sensitive: true });
    let mut f = file(p);
    f.backend =
        Some(SavedBackend { ty: "s3".into(), config: Value::object([("bucket", "b".into())]), hash: 9 });
    f.workspace = "w".into();
    f.sandbox = true;
    f.lock_file = Some("# lock\n".into());
    let back = through(&f);
    // Debug text tells all, types, marks and refinements included.
    assert_eq!(format!("{back:#?}"), format!("{f:#?}"));
    assert!(Arc::ptr_eq(&back.plan.changes[0].dependencies, &back.plan.changes[1].dependencies));
    assert_eq!(back.plan.changes[0].private, f.plan.changes[0].private);
}

#[test]
fn the_state_must_be_the_same() {
    let f = file(plan(Vec::new()));
    let state = |lineage: &str, serial| StateFile { lineage: lineage.into(), serial, ..StateFile::new() };
    let summary = |s: StateFile| f.check_state(&s).err().map(|d| d.summary);
    assert_eq!(summary(state("l", 7)), None);
    assert_eq!(summary(state("l", 8)).as_deref(), Some("Saved plan is stale"));
    assert_eq!(summary(state("", 0)).as_deref(), Some("Saved plan is stale"));
    assert_eq!(summary(state("m", 7)).as_deref(), Some("Saved plan does not match the given state"));
    let first = PlanFile { lineage: String::new(), serial: 0, ..f.clone() };
    assert!(first.check_state(&state("", 0)).is_ok());
    assert!(first.check_state(&state("l", 1)).is_err());
}

#[test]
fn values_of_ephemeral_variables_are_not_stored() {
    let mut p = plan(Vec::new());
    for n in ["keep", "token"] {
        p.variables.insert(n.into(), VariableInput { value: "hush-hush".into(), set: true });
    }
    let mut f = file(p);
    f.ephemeral_variables = BTreeSet::from(["token".into()]);
    let back = through(&f);
    assert_eq!(back.plan.variables.keys().map(|n| &**n).collect::<Vec<_>>(), ["keep"]);
    assert_eq!(back.ephemeral_variables, f.ephemeral_variables);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    write(&path, &file(plan(Vec::new()))).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(write(&dir.path().join("no/such/p"), &file(plan(Vec::new()))).is_err());
}

#[test]
fn other_files_are_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p");
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(&path).unwrap_err().detail.replace(&path.display().to_string(), "P")
    };
    let zip = |name: &str, text: &str| archive(&[(name, text.as_bytes().to_vec())]).unwrap();
    let make = " The command \"plan -out=FILE\" makes a plan file.";
    assert_eq!(refused(b"hello"), format!("P cannot be used as a plan: it is no plan file.{make}"));
    assert_eq!(refused(br#"{"lineage":"x"}"#), format!("P cannot be used as a plan: it is a state.{make}"));
    assert!(refused(br#"{"format_version":"1.2"}"#).contains("JSON form"));
    assert!(refused(&zip("tfplan", "x")).contains("it was made by Terraform"));
    assert!(refused(&zip("a", "x")).contains("holds no plan"));
    let newer = refused(&zip(HEADER, r#"{"format":9,"groma_version":"8.0.0"}"#));
    assert_eq!(
        newer,
        "P cannot be used as a plan: it was made by Groma 8.0.0, which uses another format. \
         Apply it with that version, or make a new plan with this one."
    );
    assert!(refused(&zip(HEADER, "{")).contains("damaged"));
    let whole = encode(&file(plan(vec![change("x.y", Value::int(1), "after".into())]))).unwrap();
    for cut in [3, 10, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..cut]);
    }
    // A byte of the content changed: told, or without effect on what is read.
    let clean = through(&file(plan(vec![change("x.y", Value::int(1), "after".into())])));
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(f) = read(&path) {
            assert_eq!(format!("{:?}", f.plan.changes), format!("{:?}", clean.plan.changes), "byte {at}");
        }
    }
    std::fs::remove_file(&path).unwrap();
    assert!(read(&path).unwrap_err().detail.contains("cannot be opened"));
    assert!(!is_plan_file(&path));
}

fn marks() -> BoxedStrategy<Marks> {
    prop_oneof![
        3 => Just(Marks::new()),
        1 => Just(Marks::sensitive()),
        1 => Just(Marks::from_iter([Mark::Sensitive, Mark::Deprecated("old".into())])),
    ]
    .boxed()
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::int),
        any::<f64>().prop_filter_map("finite", |f| Number::parse(&format!("{f:e}")).map(Value::Number)),
        "[0-9]{1,40}\\.[0-9]{1,40}".prop_map(|s| Value::Number(Number::parse(&s).unwrap())),
        ".{0,12}".prop_map(Value::string),
        Just(Value::dynamic()),
        Just(Value::null(Type::Dynamic)),
        Just(Value::unknown(Type::map(Type::Bool))),
        Just(Value::null(Type::object([("a", Type::set(Type::Number))]))),
        ("[a-z]{1,5}", 1u64..4).prop_map(|(p, n)| {
            let r = Refinement { prefix: p.as_str().into(), not_null: Some(n > 1), ..Default::default() };
            Value::unknown_refined(Type::String, Refinement { not_null: r.not_null.filter(|n| *n), ..r })
        }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        let marked = (inner.clone(), marks()).prop_map(|(v, m)| v.with_marks(&m));
        let strings = prop::collection::vec(("[a-c]{0,3}", marks()), 0..4);
        prop_oneof![
            prop::collection::vec(marked.clone(), 0..5).prop_map(Value::tuple),
            prop::collection::btree_map("[a-zé\"$]{0,4}", marked, 0..5).prop_map(Value::object),
            strings.clone().prop_map(|items| {
                let items = items.into_iter().map(|(s, m)| Value::string(s).with_marks(&m)).collect();
                Value::list(Type::String, items)
            }),
            strings.clone().prop_map(|items| {
                let items = items.into_iter().map(|(s, m)| Value::string(s).with_marks(&m)).collect();
                Value::set(Type::String, items)
            }),
            strings.prop_map(|items| {
                Value::map(Type::String, items.into_iter().map(|(s, m)| (s, Value::from("v").with_marks(&m))))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn values_come_back(v in value()) {
        let mut w = Writer::default();
        let doc = w.value(&v).unwrap();
        let text = serde_json::to_string(&doc).unwrap();
        let doc: ValueDoc = serde_json::from_str(&text).unwrap();
        let back = Reader(&w.bytes).value(&doc).unwrap();
        prop_assert_eq!(back, v);
    }
}
