//! The network mirror protocol: JSON documents at
//! `BASE/host/namespace/type/index.json` and `.../VERSION.json`, served over HTTPS.

use std::collections::BTreeMap;

use groma_value::addr::Provider;
use serde::Deserialize;

use crate::version::Version;

use super::error::InstallError;
use super::hash::PackageHash;
use super::http::{Answer, HttpClient, json, request_error, resolve};
use super::package::{Authentication, Package, PackageLocation, Platform};
use super::url;

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    versions: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Archives {
    #[serde(default)]
    archives: BTreeMap<String, Archive>,
}

#[derive(Deserialize)]
struct Archive {
    url: String,
    #[serde(default)]
    hashes: Vec<String>,
}

fn get(http: &HttpClient, base: &str, provider: &Provider, file: &str) -> Result<Answer, InstallError> {
    let path = format!("{}/{}/{}/{file}", provider.hostname, provider.namespace, provider.ty);
    let url = resolve(base, &path)?;
    let host = url::host(base).unwrap_or_default();
    let answer = http.get(&url, Some(host))?;
    match answer.status {
        401 | 403 => Err(http.unauthorized(host)),
        200 if !answer.content_type.trim_start().starts_with("application/json") => {
            let problem =
                format!("the answer's content type is {:?}, not application/json", answer.content_type);
            Err(request_error(&answer.url, problem))
        }
        200 | 404 => Ok(answer),
        status => Err(request_error(&answer.url, format!("the server answered with status {status}"))),
    }
}

/// The versions; `None` where the mirror does not have the provider.
pub(super) fn versions(
    http: &HttpClient,
    base: &str,
    provider: &Provider,
) -> Result<Option<Vec<Version>>, InstallError> {
    let answer = get(http, base, provider, "index.json")?;
    if answer.status == 404 {
        return Ok(None);
    }
    let index: Index = json(&answer.url, &answer.body)?;
    // Versions that cannot be read could not be asked for either.
    Ok(Some(index.versions.keys().filter_map(|text| Version::parse(text).ok()).collect()))
}

/// The package of a version; `None` where there is none for the platform.
pub(super) fn package(
    http: &HttpClient,
    base: &str,
    provider: &Provider,
    version: &Version,
    platform: &Platform,
) -> Result<Option<Package>, InstallError> {
    let answer = get(http, base, provider, &format!("{version}.json"))?;
    if answer.status == 404 {
        let problem = format!("the mirror lists {provider} {version}, but does not have it");
        return Err(request_error(&answer.url, problem));
    }
    let archives: Archives = json(&answer.url, &answer.body)?;
    let Some(archive) = archives.archives.get(&platform.to_string()) else { return Ok(None) };
    let parse = |text: &String| {
        PackageHash::parse(text)
            .map_err(|error| request_error(&answer.url, format!("hash {text:?}: {error}")))
    };
    let hashes = archive.hashes.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Package {
        provider: provider.clone(),
        version: version.clone(),
        platform: platform.clone(),
        location: PackageLocation::Url(resolve(&answer.url, &archive.url)?),
        sha256: None,
        authentication: if hashes.is_empty() { Authentication::None } else { Authentication::Checksum },
        hashes,
        vouched: Vec::new(),
    }))
}
