//! Packages in S3, and in what speaks its protocol.

use crate::address::{Address, decode};
use groma_aws::web::{Reply, Web, WebOptions};
use groma_aws::{Chain, ChainOptions, Credentials, Element, Environment, Refusal, Unsigned, encode};
use std::path::Path;
use std::time::Duration;

/// A place in a bucket.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    scheme: String,
    host: String,
    region: String,
    bucket: String,
    key: String,
    version: Option<String>,
}

impl Place {
    fn of(address: &Address) -> Result<Place, String> {
        let (_, host, path) = address.parts()?;
        let scheme = address.url.split("://").next().unwrap_or("https").to_owned();
        let path = decode(path.trim_start_matches('/'))?;
        let (first, rest) = path.split_once('/').unwrap_or((&path, ""));
        let in_path = |host: &str, region: &str| Place {
            scheme: scheme.clone(),
            host: host.to_owned(),
            region: region.to_owned(),
            bucket: first.to_owned(),
            key: rest.to_owned(),
            version: address.argument("version").map(str::to_owned),
        };
        let of_dashes = |s: &str| match s.strip_prefix("s3-") {
            Some(region) => Some(region.to_owned()),
            None => (s == "s3").then(|| "us-east-1".to_owned()),
        };
        let parts: Vec<&str> = host.split('.').collect();
        let mut place = match parts[..] {
            [service, "amazonaws", "com"] => match of_dashes(service) {
                Some(region) => in_path(host, &region),
                // As the short form s3.REGION.amazonaws.com/BUCKET/KEY is written out.
                None if first == "s3" => {
                    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                    let host = format!("s3.{service}.amazonaws.com");
                    Place { bucket: bucket.to_owned(), key: key.to_owned(), ..in_path(&host, service) }
                }
                None => in_path(host, "us-east-1"),
            },
            ["s3", region, "amazonaws", "com"] => in_path(host, region),
            [bucket, service, "amazonaws", "com"] => {
                let region = of_dashes(service).unwrap_or_else(|| "us-east-1".into());
                Place {
                    bucket: bucket.to_owned(),
                    key: path.clone(),
                    ..in_path(&format!("{service}.amazonaws.com"), &region)
                }
            }
            [bucket, "s3", region, "amazonaws", "com"] => Place {
                bucket: bucket.to_owned(),
                key: path.clone(),
                ..in_path(&format!("s3.{region}.amazonaws.com"), region)
            },
            _ => in_path(host, "us-east-1"),
        };
        if let Some(region) = address.argument("region") {
            place.region = region.to_owned();
        }
        if place.bucket.is_empty() || place.key.is_empty() {
            return Err(format!(
                "{} does not name a bucket and what is in it: s3::https://s3-REGION.amazonaws.com/BUCKET/KEY.",
                address.shown()
            ));
        }
        Ok(place)
    }
}

struct Client {
    web: Web,
    credentials: Option<Credentials>,
    place: Place,
}

impl Client {
    fn new(address: &Address, env: &Environment) -> Result<Client, String> {
        let place = Place::of(address)?;
        let web = WebOptions {
            retries: 5,
            wait_min: Duration::from_millis(200),
            wait_max: Duration::from_secs(10),
            ..WebOptions::default()
        };
        let given = match (address.argument("aws_access_key_id"), address.argument("aws_access_key_secret")) {
            (Some(id), Some(secret)) => {
                Some(Credentials::fixed(id, secret, address.argument("aws_access_token")))
            }
            _ => None,
        };
        let profile = address.argument("aws_profile").map(str::to_owned);
        let options = ChainOptions { fixed: given, profile, web: web.clone(), ..ChainOptions::default() };
        let chain = Chain::new(env, &place.region, options).map_err(|e| format!("{e}."))?;
        // What everybody may read needs none.
        let credentials = chain.find().ok().map(|f| f.credentials);
        Ok(Client { web: Web::new(web, env).map_err(|e| format!("{e}."))?, credentials, place })
    }

    fn get(&self, key: &str, query: &[(&str, &str)]) -> Result<Reply, String> {
        let p = &self.place;
        let path = match key {
            "" => format!("/{}", encode(&p.bucket, false)),
            key => format!("/{}/{}", encode(&p.bucket, false), encode(key, true)),
        };
        let request = Unsigned {
            method: "GET",
            scheme: &p.scheme,
            host: &p.host,
            path: &path,
            query,
            headers: &[],
            body: &[],
            service: "s3",
            region: &p.region,
        };
        let headers = || match &self.credentials {
            Some(c) => request.sign(c, jiff::Timestamp::now()),
            None => Vec::new(),
        };
        self.web.send("GET", &request.url(), &headers, &[]).map_err(|e| format!("{e}."))
    }

    fn refused(&self, key: &str, reply: &Reply) -> String {
        let refusal = Refusal::of(reply);
        let what = match refusal.code.as_str() {
            "" => format!("status {}", refusal.status),
            code => format!("{code}: {}", refusal.message),
        };
        let hint = match (refusal.status, &self.credentials) {
            (401 | 403, None) => " No AWS credentials were found; set AWS_PROFILE, for example.",
            (403, Some(_)) => " The credentials in use may not read it.",
            _ => "",
        };
        format!("S3 refuses the object {key:?} of the bucket {:?} ({what}).{hint}", self.place.bucket)
    }

    fn object(&self, key: &str, to: &Path) -> Result<(), String> {
        let version = self.place.version.as_deref().map(|v| ("versionId", v));
        let reply = self.get(key, version.as_slice())?;
        if reply.status != 200 {
            return Err(self.refused(key, &reply));
        }
        std::fs::write(to, &reply.body).map_err(|e| format!("{} cannot be written: {e}.", to.display()))
    }
}

/// Fetches one object.
pub(crate) fn file(address: &Address, env: &Environment, to: &Path) -> Result<(), String> {
    let client = Client::new(address, env)?;
    client.object(&client.place.key, to)
}

/// Fetches all objects below a key.
pub(crate) fn directory(address: &Address, env: &Environment, target: &Path) -> Result<(), String> {
    let client = Client::new(address, env)?;
    let prefix = format!("{}/", client.place.key.trim_end_matches('/'));
    let mut token: Option<String> = None;
    let mut count = 0;
    loop {
        let mut query = vec![("list-type", "2"), ("prefix", prefix.as_str())];
        query.extend(token.as_deref().map(|t| ("continuation-token", t)));
        let reply = client.get("", &query)?;
        if reply.status != 200 {
            return Err(client.refused(&prefix, &reply));
        }
        let page = Element::parse(&String::from_utf8_lossy(&reply.body))
            .map_err(|e| format!("The list of objects is not usable: {e}."))?;
        for key in page.children.iter().filter(|c| c.name == "Contents").filter_map(|c| c.value("Key")) {
            let Some(name) = key.strip_prefix(&prefix).filter(|n| !n.is_empty() && !n.ends_with('/')) else {
                continue;
            };
            let to = below(target, name)?;
            client.object(key, &to)?;
            count += 1;
        }
        token = page.value("NextContinuationToken").map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    if count == 0 {
        return Err(format!("The bucket {:?} has nothing below {prefix:?}.", client.place.bucket));
    }
    Ok(())
}

/// The file of an object below a directory, which is made.
pub(crate) fn below(target: &Path, name: &str) -> Result<std::path::PathBuf, String> {
    if name.split('/').any(|p| matches!(p, "" | "." | "..")) {
        return Err(format!("The object name {name:?} is no name of a file."));
    }
    let to = target.join(name);
    let parent = to.parent().unwrap_or(target);
    std::fs::create_dir_all(parent).map_err(|e| format!("{} cannot be made: {e}.", parent.display()))?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_urls() {
        let place = |url: &str| {
            let p = Place::of(&Address::parse(url).unwrap()).unwrap();
            [p.host, p.region, p.bucket, p.key].join(" ")
        };
        assert_eq!(place("s3::https://s3.amazonaws.com/b/k/x"), "s3.amazonaws.com us-east-1 b k/x");
        assert_eq!(
            place("s3::https://s3-eu-west-1.amazonaws.com/b/k"),
            "s3-eu-west-1.amazonaws.com eu-west-1 b k"
        );
        assert_eq!(
            place("s3::https://s3.eu-west-1.amazonaws.com/b/k"),
            "s3.eu-west-1.amazonaws.com eu-west-1 b k"
        );
        assert_eq!(
            place("s3::https://eu-west-1.amazonaws.com/s3/b/k"),
            "s3.eu-west-1.amazonaws.com eu-west-1 b k"
        );
        assert_eq!(
            place("s3::https://b.s3.eu-west-1.amazonaws.com/k/x"),
            "s3.eu-west-1.amazonaws.com eu-west-1 b k/x"
        );
        assert_eq!(
            place("s3::https://b.s3-eu-west-1.amazonaws.com/k"),
            "s3-eu-west-1.amazonaws.com eu-west-1 b k"
        );
        assert_eq!(place("s3::http://127.0.0.1:9000/b/k%20x?region=x"), "127.0.0.1:9000 x b k x");
        assert!(Place::of(&Address::parse("s3::https://s3.amazonaws.com/b").unwrap()).is_err());
        assert!(below(Path::new("/nowhere"), "a/../b").is_err());
    }
}
