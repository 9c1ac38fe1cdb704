//! Where the parts are: environment first, then the usual places, each search bounded and done once a process.

use std::collections::VecDeque;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The root of this repository.
pub fn repository() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.ancestors().nth(2).expect("the crate is two folders below the root").to_path_buf()
    })
}

/// `tests/fixtures`: the configurations which tests and benchmarks share.
pub fn fixtures() -> PathBuf {
    repository().join("tests").join("fixtures")
}

/// The folder for what a developer's machine keeps between runs and git does not: the virtual environment, caches.
pub fn scratch() -> PathBuf {
    repository().join(".groma-dev")
}

/// The `terraform` binary whose behaviour ours is compared with: `GROMA_TEST_TERRAFORM`, else the first on `PATH`.
pub fn oracle() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| given("GROMA_TEST_TERRAFORM").or_else(|| on_path("terraform"))).clone()
}

/// The Python virtual environment with `moto[server]` and `ministack`: `GROMA_TEST_VENV`, else the one which
/// `cargo xtask setup` makes. `None` when it has no interpreter.
pub fn venv() -> Option<PathBuf> {
    let venv = given("GROMA_TEST_VENV").unwrap_or_else(|| scratch().join("venv"));
    venv.join("bin").join("python").exists().then_some(venv)
}

/// The Python virtual environment with programs that read plans: `GROMA_TEST_CONSUMERS`, else the one which
/// `cargo xtask setup` makes. `None` when it has no interpreter.
pub fn consumers() -> Option<PathBuf> {
    let venv = given("GROMA_TEST_CONSUMERS").unwrap_or_else(|| scratch().join("consumers"));
    venv.join("bin").join("python").exists().then_some(venv)
}

/// The root of a filesystem mirror which holds the real `hashicorp/aws` provider for this platform.
///
/// Looked for in `GROMA_TEST_PLUGIN_MIRROR`, in the `filesystem_mirror` paths of the CLI configuration, then in the
/// usual folders for shared data. The answer can be given as `path` in a `filesystem_mirror` block.
pub fn mirror() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(find_mirror).clone()
}

fn given(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

fn find_mirror() -> Option<PathBuf> {
    if let Some(root) = given("GROMA_TEST_PLUGIN_MIRROR") {
        return Some(root);
    }
    let home = given("HOME");
    let config = given("TF_CLI_CONFIG_FILE").or_else(|| home.as_ref().map(|home| home.join(".terraformrc")));
    let text = config.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    if let Some(root) = mirror_paths(&text).into_iter().map(PathBuf::from).find(|root| holds_aws(root)) {
        return Some(root);
    }
    // Named without the leading slash because they are places to look in, not paths this project relies on.
    let shared = ["opt", "usr/local/share", "usr/share", "usr/local/lib", "srv", "var/lib", "mnt", "data"];
    let mut roots: Vec<PathBuf> = shared.iter().map(|name| Path::new("/").join(name)).collect();
    roots.extend(home);
    roots.iter().find_map(|root| search(root, 5, 5_000))
}

/// The values of `path = "..."` in the CLI configuration. A search of the text is enough here: a wrong guess holds no
/// provider and is passed over.
fn mirror_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in text.split("path").skip(1) {
        let Some(rest) = piece.trim_start().strip_prefix('=') else { continue };
        let mut quoted = rest.trim_start().split('"');
        if let (Some(""), Some(path)) = (quoted.next(), quoted.next()) {
            found.push(path.to_owned());
        }
    }
    found
}

/// Whether `root/<host>/hashicorp/aws/<version>/<platform>/` has a provider binary.
fn holds_aws(root: &Path) -> bool {
    folders(root).iter().any(|host| {
        folders(&host.join("hashicorp").join("aws")).iter().any(|version| {
            fs::read_dir(version.join(platform()))
                .into_iter()
                .flatten()
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("terraform-provider-aws"))
        })
    })
}

/// The platform's name in a mirror, such as `linux_amd64`.
fn platform() -> String {
    let arch = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let os = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    format!("{os}_{arch}")
}

/// Breadth first, so that a mirror near the top is found without reading the deep folders beside it.
fn search(root: &Path, depth: usize, budget: usize) -> Option<PathBuf> {
    let mut queue = VecDeque::from([(root.to_path_buf(), 0)]);
    let mut seen = 0;
    while let Some((folder, level)) = queue.pop_front() {
        seen += 1;
        if seen > budget {
            return None;
        }
        if holds_aws(&folder) {
            return Some(folder);
        }
        if level < depth {
            queue.extend(folders(&folder).into_iter().map(|inner| (inner, level + 1)));
        }
    }
    None
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let skipped = |name: &OsStr| name == "node_modules" || name == ".git" || name == "target";
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| !skipped(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_paths_reads_every_quoted_path() {
        let text = "provider_installation {\n filesystem_mirror {\n path    = \"/a/b\"\n }\n direct {}\n}\n# path here\nx_path=\"/c\"";
        assert_eq!(mirror_paths(text), ["/a/b", "/c"]);
    }

    #[test]
    fn search_finds_a_mirror_below_the_root_and_respects_its_depth() {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let mirror = temp.path().join("a").join("b");
        let binary =
            mirror.join("registry.example").join("hashicorp").join("aws").join("1.0.0").join(platform());
        fs::create_dir_all(&binary).expect("folders");
        fs::write(binary.join("terraform-provider-aws_v1.0.0"), "").expect("a file");
        assert_eq!(search(temp.path(), 2, 100), Some(mirror));
        assert_eq!(search(temp.path(), 1, 100), None);
        assert_eq!(search(temp.path(), 2, 2), None);
    }
}
