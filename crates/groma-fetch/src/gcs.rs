//! Packages in Google Cloud Storage: what everybody may read, and with a token in
//! `GOOGLE_OAUTH_ACCESS_TOKEN` everything else.

use crate::address::{Address, decode};
use crate::s3::below;
use groma_aws::{Environment, encode};
use groma_provider::install::HttpClient;
use std::fs::File;
use std::path::Path;

struct Bucket<'a> {
    http: &'a HttpClient,
    authorization: Option<String>,
    /// `https://storage.googleapis.com`, or where the emulator is.
    server: String,
    bucket: String,
    key: String,
}

impl<'a> Bucket<'a> {
    fn of(address: &Address, http: &'a HttpClient, env: &Environment) -> Result<Bucket<'a>, String> {
        let (_, _, path) = address.parts()?;
        let path = decode(path.trim_start_matches('/'))?;
        let parts: Vec<&str> = path.splitn(4, '/').collect();
        let ["storage", _, bucket, key] = parts[..] else {
            return Err(format!(
                "{} does not name an object: gcs::https://www.googleapis.com/storage/v1/BUCKET/OBJECT.",
                address.shown()
            ));
        };
        let server = match env.var("STORAGE_EMULATOR_HOST") {
            Some(h) if h.contains("://") => h.trim_end_matches('/').to_owned(),
            Some(h) => format!("http://{h}"),
            None => "https://storage.googleapis.com".to_owned(),
        };
        Ok(Bucket {
            http,
            authorization: env.var("GOOGLE_OAUTH_ACCESS_TOKEN").map(|t| format!("Bearer {t}")),
            server,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    fn object(&self, key: &str, file: &mut File, path: &Path) -> Result<(), String> {
        let url = format!(
            "{}/storage/v1/b/{}/o/{}?alt=media",
            self.server,
            encode(&self.bucket, false),
            encode(key, false)
        );
        self.http
            .download_as(&url, self.authorization.as_deref(), file, path)
            .map_err(|e| self.failed(&e.to_string()))
    }

    fn failed(&self, why: &str) -> String {
        let hint = match self.authorization {
            None => {
                " Nothing but what everybody may read can be had without a token: set GOOGLE_OAUTH_ACCESS_TOKEN to what gcloud auth print-access-token gives."
            }
            Some(_) => "",
        };
        format!("Error: {}.{hint}", why.trim_end_matches('.'))
    }
}

/// Fetches one object.
pub(crate) fn file(
    address: &Address,
    http: &HttpClient,
    env: &Environment,
    to: &mut File,
    path: &Path,
) -> Result<(), String> {
    let bucket = Bucket::of(address, http, env)?;
    bucket.object(&bucket.key, to, path)
}

/// Fetches all objects below a name.
pub(crate) fn directory(
    address: &Address,
    http: &HttpClient,
    env: &Environment,
    target: &Path,
) -> Result<(), String> {
    let bucket = Bucket::of(address, http, env)?;
    let prefix = format!("{}/", bucket.key.trim_end_matches('/'));
    let list = format!(
        "{}/storage/v1/b/{}/o?prefix={}",
        bucket.server,
        encode(&bucket.bucket, false),
        encode(&prefix, false)
    );
    let mut token: Option<String> = None;
    let mut count = 0;
    loop {
        let url = match &token {
            Some(t) => format!("{list}&pageToken={}", encode(t, false)),
            None => list.clone(),
        };
        let answer =
            http.get_as(&url, bucket.authorization.as_deref()).map_err(|e| bucket.failed(&e.to_string()))?;
        if answer.status != 200 {
            return Err(
                bucket.failed(&format!("the list of objects was answered with status {}", answer.status))
            );
        }
        let page: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|e| format!("The list of objects is not usable: {e}."))?;
        for key in page["items"].as_array().into_iter().flatten().filter_map(|i| i["name"].as_str()) {
            let Some(name) = key.strip_prefix(&prefix).filter(|n| !n.is_empty() && !n.ends_with('/')) else {
                continue;
            };
            let to = below(target, name)?;
            let mut file = File::create(&to).map_err(|e| format!("{} cannot be made: {e}.", to.display()))?;
            bucket.object(key, &mut file, &to)?;
            count += 1;
        }
        token = page["nextPageToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    if count == 0 {
        return Err(format!("The bucket {:?} has nothing below {prefix:?}.", bucket.bucket));
    }
    Ok(())
}
