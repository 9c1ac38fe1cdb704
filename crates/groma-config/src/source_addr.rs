//! Where a module comes from: the `source` of a call.

use std::fmt;
use std::path::{Component, Path, PathBuf};

/// A parsed `source`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleSource {
    /// `./x` or `../x`: a directory next to the calling module; normalised.
    Local(String),
    /// `namespace/name/system`, with a host and a subdirectory perhaps.
    Registry {
        /// The registry's host.
        host: String,
        /// The namespace.
        namespace: String,
        /// The name.
        name: String,
        /// The target system.
        system: String,
        /// The directory within the package, after `//`.
        subdir: String,
    },
    /// Anything else: an address for the fetcher, with its package and the
    /// directory within it.
    Remote {
        /// What to fetch: `git::https://example.com/x.git?ref=v1`.
        package: String,
        /// The directory within the package, after `//`.
        subdir: String,
    },
}

const REGISTRY_HOST: &str = "registry.terraform.io";

impl ModuleSource {
    /// Reads a source. The error is a sentence.
    pub fn parse(text: &str) -> Result<ModuleSource, String> {
        if text.is_empty() {
            return Err("The source of a module cannot be empty.".into());
        }
        if is_local(text) {
            return Ok(ModuleSource::Local(clean_local(text)));
        }
        if let Ok(m) = ModuleSource::parse_registry(text) {
            return Ok(m);
        }
        let (package, subdir) = split_subdir(text);
        if is_remote(&package) {
            return Ok(ModuleSource::Remote { package: expand_shorthand(&package), subdir });
        }
        let mut why = format!("It cannot be told from \"{text}\" how to obtain the module.");
        if Path::new(text).is_absolute() {
            return Ok(ModuleSource::Remote { package, subdir });
        }
        why += &format!(" A directory next to this module is written with a dot in front: \"./{text}\".");
        Err(why)
    }

    /// Reads the address of a registry's module. The error is a sentence.
    pub fn parse_registry(text: &str) -> Result<ModuleSource, String> {
        if is_local(text) {
            return Err(format!("\"{text}\" is a local directory and no address in a module registry."));
        }
        let (package, subdir) = split_subdir(text);
        if subdir.starts_with("../") || subdir == ".." {
            return Err("The subdirectory leads out of the module's package.".into());
        }
        let parts: Vec<&str> = package.split('/').collect();
        let (host, rest) = match parts[..] {
            [_, _, _] => (REGISTRY_HOST.to_owned(), &parts[..]),
            [host, ..] if parts.len() == 4 => (host.to_lowercase(), &parts[1..]),
            _ => {
                return Err(
                    "The address of a module in a registry has three parts, or four with a host name, \
                            separated by slashes."
                        .into(),
                );
            }
        };
        if parts.len() == 4 {
            let name = host.split(':').next().unwrap_or_default();
            if !name.contains('.') && !host.contains(':') && name != "localhost"
                || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
            {
                return Err(format!("\"{host}\" is no name of a host."));
            }
        }
        // These hosts are known to hold repositories, not registries.
        if matches!(&*host, "github.com" | "bitbucket.org" | "gitlab.com")
            || parts.len() == 3 && matches!(parts[0], "github.com" | "bitbucket.org" | "gitlab.com")
        {
            return Err(format!("\"{}\" is not the host of a module registry.", parts[0]));
        }
        let good = |p: &str, extra: &[char], max: usize| {
            !p.is_empty()
                && p.len() <= max
                && p.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(&c))
                && p.starts_with(|c: char| c.is_ascii_alphanumeric())
                && p.ends_with(|c: char| c.is_ascii_alphanumeric())
        };
        let [namespace, name, system] = rest[..] else { return Err("Parts are missing.".into()) };
        if !good(namespace, &['-', '_'], 64) {
            return Err(format!(
                "\"{namespace}\" is no namespace of a registry: letters, digits, dashes and underscores are allowed."
            ));
        }
        if !good(name, &['-', '_'], 64) {
            return Err(format!(
                "\"{name}\" is no name of a module: letters, digits, dashes and underscores are allowed."
            ));
        }
        if !good(system, &[], 64) || system.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(format!(
                "\"{system}\" is no target system: lower-case letters and digits are allowed."
            ));
        }
        Ok(ModuleSource::Registry {
            host,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            system: system.to_owned(),
            subdir,
        })
    }

    /// The source of a call: one with a version is an address in a registry.
    pub fn parse_call(call: &crate::model::ModuleCall) -> Result<ModuleSource, String> {
        if call.version.is_some() {
            ModuleSource::parse_registry(&call.source)
        } else {
            ModuleSource::parse(&call.source)
        }
    }

    /// Whether it is a directory next to the calling module.
    pub fn is_local(&self) -> bool {
        matches!(self, ModuleSource::Local(_))
    }
}

/// As Terraform's module manifest writes it.
impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subdir = match self {
            ModuleSource::Local(path) => return f.write_str(path),
            ModuleSource::Registry { host, namespace, name, system, subdir } => {
                write!(f, "{host}/{namespace}/{name}/{system}")?;
                subdir
            }
            ModuleSource::Remote { package, subdir } => {
                // The subdirectory stands before the query.
                let (path, query) = match package.split_once('?') {
                    Some((p, q)) => (p, format!("?{q}")),
                    None => (&**package, String::new()),
                };
                return if subdir.is_empty() {
                    f.write_str(package)
                } else {
                    write!(f, "{path}//{subdir}{query}")
                };
            }
        };
        if subdir.is_empty() { Ok(()) } else { write!(f, "//{subdir}") }
    }
}

fn is_local(text: &str) -> bool {
    [r"./", r"../", r".\", r"..\"].iter().any(|p| text.starts_with(p))
}

/// `./a/../b` as `./b`, always beginning with a dot.
fn clean_local(text: &str) -> String {
    let cleaned = clean(Path::new(&text.replace('\\', "/")));
    let s = cleaned.to_string_lossy();
    if s == "." {
        "./".to_owned()
    } else if s == ".." {
        "../".to_owned()
    } else if s.starts_with("../") {
        s.into_owned()
    } else {
        format!("./{s}")
    }
}

/// Removes `.` and `x/..` without asking the file system; `.` for nothing left.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(".."),
            },
            c => out.push(c),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// Splits `package//subdir?query` into `package?query` and `subdir`.
fn split_subdir(text: &str) -> (String, String) {
    let scheme_end = text.find("://").map_or(0, |i| i + 3);
    let Some(at) = text[scheme_end..].find("//").map(|i| i + scheme_end) else {
        return (text.to_owned(), String::new());
    };
    let (package, rest) = (&text[..at], &text[at + 2..]);
    match rest.split_once('?') {
        Some((subdir, query)) => (format!("{package}?{query}"), subdir.to_owned()),
        None => (package.to_owned(), rest.to_owned()),
    }
}

fn is_remote(text: &str) -> bool {
    text.contains("://")
        || text.contains("::")
        || text.starts_with("git@")
        || scp_like(text)
        || ["github.com/", "bitbucket.org/", "gitlab.com/"].iter().any(|h| text.starts_with(h))
        || text
            .split('/')
            .next()
            .is_some_and(|h| h.ends_with(".amazonaws.com") || h.ends_with(".googleapis.com"))
}

/// `user@host:path`.
fn scp_like(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, rest)| {
        !user.contains(['/', ':']) && rest.split_once(':').is_some_and(|(host, _)| !host.contains('/'))
    })
}

/// Abbreviations of repositories written out.
fn expand_shorthand(text: &str) -> String {
    let (path, query) = match text.split_once('?') {
        Some((p, q)) => (p, format!("?{q}")),
        None => (text, String::new()),
    };
    if path.starts_with("github.com/") {
        let dot_git = if path.ends_with(".git") { "" } else { ".git" };
        return format!("git::https://{path}{dot_git}{query}");
    }
    if path.starts_with("bitbucket.org/") || path.starts_with("gitlab.com/") {
        let dot_git = if path.ends_with(".git") { "" } else { ".git" };
        return format!("git::https://{path}{dot_git}{query}");
    }
    if !text.contains("://") && !text.contains("::") && (path.starts_with("git@") || scp_like(path)) {
        let (host, rest) = path.split_once(':').unwrap_or((path, ""));
        return format!("git::ssh://{host}/{rest}{query}");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let show = |s: &str| ModuleSource::parse(s).map(|m| m.to_string());
        assert_eq!(show("./a/../b").unwrap(), "./b");
        assert_eq!(show("../x").unwrap(), "../x");
        assert_eq!(
            show("terraform-aws-modules/vpc/aws").unwrap(),
            "registry.terraform.io/terraform-aws-modules/vpc/aws"
        );
        assert_eq!(show("app.terraform.io/acme/vpc/aws//sub").unwrap(), "app.terraform.io/acme/vpc/aws//sub");
        assert_eq!(show("github.com/a/b//c?ref=v1").unwrap(), "git::https://github.com/a/b.git//c?ref=v1");
        assert_eq!(show("git@github.com:a/b.git").unwrap(), "git::ssh://git@github.com/a/b.git");
        assert_eq!(show("git::https://h/x.git?ref=a").unwrap(), "git::https://h/x.git?ref=a");
        for bad in ["", "foo", "a/b", "a/b/c/d/e"] {
            assert!(ModuleSource::parse(bad).is_err(), "{bad}");
        }
    }
}
