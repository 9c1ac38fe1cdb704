//! Servers: archives, and documents that name another source.

use crate::address::Address;
use crate::{Fetcher, netrc};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use groma_config::source_addr::ModuleSource;
use groma_provider::install::resolve_url;
use std::fs::File;
use std::path::Path;

impl Fetcher {
    /// The value of `Authorization` for a server, from the URL or `.netrc`, and the URL without
    /// name and password.
    fn authorization(&self, address: &Address) -> Result<(Option<String>, String), String> {
        let (user, host, path) = address.parts()?;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let scheme = address.url.split("://").next().unwrap_or("https");
        let url = Address { url: format!("{scheme}://{host}{path}"), ..address.clone() }.with_query();
        let user = user.or_else(|| netrc::find(&self.env, host)).or_else(|| netrc::find(&self.env, name));
        let value = user.map(|(u, p)| format!("Basic {}", STANDARD.encode(format!("{u}:{p}"))));
        Ok((value, url))
    }

    /// Downloads a file.
    pub(crate) fn download(&self, address: &Address, file: &mut File, path: &Path) -> Result<(), String> {
        let (authorization, url) = self.authorization(address)?;
        self.http()
            .download_as(&url, authorization.as_deref(), file, path)
            .map_err(|e| format!("Error: {}.", e.to_string().trim_end_matches('.')))
    }

    /// Asks a server for the source of the module at a URL: it answers with the header
    /// `X-Terraform-Get`, or with an HTML page that has it as `terraform-get`.
    pub(crate) fn ask_server(&self, address: &Address) -> Result<ModuleSource, String> {
        let mut asking = address.clone();
        asking.query.push(("terraform-get".into(), "1".into()));
        let (authorization, url) = self.authorization(&asking)?;
        let answer = self.http().get_as(&url, authorization.as_deref()).map_err(|e| format!("{e}."))?;
        if !(200..300).contains(&answer.status) {
            return Err(format!("The server answered with status {}.", answer.status));
        }
        let page = String::from_utf8_lossy(&answer.body);
        let found = answer.header("X-Terraform-Get").filter(|h| !h.is_empty()).map(str::to_owned);
        let Some(source) = found.or_else(|| meta(&page)) else {
            return Err("The server does not name the module's source (no header X-Terraform-Get, no such page). If it is an archive, the address must say so: append ?archive=zip, for example.".into());
        };
        named(&source, &answer.url)
    }
}

/// A source that a server names, which may be relative to where it was named.
pub(crate) fn named(source: &str, base: &str) -> Result<ModuleSource, String> {
    let relative = source.starts_with("./") || source.starts_with("../") || source.starts_with('/');
    let whole =
        if relative { resolve_url(base, source).map_err(|e| format!("{e}."))? } else { source.to_owned() };
    ModuleSource::parse(&whole).map_err(|why| format!("The server names the source \"{source}\". {why}"))
}

/// The content of `<meta name="terraform-get" content="...">` in the head of a page.
fn meta(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let mut from = 0;
    while let Some(start) = lower[from..].find("<meta").map(|i| i + from) {
        let end = lower[start..].find('>')? + start;
        let attribute = |name: &str| {
            let at = lower[start..end].find(&format!("{name}="))? + start + name.len() + 1;
            let quote = lower[at..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let value = &page[at + 1..end];
            Some(&value[..value.find(quote)?])
        };
        if attribute("name").is_some_and(|n| n.eq_ignore_ascii_case("terraform-get")) {
            return attribute("content").map(|c| c.replace("&amp;", "&"));
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_name_sources() {
        let page = "<html><head><META charset='x'><meta name=\"terraform-get\" content=\"https://h/x.zip?a=1&amp;b=2\"/></head>";
        assert_eq!(meta(page).as_deref(), Some("https://h/x.zip?a=1&b=2"));
        assert_eq!(meta("<meta name=x><p>"), None);
        assert_eq!(named("/a.zip", "https://h/v1/x").unwrap().to_string(), "https://h/a.zip");
        assert_eq!(
            named("git::https://g/x?ref=1", "https://h").unwrap().to_string(),
            "git::https://g/x?ref=1"
        );
    }
}
