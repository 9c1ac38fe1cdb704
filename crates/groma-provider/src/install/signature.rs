//! Detached OpenPGP signatures, as registries provide them for the list of a release's checksums.
//!
//! Covers what signers use: version 4 packets, RSA (2048 bits and more) and Ed25519 keys, subkeys
//! bound by their primary key. Expiry and revocation are not looked at: a release is signed once and
//! checked for years, and the keys come from the registry together with the signature.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;

use crate::binary_hash::hex;

/// The fingerprint of the key that signs HashiCorp's releases.
pub(super) const HASHICORP: &str = "c874011f0ab405110d02105534365d9472d7468f";

/// Who made a valid signature.
#[derive(Debug, PartialEq)]
pub(super) struct Signer {
    /// The primary key's fingerprint in hexadecimal.
    pub fingerprint: String,
    /// The place of the key in the list of keys.
    pub index: usize,
}

/// Checks a detached signature (binary or armored) of a document against armored keys. The error
/// completes "the signature is not valid:".
pub(super) fn verify(document: &[u8], signature: &[u8], keys: &[&str]) -> Result<Signer, String> {
    let binary;
    let signature = match std::str::from_utf8(signature).ok().filter(|text| text.contains("-----BEGIN PGP")) {
        Some(armored) => {
            binary = unarmor(armored)?;
            &binary
        }
        None => signature,
    };
    let mut problem = "it holds no signature".to_owned();
    for packet in packets(signature)?.into_iter().filter(|packet| packet.tag == TAG_SIGNATURE) {
        let signature = match Signature::parse(packet.body) {
            Ok(signature) => signature,
            Err(error) => {
                problem = error;
                continue;
            }
        };
        if signature.kind != KIND_DOCUMENT {
            problem = format!("it is of kind {:#x}, not one of a document", signature.kind);
            continue;
        }
        problem = "none of the registry's keys made it".to_owned();
        for (index, armored) in keys.iter().enumerate() {
            for bundle in key_bundles(&unarmor(armored)?)? {
                if bundle.keys.iter().any(|key| signature.is_by(key, document)) {
                    return Ok(Signer { fingerprint: bundle.fingerprint, index });
                }
            }
        }
    }
    Err(problem)
}

const TAG_SIGNATURE: u8 = 2;
const TAG_PUBLIC_KEY: u8 = 6;
const TAG_PUBLIC_SUBKEY: u8 = 14;
const KIND_DOCUMENT: u8 = 0x00;
const KIND_SUBKEY_BINDING: u8 = 0x18;

/// The bytes of all armored blocks in a text.
fn unarmor(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while lines.any(|line| line.starts_with("-----BEGIN PGP")) {
        let mut body = String::new();
        let mut in_headers = true;
        for line in lines.by_ref() {
            if line.starts_with("-----END PGP") {
                break;
            }
            // Headers end with an empty line; the checksum line begins with an equals sign.
            if in_headers && (line.is_empty() || line.contains(": ")) {
                in_headers = !line.is_empty();
            } else if !line.starts_with('=') {
                in_headers = false;
                body.push_str(line);
            }
        }
        let engine = base64::engine::general_purpose::STANDARD;
        bytes.append(&mut engine.decode(body).map_err(|error| format!("the armor is not base64: {error}"))?);
    }
    if bytes.is_empty() {
        return Err("there is no armored block".to_owned());
    }
    Ok(bytes)
}

struct Packet<'a> {
    tag: u8,
    body: &'a [u8],
}

/// Takes the first `n` bytes off.
fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], String> {
    let (head, tail) = rest.split_at_checked(n).ok_or("it is cut off")?;
    *rest = tail;
    Ok(head)
}

fn number(rest: &mut &[u8], bytes: usize) -> Result<usize, String> {
    Ok(take(rest, bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

fn packets(mut rest: &[u8]) -> Result<Vec<Packet<'_>>, String> {
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let header = number(&mut rest, 1)? as u8;
        if header & 0x80 == 0 {
            return Err("it is not an OpenPGP packet".to_owned());
        }
        let (tag, length) = if header & 0x40 != 0 {
            let length = match number(&mut rest, 1)? {
                first @ 0..192 => first,
                first @ 192..224 => ((first - 192) << 8) + number(&mut rest, 1)? + 192,
                255 => number(&mut rest, 4)?,
                _ => return Err("packets in parts are not supported".to_owned()),
            };
            (header & 0x3f, length)
        } else {
            let length = match header & 3 {
                0 => number(&mut rest, 1)?,
                1 => number(&mut rest, 2)?,
                2 => number(&mut rest, 4)?,
                _ => rest.len(),
            };
            ((header >> 2) & 0xf, length)
        };
        packets.push(Packet { tag, body: take(&mut rest, length)? });
    }
    Ok(packets)
}

/// A multi-precision integer, without leading zeros.
fn integer<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let bits = number(rest, 2)?;
    take(rest, bits.div_ceil(8))
}

enum Key {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ed25519(Vec<u8>),
}

impl Key {
    /// `None` for algorithms that are not covered, such as those that only encrypt.
    fn parse(mut body: &[u8]) -> Result<Option<Key>, String> {
        const ED25519_OID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
        let rest = &mut body;
        if number(rest, 1)? != 4 {
            return Ok(None);
        }
        take(rest, 4)?;
        match number(rest, 1)? {
            1 | 3 => Ok(Some(Key::Rsa { n: integer(rest)?.to_vec(), e: integer(rest)?.to_vec() })),
            22 => {
                let length = number(rest, 1)?;
                if take(rest, length)? != ED25519_OID {
                    return Ok(None);
                }
                Ok(integer(rest)?.strip_prefix(&[0x40]).map(|point| Key::Ed25519(point.to_vec())))
            }
            _ => Ok(None),
        }
    }
}

/// What is hashed of a key: a mark, its length and its packet.
fn key_material(body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    [&[0x99], &length[..], body].concat()
}

/// A primary key with those of its subkeys that it vouches for.
struct Bundle {
    fingerprint: String,
    keys: Vec<Key>,
}

fn key_bundles(bytes: &[u8]) -> Result<Vec<Bundle>, String> {
    let mut bundles: Vec<Bundle> = Vec::new();
    let mut primary: &[u8] = &[];
    let mut subkey: Option<&[u8]> = None;
    for packet in packets(bytes)? {
        match packet.tag {
            TAG_PUBLIC_KEY => {
                primary = packet.body;
                subkey = None;
                let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &key_material(primary));
                let keys = Key::parse(primary)?.into_iter().collect();
                bundles.push(Bundle { fingerprint: hex(sum.as_ref()), keys });
            }
            TAG_PUBLIC_SUBKEY => subkey = Some(packet.body),
            TAG_SIGNATURE => {
                let (Some(body), Some(bundle)) = (subkey, bundles.last_mut()) else { continue };
                let Ok(binding) = Signature::parse(packet.body) else { continue };
                let bound = [key_material(primary), key_material(body)].concat();
                if binding.kind == KIND_SUBKEY_BINDING
                    && Key::parse(primary)?.is_some_and(|primary| binding.is_by(&primary, &bound))
                {
                    bundle.keys.extend(Key::parse(body)?);
                    subkey = None;
                }
            }
            _ => {}
        }
    }
    Ok(bundles)
}

struct Signature<'a> {
    kind: u8,
    hash: u8,
    /// What is hashed after the data.
    trailer: Vec<u8>,
    /// The integers.
    values: &'a [u8],
}

impl<'a> Signature<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, String> {
        let mut rest = body;
        let version = number(&mut rest, 1)?;
        if version != 4 {
            return Err(format!("signatures of version {version} are not supported"));
        }
        let kind = number(&mut rest, 1)? as u8;
        take(&mut rest, 1)?;
        let hash = number(&mut rest, 1)? as u8;
        let hashed = number(&mut rest, 2)?;
        take(&mut rest, hashed)?;
        let covered = &body[..6 + hashed];
        let unhashed = number(&mut rest, 2)?;
        take(&mut rest, unhashed)?;
        // The first bytes of the hash: a quick check that we can do without.
        take(&mut rest, 2)?;
        let trailer = [covered, &[4, 0xff], &(covered.len() as u32).to_be_bytes()].concat();
        Ok(Signature { kind, hash, trailer, values: rest })
    }

    /// Whether `key` made this signature of `data`.
    fn is_by(&self, key: &Key, data: &[u8]) -> bool {
        self.check(key, data).is_some()
    }

    fn check(&self, key: &Key, data: &[u8]) -> Option<()> {
        let mut values = self.values;
        let message = [data, &self.trailer].concat();
        match key {
            Key::Rsa { n, e } => {
                let parameters = match self.hash {
                    8 => &RSA_PKCS1_2048_8192_SHA256,
                    9 => &RSA_PKCS1_2048_8192_SHA384,
                    10 => &RSA_PKCS1_2048_8192_SHA512,
                    _ => return None,
                };
                let value = integer(&mut values).ok()?;
                // As long as the modulus, which an integer without leading zeros may not be.
                let signature = [&vec![0; n.len().checked_sub(value.len())?], value].concat();
                RsaPublicKeyComponents { n, e }.verify(parameters, &message, &signature).ok()
            }
            Key::Ed25519(point) => {
                let algorithm = match self.hash {
                    8 => &digest::SHA256,
                    9 => &digest::SHA384,
                    10 => &digest::SHA512,
                    _ => return None,
                };
                let mut signature = Vec::with_capacity(64);
                for _ in 0..2 {
                    let value = integer(&mut values).ok()?;
                    signature.resize(signature.len() + 32usize.checked_sub(value.len())?, 0);
                    signature.extend_from_slice(value);
                }
                let hash = digest::digest(algorithm, &message);
                UnparsedPublicKey::new(&ED25519, point).verify(hash.as_ref(), &signature).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with GnuPG: keys without expiry, the RSA key with a signing subkey.
    const DOCUMENT: &[u8] = include_bytes!("testdata/document");
    const RSA: &str = include_str!("testdata/rsa.asc");
    const ED25519_KEY: &str = include_str!("testdata/ed25519.asc");
    const BY_PRIMARY: &[u8] = include_bytes!("testdata/rsa-primary.sig");
    const BY_SUBKEY: &[u8] = include_bytes!("testdata/rsa-sub.sig");
    const BY_ED25519: &[u8] = include_bytes!("testdata/ed25519.sig");

    #[test]
    fn valid_signatures() {
        let rsa = "133c863a4af106c65d2a66b63437eccafa95f0b0";
        let ed25519 = "8a3effce3e619d06719983850f540899b36bf381";
        for (signature, fingerprint, index) in
            [(BY_PRIMARY, rsa, 0), (BY_SUBKEY, rsa, 0), (BY_ED25519, ed25519, 1)]
        {
            let signer = verify(DOCUMENT, signature, &[RSA, ED25519_KEY]).unwrap();
            assert_eq!(signer, Signer { fingerprint: fingerprint.to_owned(), index });
        }
        let body = base64::engine::general_purpose::STANDARD.encode(BY_ED25519);
        let armored = format!(
            "-----BEGIN PGP SIGNATURE-----\nComment: x\n\n{body}\n=AAAA\n-----END PGP SIGNATURE-----\n"
        );
        assert!(verify(DOCUMENT, armored.as_bytes(), &[ED25519_KEY]).is_ok());
    }

    #[test]
    fn invalid_signatures() {
        assert!(verify(b"other", BY_PRIMARY, &[RSA]).unwrap_err().contains("none of the registry's keys"));
        assert!(verify(DOCUMENT, BY_PRIMARY, &[ED25519_KEY]).is_err());
        assert!(verify(DOCUMENT, BY_PRIMARY, &[]).is_err());
        assert!(verify(DOCUMENT, b"", &[RSA]).is_err());
        assert!(verify(DOCUMENT, BY_PRIMARY, &["no key"]).is_err());
        let text = include_bytes!("testdata/text.sig");
        assert!(verify(DOCUMENT, text, &[RSA]).unwrap_err().contains("0x1"));
        for at in 0..BY_SUBKEY.len() {
            let mut bad = BY_SUBKEY.to_vec();
            bad[at] ^= 1;
            // Not covered: the issuer's id, the first bytes of the hash, the bit length of the integer.
            if let Ok(signer) = verify(DOCUMENT, &bad, &[RSA]) {
                assert_eq!(signer.index, 0);
                assert!((38..=53).contains(&at), "byte {at} may be changed");
            }
            let _ = verify(DOCUMENT, &BY_SUBKEY[..at], &[RSA]);
        }
    }

    #[test]
    fn a_subkey_needs_its_binding() {
        let bytes = unarmor(RSA).unwrap();
        let mut all = packets(&bytes).unwrap();
        assert_eq!(all.last().unwrap().tag, TAG_SIGNATURE);
        // Without the last packet, which is the binding, nothing vouches for the subkey.
        let last = all.pop().unwrap().body;
        let start = last.as_ptr() as usize - bytes.as_ptr() as usize - 3;
        let bundles = key_bundles(&bytes[..start]).unwrap();
        assert_eq!(bundles[0].keys.len(), 1);
        assert_eq!(key_bundles(&bytes).unwrap()[0].keys.len(), 2);
    }
}
