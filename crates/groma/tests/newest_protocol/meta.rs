//! What modules say to providers with `provider_meta`, in both programs.

use super::{GROMA, both};
use groma_testprovider::Lab;

fn module(name: &str, calls: &str) -> String {
    let meta = match name {
        "silent" => String::new(),
        name => format!("  provider_meta \"lab\" {{\n    module_name = \"{name}\"\n  }}\n"),
    };
    format!(
        "terraform {{\n  required_providers {{\n    lab = {{ source = \"{}\" }}\n  }}\n{meta}}}\n\
         resource \"lab_thing\" \"a\" {{\n  name = \"{name}\"\n}}\n\
         data \"lab_lookup\" \"d\" {{\n  name = \"data of {name}\"\n}}\n{calls}",
        groma_testprovider::SOURCE
    )
}

#[test]
fn each_module_says_its_own() {
    let calls =
        "module \"inner\" {\n  source = \"./inner\"\n}\nmodule \"silent\" {\n  source = \"./silent\"\n}\n";
    let mut said = Vec::new();
    for program in both(GROMA) {
        let lab = Lab::start();
        let w = program.directory(&lab);
        w.write("main.tf", module("outer", calls));
        w.remove("versions.tf");
        w.write("inner/main.tf", module("inner", ""));
        w.write("silent/main.tf", module("silent", ""));
        program.run(&w, &["init"]).expect_success();
        let mut steps = Vec::new();
        for args in [&["apply", "-auto-approve"][..], &["plan"], &["destroy", "-auto-approve"]] {
            program.run(&w, args).expect_success();
            steps.push(lab.metas());
        }
        for call in [
            "PlanResourceChange lab_thing outer: outer",
            "ApplyResourceChange lab_thing inner: inner",
            "ReadDataSource lab_lookup data of inner: inner",
            "PlanResourceChange lab_thing silent: null",
        ] {
            assert!(steps[0].iter().any(|c| c == call), "{call} is not in {steps:#?}");
        }
        assert!(steps[1].iter().any(|c| c == "ReadResource lab_thing inner: inner"), "{steps:#?}");
        said.push(steps);
    }
    if let [ours, oracle] = &said[..] {
        assert_eq!(ours[..2], oracle[..2]);
        // To destroy, Terraform plans and reads more than it needs.
        assert!(ours[2].iter().all(|c| oracle[2].contains(c)), "{said:#?}");
    }
}

/// What is wrong in a block is told at the same place.
#[test]
fn what_a_provider_does_not_take() {
    for (block, line) in [
        ("provider_meta \"lab\" {\n    module = \"x\"\n  }", 3),
        ("provider_meta \"lab\" {\n    module_name = {}\n  }", 3),
        ("provider_meta \"lab\" {\n    module_name = lab_thing.a.id\n  }", 3),
        ("provider_meta \"lab\" {\n  }\n  provider_meta \"lab\" {\n  }", 4),
    ] {
        for program in both(GROMA) {
            let lab = Lab::start();
            let w = program.directory(&lab);
            w.write(
                "main.tf",
                format!("terraform {{\n  {block}\n}}\nresource \"lab_thing\" \"a\" {{\n  name = \"a\"\n}}\n"),
            );
            program.run(&w, &["init"]);
            let refused = program.run(&w, &["plan"]).expect_status(1);
            let at = format!("on main.tf line {line}");
            assert!(
                refused.stderr.contains(&at) || refused.stdout.contains(&at),
                "{block}: {at} is not in\n{refused}"
            );
        }
    }
}
