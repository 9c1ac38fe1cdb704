//! The shared files: `~/.aws/config` and `~/.aws/credentials`.

use crate::Environment;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// One section's settings, with lower-case names. Nested settings are named `outer.inner`.
type Settings = BTreeMap<String, String>;

/// All profiles of the shared files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    profiles: BTreeMap<String, Settings>,
    sso_sessions: BTreeMap<String, Settings>,
    services: BTreeMap<String, Settings>,
    /// Which files were read or looked for.
    files: Vec<PathBuf>,
    /// Lines that are neither sections, settings nor comments, as `FILE:LINE`.
    odd: Vec<String>,
}

/// A profile among the others.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    name: &'a str,
    settings: &'a Settings,
    all: &'a Profiles,
}

/// What a section holds.
#[derive(Clone, Copy)]
enum Kind {
    Profile,
    SsoSession,
    Services,
}

impl Profiles {
    /// Reads files of configuration and files of credentials; of settings in both, the latter win. Files that do not
    /// exist are empty. Lines that make no sense are passed over, as by other programs, and named where something is
    /// missing. The error is a sentence part.
    pub fn load(config: &[PathBuf], credentials: &[PathBuf]) -> Result<Profiles, String> {
        let mut out = Profiles::default();
        let all = config.iter().map(|p| (p, true)).chain(credentials.iter().map(|p| (p, false)));
        for (path, is_config) in all {
            out.files.push(path.clone());
            match fs::read_to_string(path) {
                Ok(text) => out.parse(&text, is_config, &path.display().to_string()),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
            }
        }
        Ok(out)
    }

    /// The configuration file that an environment means: `AWS_CONFIG_FILE`, or the one of the home.
    pub fn config_files(env: &Environment) -> Vec<PathBuf> {
        files(env, "AWS_CONFIG_FILE", "config")
    }

    /// The credentials file: `AWS_SHARED_CREDENTIALS_FILE`, or the one of the home.
    pub fn credentials_files(env: &Environment) -> Vec<PathBuf> {
        files(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    /// A profile by its name.
    pub fn get(&self, name: &str) -> Option<Profile<'_>> {
        let (name, settings) = self.profiles.get_key_value(name)?;
        Some(Profile { name, settings, all: self })
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The profiles that say they are of an account: by the account of their SSO, or of the role they assume.
    pub(crate) fn of_account(&self, id: &str) -> impl Iterator<Item = &str> {
        self.profiles.iter().filter_map(move |(name, s)| {
            let role = || s.get("role_arn").and_then(|arn| arn.split(':').nth(4));
            let account = role().or_else(|| s.get("sso_account_id").map(String::as_str));
            (account == Some(id)).then_some(name.as_str())
        })
    }

    /// Where was looked and what is there, as sentences; for a profile that is missing.
    pub(crate) fn describe(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|p| p.display().to_string()).collect();
        let names: Vec<&str> = self.names().collect();
        let mut out = match (files.is_empty(), names.is_empty()) {
            (true, _) => {
                return "No shared configuration is known: neither a home nor AWS_CONFIG_FILE is set.".into();
            }
            (_, true) => format!("There is no profile in {}.", files.join(" or ")),
            (_, false) => format!("The profiles in {} are: {}.", files.join(" and "), names.join(", ")),
        };
        if !self.odd.is_empty() {
            out.push_str(&format!(" Lines that make no sense there: {}.", self.odd.join(", ")));
        }
        out
    }

    /// Adds the sections of a file: `[default]`, `[profile x]`, `[sso-session x]` and `[services x]` in the
    /// configuration, `[x]` in the credentials.
    fn parse(&mut self, text: &str, is_config: bool, file: &str) {
        let mut section: Option<(Kind, String)> = None;
        let mut outer: Option<String> = None;
        for (number, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            let mut odd = || self.odd.push(format!("{file}:{}", number + 1));
            if let Some(header) = line.strip_prefix('[') {
                outer = None;
                section = match header.split_once(']') {
                    Some((name, _)) => kind(name.trim(), is_config),
                    None => {
                        odd();
                        None
                    }
                };
                continue;
            }
            let Some((name, value)) = content.split_once('=') else {
                odd();
                continue;
            };
            let Some((kind, title)) = &section else { continue };
            let nested = line.starts_with([' ', '\t']);
            let name = name.trim().to_lowercase();
            let value = value.split(" #").next().unwrap_or_default().trim().to_owned();
            let name = match (nested, &outer) {
                (true, Some(o)) => format!("{o}.{name}"),
                (true, None) => continue,
                (false, _) => {
                    outer = value.is_empty().then(|| name.clone());
                    name
                }
            };
            let sections = match kind {
                Kind::Profile => &mut self.profiles,
                Kind::SsoSession => &mut self.sso_sessions,
                Kind::Services => &mut self.services,
            };
            sections.entry(title.clone()).or_default().insert(name, value);
        }
    }
}

fn files(env: &Environment, variable: &str, name: &str) -> Vec<PathBuf> {
    match (env.var(variable), &env.home) {
        (Some(p), _) => vec![env.path(p)],
        (None, Some(home)) => vec![home.join(".aws").join(name)],
        (None, None) => Vec::new(),
    }
}

/// What a section's header means; `None` if nothing of ours.
fn kind(header: &str, is_config: bool) -> Option<(Kind, String)> {
    let plain = |name: &str| name.trim().trim_matches(['"', '\'']).to_owned();
    if !is_config {
        return Some((Kind::Profile, plain(header)));
    }
    let (first, rest) = header.split_once(char::is_whitespace).unwrap_or((header, ""));
    match (first, rest) {
        ("default", "") => Some((Kind::Profile, "default".into())),
        (_, "") => None,
        ("profile", name) => Some((Kind::Profile, plain(name))),
        ("sso-session", name) => Some((Kind::SsoSession, plain(name))),
        ("services", name) => Some((Kind::Services, plain(name))),
        _ => None,
    }
}

impl<'a> Profile<'a> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// A setting that is not empty.
    pub fn get(&self, setting: &str) -> Option<&'a str> {
        self.settings.get(setting).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// A setting of SSO, which may be in the session that the profile names.
    pub(crate) fn sso(&self, setting: &str) -> Option<&'a str> {
        let session = self.get("sso_session").and_then(|s| self.all.sso_sessions.get(s));
        let shared = || session?.get(setting).map(String::as_str).filter(|v| !v.is_empty());
        self.get(setting).or_else(shared)
    }

    /// Where services answer, by the service's name there, such as `auto_scaling`: what the `services` section says,
    /// and `endpoint_url` for all other services at the empty name.
    pub(crate) fn endpoint_urls(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let services = self.get("services").and_then(|s| self.all.services.get(s));
        let own = services.into_iter().flatten().filter(|(_, url)| !url.is_empty());
        let own = own.filter_map(|(name, url)| Some((name.strip_suffix(".endpoint_url")?, url.as_str())));
        own.chain(self.get("endpoint_url").map(|url| ("", url)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_from_both_kinds_of_files() {
        let mut all = Profiles::default();
        let config = "[default]\nregion = x\n# c\n[profile p]\nrole_arn=a # why\ns3 =\n  max = 3\n[sso-session s]\nsso_region=r\n[other]\nk=v\n[profile \"a b\"]\nregion=y\n[profile q]\nsso_session = s\n";
        all.parse(config, true, "config");
        all.parse("[p]\naws_access_key_id = K=\n[default]\nAWS_SECRET_ACCESS_KEY=s\n", false, "credentials");
        let p = all.get("p").unwrap();
        assert_eq!(p.get("role_arn"), Some("a"));
        assert_eq!(p.get("aws_access_key_id"), Some("K="));
        assert_eq!((p.get("max"), p.get("s3.max")), (None, Some("3")));
        assert_eq!(all.get("default").unwrap().get("aws_secret_access_key"), Some("s"));
        assert_eq!(all.get("q").unwrap().sso("sso_region"), Some("r"));
        assert_eq!(all.names().collect::<Vec<_>>(), ["a b", "default", "p", "q"]);
    }

    #[test]
    fn lines_that_make_no_sense_are_named_with_their_place() {
        let mut all = Profiles { files: vec!["config".into()], ..Profiles::default() };
        all.parse("[default]\nregion\n[profile p\nregion = x\n", true, "config");
        assert_eq!(
            all.describe(),
            "There is no profile in config. Lines that make no sense there: config:2, config:3."
        );
    }

    #[test]
    fn endpoints_of_one_service_and_of_all() {
        let mut all = Profiles::default();
        let text = "[profile p]\nservices = local\nendpoint_url = http://all\n[services local]\nrds =\n  endpoint_url = http://rds\nauto_scaling =\n\tendpoint_url = http://asg\n";
        all.parse(text, true, "config");
        let p = all.get("p").unwrap();
        let urls: Vec<_> = p.endpoint_urls().collect();
        assert_eq!(urls, [("auto_scaling", "http://asg"), ("rds", "http://rds"), ("", "http://all")]);
    }
}
