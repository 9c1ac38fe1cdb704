//! The registry protocol for modules: service discovery, lists of versions, places of packages.

use crate::http::named;
use groma_config::source_addr::ModuleSource;
use groma_provider::install::{Answer, HttpClient, discover, resolve_url};
use groma_value::version::Version;
use serde::Deserialize;

/// The id of the service in the discovery document.
const SERVICE: &str = "modules.v1";

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    modules: Vec<Listing>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    versions: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    version: String,
}

/// Host, and the URL of the module at its registry.
fn base<'a>(http: &HttpClient, source: &'a ModuleSource) -> Result<(&'a str, String), String> {
    let ModuleSource::Registry { host, namespace, name, system, .. } = source else {
        return Err(format!("{source} is no module of a registry."));
    };
    let failed = |e| format!("The registry of {} cannot be reached: {e}.", host);
    let Some(service) = discover(http, host, SERVICE).map_err(failed)? else {
        return Err(format!("The host {host} has no registry of modules."));
    };
    Ok((host, format!("{service}{namespace}/{name}/{system}")))
}

fn ask(http: &HttpClient, host: &str, url: &str) -> Result<Answer, String> {
    http.get(url, Some(host)).map_err(|e| format!("{e}."))
}

/// What an unsuccessful status means.
fn refused(source: &ModuleSource, host: &str, answer: &Answer) -> String {
    let name = source.without_subdir().unwrap_or_default();
    match answer.status {
        401 | 403 => format!(
            "The registry {host} does not let this user see the module {name} (status {}). groma login {host} obtains a token; or set TF_TOKEN_{} to one.",
            answer.status,
            host.replace('-', "__").replace('.', "_")
        ),
        404 => format!(
            "The registry {host} has no module {name}. Check the address, and whether it is private: then a token is needed (groma login {host})."
        ),
        status => format!(
            "The registry {host} answered with status {status} to the question about the module {name}."
        ),
    }
}

/// The versions of a module. The error is a sentence.
pub(crate) fn versions(http: &HttpClient, source: &ModuleSource) -> Result<Vec<Version>, String> {
    let (host, base) = base(http, source)?;
    let answer = ask(http, host, &format!("{base}/versions"))?;
    if answer.status != 200 {
        return Err(refused(source, host, &answer));
    }
    let list: Versions = serde_json::from_slice(&answer.body).map_err(|e| {
        format!("The registry {host} gave a list of versions that is not what the protocol says: {e}.")
    })?;
    let all = list.modules.iter().flat_map(|m| &m.versions);
    Ok(all.filter_map(|e| Version::parse(&e.version).ok()).collect())
}

/// Where the package of a version is. The error is a sentence.
pub(crate) fn location(
    http: &HttpClient,
    source: &ModuleSource,
    version: &Version,
) -> Result<ModuleSource, String> {
    let (host, base) = base(http, source)?;
    let url = format!("{base}/{version}/download");
    let answer = ask(http, host, &url)?;
    if !matches!(answer.status, 200 | 204) {
        return Err(refused(source, host, &answer));
    }
    // Newer registries say it in a document as well.
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let found = answer.header("X-Terraform-Get").filter(|h| !h.is_empty()).or(document["location"].as_str());
    let Some(place) = found else {
        return Err(format!("The registry {host} does not say where the package of {source} {version} is."));
    };
    // Relative to the question, as the protocol says, not to where it was answered.
    let base = resolve_url(&url, "").map_err(|e| format!("{e}."))?;
    named(place, &base)
}
