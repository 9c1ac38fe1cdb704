//! Names and passwords from `.netrc`.

use groma_aws::Environment;

/// Name and password for a host (Terraform looks for it with its port): of the file that `NETRC` names, or `~/.netrc`. A
/// file that is not there has none.
pub(crate) fn find(env: &Environment, host: &str) -> Option<(String, String)> {
    let path = match env.var("NETRC") {
        Some(p) => env.path(p),
        None => env.home.as_ref()?.join(".netrc"),
    };
    entry(&std::fs::read_to_string(path).ok()?, host)
}

fn entry(text: &str, host: &str) -> Option<(String, String)> {
    let lines = text.lines().map(|l| if l.trim_start().starts_with('#') { "" } else { l });
    let mut words = lines.flat_map(str::split_whitespace);
    let mut found = false;
    let (mut login, mut password) = (None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" if found => break,
            "machine" => found = words.next() == Some(host),
            "default" => found = true,
            "login" if found => login = words.next(),
            "password" if found => password = words.next(),
            _ => {}
        }
    }
    Some((login?.to_owned(), password?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_hosts() {
        let text = "machine a login x password y\n# machine b login no password no\nmachine b\n  login u\n  password p\ndefault login d password e\n";
        assert_eq!(entry(text, "b"), Some(("u".into(), "p".into())));
        assert_eq!(entry(text, "a"), Some(("x".into(), "y".into())));
        assert_eq!(entry(text, "c"), Some(("d".into(), "e".into())));
        assert_eq!(entry("machine a login x", "a"), None);
    }
}
