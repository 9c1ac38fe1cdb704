use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

/// A shell script that stands in for a provider.
fn script(dir: &Path, body: &str) -> PathBuf {
    let path = dir.join("provider.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

async fn start(body: &str, change: impl FnOnce(&mut LaunchSettings)) -> ProviderError {
    let dir = tempfile::tempdir().unwrap();
    let binary = script(dir.path(), body);
    let mut settings = LaunchSettings::new(dir.path());
    change(&mut settings);
    match PluginProcess::start("example.com/test/fake", &binary, &settings).await {
        Ok(_) => panic!("a script is no provider"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn garbage_is_named() {
    let error = start("echo usage: fake; echo 'bad things' >&2; sleep 60", |_| {}).await;
    assert_eq!(error.call, "start");
    assert!(error.to_string().contains("printed \"usage: fake\" instead of a plugin handshake"), "{error}");
    assert_eq!(error.log, ["bad things"]);
}

#[tokio::test]
async fn early_exit_tells_status_and_log() {
    let error = start("echo 'panic: no luck' >&2; exit 3", |_| {}).await;
    assert!(error.to_string().contains("exited with status 3 before it was ready"), "{error}");
    assert_eq!(error.log, ["panic: no luck"]);
}

#[tokio::test]
async fn a_silent_program_times_out_and_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let pid_file = dir.path().join("pid");
    let body = format!("echo $$ > {}; exec sleep 600", pid_file.display());
    let error = start(&body, |settings| settings.handshake_timeout = Duration::from_millis(500)).await;
    assert!(error.to_string().contains("did not introduce itself"), "{error}");
    let pid: i32 = std::fs::read_to_string(pid_file).unwrap().trim().parse().unwrap();
    for _ in 0..50 {
        if !Path::new(&format!("/proc/{pid}/exe")).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("process {pid} is still there");
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let settings = LaunchSettings::new(std::env::temp_dir());
    let error = PluginProcess::start("p", Path::new("/nonexistent/provider"), &settings).await.err().unwrap();
    assert!(error.to_string().contains("/nonexistent/provider: No such file"), "{error}");
}

#[tokio::test]
async fn a_socket_that_is_not_there() {
    let error = start("echo '1|5|unix|/nonexistent/socket|grpc|'; sleep 60", |_| {}).await;
    assert!(error.to_string().contains("connecting to it"), "{error}");
    assert!(error.to_string().contains("No such file"), "{error}");
}

#[tokio::test]
async fn long_lines_are_cut_and_read_on() {
    let data = [vec![b'x'; MAX_LINE_BYTES + 10], b"\nnext\n".to_vec()].concat();
    let mut reader = BufReader::new(data.as_slice());
    let mut line = Vec::new();
    let mut lengths = Vec::new();
    while read_line(&mut reader, &mut line).await.unwrap() {
        lengths.push(line.len());
    }
    assert_eq!(lengths, [MAX_LINE_BYTES, 11, 5]);
}

#[test]
fn reattach_settings() {
    let parsed = Reattach::parse(
        r#"{"registry.terraform.io/x/y":{"Protocol":"grpc","ProtocolVersion":6,"Pid":1,"Test":true,
            "Addr":{"Network":"unix","String":"/s"}}}"#,
    )
    .unwrap();
    let expected = Reattach { protocol: Protocol::V6, addr: PluginAddr::Unix("/s".into()) };
    assert_eq!(parsed.get("registry.terraform.io/x/y"), Some(&expected));
    assert!(Reattach::parse("{").unwrap_err().contains("invalid JSON"));
    let unknown = r#"{"a":{"ProtocolVersion":4,"Addr":{"Network":"unix","String":"/s"}}}"#;
    assert_eq!(Reattach::parse(unknown).unwrap_err(), "a: unsupported protocol version 4");
}
