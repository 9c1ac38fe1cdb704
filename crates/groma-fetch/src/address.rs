//! The address of a package: a method, a URL, and what its query says of how to fetch it.

use crate::archive::Kind;
use crate::checksum::Wanted;
use std::path::{Path, PathBuf};

/// A name and a password.
pub(crate) type Login = (String, String);

/// A package's address in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// What brings it: `git`, `http`, `s3`, ...
    pub method: String,
    /// The URL without query.
    pub url: String,
    /// The arguments of the query, in order.
    pub query: Vec<(String, String)>,
}

impl Address {
    /// Reads `[method::]url[?query]`. The error is a sentence.
    pub fn parse(package: &str) -> Result<Address, String> {
        let (forced, url) = match package.split_once("::") {
            Some((m, rest)) => (Some(m.to_owned()), rest),
            None => (None, package),
        };
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let Some((scheme, _)) = url.split_once(':') else {
            return Err(format!("\"{url}\" is no URL."));
        };
        let query = query.split('&').filter(|p| !p.is_empty()).map(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            Ok((decode(name)?, decode(value)?))
        });
        Ok(Address {
            method: forced.unwrap_or_else(|| scheme.to_owned()),
            url: url.to_owned(),
            query: query.collect::<Result<_, String>>()?,
        })
    }

    /// Takes an argument out of the query.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.query.iter().position(|(n, _)| n == name)?;
        Some(self.query.remove(at).1)
    }

    /// An argument of the query that says something.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// What kind of archive is named, by the argument `archive` or by the end of the path.
    pub fn take_archive(&mut self) -> Result<Option<Kind>, String> {
        match self.take("archive").as_deref() {
            None | Some("") => {}
            Some("false" | "0") => return Ok(None),
            Some("true" | "1") => {
                return Kind::of_name(&self.url).map(Some).ok_or_else(|| {
                    format!("The end of \"{}\" does not tell what kind of archive it is: write archive=zip, for example.", self.url)
                });
            }
            Some(kind) => {
                return Kind::of_name(&format!(".{kind}")).map(Some).ok_or_else(|| {
                    format!(
                        "There is no kind of archive \"{kind}\": zip, tar.gz, tar.xz and others are known."
                    )
                });
            }
        }
        Ok(Kind::of_name(&self.url))
    }

    /// The checksum that the file must have.
    pub fn take_checksum(&mut self) -> Result<Option<Wanted>, String> {
        self.take("checksum").filter(|c| !c.is_empty()).map(|c| Wanted::parse(&c)).transpose()
    }

    /// The URL of a repository, and what of it is wanted: what the argument `revision` says.
    /// Neither may look like a flag of the program that clones it.
    pub fn repository(&mut self, revision: &str) -> Result<(String, Option<String>), String> {
        let wanted = self.take(revision).filter(|r| !r.is_empty());
        let url = self.with_query();
        if url.starts_with('-') {
            return Err(format!("\"{url}\" is no URL of a repository."));
        }
        if wanted.as_deref().is_some_and(|r| r.starts_with('-')) {
            return Err(format!(
                "The argument \"{revision}\" must name a branch, tag or commit, which does not begin with a dash."
            ));
        }
        Ok((url, wanted))
    }

    /// The URL with the rest of the query.
    pub fn with_query(&self) -> String {
        let mut out = self.url.clone();
        for (i, (name, value)) in self.query.iter().enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(&encode(name));
            out.push('=');
            out.push_str(&encode(value));
        }
        out
    }

    /// Host (with port) and path, without user and password, which come first.
    pub fn parts(&self) -> Result<(Option<Login>, &str, &str), String> {
        let rest = self
            .url
            .split_once("://")
            .map(|(_, r)| r)
            .ok_or_else(|| format!("\"{}\" is no URL.", self.url))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((u, h)) => {
                let (name, password) = u.split_once(':').unwrap_or((u, ""));
                (Some((decode(name)?, decode(password)?)), h)
            }
            None => (None, authority),
        };
        Ok((user, host, path))
    }

    /// The path of a `file` URL.
    pub fn file_path(&self, root: &Path) -> Result<PathBuf, String> {
        let path = self.url.strip_prefix("file:").unwrap_or(&self.url);
        let path = decode(path.strip_prefix("//").unwrap_or(path))?;
        Ok(root.join(path))
    }

    /// The URL as it may be shown.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }
}

/// An address without the password and the keys in it.
pub(crate) fn shown(package: &str) -> String {
    let (address, query) = package.split_once('?').unwrap_or((package, ""));
    let mut out = without_password(address);
    for (i, argument) in query.split('&').filter(|a| !a.is_empty()).enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        match argument.split_once('=') {
            Some((name @ ("sshkey" | "aws_access_key_secret" | "aws_access_token"), _)) => {
                out.push_str(&format!("{name}=..."));
            }
            _ => out.push_str(argument),
        }
    }
    out
}

fn without_password(package: &str) -> String {
    let Some(at) = package.find("://").map(|i| i + 3) else { return package.to_owned() };
    let end = package[at..].find(['/', '?']).map_or(package.len(), |i| i + at);
    match package[at..end].rsplit_once('@') {
        Some((user, host)) if user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{}{name}:...@{host}{}", &package[..at], &package[end..])
        }
        _ => package.to_owned(),
    }
}

/// The refusal of a method.
pub(crate) fn unknown_method(method: &str) -> String {
    format!(
        "There is no way to fetch with the method \"{method}\": git, hg, http, https, s3, gcs and file are known."
    )
}

/// Replaces `%41` and `+`... only the former: these are paths and arguments as people write them.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let mut digit = || bytes.next().and_then(|b| (b as char).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(format!("\"{text}\" has a percent sign without two hexadecimal digits."));
        };
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).map_err(|_| format!("\"{text}\" is not UTF-8."))
}

fn encode(text: &str) -> String {
    groma_aws::encode(text, true).replace("%3A", ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_addresses() {
        let mut a = Address::parse("git::https://u:p%40@h:1/x.git?ref=a%2Fb&depth=1").unwrap();
        assert_eq!((a.method.as_str(), a.argument("ref")), ("git", Some("a/b")));
        assert_eq!(a.parts().unwrap(), (Some(("u".into(), "p@".into())), "h:1", "/x.git"));
        assert_eq!(a.take("ref").as_deref(), Some("a/b"));
        assert_eq!(a.with_query(), "https://u:p%40@h:1/x.git?depth=1");
        assert_eq!(a.shown(), "https://u:...@h:1/x.git");
        assert_eq!(Address::parse("https://h/x.zip").unwrap().take_archive().unwrap(), Some(Kind::Zip));
        assert_eq!(Address::parse("https://h/x.zip?archive=false").unwrap().take_archive().unwrap(), None);
        assert!(Address::parse("https://h/x?archive=rar").unwrap().take_archive().is_err());
        assert!(Address::parse("https://h/x?a=%4").is_err());
        assert_eq!(shown("git::ssh://git@h/x"), "git::ssh://git@h/x");
        assert_eq!(shown("git::ssh://git@h/x?ref=a&sshkey=k"), "git::ssh://git@h/x?ref=a&sshkey=...");
    }
}
