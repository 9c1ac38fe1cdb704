//! Signatures of requests to AWS (Signature Version 4).

use crate::Credentials;
use aws_lc_rs::{digest, hmac};

/// A request that is to be signed.
pub struct Unsigned<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// With the port, where it is not the scheme's own.
    pub host: &'a str,
    /// Encoded, with the leading slash.
    pub path: &'a str,
    /// Names and values, not encoded.
    pub query: &'a [(&'a str, &'a str)],
    /// Lower-case names; all are signed.
    pub headers: &'a [(&'a str, String)],
    /// All of it.
    pub body: &'a [u8],
    /// The service's name in signatures.
    pub service: &'a str,
    /// The region in signatures.
    pub region: &'a str,
}

/// Encodes for URLs and forms everything but letters, digits and `-_.~`; slashes too, unless kept.
pub fn encode(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b'/' if keep_slash => out.push('/'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The lower-case hexadecimal SHA-256.
fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

impl Unsigned<'_> {
    /// The query as it is sent and as it is signed: encoded and sorted.
    fn query_text(&self) -> String {
        let mut pairs: Vec<String> =
            self.query.iter().map(|(n, v)| format!("{}={}", encode(n, false), encode(v, false))).collect();
        pairs.sort();
        pairs.join("&")
    }

    /// Where to send it.
    pub fn url(&self) -> String {
        let query = self.query_text();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}://{}{}{mark}{query}", self.scheme, self.host, self.path)
    }

    /// All headers to send, with the signature, at a time.
    pub fn sign(&self, credentials: &Credentials, now: jiff::Timestamp) -> Vec<(String, String)> {
        let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &stamp[..8];
        let payload = sha256(self.body);
        let mut headers: Vec<(String, String)> =
            self.headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        headers.push(("x-amz-date".into(), stamp.clone()));
        headers.push(("x-amz-content-sha256".into(), payload.clone()));
        if let Some(token) = &credentials.session_token {
            headers.push(("x-amz-security-token".into(), token.clone()));
        }
        // The client adds this one by itself.
        let mut signed = headers.clone();
        signed.push(("host".into(), self.host.to_owned()));
        signed.sort();
        let names = signed.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(";");
        let lines: String = signed.iter().map(|(n, v)| format!("{n}:{}\n", v.trim())).collect();
        let request =
            format!("{}\n{}\n{}\n{lines}\n{names}\n{payload}", self.method, self.path, self.query_text());
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256(request.as_bytes()));
        let mut key = mac(format!("AWS4{}", credentials.secret_access_key).as_bytes(), day);
        for part in [self.region, self.service, "aws4_request"] {
            key = mac(&key, part);
        }
        let signature = hex(&mac(&key, &to_sign));
        headers.push((
            "authorization".into(),
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
                credentials.access_key_id
            ),
        ));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example "GET Bucket (List Objects)" of the S3 documentation.
    #[test]
    fn the_documented_example_gets_the_documented_signature() {
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
            expires: None,
        };
        let request = Unsigned {
            method: "GET",
            scheme: "https",
            host: "examplebucket.s3.amazonaws.com",
            path: "/",
            query: &[("prefix", "J"), ("max-keys", "2")],
            headers: &[],
            body: b"",
            service: "s3",
            region: "us-east-1",
        };
        let headers = request.sign(&credentials, "2013-05-24T00:00:00Z".parse().unwrap());
        let authorization = &headers.iter().find(|(n, _)| n == "authorization").unwrap().1;
        assert!(
            authorization.ends_with("=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "{authorization}"
        );
        assert_eq!(request.url(), "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
    }
}
