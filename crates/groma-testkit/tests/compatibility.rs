//! The list of known differences in the documentation is that of the cases.

use groma_testkit::differential::{Case, cases_folder};

#[test]
fn the_documented_gaps_are_those_of_the_cases() {
    let document =
        std::fs::read_to_string(groma_testkit::repository().join("docs/compatibility.md")).unwrap();
    let section = document.split("\n## ").find(|s| s.starts_with("Known differences in the cases\n"));
    let documented: Vec<&str> = section.unwrap().lines().filter(|l| l.starts_with("- `")).collect();
    let mut folders: Vec<_> = std::fs::read_dir(cases_folder()).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    let marked: Vec<String> = folders
        .iter()
        .filter_map(|f| {
            let case = Case::load(f).unwrap();
            Some(format!("- `{}`: {}", case.name, case.gap?))
        })
        .collect();
    assert_eq!(documented, marked);
}
