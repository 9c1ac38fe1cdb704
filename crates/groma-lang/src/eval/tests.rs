use super::*;
use crate::functions::{FunctionContext, Functions};
use crate::source::Sources;
use crate::syntax;
use groma_value::{Mark, Refinement, Type};
use std::cell::RefCell;

fn run(text: &str, scope: &dyn Scope) -> (Value, Vec<String>) {
    let sources = Sources::new();
    let file = sources.add("test", text);
    let mut diags = Diagnostics::new();
    let expr = syntax::parse_expr(&file, &mut diags);
    assert!(diags.is_empty(), "{text}: {diags:?}");
    let value = evaluate(&expr.expect("parsed"), scope, &mut diags);
    (value, diags.iter().map(|d| d.summary.clone()).collect())
}

fn standard() -> Functions {
    Functions::standard(&FunctionContext::default())
}

/// A scope that notes what it is asked for and takes `taken` steps.
struct Recorder {
    asked: RefCell<Vec<String>>,
    taken: usize,
    functions: Functions,
}

impl Scope for Recorder {
    fn resolve(&self, root: &Ident, steps: &[Step], _: &mut Diagnostics) -> Option<Resolved> {
        let steps_text: String = steps
            .iter()
            .map(|s| match s {
                Step::Attr(n, _) => format!(".{n}"),
                Step::Index(v, _) => format!("[{v:?}]"),
            })
            .collect();
        self.asked.borrow_mut().push(format!("{}{steps_text}", root.name));
        let value = Value::object([("id", Value::from("i-1"))]);
        Some(Resolved { value, consumed: self.taken.min(steps.len()) })
    }
    fn functions(&self) -> &Functions {
        &self.functions
    }
}

#[test]
fn a_scope_is_asked_once_with_all_steps() {
    let scope = Recorder { asked: RefCell::default(), taken: 2, functions: standard() };
    let (value, errors) = run("aws_vpc.main[1 + 2].id", &scope);
    assert_eq!((value, errors), (Value::from("i-1"), vec![]).clone());
    assert_eq!(*scope.asked.borrow(), ["aws_vpc.main[Number(3)].id"]);
}

#[test]
fn bound_names_hide_those_of_the_scope() {
    let scope = Recorder { asked: RefCell::default(), taken: 0, functions: standard() };
    let (value, _) = run("[for x in [{ a = 1 }] : [for x in [x.a] : x][0]]", &scope);
    assert_eq!(value, Value::tuple(vec![Value::int(1)]));
    assert!(scope.asked.borrow().is_empty());
}

#[test]
fn constant_expressions_have_no_names_and_no_functions() {
    for (text, summary) in [("a.b", "Variables not allowed"), ("upper(1)", "Function calls not allowed")] {
        let (value, errors) = run(text, &Nothing);
        assert_eq!((value, errors), (Value::dynamic(), vec![summary.to_owned()]));
    }
}

#[test]
fn the_known_beginning_of_a_template_is_kept_up_to_a_limit() {
    let functions = standard();
    let scope = Bindings::new([("u", Value::unknown(Type::String).mark(Mark::Sensitive))], &functions);
    let (value, _) = run(&format!("\"{}/${{u}}\"", "x".repeat(300)), &scope);
    assert!(value.has_mark(&Mark::Sensitive));
    assert_eq!(value.refinement(), Some(&Refinement { prefix: "x".repeat(127), ..Refinement::not_null() }));
}

#[test]
fn what_is_made_up_decides_nothing() {
    let functions = standard();
    let made_up = Value::string("i-1").mark(Mark::Invented);
    let scope = Bindings::new([("id", made_up)], &functions);
    for text in [
        "id == \"i-1\" ? \"a\" : \"b\"",
        "[for x in [1, 2] : x if id == \"i-1\"]",
        "lookup({ a = 1 }, id, 2)",
        "\"%{ if id == \"i-1\" }a%{ endif }\"",
    ] {
        let (value, errors) = run(text, &scope);
        assert!(
            errors.is_empty() && !value.is_known() && value.has_mark(&Mark::Invented),
            "{text}: {value:?}"
        );
    }
    // It is somebody: where it is a key itself, it is found.
    let (value, _) = run("{ (id) = 1 }[id]", &scope);
    assert!(value.is_known(), "{value:?}");
}

#[test]
fn failures_do_not_hide_each_other() {
    let functions = standard();
    let (value, errors) =
        run("{ a = [][0], b = nope, c = upper([]) }", &Bindings::new([("v", Value::int(1))], &functions));
    assert_eq!(errors, ["Invalid index", "Unknown variable", "Invalid function argument"]);
    assert!(value.get_attr("a").is_some_and(|v| !v.is_known()));
}

/// The stack of a test's thread is two megabytes, as that of a worker thread.
#[test]
fn deep_expressions_are_refused_before_the_stack_ends() {
    let functions = standard();
    let scope = Bindings::new([("v", Value::int(1))], &functions);
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{ a = ", "1", " }"),
        ("-", "1", ""),
        ("try(", "1", ")"),
        ("max(1, ", "1", ")"),
        ("false ? 1 : ", "1", ""),
        ("[for x in [1] : ", "1", "]"),
        ("{for x in [1] : x => ", "1", "}"),
        ("[for x in [1] : x if ", "true", "]"),
        ("\"a${", "1", "}\""),
        ("\"%{if ", "true", "}a%{endif}\""),
        ("v[", "0", "]"),
        ("[1][*][", "0", "]"),
        ("1 + (2 * ", "1", ")"),
    ];
    for (open, middle, close) in shapes {
        let text = format!("{}{middle}{}", open.repeat(400), close.repeat(400));
        let (_, errors) = run(&text, &scope);
        // `try` has the reason in its own error.
        let expected = if open == "try(" { "Error in function call" } else { "Expression nested too deeply" };
        assert!(errors.iter().any(|e| e == expected), "{open}: {errors:?}");
    }
}

#[test]
fn long_chains_of_operators_do_not_nest() {
    let (value, errors) = run(&vec!["1"; 900].join(" + "), &Nothing);
    assert_eq!((value, errors), (Value::int(900), vec![]));
}
