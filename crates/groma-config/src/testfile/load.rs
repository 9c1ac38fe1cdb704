//! Finding and reading test files.

use super::decode;
use super::model::TestFile;
use crate::decode::Cx;
use crate::{LoadOptions, files};
use groma_lang::{Diagnostic, Diagnostics, Sources};
use std::path::Path;

/// The directory of tests, unless another one is named.
pub const TEST_DIRECTORY: &str = "tests";

/// The names of all test files of the module in the working directory and in
/// `test_dir` below it, sorted.
pub fn test_file_names(test_dir: &Path, options: &LoadOptions, diags: &mut Diagnostics) -> Vec<String> {
    let mut out = names(Path::new(""), options).unwrap_or_default();
    let test_dir = crate::source_addr::clean(test_dir);
    match names(&test_dir, options) {
        _ if test_dir == Path::new(".") => {}
        Some(found) => out.extend(found),
        None if test_dir == Path::new(TEST_DIRECTORY) => {}
        None => diags.push(Diagnostic::warning(
            "Test directory does not exist",
            format!(
                "There is no directory {}, so only test files beside the configuration are run.",
                test_dir.display()
            ),
        )),
    }
    out.sort();
    out
}

fn names(dir: &Path, options: &LoadOptions) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(options.working_dir.join(dir)).ok()?;
    const ENDS: [&str; 4] = [".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json"];
    let hidden = |n: &str| n.starts_with('.') || n.ends_with('~') || n.starts_with('#') && n.ends_with('#');
    let is_test = |n: &str| ENDS.iter().any(|end| n.ends_with(end)) && !hidden(n);
    let mut found: Vec<String> = entries
        .flatten()
        .filter(|e| !e.file_type().is_ok_and(|t| t.is_dir()))
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|n| is_test(n))
        .collect();
    files::without_replaced(&mut found, ".tofutest.hcl", ".tftest.hcl");
    files::without_replaced(&mut found, ".tofutest.json", ".tftest.json");
    Some(found.iter().map(|n| dir.join(n).to_string_lossy().replace('\\', "/")).collect())
}

/// Reads test files. What can be understood is in the result, even after errors.
pub fn load_test_files(
    names: &[String],
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> Vec<TestFile> {
    let mut out = Vec::new();
    for name in names {
        let bytes = match std::fs::read(options.working_dir.join(name)) {
            Ok(b) => b,
            Err(e) => {
                let why = format!("The file {name} could not be read: {e}.");
                diags.push(Diagnostic::error("Failed to read file", why));
                continue;
            }
        };
        let Some(body) = files::parse(name, bytes, sources, diags) else { continue };
        out.push(decode::file(name, &body, &mut Cx { sources, options, diags }));
    }
    out
}
