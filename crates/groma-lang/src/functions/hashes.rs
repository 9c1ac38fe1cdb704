//! Hashes, UUIDs, passwords, and RSA.

use super::build::*;
use super::encoding::to_base64;
use super::{Function, FunctionContext};
use groma_value::{Type, Value};
use sha1::Digest;
use uuid::Uuid;

/// A digest of bytes, written.
pub(super) type Digester = fn(&[u8]) -> String;

/// Digests, by the names of their functions.
pub(super) const DIGESTS: [(&str, Digester); 6] = [
    ("md5", |b| hex(&md5::Md5::digest(b))),
    ("sha1", |b| hex(&sha1::Sha1::digest(b))),
    ("sha256", |b| hex(&sha2::Sha256::digest(b))),
    ("sha512", |b| hex(&sha2::Sha512::digest(b))),
    ("base64sha256", |b| to_base64(&sha2::Sha256::digest(b))),
    ("base64sha512", |b| to_base64(&sha2::Sha512::digest(b))),
];

pub(super) fn functions() -> Vec<Function> {
    let mut all: Vec<Function> = DIGESTS
        .into_iter()
        .map(|(name, digest)| {
            let p = param("str", Type::String, "The text.");
            function(name, "A hash of a text.", [p], Type::String, move |a| {
                Ok(Value::string(digest(text(&a[0]).as_bytes())))
            })
        })
        .collect();
    all.push(function(
        "uuidv5",
        "The UUID that belongs to a name.",
        [
            param("namespace", Type::String, "dns, url, oid, x500, or a UUID."),
            param("name", Type::String, "The name."),
        ],
        Type::String,
        |a| {
            let space = namespace(text(&a[0]))?;
            Ok(Value::string(Uuid::new_v5(&space, text(&a[1]).as_bytes()).hyphenated().to_string()))
        },
    ));
    all.push(function(
        "rsadecrypt",
        "The text that was encrypted for a key (RSA, PKCS #1 v1.5).",
        [
            param("ciphertext", Type::String, "What was encrypted, in Base64."),
            param("privatekey", Type::String, "The private key, in PEM."),
        ],
        Type::String,
        |a| {
            let Ok(cipher) = super::encoding::from_base64(text(&a[0])) else {
                return fail_arg(
                    0,
                    format!(
                        "failed to decode input {}: cipher text must be base64-encoded",
                        quote(text(&a[0]))
                    ),
                );
            };
            let key = super::rsa::PrivateKey::from_pem(text(&a[1])).or_else(|e| fail_arg(1, e))?;
            match key.decrypt(&cipher) {
                Some(plain) => Ok(Value::string(String::from_utf8_lossy(&plain))),
                None => fail("failed to decrypt: crypto/rsa: decryption error"),
            }
        },
    ));
    all
}

/// The functions that give another result each time, and an unknown while planning.
pub(super) fn random(ctx: &FunctionContext) -> Vec<Function> {
    let apply = ctx.apply;
    vec![
        function("uuid", "A new random UUID.", [], Type::String, move |_| {
            Ok(if apply {
                Value::string(Uuid::new_v4().hyphenated().to_string())
            } else {
                Value::unknown(Type::String)
            })
        }),
        function(
            "bcrypt",
            "A salted hash of a password.",
            [param("str", Type::String, "The password.")],
            Type::String,
            move |a| {
                let cost = password_cost(a)?;
                if !apply {
                    return Ok(Value::unknown(Type::String));
                }
                hash_password(text(&a[0]), cost).map(Value::string)
            },
        )
        .variadic(param("cost", Type::Number, "How much work the hash is: 10 unless given.")),
    ]
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn namespace(s: &str) -> Res<Uuid> {
    Ok(match s {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        s => return parse_uuid(s).or_else(|e| fail(format!("uuidv5() doesn't support namespace {s} ({e})"))),
    })
}

fn parse_uuid(s: &str) -> Result<Uuid, String> {
    let format = || "invalid UUID format".to_owned();
    let bare = match s.len() {
        32 | 36 => s,
        38 => s.get(1..37).ok_or_else(format)?,
        45 => match s.get(..9) {
            Some(urn) if urn.eq_ignore_ascii_case("urn:uuid:") => &s[9..],
            urn => return Err(format!("invalid urn prefix: {}", quote(urn.unwrap_or_default()))),
        },
        n => return Err(format!("invalid UUID length: {n}")),
    };
    Uuid::try_parse(bare).map_err(|_| format())
}

fn password_cost(args: &[Value]) -> Res<u32> {
    if args.len() > 2 {
        return fail("bcrypt() takes no more than two arguments");
    }
    let cost = args.get(1).map(int).transpose()?.unwrap_or(10);
    let problem = |what: String| fail(format!("error occurred generating password {what}"));
    if text(&args[0]).len() > 72 {
        return problem("bcrypt: password length exceeds 72 bytes".into());
    }
    match cost {
        // Too low a cost counts as none given.
        ..4 => Ok(10),
        4..=31 => Ok(cost as u32),
        _ => problem(format!("crypto/bcrypt: cost {cost} is outside allowed inclusive range 4..31")),
    }
}

fn hash_password(password: &str, cost: u32) -> Res<String> {
    bcrypt::hash_with_result(password, cost)
        .map(|h| h.format_for_version(bcrypt::Version::TwoA))
        .or_else(|e| fail(format!("error occurred generating password {e}")))
}
