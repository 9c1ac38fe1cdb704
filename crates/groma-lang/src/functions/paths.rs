//! File names as text, without a look at the file system.

/// The shortest equivalent name: no doubled slashes, no `.`, and no `..` after
/// a name. An empty name is `.`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if !rooted => parts.push(".."),
                _ => {
                    parts.pop();
                }
            },
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}

/// One name after the other, cleaned; empty ones do not count.
pub(super) fn join(base: &str, path: &str) -> String {
    match (base, path) {
        ("", "") => String::new(),
        ("", p) | (p, "") => clean(p),
        (base, path) => clean(&format!("{base}/{path}")),
    }
}

/// The last part; `.` for the empty name, `/` for the root.
pub(super) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}

/// All but the last part, cleaned.
pub(super) fn dir(path: &str) -> String {
    clean(path.rfind('/').map_or("", |i| &path[..=i]))
}

/// `target` as seen from `base`; both cleaned, and both absolute or both not.
pub(super) fn relative(base: &str, target: &str) -> String {
    let parts = |p: &str| -> Vec<String> {
        p.split('/').filter(|s| !s.is_empty() && *s != ".").map(str::to_owned).collect()
    };
    let (base, target) = (parts(base), parts(target));
    let common = base.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let mut out: Vec<&str> = vec![".."; base.len() - common];
    out.extend(target[common..].iter().map(String::as_str));
    if out.is_empty() { ".".into() } else { out.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, cleaned) in [
            ("", "."),
            ("a//b/./c/..", "a/b"),
            ("../a/../..", "../.."),
            ("/..", "/"),
            ("/a/../../b/", "/b"),
            ("./x", "x"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(relative("/a/b", "/a/c/d"), "../c/d");
        assert_eq!(relative("a", "a"), ".");
        assert_eq!(join("", "a/../b"), "b");
        assert_eq!(dir("a//b/../c"), "a");
    }
}
