//! Installation compared with the oracle: the same mirrors, registries and lock files give the same
//! lock file, byte for byte, and the same `.terraform/providers`, or both refuse.

mod openpgp;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use groma_provider::install::{
    HttpSettings, InstallEvent, InstallMode, InstallSettings, Installed, Installer, Locks, Method, Platform,
    ProviderDirectory, Requirements, SelectionProblem, SourceRule, check_locks, select_installed,
};
use groma_provider::version::Constraints;
use groma_testkit::Workdir;
use groma_value::addr::Provider;
use server::{Page, Server};

/// The files of a package; a provider is not run by an installation, so a script will do.
fn package_files(version: &str) -> Vec<(String, String)> {
    vec![
        (format!("terraform-provider-thing_v{version}"), format!("#!/bin/sh\necho {version}\n")),
        ("LICENSE".to_owned(), "Do what you like.\n".to_owned()),
    ]
}

fn unpacked(directory: &Path, version: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(directory).unwrap();
    for (name, content) in package_files(version) {
        let path = directory.join(&name);
        fs::write(&path, content).unwrap();
        let mode = if name.starts_with("terraform") { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn zipped(version: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in package_files(version) {
        let mode = if name.starts_with("terraform") { 0o755 } else { 0o644 };
        let options = zip::write::SimpleFileOptions::default().unix_permissions(mode);
        zip.start_file(name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn platform() -> Platform {
    Platform::current()
}

/// A mirror with some versions of `example.com/acme/thing`, alternately unpacked and as archives.
fn mirror(root: &Path, versions: &[&str]) -> PathBuf {
    let mirror = root.join("mirror");
    let provider = mirror.join("example.com").join("acme").join("thing");
    for (index, version) in versions.iter().enumerate() {
        if index % 2 == 0 {
            unpacked(&provider.join(version).join(platform().to_string()), version);
        } else {
            fs::create_dir_all(&provider).unwrap();
            let name = format!("terraform-provider-thing_{version}_{}.zip", platform());
            fs::write(provider.join(name), zipped(version)).unwrap();
        }
    }
    mirror
}

/// The same situation for the oracle and for us.
struct Pair {
    work: Workdir,
    ours: tempfile::TempDir,
    settings: InstallSettings,
    cli_config: String,
    source: String,
}

impl Pair {
    fn new(source: &str, method: &str, rule: Method) -> Option<Pair> {
        if groma_testkit::oracle().is_none() {
            groma_testkit::skip("no terraform");
            return None;
        }
        let ours = tempfile::tempdir().unwrap();
        let settings = InstallSettings {
            sources: vec![SourceRule::all(rule)],
            http: HttpSettings::new("test", "1.11.4"),
            directory: ours.path().join(".terraform").join("providers"),
            plugin_cache: None,
            plugin_cache_may_break_lock_file: false,
            hash_cache: Some(ours.path().join("hashes")),
            platform: platform(),
            builtin: BTreeSet::from(["terraform".to_owned()]),
            unmanaged: BTreeSet::new(),
        };
        let work = Workdir::new();
        Some(Pair { work, ours, settings, cli_config: method.to_owned(), source: source.to_owned() })
    }

    fn filesystem(versions: &[&str]) -> Option<Pair> {
        let mut pair = Pair::new("example.com/acme/thing", "", Method::Direct)?;
        let mirror = mirror(pair.work.outside(), versions);
        pair.cli_config = format!("filesystem_mirror {{ path = {:?} }}", mirror.display().to_string());
        pair.settings.sources = vec![SourceRule::all(Method::FilesystemMirror(mirror))];
        Some(pair)
    }

    fn mirror(&self) -> PathBuf {
        self.work.outside().join("mirror")
    }

    fn lock_path(&self) -> PathBuf {
        self.ours.path().join(".terraform.lock.hcl")
    }

    /// Installs with both; whether it worked, which must be the same.
    fn init(&mut self, constraint: &str, upgrade: bool) -> (bool, String) {
        let version =
            if constraint.is_empty() { String::new() } else { format!(", version = {constraint:?}") };
        let config = format!(
            "terraform {{\n  required_providers {{\n    thing = {{ source = {:?}{version} }}\n  }}\n}}\n",
            self.source
        );
        self.work.write("main.tf", config);
        let mut cli = format!("provider_installation {{\n  {}\n}}\n", self.cli_config);
        if let Some(cache) = &self.settings.plugin_cache {
            let theirs = self.work.outside().join("cache");
            fs::create_dir_all(&theirs).unwrap();
            fs::create_dir_all(cache).unwrap();
            writeln!(cli, "plugin_cache_dir = {:?}", theirs.display().to_string()).unwrap();
            writeln!(
                cli,
                "plugin_cache_may_break_dependency_lock_file = {}",
                self.settings.plugin_cache_may_break_lock_file
            )
            .unwrap();
        }
        let rc = self.work.outside().join("cli.tfrc");
        fs::write(&rc, cli).unwrap();
        self.work.env("TF_CLI_CONFIG_FILE", rc);
        let mut args = vec!["init", "-no-color"];
        args.extend(upgrade.then_some("-upgrade"));
        let theirs = self.work.terraform(args);

        let installed = self.install(constraint, upgrade);
        let ours = installed.1;
        let said = format!("{}{}\n{ours}", theirs.stdout, theirs.stderr);
        assert_eq!(installed.0.errors.is_empty(), theirs.success(), "{said}");
        if !theirs.success() {
            return (false, said);
        }
        installed.0.locks.write(&self.lock_path()).unwrap();
        let lock = fs::read_to_string(self.lock_path()).unwrap();
        assert_eq!(lock, self.work.read(".terraform.lock.hcl"), "{said}");
        let expected = tree(&self.work.path().join(".terraform").join("providers"), self.work.outside());
        // Links lead to the mirror, which is below their root, or to a cache of one's own.
        let root = |path: &Path| {
            if path.starts_with(self.ours.path()) { self.ours.path() } else { self.work.outside() }
        };
        let found = tree_with(&self.settings.directory, &root);
        assert_eq!(found, expected, "{said}");
        // What `init` prints about the provider, in the order of our events.
        let progress = |line: &&str| line.starts_with("- ") && *line != "- Careful.";
        let printed: Vec<&str> = theirs.stdout.lines().filter(progress).collect();
        assert_eq!(ours.lines().filter(progress).collect::<Vec<_>>(), printed, "{said}");
        (true, said)
    }

    fn requirements(&self, constraint: &str) -> Requirements {
        BTreeMap::from([(Provider::parse(&self.source).unwrap(), Constraints::parse(constraint).unwrap())])
    }

    fn locks(&self) -> Locks {
        Locks::read(&self.lock_path()).unwrap().unwrap()
    }

    fn install(&self, constraint: &str, upgrade: bool) -> (Installed, String) {
        let mode = if upgrade { InstallMode::Upgrade } else { InstallMode::Normal };
        let mut said = String::new();
        let installer = Installer::new(self.settings.clone());
        let installed =
            installer.install(&self.locks(), &self.requirements(constraint), mode, &mut |event| {
                describe(&event, &mut said)
            });
        for failure in &installed.errors {
            writeln!(said, "error: {}", failure.error).unwrap();
        }
        (installed, said)
    }
}

/// The events as `terraform init` prints them.
fn describe(event: &InstallEvent<'_>, said: &mut String) {
    let line = match event {
        InstallEvent::BuiltIn(provider) => format!("- {provider} is built in to Terraform"),
        InstallEvent::Finding(provider, constraints) if constraints.is_any() => {
            format!("- Finding latest version of {}...", provider.for_display())
        }
        InstallEvent::Finding(provider, constraints) => {
            format!("- Finding {} versions matching \"{constraints}\"...", provider.for_display())
        }
        InstallEvent::Reusing(provider) => {
            format!("- Reusing previous version of {} from the dependency lock file", provider.for_display())
        }
        InstallEvent::AlreadyInstalled(provider, version) => {
            format!("- Using previously-installed {} v{version}", provider.for_display())
        }
        InstallEvent::UsingCache(provider, version) => {
            format!("- Using {} v{version} from the shared cache directory", provider.for_display())
        }
        InstallEvent::Installing(provider, version) => {
            format!("- Installing {} v{version}...", provider.for_display())
        }
        InstallEvent::Installed(provider, version, authentication) => {
            format!("- Installed {} v{version} ({authentication})", provider.for_display())
        }
        InstallEvent::IncompleteLock(provider) => format!("incomplete lock: {provider}"),
        InstallEvent::Warnings(provider, warnings) => format!("warnings: {provider}: {warnings:?}"),
    };
    writeln!(said, "{line}").unwrap();
}

/// All entries below a directory: links with their targets (below `root`), files with their modes
/// and sizes.
fn tree(directory: &Path, root: &Path) -> Vec<String> {
    tree_with(directory, &|_| root)
}

fn tree_with<'a>(directory: &Path, root: &dyn Fn(&Path) -> &'a Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(next) = pending.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(directory).unwrap().display();
            let meta = path.symlink_metadata().unwrap();
            if meta.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                let target = target.strip_prefix(root(&target)).unwrap_or(&target);
                found.push(format!("{name} -> {}", target.display()));
            } else if meta.is_dir() {
                found.push(format!("{name}/ {:o}", meta.permissions().mode()));
                pending.push(path);
            } else {
                found.push(format!("{name} {:o} {}", meta.permissions().mode(), meta.len()));
            }
        }
    }
    found.sort();
    found
}

macro_rules! pair {
    ($pair:expr) => {
        match $pair {
            Some(pair) => pair,
            None => return,
        }
    };
}

#[test]
fn mirrors_in_both_layouts_and_many_constraints() {
    let versions = ["1.0.0", "1.2.0", "1.2.3", "2.0.0", "2.1.0-beta1", "10.0.0"];
    let mut pair = pair!(Pair::filesystem(&versions));
    for (constraint, works) in [
        ("", true),
        ("~> 1.0", true),
        ("~> 1.2.0", true),
        ("1.2.0", true),
        (">= 1, < 2, != 1.2.3", true),
        ("< 10", true),
        ("2.1.0-beta1", true),
        (">= 2.1.0-beta1, < 3", false),
        ("> 10", false),
        ("=1.0", true),
    ] {
        for directory in [pair.work.path(), pair.ours.path()] {
            // Not there at first, nor after a failure.
            let _ = fs::remove_file(directory.join(".terraform.lock.hcl"));
            let _ = fs::remove_dir_all(directory.join(".terraform"));
        }
        let (worked, said) = pair.init(constraint, false);
        assert_eq!(worked, works, "{constraint}: {said}");
    }
}

#[test]
fn locks_are_kept_until_an_upgrade() {
    let mut pair = pair!(Pair::filesystem(&["1.0.0", "1.1.0", "2.0.0"]));
    assert!(pair.init("~> 1.0.0", false).0);
    // Installed and locked: nothing to do, and nothing is recorded anew.
    assert!(pair.init("~> 1.0.0", false).0);
    assert!(pair.init(">= 1.0.0", false).0);
    assert!(pair.init(">= 1.0.0", true).0);
    assert!(pair.init("", true).0);
    let (worked, said) = pair.init("< 2", false);
    assert!(!worked && said.contains("does not match configured version constraint < 2.0.0"), "{said}");
    assert!(pair.init("< 2", true).0);
    // The package is gone, the lock file is not.
    fs::remove_dir_all(pair.work.path().join(".terraform")).unwrap();
    fs::remove_dir_all(pair.ours.path().join(".terraform")).unwrap();
    assert!(pair.init("< 2", false).0);
}

#[test]
fn changed_packages_are_refused() {
    let mut pair = pair!(Pair::filesystem(&["1.0.0", "1.1.0"]));
    for version in ["1.0.0", "1.1.0"] {
        assert!(pair.init(version, true).0);
        for path in [pair.lock_path(), pair.work.path().join(".terraform.lock.hcl")] {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("\"h1:", "\"h1:x")).unwrap();
        }
        let (worked, said) = pair.init(version, false);
        assert!(!worked, "{said}");
        assert!(
            said.contains("any of the checksums previously recorded in the dependency lock file"),
            "{said}"
        );
        // An upgrade to the same version is held to the hashes too.
        assert!(!pair.init(version, true).0);
        for path in [pair.lock_path(), pair.work.path().join(".terraform.lock.hcl")] {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn unknown_providers_and_mirrors() {
    let mut pair = pair!(Pair::filesystem(&["1.0.0"]));
    pair.source = "example.com/acme/other".into();
    let (worked, said) = pair.init("", false);
    assert!(!worked && said.contains("was not found in any of the search locations"), "{said}");
    fs::remove_dir_all(pair.mirror()).unwrap();
    assert!(!pair.init("", false).0);
}

#[test]
fn the_shared_plugin_cache() {
    let mut pair = pair!(Pair::filesystem(&["1.0.0", "1.1.0"]));
    pair.settings.plugin_cache = Some(pair.ours.path().join("cache"));
    assert!(pair.init("1.1.0", false).0);
    // What the cache has and the lock file confirms is linked again. Terraform would look for the
    // mirror all the same; we do not need it.
    fs::remove_dir_all(pair.work.path().join(".terraform")).unwrap();
    fs::remove_dir_all(pair.ours.path().join(".terraform")).unwrap();
    assert!(pair.init("1.1.0", false).0);
    let hidden = pair.work.outside().join("hidden");
    fs::rename(pair.mirror(), &hidden).unwrap();
    fs::remove_dir_all(pair.ours.path().join(".terraform")).unwrap();
    let (installed, said) = pair.install("1.1.0", false);
    assert!(installed.errors.is_empty(), "{said}");
    fs::rename(hidden, pair.mirror()).unwrap();
    // What the lock file does not confirm is fetched again, unless the settings allow otherwise.
    for allow in [false, true] {
        for directory in [pair.work.path(), pair.ours.path()] {
            fs::remove_dir_all(directory.join(".terraform")).unwrap();
            fs::remove_file(directory.join(".terraform.lock.hcl")).unwrap();
        }
        pair.settings.plugin_cache_may_break_lock_file = allow;
        let (worked, said) = pair.init("1.1.0", false);
        assert!(worked);
        assert_eq!(said.contains("from the shared cache directory"), allow, "{said}");
    }
}

#[test]
fn selections_for_other_commands() {
    let mut pair = pair!(Pair::filesystem(&["1.0.0", "1.1.0"]));
    let directory = ProviderDirectory::new(&pair.settings.directory, platform(), None);
    let thing = Provider::parse(&pair.source).unwrap();
    let select = |locks: &Locks| select_installed(&directory, locks, [&thing], &BTreeMap::new());
    let problem = |locks: &Locks| select(locks).unwrap_err().remove(0).1;
    assert!(matches!(check_locks(&pair.locks(), &pair.requirements(""))[0].1, SelectionProblem::NotSelected));
    assert!(pair.init("1.1.0", false).0);
    let locks = pair.locks();
    let programs = select(&locks).unwrap();
    assert!(programs[&thing].ends_with("terraform-provider-thing_v1.1.0"));
    assert!(check_locks(&locks, &pair.requirements("")).is_empty());
    let changed = check_locks(&locks, &pair.requirements("< 1.1")).remove(0).1.to_string();
    assert_eq!(
        changed,
        "locked version selection 1.1.0 doesn't match the updated version constraints \"< 1.1.0\""
    );
    // Development overrides are taken as they are.
    let overrides = BTreeMap::from([(thing.clone(), programs[&thing].parent().unwrap().to_owned())]);
    assert!(select_installed(&directory, &Locks::default(), [&thing], &overrides).is_ok());
    // Something was added to the package.
    fs::write(programs[&thing].with_file_name("extra"), "").unwrap();
    let text = problem(&locks).to_string();
    let expected = format!(
        "the cached package for example.com/acme/thing 1.1.0 (in {}) does not match any of the checksums recorded in \
         the dependency lock file",
        directory.base().display()
    );
    assert_eq!(text, expected);
    fs::remove_dir_all(directory.base()).unwrap();
    assert!(matches!(problem(&locks), SelectionProblem::NotInstalled { .. }));
}

/// A pair whose packages come from a server.
fn served(source: &str, method: &str, rule: Method, server: &Server) -> Option<Pair> {
    let mut pair = Pair::new(source, method, rule)?;
    let certificate = pair.work.outside().join("ca.pem");
    fs::write(&certificate, server.certificate_pem()).unwrap();
    pair.work.env("SSL_CERT_FILE", certificate);
    pair.settings.http.root_certificates = Some(vec![server.certificate_der()]);
    Some(pair)
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn network_mirrors() {
    let server = Server::start();
    let url = format!("https://localhost:{}/mirror/", server.port);
    let method = format!("network_mirror {{ url = {url:?} }}");
    let mut pair = pair!(served("example.com/acme/thing", &method, Method::NetworkMirror(url), &server));
    let base = "/mirror/example.com/acme/thing";
    let (hashed, bare) = (zipped("1.1.0"), zipped("1.0.0"));
    let archive = |name: &str, hashes: &[String]| {
        serde_json::json!({ "archives": { platform().to_string(): { "url": name, "hashes": hashes } } })
            .to_string()
    };
    server
        .serve(&format!("{base}/index.json"), Page::json(r#"{"versions":{"1.1.0":{},"1.0.0":{},"bad":{}}}"#));
    let zh = format!("zh:{}", sha256(&hashed));
    server.serve(
        &format!("{base}/1.1.0.json"),
        Page::json(archive("../files/a.zip", std::slice::from_ref(&zh))),
    );
    server.serve(&format!("{base}/1.0.0.json"), Page::json(archive("b.zip", &[])));
    server.serve("/mirror/example.com/acme/files/a.zip", Page::bytes(hashed.clone()));
    server.serve(&format!("{base}/b.zip"), Page::redirect("/elsewhere"));
    server.serve("/elsewhere", Page::bytes(bare));
    let (worked, said) = pair.init("", false);
    assert!(worked && said.contains("(verified checksum)"), "{said}");
    let (worked, said) = pair.init("1.0.0", true);
    assert!(worked && said.contains("(unauthenticated)"), "{said}");
    // The archive is not the one that the mirror describes.
    server.serve("/mirror/example.com/acme/files/a.zip", Page::bytes(zipped("1.1.1")));
    assert!(!pair.init("1.1.0", true).0);
    // It does not have the provider, wants credentials, or is no mirror.
    for page in [Page::status(404), Page::status(401), Page::status(500), Page::bytes(b"{}".to_vec())] {
        server.serve(&format!("{base}/index.json"), page);
        assert!(!pair.init("", true).0);
    }
    let credentials = BTreeMap::from([(format!("localhost:{}", server.port), "secret".to_owned())]);
    pair.settings.http.credentials = credentials;
    server.serve(
        &format!("{base}/index.json"),
        Page::json(r#"{"versions":{"1.0.0":{}}}"#).with_token("secret"),
    );
    let (installed, said) = pair.install("", true);
    assert!(installed.errors.is_empty(), "{said}");
}

/// Puts a release on the server as a registry would have it.
fn release(
    server: &Server,
    version: &str,
    signer: &openpgp::Signer,
    change: impl FnOnce(&mut serde_json::Value),
) {
    let archive = zipped(version);
    let name = format!("terraform-provider-thing_{version}_{}.zip", platform());
    let sums = format!(
        "{}  {name}\n{}  terraform-provider-thing_{version}_other_arch.zip\n",
        sha256(&archive),
        sha256(b"other")
    );
    let base = format!("/v1/acme/thing/{version}");
    let mut answer = serde_json::json!({
        "protocols": ["5.0", "6.0"],
        "os": platform().os,
        "arch": platform().arch,
        "filename": name,
        "download_url": format!("/files/{name}"),
        "shasum": sha256(&archive),
        "shasums_url": format!("/files/{version}.sums"),
        "shasums_signature_url": format!("/files/{version}.sig"),
        "signing_keys": { "gpg_public_keys": [{ "key_id": signer.key_id(), "ascii_armor": signer.armored_key() }] },
    });
    change(&mut answer);
    let path = format!("{base}/download/{}/{}", platform().os, platform().arch);
    server.serve(&path, Page::json(answer.to_string()));
    server.serve(&format!("/files/{version}.sig"), Page::bytes(signer.sign(sums.as_bytes())));
    server.serve(&format!("/files/{version}.sums"), Page::bytes(sums.into_bytes()));
    server.serve(&format!("/files/{name}"), Page::bytes(archive));
}

#[test]
fn registries() {
    let server = Server::start();
    let source = format!("localhost:{}/acme/thing", server.port);
    let mut pair = pair!(served(&source, "direct {}", Method::Direct, &server));
    let signer = openpgp::Signer::new("Test <test@example.com>");
    server.serve("/.well-known/terraform.json", Page::json(r#"{"modules.v1":"/m/","providers.v1":"v1"}"#));
    let (worked, said) = pair.init("", false);
    assert!(!worked, "a registry without the provider: {said}");
    server.serve("/.well-known/terraform.json", Page::json(r#"{"modules.v1":"/m/","providers.v1":"/v1/"}"#));
    let (os, arch) = (platform().os, platform().arch);
    let entry = |version: &str| serde_json::json!({ "version": version, "protocols": ["5.0"], "platforms": [{ "os": os, "arch": arch }] });
    let versions: Vec<_> =
        ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"].map(entry).to_vec();
    let list = serde_json::json!({ "versions": versions, "warnings": ["Careful."] });
    server.serve("/v1/acme/thing/versions", Page::json(list.to_string()));
    release(&server, "1.0.0", &signer, |_| {});
    let (worked, said) = pair.init("1.0.0", false);
    assert!(worked && said.contains("self-signed, key ID") && said.contains("Careful."), "{said}");
    assert!(said.contains("zh:") || pair.locks().to_string().contains("zh:"));
    // The package is gone; its hashes are known.
    fs::remove_dir_all(pair.work.path().join(".terraform")).unwrap();
    fs::remove_dir_all(pair.ours.path().join(".terraform")).unwrap();
    assert!(pair.init("1.0.0", false).0);
    // Nothing of this is acceptable.
    let other = openpgp::Signer::new("Other <other@example.com>");
    release(&server, "1.1.0", &signer, |answer| {
        answer["signing_keys"]["gpg_public_keys"][0]["ascii_armor"] = other.armored_key().into();
    });
    release(&server, "1.2.0", &signer, |answer| answer["shasum"] = sha256(b"x").into());
    release(&server, "1.3.0", &signer, |answer| answer["protocols"] = serde_json::json!(["4.0"]));
    release(&server, "1.4.0", &signer, |answer| answer["arch"] = "other".into());
    release(&server, "1.5.0", &signer, |answer| answer["download_url"] = "file:///etc/passwd".into());
    release(&server, "1.6.0", &signer, |_| {});
    let name = format!("/files/terraform-provider-thing_1.6.0_{}.zip", platform());
    server.serve(&name, Page::bytes(zipped("1.6.1")));
    for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "2.0.0"] {
        let (worked, said) = pair.init(version, true);
        assert!(!worked, "{version}: {said}");
    }
    server.serve("/v1/acme/thing/versions", Page::status(403));
    assert!(!pair.init("", true).0);
    server.serve("/.well-known/terraform.json", Page::status(404));
    assert!(!pair.init("", true).0);
}

#[test]
fn locking_for_other_platforms_and_mirroring() {
    let server = Server::start();
    let source = format!("localhost:{}/acme/thing", server.port);
    let mut pair = pair!(served(&source, "direct {}", Method::Direct, &server));
    let signer = openpgp::Signer::new("Test <test@example.com>");
    server.serve("/.well-known/terraform.json", Page::json(r#"{"providers.v1":"/v1/"}"#));
    let list =
        serde_json::json!({ "versions": [{ "version": "1.0.0", "protocols": ["5.0"], "platforms": [] }] });
    server.serve("/v1/acme/thing/versions", Page::json(list.to_string()));
    release(&server, "1.0.0", &signer, |_| {});
    assert!(pair.init("~> 1.0", false).0);

    for path in [pair.lock_path(), pair.work.path().join(".terraform.lock.hcl")] {
        fs::remove_file(path).unwrap();
    }
    let flag = format!("-platform={}", platform());
    pair.work.terraform(["providers", "lock", &flag]).expect_success();
    let installer = Installer::new(pair.settings.clone());
    let requirements = pair.requirements("~> 1.0");
    let locked = installer.lock(&Locks::default(), &requirements, &[platform()], &mut |_| {});
    assert!(locked.errors.is_empty());
    assert_eq!(locked.locks.to_string(), pair.work.read(".terraform.lock.hcl"));

    let (theirs, ours) = (pair.work.outside().join("m1"), pair.work.outside().join("m2"));
    pair.work.terraform(["providers", "mirror", &flag, theirs.to_str().unwrap()]).expect_success();
    let failures = installer.mirror(&Locks::default(), &requirements, &[platform()], &ours, &mut |_| {});
    assert!(failures.is_empty());
    let names = |root: &Path| {
        let strip = |line: String| line.split(' ').next().unwrap().to_owned();
        tree(root, root).into_iter().map(strip).collect::<Vec<_>>()
    };
    assert_eq!(names(&ours), names(&theirs));
    let below = Path::new(&format!("localhost:{}", server.port)).join("acme").join("thing");
    for name in ["index.json", "1.0.0.json"] {
        let read = |root: &Path| -> serde_json::Value {
            serde_json::from_slice(&fs::read(root.join(&below).join(name)).unwrap()).unwrap()
        };
        assert_eq!(read(&ours), read(&theirs), "{name}");
    }
}

#[test]
fn the_real_aws_provider() {
    let Some(mirror) = groma_testkit::mirror() else {
        return groma_testkit::skip("no mirror with the AWS provider");
    };
    let method = format!("filesystem_mirror {{ path = {:?} }}", mirror.display().to_string());
    let mut pair = pair!(Pair::new("hashicorp/aws", &method, Method::FilesystemMirror(mirror)));
    let (worked, said) = pair.init("~> 5.0, >= 5.1", false);
    assert!(worked && pair.init("~> 5.0", false).0, "{said}");
}
