//! Modules from elsewhere, through Terraform and through Groma: the same record of installed
//! modules, byte for byte, and the same files; or both refuse.

#[path = "module_sources/server.rs"]
mod server;

use groma_testkit::{Output, Workdir, oracle, skip};
use server::{Page, Server};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");
const RECORD: &str = ".terraform/modules/modules.json";
const LOCK: &str = ".groma.modules.lock.hcl";

/// A repository with two commits, a tag, a branch and a submodule, and archives of it.
struct World {
    temp: tempfile::TempDir,
    server: Server,
}

fn git(dir: &Path, args: &[&str]) -> String {
    let who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "protocol.file.allow=always"];
    let out = Command::new("git").current_dir(dir).args(who).args(args).output().expect("git");
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

impl World {
    fn new() -> World {
        let temp = tempfile::tempdir().unwrap();
        let repo = temp.path().join("repo");
        std::fs::create_dir_all(repo.join("sub/deep")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(repo.join(name), text).unwrap();
        git(&repo, &["init", "--quiet", "--initial-branch=main"]);
        write("main.tf", "output \"v\" {\n  value = \"1\"\n}\n");
        write(
            "sub/main.tf",
            "module \"d\" {\n  source = \"./deep\"\n}\nmodule \"up\" {\n  source = \"../\"\n}\n",
        );
        write("sub/deep/main.tf", "output \"deep\" {\n  value = 1\n}\n");
        // Terraform writes links in archives as files, Groma as links.
        std::os::unix::fs::symlink("main.tf", repo.join("link.tf.txt")).unwrap();
        write(".gitattributes", "link.tf.txt export-ignore\n");
        git(&repo, &["add", "."]);
        git(&repo, &["commit", "--quiet", "-m", "one"]);
        git(&repo, &["tag", "v1"]);
        write("main.tf", "output \"v\" {\n  value = \"2\"\n}\n");
        git(&repo, &["commit", "--quiet", "-a", "-m", "two"]);
        git(&repo, &["branch", "dev"]);
        let server = Server::start();
        let world = World { temp, server };
        for (name, args) in [
            ("a.zip", &["--format=zip"][..]),
            ("a.tar.gz", &["--format=tar.gz"]),
            ("a.tgz", &["--format=tgz"]),
            ("top.tar.gz", &["--format=tar.gz", "--prefix=top/"]),
            ("a.tar", &["--format=tar"]),
        ] {
            let file = world.path(name);
            let out = format!("--output={}", file.display());
            git(&world.path("repo"), &[&["archive"], args, &[&out, "HEAD"]].concat());
            world.server.file(&format!("/{name}"), std::fs::read(file).unwrap());
        }
        world.server.file("/noext", std::fs::read(world.path("a.zip")).unwrap());
        if Command::new("bzip2").arg("-k").arg(world.path("a.tar")).status().is_ok_and(|s| s.success()) {
            world.server.file("/a.tar.bz2", std::fs::read(world.path("a.tar.bz2")).unwrap());
        }
        let sum = Command::new("sha256sum").current_dir(world.temp.path()).arg("a.zip").output().unwrap();
        let line = String::from_utf8(sum.stdout).unwrap();
        let (sum, zeros) = (&line[..64], "0".repeat(64));
        for (name, text) in [
            ("gnu", format!("# sums\n\n{zeros}  b.zip\n{sum}  ./a.zip\n")),
            ("star", format!("{sum} *a.zip\n")),
            ("bsd", format!("SHA256 (a.zip) = {sum}\n")),
            ("bare", format!("{sum}\n")),
            ("wrong", format!("{zeros}  a.zip\n{sum}  a.zip\n")),
            ("other", format!("{sum}  folder/a.zip\n")),
        ] {
            world.server.text(&format!("/sums-{name}"), &text);
            std::fs::write(world.path(&format!("sums-{name}")), text).unwrap();
        }
        if Command::new("xz").arg("-k").arg(world.path("a.tar")).status().is_ok_and(|s| s.success()) {
            world.server.file("/a.tar.xz", std::fs::read(world.path("a.tar.xz")).unwrap());
        }
        world.registry();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn registry(&self) {
        let s = &self.server;
        let versions = ["1.0.0", "1.2.0", "2.0.0-beta1", "0.9.0", "1.10.0"];
        let list: Vec<String> = versions.iter().map(|v| format!("{{\"version\":\"{v}\"}}")).collect();
        for (name, place) in [
            ("mod", "/a.zip"),
            ("sub", "/top.tar.gz//top?archive=tar.gz"),
            ("glob", "http://{HOST}/top.tar.gz//*?archive=tar.gz"),
            ("git", "git::file://{REPO}?ref=v1"),
        ] {
            s.text(
                &format!("/v1/modules/ns/{name}/sys/versions"),
                &format!("{{\"modules\":[{{\"versions\":[{}]}}]}}", list.join(",")),
            );
            let place = place.replace("{REPO}", &self.path("repo").display().to_string());
            for v in versions {
                s.names(&format!("/v1/modules/ns/{name}/sys/{v}/download"), 204, &place);
            }
        }
        s.text("/v1/modules/ns/none/sys/versions", "{\"modules\":[{\"versions\":[]}]}");
        s.put("/v1/modules/ns/denied/sys/versions", Page { status: 401, ..Page::default() });
        s.names("/get", 200, "http://{HOST}/a.zip");
        s.names("/getsub", 200, "http://{HOST}/top.tar.gz//top");
        s.names("/getgit", 200, &format!("git::file://{}?ref=v1", self.path("repo").display()));
        s.text(
            "/meta",
            "<html><head><meta name=\"terraform-get\" content=\"http://{HOST}/a.zip\"></head></html>",
        );
        s.text("/empty", "hello");
        let named = Page { status: 401, only_for: Some("Basic dTpw".into()), ..Page::default() };
        let zip = std::fs::read(self.path("a.zip")).unwrap();
        s.put("/secret.zip", Page { status: 200, body: zip, ..named });
    }

    /// A working directory that knows the registry `reg.test`.
    fn workdir(&self) -> Workdir {
        let mut w = Workdir::new();
        let rc = w.outside().join("cli.tfrc");
        let host = &self.server.host;
        let text = format!(
            "host \"reg.test\" {{\n  services = {{ \"modules.v1\" = \"http://{host}/v1/modules/\" }}\n}}\nhost \"none.test\" {{\n  services = {{ \"providers.v1\" = \"http://{host}/v1/providers/\" }}\n}}\n"
        );
        std::fs::write(&rc, text).unwrap();
        std::fs::write(w.outside().join("home/.netrc"), format!("machine {host}\nlogin u\npassword p\n"))
            .unwrap();
        w.env("TF_CLI_CONFIG_FILE", rc);
        w
    }

    fn filled(&self, text: &str) -> String {
        let repo = self.path("repo").display().to_string();
        text.replace("{HOST}", &self.server.host).replace("{REPO}", &repo)
    }
}

/// All files below the directory of modules, with their content. Hidden ones do not count: of
/// packages that are used twice, Terraform copies none.
fn tree(w: &Workdir) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let base = w.path().join(".terraform/modules");
    let mut pending = vec![base.clone()];
    while let Some(dir) = pending.pop() {
        for e in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = e.path().strip_prefix(&base).unwrap().display().to_string();
            if e.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let kind = e.file_type().unwrap();
            if kind.is_dir() {
                pending.push(e.path());
            } else if kind.is_symlink() {
                out.insert(name, format!("-> {}", std::fs::read_link(e.path()).unwrap().display()));
            } else {
                out.insert(name, std::fs::read_to_string(e.path()).unwrap_or_default());
            }
        }
    }
    out
}

fn call(name: &str, source: &str, more: &str) -> String {
    format!("module \"{name}\" {{\n  source = \"{source}\"\n{more}}}\n")
}

#[test]
fn sources_give_what_terraform_gives() {
    if oracle().is_none() {
        skip("needs terraform");
        return;
    }
    let world = World::new();
    let commit = git(&world.path("repo"), &["rev-parse", "v1"]);
    let short = &commit[..9];
    let sha = "{SHA}";
    let sum = Command::new("sha256sum").arg(world.path("a.zip")).output().unwrap();
    let sum = String::from_utf8_lossy(&sum.stdout)[..64].to_owned();
    let sources = [
        "git::file://{REPO}".to_owned(),
        "git::file://{REPO}?ref=v1".to_owned(),
        "git::file://{REPO}?ref=dev".to_owned(),
        "git::file://{REPO}?ref=origin/dev".to_owned(),
        format!("git::file://{{REPO}}?ref={commit}"),
        format!("git::file://{{REPO}}?ref={short}"),
        "git::file://{REPO}?ref=nope".to_owned(),
        "git::file://{REPO}?depth=1".to_owned(),
        "git::file://{REPO}?ref=dev&depth=1".to_owned(),
        format!("git::file://{{REPO}}?ref={commit}&depth=1"),
        "git::file://{REPO}//sub?ref=dev".to_owned(),
        "git::file://{REPO}//su*".to_owned(),
        "git::file://{REPO}//nosub".to_owned(),
        "git::file://{REPO}//sub/../sub/deep".to_owned(),
        "git::{REPO}".to_owned(),
        "git::file:///nowhere".to_owned(),
        "git::file://{REPO}?checksum=md5:00".to_owned(),
        "{REPO}".to_owned(),
        "{REPO}//sub".to_owned(),
        "file://{REPO}//sub".to_owned(),
        "{REPO}/nowhere".to_owned(),
        "{REPO}/../a.zip".to_owned(),
        "http://{HOST}/a.zip".to_owned(),
        "http::http://{HOST}/a.zip".to_owned(),
        "http://{HOST}/a.tar.gz".to_owned(),
        "http://{HOST}/a.tgz".to_owned(),
        "http://{HOST}/noext".to_owned(),
        "http://{HOST}/noext?archive=zip".to_owned(),
        "http://{HOST}/a.zip?archive=tar.gz".to_owned(),
        "http://{HOST}/a.zip?archive=false".to_owned(),
        format!("http://{{HOST}}/a.zip?checksum=sha256:{sum}"),
        format!("http://{{HOST}}/a.zip?checksum={sum}"),
        "http://{HOST}/a.zip?checksum=md5:00".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-gnu".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-star".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-bsd".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-bare".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-wrong".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-other".to_owned(),
        "http://{HOST}/a.zip?checksum=file:http://{HOST}/sums-missing".to_owned(),
        "http://{HOST}/a.zip?checksum=file:file://{REPO}/../sums-bsd".to_owned(),
        "http://{HOST}/a.zip?checksum=file:sums-gnu".to_owned(),
        "http://{HOST}/top.tar.gz//top/sub".to_owned(),
        "http://{HOST}/top.tar.gz//t*p".to_owned(),
        "http://{HOST}/get".to_owned(),
        "http://{HOST}/getsub".to_owned(),
        "http://{HOST}/getsub//sub".to_owned(),
        "http://{HOST}/getgit".to_owned(),
        "http://{HOST}/meta".to_owned(),
        "http://{HOST}/empty".to_owned(),
        "http://{HOST}/nope.zip".to_owned(),
        "http://{HOST}/secret.zip".to_owned(),
        "http://127.0.0.1:9/x.zip".to_owned(),
        "foo::{REPO}".to_owned(),
    ];
    let mut wrong = Vec::new();
    for source in sources {
        let source = world.filled(&source.replace(sha, &sum));
        let (ours, theirs) = (world.workdir(), world.workdir());
        compare(&ours, &theirs, &call("m", &source, ""), &source, &mut wrong);
    }
    for name in ["a.tar.xz", "a.tar.bz2"] {
        if world.path(name).exists() {
            let (ours, theirs) = (world.workdir(), world.workdir());
            let text = call("m", &world.filled(&format!("http://{{HOST}}/{name}")), "");
            compare(&ours, &theirs, &text, name, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Installs with both and says what differs.
fn compare(ours: &Workdir, theirs: &Workdir, text: &str, what: &str, wrong: &mut Vec<String>) {
    ours.write("main.tf", text);
    theirs.write("main.tf", text);
    let them = theirs.terraform(["get", "-no-color"]);
    let us = ours.run(GROMA, ["get", "-no-color"]);
    if them.success() != us.success() {
        wrong.push(format!("{what}: {them}\n{us}"));
        return;
    }
    let place = |w: &Workdir| if w.exists(RECORD) { w.read(RECORD) } else { String::new() };
    if place(ours) != place(theirs) {
        wrong.push(format!("{what}:\n  theirs {}\n  ours   {}", place(theirs), place(ours)));
    }
    // What a failure leaves behind is nobody's concern.
    if them.success() && tree(ours) != tree(theirs) {
        wrong.push(format!("{what}:\n  theirs {:#?}\n  ours   {:#?}", tree(theirs), tree(ours)));
    }
    if !us.success() && !us.stderr.contains("main.tf line ") {
        wrong.push(format!("{what}: no place\n{us}"));
    }
}

#[test]
fn registries_give_what_terraform_gives() {
    if oracle().is_none() {
        skip("needs terraform");
        return;
    }
    let world = World::new();
    let mut wrong = Vec::new();
    for (source, version) in [
        ("reg.test/ns/mod/sys", ""),
        ("reg.test/ns/mod/sys", "1.0.0"),
        ("reg.test/ns/mod/sys", "~> 1.0"),
        ("reg.test/ns/mod/sys", "2.0.0-beta1"),
        ("reg.test/ns/mod/sys", ">= 2.0"),
        ("reg.test/ns/mod/sys", ">= 0.1, < 1.0"),
        ("reg.test/ns/mod/sys", "= 1.2"),
        ("reg.test/ns/sub/sys", "1.0.0"),
        ("reg.test/ns/sub/sys//sub", "1.0.0"),
        ("reg.test/ns/git/sys", "~> 1.2"),
        ("reg.test/ns/git/sys//sub", ""),
        ("reg.test/ns/none/sys", ""),
        ("reg.test/ns/denied/sys", ""),
        ("reg.test/ns/missing/sys", "1.0.0"),
        ("none.test/ns/mod/sys", ""),
        ("reg.test/ns/mod/sys//nowhere", "1.0.0"),
    ] {
        let more = if version.is_empty() { String::new() } else { format!("  version = \"{version}\"\n") };
        let (ours, theirs) = (world.workdir(), world.workdir());
        let text = call("m", source, &more);
        compare(&ours, &theirs, &text, &format!("{source} {version}"), &mut wrong);
    }
    // Terraform does not find what a registry names by a pattern.
    let w = world.workdir();
    w.write("main.tf", call("m", "reg.test/ns/glob/sys//sub/deep", "  version = \"1.0.0\"\n"));
    w.run(GROMA, ["get"]).expect_success();
    assert!(w.read(RECORD).contains("\"Dir\":\".terraform/modules/m/top/sub/deep\""), "{}", w.read(RECORD));
    // A version that is in place stays while it fits; -update takes the newest.
    let (ours, theirs) = (world.workdir(), world.workdir());
    for version in ["1.0.0", ">= 1.0", "> 1.0", "< 1.2"] {
        let text = call("m", "reg.test/ns/mod/sys", &format!("  version = \"{version}\"\n"));
        compare(&ours, &theirs, &text, version, &mut wrong);
    }
    let text = call("m", "reg.test/ns/mod/sys", "  version = \">= 0.1\"\n");
    compare(&ours, &theirs, &text, "as it is", &mut wrong);
    for w in [&ours, &theirs] {
        let program = if std::ptr::eq(w, &ours) { GROMA.into() } else { oracle().unwrap() };
        w.run(program, ["get", "-update"]).expect_success();
        assert!(w.read(RECORD).contains("\"Version\":\"1.10.0\""), "{}", w.read(RECORD));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn trees_of_modules_are_installed_as_terraform_does() {
    if oracle().is_none() {
        skip("needs terraform");
        return;
    }
    let world = World::new();
    let mut wrong = Vec::new();
    let (ours, theirs) = (world.workdir(), world.workdir());
    for w in [&ours, &theirs] {
        w.write("local/main.tf", world.filled(&call("g", "git::file://{REPO}//sub", "")));
        std::fs::create_dir_all(w.outside().join("other/inner")).unwrap();
        std::fs::write(w.outside().join("other/main.tf"), call("i", "./inner", "")).unwrap();
        std::fs::write(w.outside().join("other/inner/main.tf"), "").unwrap();
        std::os::unix::fs::symlink("../other", w.path().join("link")).unwrap();
    }
    let all = [
        call("a", "git::file://{REPO}//sub", ""),
        call("b", "git::file://{REPO}", ""),
        call("c", "./local", ""),
        call("d", "reg.test/ns/sub/sys//sub", "  version = \"~> 1.0\"\n"),
        call("e", "reg.test/ns/sub/sys", "  version = \"~> 1.0\"\n"),
        call("l", "./link", ""),
    ]
    .concat();
    let all = world.filled(&all);
    world.server.log();
    compare(&ours, &theirs, &all, "all", &mut wrong);
    world.server.log();
    // A package is fetched once for all who want it.
    let fresh = world.workdir();
    fresh.write("local/main.tf", ours.read("local/main.tf"));
    fresh.write("main.tf", all.replace(&call("l", "./link", ""), ""));
    fresh.run(GROMA, ["get"]).expect_success();
    let asked = world.server.log();
    assert_eq!(asked.iter().filter(|l| l.contains("/versions")).count(), 1, "{asked:?}");
    assert_eq!(asked.iter().filter(|l| l.contains("top.tar.gz")).count(), 1, "{asked:?}");
    // What is in place is left alone; what is called otherwise is fetched anew.
    compare(&ours, &theirs, &all, "again", &mut wrong);
    compare(&ours, &theirs, &all.replace("//sub\"", "\""), "other source", &mut wrong);
    compare(&ours, &theirs, &call("b", &world.filled("git::file://{REPO}?ref=v1"), ""), "fewer", &mut wrong);
    // Both can go on with what the other installed.
    let text = ours.terraform(["get", "-no-color"]).expect_success().stdout;
    assert!(!text.contains("Downloading"), "{text}");
    let text = theirs.run(GROMA, ["get", "-no-color"]).expect_success().stdout;
    assert!(!text.contains("fetching"), "{text}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_module_that_changed_is_refused() {
    let world = World::new();
    let w = world.workdir();
    w.write(
        "main.tf",
        world.filled(
            &[call("a", "git::file://{REPO}?ref=main", ""), call("z", "http://{HOST}/a.zip", "")].concat(),
        ),
    );
    w.run(GROMA, ["init", "-no-color"]).expect_success();
    let lock = w.read(LOCK);
    assert_eq!(lock.matches("h1:").count(), 2, "{lock}");
    // Somebody else with the same lock gets the same.
    let other = world.workdir();
    other.copy_folder(w.path());
    other.remove(".terraform");
    other.run(GROMA, ["init", "-lockfile=readonly"]).expect_success();
    assert_eq!(other.read(LOCK), lock);
    // The branch moves on.
    let repo = world.path("repo");
    std::fs::write(repo.join("main.tf"), "output \"v\" {\n  value = \"3\"\n}\n").unwrap();
    git(&repo, &["commit", "--quiet", "-a", "-m", "three"]);
    // What is in place stays.
    w.run(GROMA, ["init"]).expect_success();
    other.remove(".terraform");
    let refused = other.run(GROMA, ["init", "-no-color"]).expect_status(1);
    for part in ["Module has changed", "main.tf line 1", "groma init -upgrade"] {
        assert!(refused.stderr.contains(part), "{part}: {refused}");
    }
    assert!(!other.exists(RECORD) && !other.exists(".terraform/modules/a"));
    let readonly = other.run(GROMA, ["init", "-upgrade", "-lockfile=readonly", "-no-color"]).expect_status(1);
    assert!(readonly.stderr.contains("-lockfile=readonly"), "{readonly}");
    other.run(GROMA, ["init", "-upgrade"]).expect_success();
    assert_ne!(other.read(LOCK), lock);
    // A record of what is not called any more goes away, and with the last one the file.
    other.write("main.tf", "");
    other.run(GROMA, ["init"]).expect_success();
    assert!(!other.exists(LOCK));
    // What another program installed is recorded as it is found.
    if oracle().is_some() {
        let theirs = world.workdir();
        theirs.write("main.tf", world.filled(&call("a", "git::file://{REPO}", "")));
        theirs.terraform(["init"]).expect_success();
        theirs.run(GROMA, ["init"]).expect_success();
        assert!(theirs.read(LOCK).contains("h1:"));
    }
}

/// Puts something into a bucket of an API server, which checks no signatures.
fn put(server: &str, path: &str, body: &[u8]) {
    use std::io::{Read, Write};
    let host = server.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let credential = "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    write!(
        stream,
        "PUT /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {credential}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
}

#[test]
fn buckets_give_what_terraform_gives() {
    let Some(api) = groma_testkit::Moto::start() else {
        skip("needs moto");
        return;
    };
    if oracle().is_none() {
        skip("needs terraform");
        return;
    }
    let world = World::new();
    let endpoint = api.endpoint();
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
    put(&endpoint, "bucket", b"");
    put(&endpoint, "bucket/x/a.zip", &std::fs::read(world.path("a.zip")).unwrap());
    for file in ["main.tf", "sub/main.tf", "sub/deep/main.tf"] {
        put(&endpoint, &format!("bucket/dir/{file}"), &std::fs::read(world.path("repo").join(file)).unwrap());
    }
    let mut wrong = Vec::new();
    // Terraform goes to other servers than AWS's only with keys in the address.
    let keys = "aws_access_key_id=a&aws_access_key_secret=b&region=us-east-1";
    for source in [
        "s3::http://{S3}/bucket/x/a.zip?{KEYS}",
        "s3::http://{S3}/bucket/x/a.zip//sub?{KEYS}",
        "s3::http://{S3}/bucket/dir?{KEYS}",
        "s3::http://{S3}/bucket/dir//sub/deep?{KEYS}",
        "s3::http://{S3}/bucket/x/nothing.zip?{KEYS}",
        "s3::http://{S3}/nothing/x/a.zip?{KEYS}",
    ] {
        let source = source.replace("{S3}", &host).replace("{KEYS}", keys);
        let (ours, theirs) = (world.workdir(), world.workdir());
        compare(&ours, &theirs, &call("m", &source, ""), &source, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let w = world.workdir();
    w.write("main.tf", call("m", &format!("s3::http://{host}/bucket/x/a.zip"), ""));
    w.run(GROMA, ["get"]).expect_success();
    assert!(w.exists(".terraform/modules/m/sub/deep/main.tf"));
}

/// Objects of Google Cloud Storage, from a server that speaks as its emulator does.
#[test]
fn objects_of_google_are_fetched() {
    let world = World::new();
    let mut w = world.workdir();
    w.env("STORAGE_EMULATOR_HOST", &world.server.host).env("GOOGLE_OAUTH_ACCESS_TOKEN", "t");
    let zip = std::fs::read(world.path("a.zip")).unwrap();
    let only =
        |body: Vec<u8>| Page { status: 200, body, only_for: Some("Bearer t".into()), ..Page::default() };
    world.server.put("/storage/v1/b/bucket/o/x%2Fa.zip", only(zip));
    world.server.put(
        "/storage/v1/b/bucket/o",
        only(br#"{"items":[{"name":"dir/"},{"name":"dir/main.tf"},{"name":"dir/a/b.tf"}]}"#.to_vec()),
    );
    world.server.put("/storage/v1/b/bucket/o/dir%2Fmain.tf", only(b"# one\n".to_vec()));
    world.server.put("/storage/v1/b/bucket/o/dir%2Fa%2Fb.tf", only(b"# two\n".to_vec()));
    w.write(
        "main.tf",
        [
            call("a", "www.googleapis.com/storage/v1/bucket/x/a.zip", ""),
            call("d", "gcs::https://www.googleapis.com/storage/v1/bucket/dir//a", ""),
        ]
        .concat(),
    );
    w.run(GROMA, ["get"]).expect_success();
    assert!(w.exists(".terraform/modules/a/sub/deep/main.tf"));
    assert_eq!(w.read(".terraform/modules/d/a/b.tf"), "# two\n");
    assert!(
        w.read(RECORD).contains("\"Source\":\"gcs::https://www.googleapis.com/storage/v1/bucket/x/a.zip\"")
    );
    w.env("GOOGLE_OAUTH_ACCESS_TOKEN", "");
    w.remove(".terraform");
    let refused = w.run(GROMA, ["get", "-no-color"]).expect_status(1);
    assert!(refused.stderr.contains("GOOGLE_OAUTH_ACCESS_TOKEN"), "{refused}");
}

#[test]
fn mercurial_gives_what_terraform_gives() {
    if oracle().is_none() {
        return skip("needs terraform");
    }
    if !Command::new("hg").arg("--version").output().is_ok_and(|o| o.status.success()) {
        return skip("needs hg (Mercurial)");
    }
    let world = World::new();
    let repo = world.path("hg");
    let hg = |args: &[&str]| {
        let out = Command::new("hg").args(["--config", "ui.username=n", "-R"]).arg(&repo).args(args).output();
        let out = out.unwrap();
        assert!(out.status.success(), "hg {args:?}: {out:?}");
    };
    std::fs::create_dir_all(repo.join("sub")).unwrap();
    let init = Command::new("hg").arg("init").arg(&repo).status().unwrap();
    assert!(init.success());
    std::fs::write(repo.join("sub/main.tf"), "output \"v\" {\n  value = 0\n}\n").unwrap();
    for value in ["1", "2"] {
        std::fs::write(repo.join("main.tf"), format!("output \"v\" {{\n  value = {value}\n}}\n")).unwrap();
        hg(&["commit", "--quiet", "--addremove", "-m", value]);
        if value == "1" {
            hg(&["tag", "v1"]);
        }
    }
    let mut wrong = Vec::new();
    for rest in ["", "?rev=v1", "?rev=nope", "?rev=--help", "//sub?rev=v1"] {
        let source = format!("hg::file://{}{rest}", repo.display());
        let (ours, theirs) = (world.workdir(), world.workdir());
        compare(&ours, &theirs, &call("m", &source, ""), &source, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Modules from elsewhere in a manifest: fetched, with their checksums beside the manifest.
#[test]
fn manifests_have_modules_from_elsewhere() {
    let world = World::new();
    let w = world.workdir();
    let manifest = "platform \"shop\" {\n  region   = \"eu-west-1\"\n  accounts = { main = \"111111111111\" }\n}\nenvironment \"prod\" {}\nmodule \"g\" {\n  source = \"git::file://{REPO}?ref=main\"\n}\nmodule \"r\" {\n  source  = \"reg.test/ns/mod/sys\"\n  version = \"~> 1.0\"\n}\n";
    w.write("groma.hcl", world.filled(manifest));
    let first = w.run(GROMA, ["diff", "-sandbox", "prod"]).expect_success();
    assert!(first.stdout.contains("Fetching the module reg.test/ns/mod/sys 1.10.0"), "{first}");
    assert_eq!(w.read(LOCK).matches("h1:").count(), 2, "{}", w.read(LOCK));
    // Another one who has the lock is told of a change.
    let other = world.workdir();
    other.write("groma.hcl", w.read("groma.hcl"));
    other.write(LOCK, w.read(LOCK));
    let repo = world.path("repo");
    std::fs::write(repo.join("main.tf"), "output \"v\" {\n  value = \"9\"\n}\n").unwrap();
    git(&repo, &["commit", "--quiet", "-a", "-m", "nine"]);
    let refused = other.run(GROMA, ["diff", "-sandbox", "prod"]);
    assert!(!refused.success() && refused.stderr.contains("Module has changed"), "{refused}");
}

#[test]
fn errors_name_cause_and_remedy() {
    let world = World::new();
    let get = |text: String| -> Output {
        let w = world.workdir();
        w.write("main.tf", world.filled(&text));
        w.run(GROMA, ["get", "-no-color"]).expect_status(1)
    };
    for (text, parts) in [
        (call("m", "git::file://{REPO}?ref=nope", ""), &["nope", "main.tf line 1"][..]),
        (call("m", "git::https://u:secret@127.0.0.1:9/x.git", ""), &["u:...@127.0.0.1:9", "main.tf line 1"]),
        (call("m", "http://{HOST}/empty", ""), &["?archive=zip"]),
        (call("m", "http://{HOST}/missing.tar.bz2", ""), &["404"]),
        (call("m", "hg::http://{HOST}/x", ""), &["hg"]),
        (call("m", "bzr::http://{HOST}/x", ""), &["method \"bzr\""]),
        (call("m", "reg.test/ns/denied/sys", ""), &["groma login reg.test", "TF_TOKEN_reg_test"]),
        (call("m", "reg.test/ns/missing/sys", ""), &["has no module reg.test/ns/missing/sys"]),
        (call("m", "reg.test/ns/mod/sys", "  version = \">= 3\"\n"), &["main.tf line 3", "1.10.0"]),
        (call("m", "gitlab.com/a/b", ""), &["./gitlab.com/a/b", "main.tf line 2"]),
    ] {
        let out = get(text.clone());
        for part in parts {
            let flat = out.stderr.replace("\n│ ", " ").replace('\n', " ");
            assert!(flat.contains(part), "{part}\n{out}");
        }
        assert!(!out.stderr.contains("secret") || !parts[0].contains("..."), "{out}");
    }
}
