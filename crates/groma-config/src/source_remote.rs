//! Addresses of packages that are neither next to the caller nor in a registry:
//! abbreviations are written out, what cannot be fetched is refused.

use crate::source_addr::{ModuleSource, clean};
use std::path::Path;

/// Reads `[method::]address[//subdir][?query]`. The error is a sentence.
pub(crate) fn parse(text: &str) -> Result<ModuleSource, String> {
    let (forced, rest) = forced_method(text);
    let (address, subdir) = split_subdir(rest);
    let Some(mut found) = detect(&address)? else {
        return Err(format!(
            "It cannot be told from \"{address}\" how to obtain the module. A directory next to this module is written with a dot in front: \"./{address}\"."
        ));
    };
    let method = forced.map(str::to_owned).or(found.method.take());
    let subdir = clean_subdir(&match (&*found.subdir, &*subdir) {
        ("", s) | (s, "") => s.to_owned(),
        (a, b) => format!("{a}/{b}"),
    })?;
    let package = match method {
        Some(m) => format!("{m}::{}", found.url),
        None => found.url,
    };
    Ok(ModuleSource::Remote { package, subdir })
}

/// What an address means.
struct Detected {
    method: Option<String>,
    url: String,
    subdir: String,
}

impl Detected {
    fn new(method: Option<&str>, url: String) -> Detected {
        Detected { method: method.map(str::to_owned), url, subdir: String::new() }
    }
}

fn detect(address: &str) -> Result<Option<Detected>, String> {
    if is_url(address) {
        return Ok(Some(Detected::new(None, address.to_owned())));
    }
    let (path, query) = match address.split_once('?') {
        Some((p, q)) => (p, format!("?{q}")),
        None => (address, String::new()),
    };
    if path.starts_with('/') {
        return Ok(Some(Detected::new(None, format!("file://{address}"))));
    }
    let dot_git = |p: &str| if p.ends_with(".git") { p.to_owned() } else { format!("{p}.git") };
    if path.starts_with("github.com/") {
        let parts: Vec<&str> = path.splitn(4, '/').collect();
        let [host, user, name, ..] = parts[..] else {
            return Err("A repository at GitHub is named github.com/OWNER/NAME.".into());
        };
        let url = format!("https://{host}/{user}/{}{query}", dot_git(name));
        let subdir = parts.get(3).map(|s| s.trim_matches('/').to_owned()).unwrap_or_default();
        return Ok(Some(Detected { subdir, ..Detected::new(Some("git"), url) }));
    }
    if path.starts_with("bitbucket.org/") {
        return Ok(Some(Detected::new(Some("git"), format!("https://{}{query}", dot_git(path)))));
    }
    if let Some((user, host, path)) = scp_like(path) {
        let path = path.trim_start_matches('/');
        return Ok(Some(Detected::new(Some("git"), format!("ssh://{user}@{host}/{path}{query}"))));
    }
    if path.contains("googleapis.com/") {
        let parts: Vec<&str> = path.splitn(5, '/').collect();
        let ["www.googleapis.com", "storage", version, bucket, object] = parts[..] else {
            return Err(
                "An object of Google Cloud Storage is named www.googleapis.com/storage/v1/BUCKET/OBJECT."
                    .into(),
            );
        };
        let url = format!("https://www.googleapis.com/storage/{version}/{bucket}/{object}{query}");
        return Ok(Some(Detected::new(Some("gcs"), url)));
    }
    if path.contains(".amazonaws.com/") {
        return s3(path, &query).map(Some);
    }
    Ok(None)
}

/// `s3.amazonaws.com/BUCKET/KEY`, `s3-REGION...`, `BUCKET.s3...`: with the bucket in the path.
fn s3(path: &str, query: &str) -> Result<Detected, String> {
    let (host, key) = path.split_once('/').unwrap_or((path, ""));
    let url = match host.split('.').collect::<Vec<_>>()[..] {
        [_, "amazonaws", "com"] if !key.is_empty() => format!("https://{host}/{key}"),
        [bucket, region, "amazonaws", "com"] => format!("https://{region}.amazonaws.com/{bucket}/{key}"),
        [bucket, service, region, "amazonaws", "com"] => {
            format!("https://{service}.{region}.amazonaws.com/{bucket}/{key}")
        }
        _ => return Err("An object of S3 is named s3-REGION.amazonaws.com/BUCKET/KEY.".into()),
    };
    Ok(Detected::new(Some("s3"), format!("{url}{query}")))
}

/// Whether it has a scheme, and a port that is one.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let port = rest.strip_prefix("//").and_then(|r| {
        let authority = r.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit('@').next()?.rsplit_once(':').map(|(_, p)| p)
    });
    good && port.is_none_or(|p| p.ends_with(']') || p.chars().all(|c| c.is_ascii_digit()))
}

/// `METHOD::rest`.
fn forced_method(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((m, rest)) if is_method(m) && !rest.is_empty() => (Some(m), rest),
        _ => (None, text),
    }
}

fn is_method(m: &str) -> bool {
    !m.is_empty() && m.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))
}

/// `user@host:path`, which URLs never are.
fn scp_like(text: &str) -> Option<(&str, &str, &str)> {
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let plain = |s: &str| !s.is_empty() && !s.contains(['/', ':']);
    (plain(user) && plain(host) && !path.is_empty()).then_some((user, host, path))
}

/// Splits `package//subdir?query` into `package?query` and `subdir`.
pub(crate) fn split_subdir(text: &str) -> (String, String) {
    let scheme_end = text.find("://").map_or(0, |i| i + 3);
    // What stands in the query is no directory.
    let path_end = text.find('?').unwrap_or(text.len()).max(scheme_end);
    let Some(at) = text[scheme_end..path_end].find("//").map(|i| i + scheme_end) else {
        return (text.to_owned(), String::new());
    };
    (format!("{}{}", &text[..at], &text[path_end..]), text[at + 2..path_end].to_owned())
}

/// Normalises a directory within a package; it may not lead out of it.
pub(crate) fn clean_subdir(subdir: &str) -> Result<String, String> {
    let path = clean(Path::new(subdir));
    let text = path.to_string_lossy();
    if text == ".." || text.starts_with("../") {
        return Err(format!("The subdirectory \"{text}\" leads out of the module's package."));
    }
    let text = text.trim_start_matches('/');
    Ok(if text == "." { String::new() } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Terraform 1.11 makes of them; `tests/module_sources.rs` of the command line asks it.
    #[test]
    fn addresses_are_written_out() {
        for (given, expected) in [
            ("github.com/a/b", "git::https://github.com/a/b.git"),
            ("github.com/a/b.git", "git::https://github.com/a/b.git"),
            ("github.com/a/b/c/d?ref=1", "git::https://github.com/a/b.git//c/d?ref=1"),
            ("github.com/a/b//c?ref=v1", "git::https://github.com/a/b.git//c?ref=v1"),
            ("git::github.com/a/b", "git::https://github.com/a/b.git"),
            ("bitbucket.org/a/b//c?ref=1", "git::https://bitbucket.org/a/b.git//c?ref=1"),
            ("git@github.com:a/b.git", "git::ssh://git@github.com/a/b.git"),
            ("git@github.com:/a/b.git", "git::ssh://git@github.com/a/b.git"),
            ("git::git@github.com:a/b.git//c?ref=1", "git::ssh://git@github.com/a/b.git//c?ref=1"),
            ("s3.amazonaws.com/b/k.zip", "s3::https://s3.amazonaws.com/b/k.zip"),
            ("b.s3.amazonaws.com/k.zip", "s3::https://s3.amazonaws.com/b/k.zip"),
            ("b.s3.eu-west-1.amazonaws.com/k", "s3::https://s3.eu-west-1.amazonaws.com/b/k"),
            ("www.googleapis.com/storage/v1/b/k/l", "gcs::https://www.googleapis.com/storage/v1/b/k/l"),
            ("/x/y//z", "file:///x/y//z"),
            ("file::/x/y", "file::file:///x/y"),
            ("git::/x", "git::file:///x"),
            ("https://h/x.zip//a/./b//c?x=1", "https://h/x.zip//a/b/c?x=1"),
            ("https://h/a.git?x=//y", "https://h/a.git?x=//y"),
            ("git::https://h/a.git//b/?ref=1", "git::https://h/a.git//b?ref=1"),
        ] {
            assert_eq!(parse(given).map(|m| m.to_string()).as_deref(), Ok(expected), "{given}");
        }
        for bad in [
            "github.com/a",
            "gitlab.com/a/b",
            "foo",
            "git::./x",
            "http::example.com/x",
            "git::https://h/a//../y",
            "git::https://h//x/../../y",
            "git::ssh://git@github.com:a/b.git",
            "storage.googleapis.com/b/x.zip",
            "~/x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
