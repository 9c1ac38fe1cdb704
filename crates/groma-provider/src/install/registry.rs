//! The registry protocol: service discovery, lists of versions, packages with signed checksums.

use std::collections::BTreeMap;

use groma_value::addr::Provider;
use serde::Deserialize;

use crate::version::Version;

use super::error::{InstallError, Release};
use super::hash::PackageHash;
use super::http::{HttpClient, json, request_error, resolve};
use super::package::{Authentication, Package, PackageLocation, Platform};
use super::signature;

/// The id of the service in the discovery document.
const SERVICE: &str = "providers.v1";

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    versions: Vec<VersionEntry>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct VersionEntry {
    version: String,
}

#[derive(Deserialize)]
struct Download {
    #[serde(default)]
    protocols: Vec<String>,
    os: String,
    arch: String,
    filename: String,
    download_url: String,
    shasum: String,
    shasums_url: String,
    shasums_signature_url: String,
    #[serde(default)]
    signing_keys: SigningKeys,
}

#[derive(Default, Deserialize)]
struct SigningKeys {
    #[serde(default)]
    gpg_public_keys: Vec<SigningKey>,
}

#[derive(Deserialize)]
struct SigningKey {
    #[serde(default)]
    key_id: String,
    ascii_armor: String,
}

/// The URL of a host's provider registry.
pub(super) fn provider_service(http: &HttpClient, host: &str) -> Result<String, InstallError> {
    discover(http, host, SERVICE)?
        .ok_or_else(|| request_error(host, "the host does not offer a provider registry"))
}

/// The URL of a service of a host, with a slash at the end: from the settings, else asked from the
/// host. `None` where the host does not have the service.
pub fn discover(http: &HttpClient, host: &str, service: &str) -> Result<Option<String>, InstallError> {
    let found = services(http, host)?;
    match found.list.get(service).and_then(|value| value.as_str()) {
        Some(url) => {
            let url = match &found.base {
                Some(base) => resolve(base, url)?,
                None => url.to_owned(),
            };
            Ok(Some(if url.ends_with('/') { url } else { format!("{url}/") }))
        }
        None => Ok(None),
    }
}

/// What a host offers.
pub struct HostServices {
    /// By id: URLs, or objects with more.
    pub list: BTreeMap<String, serde_json::Value>,
    /// What the URLs are relative to; `None` where they were given as they are.
    pub base: Option<String>,
}

/// The services of a host: from the settings, else asked from the host.
pub fn services(http: &HttpClient, host: &str) -> Result<HostServices, InstallError> {
    if let Some(services) = http.settings.services.get(host) {
        let value = |text: &String| match text.starts_with('{') {
            true => serde_json::from_str(text).unwrap_or_default(),
            false => serde_json::Value::from(text.clone()),
        };
        let list = services.iter().map(|(id, text)| (id.clone(), value(text))).collect();
        return Ok(HostServices { list, base: None });
    }
    let url = format!("https://{host}/.well-known/terraform.json");
    let answer = http.get(&url, Some(host))?;
    match answer.status {
        200 => Ok(HostServices { list: json(&answer.url, &answer.body)?, base: Some(answer.url) }),
        401 | 403 => Err(http.unauthorized(host)),
        404 => Err(request_error(&url, "the host offers no Terraform services")),
        status => Err(request_error(&url, format!("the server answered with status {status}"))),
    }
}

/// The versions of a provider, and what the registry warns of.
pub(super) type Listing = (Vec<Version>, Vec<String>);

/// What the registry lists; `None` where the registry does not have the provider.
pub(super) fn versions(
    http: &HttpClient,
    base: &str,
    provider: &Provider,
) -> Result<Option<Listing>, InstallError> {
    let url = resolve(base, &format!("{}/{}/versions", provider.namespace, provider.ty))?;
    let answer = http.get(&url, Some(&provider.hostname))?;
    match answer.status {
        200 => {}
        404 => return Ok(None),
        401 | 403 => return Err(http.unauthorized(&provider.hostname)),
        status => return Err(request_error(&url, format!("the server answered with status {status}"))),
    }
    let list: Versions = json(&answer.url, &answer.body)?;
    let versions = list.versions.iter().filter_map(|entry| Version::parse(&entry.version).ok()).collect();
    Ok(Some((versions, list.warnings.unwrap_or_default())))
}

/// The package of a version; `None` where there is none for the platform.
pub(super) fn package(
    http: &HttpClient,
    base: &str,
    provider: &Provider,
    version: &Version,
    platform: &Platform,
) -> Result<Option<Package>, InstallError> {
    let path = format!(
        "{}/{}/{version}/download/{}/{}",
        provider.namespace, provider.ty, platform.os, platform.arch
    );
    let url = resolve(base, &path)?;
    let answer = http.get(&url, Some(&provider.hostname))?;
    match answer.status {
        200 => {}
        404 => return Ok(None),
        401 | 403 => return Err(http.unauthorized(&provider.hostname)),
        status => return Err(request_error(&url, format!("the server answered with status {status}"))),
    }
    let download: Download = json(&answer.url, &answer.body)?;
    let supported = |protocol: &String| matches!(protocol.split('.').next(), Some("5" | "6"));
    if !download.protocols.is_empty() && !download.protocols.iter().any(supported) {
        return Err(InstallError::Protocol {
            release: Release::boxed(provider, version),
            speaks: download.protocols,
        });
    }
    if download.os != platform.os || download.arch != platform.arch {
        let problem = format!("asked for {platform}, it offers {}_{}", download.os, download.arch);
        return Err(request_error(&url, problem));
    }
    let sha256 = download.shasum.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(request_error(&url, format!("its checksum {:?} is not a SHA-256", download.shasum)));
    }

    let sums = http.get_document(&resolve(&answer.url, &download.shasums_url)?)?;
    let signature = http.get_document(&resolve(&answer.url, &download.shasums_signature_url)?)?;
    let listed = checksums(&sums);
    match listed.iter().find(|(_, name)| *name == download.filename) {
        Some((sum, _)) if *sum == sha256 => {}
        Some(_) => {
            let why =
                format!("the checksum list has another checksum for {} than the registry", download.filename);
            return Err(InstallError::Untrusted(why));
        }
        None => {
            let why = format!("the checksum list has no checksum for {}", download.filename);
            return Err(InstallError::Untrusted(why));
        }
    }
    let keys: Vec<&str> =
        download.signing_keys.gpg_public_keys.iter().map(|key| key.ascii_armor.as_str()).collect();
    let signer = signature::verify(&sums, &signature, &keys).map_err(|error| {
        InstallError::Untrusted(format!("the signature of the checksum list is not valid: {error}"))
    })?;
    let key_id = download.signing_keys.gpg_public_keys[signer.index].key_id.clone();
    let authentication = if signer.fingerprint == signature::HASHICORP {
        Authentication::SignedByHashiCorp { key_id }
    } else {
        Authentication::Signed { key_id }
    };
    Ok(Some(Package {
        provider: provider.clone(),
        version: version.clone(),
        platform: platform.clone(),
        location: PackageLocation::Url(resolve(&answer.url, &download.download_url)?),
        sha256: Some(sha256),
        hashes: Vec::new(),
        // The list may hold other files, such as manifests; their hashes match no package.
        vouched: listed.into_iter().map(|(sum, _)| PackageHash::archive(&sum)).collect(),
        authentication,
    }))
}

/// The lines of a checksum list: hexadecimal SHA-256, two spaces, file name.
fn checksums(list: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(list);
    let parse = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        let valid = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then(|| (sum.to_ascii_lowercase(), name.trim().to_owned()))
    };
    text.lines().filter_map(parse).collect()
}
