//! Where a module comes from: the `source` of a call.

use crate::source_remote;
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
        source_remote::parse(text)
    }

    /// Reads the address of a registry's module. The error is a sentence.
    pub fn parse_registry(text: &str) -> Result<ModuleSource, String> {
        if is_local(text) {
            return Err(format!("\"{text}\" is a local directory and no address in a module registry."));
        }
        let (package, subdir) = source_remote::split_subdir(text);
        let subdir = source_remote::clean_subdir(&subdir)?;
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
        if matches!(&*host, "github.com" | "bitbucket.org")
            || parts.len() == 3 && matches!(parts[0], "github.com" | "bitbucket.org")
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

    /// The address of the whole package; `None` for a directory next to the caller.
    pub fn without_subdir(&self) -> Option<String> {
        match self {
            ModuleSource::Local(_) => None,
            ModuleSource::Registry { host, namespace, name, system, .. } => {
                Some(format!("{host}/{namespace}/{name}/{system}"))
            }
            ModuleSource::Remote { package, .. } => Some(package.clone()),
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

/// `./a/../b` as `./b`, always beginning with a dot; `../` is `./..` for Terraform.
fn clean_local(text: &str) -> String {
    let cleaned = clean(Path::new(&text.replace('\\', "/")));
    let s = cleaned.to_string_lossy();
    if s.starts_with("../") { s.into_owned() } else { format!("./{s}") }
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
