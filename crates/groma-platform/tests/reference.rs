//! `docs/manifest.md` is what the table says. With `GROMA_UPDATE=1` it is written anew.

use groma_platform::explain;
use std::path::Path;

#[test]
fn the_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manifest.md");
    let now = explain::reference();
    if std::env::var_os("GROMA_UPDATE").is_some() {
        std::fs::write(&path, &now).expect("written");
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == then, "docs/manifest.md is not what the table says; run this test with GROMA_UPDATE=1");
}

#[test]
fn blocks_and_arguments_are_explained() {
    let list = explain::explain("").expect("the list");
    assert!(list.contains("  service             A program that runs all the time"), "{list}");
    let service = explain::explain("service").expect("the block");
    assert!(service.contains("In uses: service.NAME, which is short for service.NAME.connect."), "{service}");
    assert!(service.lines().all(|l| l.chars().count() <= 80), "{service}");
    let cpu = explain::explain("service.scale.cpu").expect("an argument of an object");
    assert!(cpu.contains("a whole number from 10 to 95"), "{cpu}");
    assert_eq!(
        explain::explain("service.scael").unwrap_err(),
        "service has no \"scael\". Did you mean \"scale\"?"
    );
    assert_eq!(
        explain::explain("servise").unwrap_err(),
        "A manifest has no block \"servise\". Did you mean service?"
    );
    assert!(explain::explain("service.port.x").unwrap_err().contains("has no parts"));
    assert!(explain::explain("service.instance_type").unwrap_err().contains("called \"size\""));
}
