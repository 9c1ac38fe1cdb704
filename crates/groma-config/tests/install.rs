//! Installation of modules: the record of it must be the oracle's, byte for byte.

use groma_config::install::{FetchError, Fetched, InstallEvent, ModuleFetcher, NoFetcher, install_modules};
use groma_config::source_addr::ModuleSource;
use groma_config::{LoadOptions, load_config};
use groma_lang::{Diagnostics, Sources};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::version::Version;
use std::path::Path;

const MAIN: &str = r#"
module "b" {
  source = "./m/"
}
module "a" {
  source = "./mods/../mods/x"
}
"#;
const INNER: &str = "module \"c\" {\n  source = \"./n\"\n}\nmodule \"d\" {\n  source = \"../mods/x\"\n}\n";

fn configuration() -> Workdir {
    let w = Workdir::new();
    w.write("main.tf", MAIN);
    w.write("m/main.tf", INNER);
    w.write("m/n/main.tf", "");
    w.write("mods/x/main.tf", "output \"o\" {\n  value = 1\n}\n");
    w
}

fn install(w: &Workdir, fetcher: &dyn ModuleFetcher) -> (Vec<InstallEvent>, Vec<String>) {
    let (sources, mut diags) = (Sources::new(), Diagnostics::new());
    let options = LoadOptions { working_dir: w.path().to_owned(), ..LoadOptions::default() };
    let mut events = Vec::new();
    install_modules(Path::new("."), false, fetcher, &sources, &options, &mut |e| events.push(e), &mut diags);
    (events, diags.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect())
}

#[test]
fn local_modules_are_recorded_as_the_oracle_does() {
    if oracle().is_none() {
        skip("needs terraform");
        return;
    }
    let (ours, theirs) = (configuration(), configuration());
    let (events, diags) = install(&ours, &NoFetcher);
    assert_eq!(diags, Vec::<String>::new());
    assert_eq!(events.len(), 4);
    theirs.terraform(["get", "-no-color"]).expect_success();
    let record = ".terraform/modules/modules.json";
    assert_eq!(ours.read(record), theirs.read(record));
    // A second time there is nothing to do.
    assert_eq!(install(&ours, &NoFetcher), (Vec::new(), Vec::new()));
    // A change of the source is noticed by both, and the record follows.
    for w in [&ours, &theirs] {
        w.write("main.tf", MAIN.replace("./m/", "./mods/x"));
    }
    assert_eq!(install(&ours, &NoFetcher).0.len(), 1);
    theirs.terraform(["get", "-no-color"]).expect_success();
    assert_eq!(ours.read(record), theirs.read(record));
}

#[test]
fn a_module_that_calls_itself_is_refused() {
    let w = Workdir::new();
    w.write("main.tf", "module \"a\" {\n  source = \"./a\"\n}\n");
    w.write("a/main.tf", "module \"b\" {\n  source = \"../a\"\n}\n");
    let (_, diags) = install(&w, &NoFetcher);
    assert!(matches!(&diags[..], [d] if d.starts_with("Module calls itself")), "{diags:?}");
}

/// Offers three versions of everything, and writes an empty module.
struct Fake;

impl ModuleFetcher for Fake {
    fn versions(&self, _: &ModuleSource) -> Result<Vec<Version>, FetchError> {
        Ok(["1.0.0", "1.2.0", "2.0.0-beta1", "1.1.5"].iter().filter_map(|v| Version::parse(v).ok()).collect())
    }
    fn hash(&self, _: &Path) -> Result<String, FetchError> {
        Ok("h1:x".to_owned())
    }
    fn fetch(
        &self,
        _: &ModuleSource,
        version: Option<&Version>,
        target: &Path,
    ) -> Result<Fetched, FetchError> {
        let text = format!(
            "output \"v\" {{\n  value = \"{}\"\n}}\n",
            version.map_or(String::new(), Version::to_string)
        );
        std::fs::create_dir_all(target.join("sub")).map_err(|e| FetchError::download(e.to_string()))?;
        std::fs::write(target.join("sub").join("main.tf"), text)
            .map(|()| Fetched::default())
            .map_err(|e| FetchError::download(e.to_string()))
    }
}

#[test]
fn modules_of_a_registry_are_fetched_in_the_newest_version_that_fits() {
    let w = Workdir::new();
    w.write(
        "main.tf",
        "module \"a\" {\n  source  = \"n/m/aws//sub\"\n  version = \"~> 1.1\"\n}\nmodule \"g\" {\n  source = \"git::https://h/x.git//sub?ref=v1\"\n}\n",
    );
    let (events, diags) = install(&w, &Fake);
    assert_eq!(diags, Vec::<String>::new());
    assert_eq!(events.len(), 4);
    assert_eq!(
        w.read(".terraform/modules/modules.json"),
        "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},\
         {\"Key\":\"a\",\"Source\":\"registry.terraform.io/n/m/aws//sub\",\"Version\":\"1.2.0\",\"Dir\":\".terraform/modules/a/sub\"},\
         {\"Key\":\"g\",\"Source\":\"git::https://h/x.git//sub?ref=v1\",\"Dir\":\".terraform/modules/g/sub\"}]}"
    );
    assert_eq!(install(&w, &NoFetcher), (Vec::new(), Vec::new()));
    let (sources, mut diags) = (Sources::new(), Diagnostics::new());
    let options = LoadOptions { working_dir: w.path().to_owned(), ..LoadOptions::default() };
    let config = load_config(Path::new("."), &sources, &options, &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(config.root.children.len(), 2);
    // Another constraint, and the installed version does not fit any more.
    w.write("main.tf", w.read("main.tf").replace("~> 1.1", "< 1.2"));
    load_config(Path::new("."), &sources, &options, &mut diags);
    let summaries: Vec<&str> = diags.iter().map(|d| &*d.summary).collect();
    assert_eq!(summaries, ["Module version requirements have changed"]);
    let (events, _) = install(&w, &Fake);
    assert!(
        matches!(&events[1], InstallEvent::Installed { version: Some(v), .. } if v.to_string() == "1.1.5")
    );
}
