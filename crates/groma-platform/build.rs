//! Lists the modules so that they can be embedded.

use std::fmt::Write;
use std::path::Path;

fn main() {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../modules");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut out = String::from("&[\n");
    let mut modules: Vec<_> =
        std::fs::read_dir(&root).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    modules.sort();
    for dir in modules.iter().filter(|d| d.is_dir()) {
        println!("cargo:rerun-if-changed={}", dir.display());
        let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()).collect();
        files.sort();
        for f in files.iter().filter(|f| f.is_file()) {
            let name = f.file_name().unwrap().to_string_lossy().into_owned();
            // What a module is made of; tests, locks and states stay here.
            if !(name.ends_with(".tf") || name.ends_with(".tftpl") || name.ends_with(".md")) {
                continue;
            }
            println!("cargo:rerun-if-changed={}", f.display());
            let module = dir.file_name().unwrap().to_string_lossy().into_owned();
            let path = f.canonicalize().unwrap();
            writeln!(out, "    ({module:?}, {name:?}, include_str!({path:?})),").unwrap();
        }
    }
    out.push_str("]\n");
    let target = Path::new(&std::env::var("OUT_DIR").unwrap()).join("modules.rs");
    std::fs::write(target, out).unwrap();
}
