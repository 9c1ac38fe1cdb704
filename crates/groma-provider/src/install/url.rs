//! References relative to a URL (RFC 3986), as registries and mirrors give them.

/// The scheme, authority (`host:port`), and path with query of an absolute URL.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let valid = !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (valid && !authority.is_empty()).then_some((scheme, authority, path))
}

/// The host of an absolute URL, with its port if one is written.
pub(super) fn host(url: &str) -> Option<&str> {
    split(url).map(|(_, authority, _)| authority.rsplit('@').next().unwrap_or(authority))
}

/// What `reference` means in a document at `base`. Only `http` and `https` results are accepted;
/// the error completes "the URL is not usable:".
pub(super) fn resolve(base: &str, reference: &str) -> Result<String, String> {
    let invalid = || format!("{reference:?} is not a valid reference");
    let (scheme, authority, base_path) = split(base).ok_or_else(|| format!("{base:?} is not a URL"))?;
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(invalid());
    }
    let absolute = reference.split_once(':').is_some_and(|(before, _)| {
        before.starts_with(|c: char| c.is_ascii_alphabetic()) && !before.contains(['/', '?'])
    });
    if absolute {
        let (scheme, _, _) = split(reference).ok_or_else(invalid)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(format!("{reference:?} must use http or https"));
        }
        return Ok(reference.to_owned());
    }
    if let Some(rest) = reference.strip_prefix("//") {
        return Ok(format!("{scheme}://{rest}"));
    }
    let base_path = base_path.split(['?', '#']).next().unwrap_or_default();
    if reference.is_empty() {
        return Ok(format!("{scheme}://{authority}{base_path}"));
    }
    let (path, query) = match reference.find('?') {
        Some(at) => reference.split_at(at),
        None => (reference, ""),
    };
    let path = if path.is_empty() {
        base_path.to_owned()
    } else if path.starts_with('/') {
        without_dots(path)
    } else {
        let directory = base_path.rfind('/').map_or("/", |at| &base_path[..=at]);
        without_dots(&format!("{directory}{path}"))
    };
    Ok(format!("{scheme}://{authority}{path}{query}"))
}

/// An absolute path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        parts.push("");
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let base = "https://example.com:8443/a/b/index.json?x=1";
        for (reference, expected) in [
            ("c.zip", "https://example.com:8443/a/b/c.zip"),
            ("./c.zip?y#z", "https://example.com:8443/a/b/c.zip?y"),
            ("../c.zip", "https://example.com:8443/a/c.zip"),
            ("../../../c.zip", "https://example.com:8443/c.zip"),
            ("/c/./d/../e", "https://example.com:8443/c/e"),
            ("..", "https://example.com:8443/a/"),
            ("//other.com/c", "https://other.com/c"),
            ("http://other.com/c", "http://other.com/c"),
            ("", "https://example.com:8443/a/b/index.json"),
            ("?q", "https://example.com:8443/a/b/index.json?q"),
        ] {
            assert_eq!(resolve(base, reference).as_deref(), Ok(expected), "{reference}");
        }
        assert_eq!(resolve("https://example.com", "a").unwrap(), "https://example.com/a");
        for bad in ["ftp://x/y", "file:///etc/passwd", "a b", "https://"] {
            assert!(resolve(base, bad).is_err(), "{bad}");
        }
        assert!(resolve("nonsense", "a").is_err());
        assert_eq!(host(base), Some("example.com:8443"));
        assert_eq!(host("https://user@example.com"), Some("example.com"));
    }
}
