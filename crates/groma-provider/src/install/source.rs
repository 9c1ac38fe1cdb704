//! Where packages come from: mirrors and registries, in order, each for some providers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use groma_value::addr::{DEFAULT_REGISTRY, Provider};

use crate::files::FileError;
use crate::version::Version;

use super::error::{InstallError, Release};
use super::http::{HttpClient, HttpSettings};
use super::package::{Package, PackageLocation, Platform, all_packages, packages_of};
use super::{network_mirror, registry};

/// A way to get packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// From the registry that the provider's address names.
    Direct,
    /// From a directory with packages, unpacked or as archives.
    FilesystemMirror(PathBuf),
    /// From a server with the network mirror protocol; an `https` URL that ends in a slash.
    NetworkMirror(String),
}

/// Providers by hostname, namespace and type, each possibly `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPattern {
    hostname: String,
    namespace: String,
    ty: String,
}

impl ProviderPattern {
    /// Parses `host/namespace/type` or `namespace/type`; a wildcard makes all parts after it one.
    pub fn parse(text: &str) -> Result<ProviderPattern, String> {
        let (hostname, namespace, ty) = match text.split('/').collect::<Vec<_>>()[..] {
            [namespace, ty] => (DEFAULT_REGISTRY, namespace, ty),
            [hostname, namespace, ty] => (hostname, namespace, ty),
            _ => {
                return Err(format!(
                    "invalid provider matching pattern {text:?}: it has two or three parts separated by slashes"
                ));
            }
        };
        let wild = [hostname, namespace, ty].map(|part| part == "*");
        if !wild.is_sorted() {
            return Err(format!(
                "invalid provider matching pattern {text:?}: what follows a wildcard must be wildcards too"
            ));
        }
        // What stands for itself must be possible in an address.
        let or = |part: &str, other: &str| if part == "*" { other.to_owned() } else { part.to_owned() };
        let example = format!("{}/{}/{}", or(hostname, "example.com"), or(namespace, "x"), or(ty, "x"));
        let address = Provider::parse(&example)
            .map_err(|error| format!("invalid provider matching pattern {text:?}: {error}"))?;
        let part =
            |written: &str, parsed: &str| if written == "*" { "*".to_owned() } else { parsed.to_owned() };
        Ok(ProviderPattern {
            hostname: part(hostname, &address.hostname),
            namespace: part(namespace, &address.namespace),
            ty: part(ty, &address.ty),
        })
    }

    /// Exactly this provider.
    pub fn exactly(provider: &Provider) -> ProviderPattern {
        ProviderPattern {
            hostname: provider.hostname.to_string(),
            namespace: provider.namespace.to_string(),
            ty: provider.ty.to_string(),
        }
    }

    /// Whether the provider is meant.
    pub fn matches(&self, provider: &Provider) -> bool {
        let part = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        part(&self.hostname, &provider.hostname)
            && part(&self.namespace, &provider.namespace)
            && part(&self.ty, &provider.ty)
    }
}

/// A block of `provider_installation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRule {
    /// How.
    pub method: Method,
    /// For which providers; all, where empty.
    pub include: Vec<ProviderPattern>,
    /// For which providers not.
    pub exclude: Vec<ProviderPattern>,
}

impl SourceRule {
    /// A method for all providers.
    pub fn all(method: Method) -> SourceRule {
        SourceRule { method, include: Vec::new(), exclude: Vec::new() }
    }

    fn handles(&self, provider: &Provider) -> bool {
        let any = |patterns: &[ProviderPattern]| patterns.iter().any(|pattern| pattern.matches(provider));
        !any(&self.exclude) && (self.include.is_empty() || any(&self.include))
    }
}

/// The rules without a `provider_installation` block: those of `directories` that exist, in order,
/// then the registries for providers that none of the directories has.
pub fn implied_rules(directories: impl IntoIterator<Item = PathBuf>) -> Vec<SourceRule> {
    let mut rules = Vec::new();
    let mut found = BTreeSet::new();
    for directory in directories.into_iter().filter(|directory| directory.is_dir()) {
        // What cannot be searched has nothing, as far as we can tell.
        found.extend(all_packages(&directory).unwrap_or_default().into_keys());
        rules.push(SourceRule::all(Method::FilesystemMirror(directory)));
    }
    let exclude = found.iter().map(ProviderPattern::exactly).collect();
    rules.push(SourceRule { method: Method::Direct, include: Vec::new(), exclude });
    rules
}

/// All places to get packages from.
pub struct Sources {
    rules: Vec<SourceRule>,
    pub(super) http: HttpClient,
    /// URLs of registries by host.
    registries: Mutex<BTreeMap<String, String>>,
}

impl Sources {
    /// The places that the rules name, in their order.
    pub fn new(rules: Vec<SourceRule>, http: HttpSettings) -> Sources {
        Sources { rules, http: HttpClient::new(http), registries: Mutex::default() }
    }

    fn registry(&self, host: &str) -> Result<String, InstallError> {
        let known = || self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(url) = known().get(host) {
            return Ok(url.clone());
        }
        let url = registry::provider_service(&self.http, host)?;
        known().insert(host.to_owned(), url.clone());
        Ok(url)
    }

    /// The versions that there are anywhere, and warnings from registries.
    pub fn versions(&self, provider: &Provider) -> Result<(BTreeSet<Version>, Vec<String>), InstallError> {
        let mut versions = BTreeSet::new();
        let (mut warnings, mut searched) = (Vec::new(), Vec::new());
        let mut found = false;
        for rule in self.rules.iter().filter(|rule| rule.handles(provider)) {
            let some = match &rule.method {
                Method::FilesystemMirror(directory) => {
                    let some = mirrored(directory, provider)?;
                    (!some.is_empty()).then(|| some.into_iter().map(|package| package.version).collect())
                }
                Method::NetworkMirror(url) => network_mirror::versions(&self.http, url, provider)?,
                Method::Direct => {
                    let url = self.registry(&provider.hostname)?;
                    registry::versions(&self.http, &url, provider)?.map(|(versions, said)| {
                        warnings.extend(said);
                        versions
                    })
                }
            };
            match some {
                Some(some) => {
                    found = true;
                    versions.extend(some);
                }
                None => searched.push(describe(&rule.method, provider)),
            }
        }
        if found {
            Ok((versions, warnings))
        } else {
            Err(InstallError::NotFound { provider: provider.clone(), searched })
        }
    }

    /// The package of a version, from the first place that has it for the platform.
    pub fn package(
        &self,
        provider: &Provider,
        version: &Version,
        platform: &Platform,
    ) -> Result<Package, InstallError> {
        for rule in self.rules.iter().filter(|rule| rule.handles(provider)) {
            let package = match &rule.method {
                Method::FilesystemMirror(directory) => mirrored(directory, provider)?
                    .into_iter()
                    .find(|package| package.version == *version && package.platform == *platform),
                Method::NetworkMirror(url) => {
                    let listed = network_mirror::versions(&self.http, url, provider)?;
                    if listed.is_some_and(|versions| versions.contains(version)) {
                        network_mirror::package(&self.http, url, provider, version, platform)?
                    } else {
                        None
                    }
                }
                Method::Direct => {
                    let url = self.registry(&provider.hostname)?;
                    registry::package(&self.http, &url, provider, version, platform)?
                }
            };
            if let Some(package) = package {
                return Ok(package);
            }
        }
        Err(InstallError::Platform { release: Release::boxed(provider, version), platform: platform.clone() })
    }
}

fn mirrored(directory: &std::path::Path, provider: &Provider) -> Result<Vec<Package>, InstallError> {
    // A mirror without the provider is fine, one that is not there is a mistake.
    if let Err(error) = std::fs::metadata(directory) {
        return Err(FileError { path: directory.to_owned(), error }.into());
    }
    Ok(packages_of(directory, provider)?)
}

/// Where something was looked for.
fn describe(method: &Method, provider: &Provider) -> String {
    match method {
        Method::Direct => format!("provider registry {}", provider.hostname),
        Method::FilesystemMirror(directory) => directory.display().to_string(),
        Method::NetworkMirror(url) => format!("provider mirror at {url}"),
    }
}

impl PackageLocation {
    /// Whether it must be downloaded.
    pub fn is_remote(&self) -> bool {
        matches!(self, PackageLocation::Url(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let aws = Provider::implied("aws");
        let other = Provider::parse("example.com/acme/thing").unwrap();
        for (text, is_aws, is_other) in [
            ("hashicorp/aws", true, false),
            ("hashicorp/*", true, false),
            ("*/*", true, false),
            ("*/*/*", true, true),
            ("example.com/*/*", false, true),
            ("example.com/acme/thing", false, true),
            ("Example.com/acme/*", false, true),
        ] {
            let pattern = ProviderPattern::parse(text).unwrap();
            assert_eq!((pattern.matches(&aws), pattern.matches(&other)), (is_aws, is_other), "{text}");
        }
        for bad in ["aws", "*/aws", "*/hashicorp/aws", "*/hashicorp/*", "a/b/c/d", "a//b", "a b/c"] {
            assert!(ProviderPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rules_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (directory.path().join("one"), directory.path().join("two"));
        for (mirror, version) in [(&one, "1.0.0"), (&two, "1.0.0"), (&two, "2.0.0")] {
            std::fs::create_dir_all(mirror.join("example.com/acme/thing").join(version).join("linux_amd64"))
                .unwrap();
        }
        let thing = Provider::parse("example.com/acme/thing").unwrap();
        let rules = implied_rules([one.clone(), directory.path().join("absent"), two.clone()]);
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[2].exclude, [ProviderPattern::exactly(&thing)]);
        let sources = Sources::new(rules, HttpSettings::new("test", "1.11.4"));
        let (versions, _) = sources.versions(&thing).unwrap();
        assert_eq!(versions.iter().map(Version::to_string).collect::<Vec<_>>(), ["1.0.0", "2.0.0"]);
        let linux = Platform::parse("linux_amd64").unwrap();
        let from = |version: &str| sources.package(&thing, &Version::parse(version).unwrap(), &linux);
        let PackageLocation::Directory(path) = from("1.0.0").unwrap().location else { panic!() };
        assert!(path.starts_with(&one));
        let PackageLocation::Directory(path) = from("2.0.0").unwrap().location else { panic!() };
        assert!(path.starts_with(&two));
        assert!(matches!(from("3.0.0"), Err(InstallError::Platform { .. })));
    }

    #[test]
    fn not_found_says_where() {
        let directory = tempfile::tempdir().unwrap();
        let rule = SourceRule::all(Method::FilesystemMirror(directory.path().to_owned()));
        let http = HttpSettings::new("test", "1.11.4");
        let sources = Sources::new(vec![rule], http.clone());
        let error = sources.versions(&Provider::implied("foo")).unwrap_err().to_string();
        let expected = format!(
            "provider registry.terraform.io/hashicorp/foo was not found in any of the search locations\n\n  - {}",
            directory.path().display()
        );
        assert_eq!(error, expected);
        let absent = SourceRule::all(Method::FilesystemMirror(directory.path().join("absent")));
        assert!(matches!(
            Sources::new(vec![absent], http).versions(&Provider::implied("foo")),
            Err(InstallError::File(_))
        ));
    }
}
