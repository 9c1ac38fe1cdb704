//! Decryption with an RSA private key. Not protected against an observer who
//! measures times: keys and texts come from the user's own configuration, in
//! the user's own process.

use dashu_int::UBig;
use dashu_int::fast_div::ConstDivisor;

/// The parts of a private key that decryption needs.
pub(super) struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
}

type Parsed<T> = Result<T, String>;

fn asn1<T>(what: &str) -> Parsed<T> {
    Err(format!("invalid ASN1 data in the given private key: {what}"))
}

impl PrivateKey {
    /// From the first PEM block: PKCS #1, PKCS #8, or OpenSSH's own format.
    pub(super) fn from_pem(pem: &str) -> Parsed<PrivateKey> {
        let (kind, headers, bytes) = pem_block(pem).ok_or("invalid private key: ssh: no key found")?;
        if headers.contains("ENCRYPTED") || kind == "ENCRYPTED PRIVATE KEY" {
            return Err("invalid private key: ssh: this private key is passphrase protected".into());
        }
        match kind {
            "RSA PRIVATE KEY" => PrivateKey::from_pkcs1(&bytes),
            "PRIVATE KEY" => {
                let mut all = Der(&bytes).sequence()?;
                all.integer()?;
                let mut algorithm = all.sequence()?;
                // 1.2.840.113549.1.1.1
                if algorithm.element(6)? != [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] {
                    return Err("invalid private key type: not an RSA key".into());
                }
                PrivateKey::from_pkcs1(all.element(4)?)
            }
            "OPENSSH PRIVATE KEY" => from_openssh(&bytes).unwrap_or_else(|| {
                Err("invalid private key: ssh: invalid openssh private key format".into())
            }),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => Err("invalid private key type: not an RSA key".into()),
            kind => Err(format!("invalid private key: ssh: unsupported key type \"{kind}\"")),
        }
    }
    fn from_pkcs1(der: &[u8]) -> Parsed<PrivateKey> {
        let mut key = Der(der).sequence()?;
        key.integer()?;
        let modulus = key.integer()?;
        key.integer()?;
        let exponent = key.integer()?;
        if modulus < UBig::from(2u8) {
            return asn1("modulus out of range");
        }
        Ok(PrivateKey { modulus, exponent })
    }
    /// The message that was padded as PKCS #1 v1.5 says.
    pub(super) fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let len = self.modulus.to_be_bytes().len();
        let c = UBig::from_be_bytes(cipher);
        if cipher.len() > len || c >= self.modulus {
            return None;
        }
        let m = ConstDivisor::new(self.modulus.clone()).reduce(c).pow(&self.exponent).residue();
        let m = m.to_be_bytes();
        let mut padded = vec![0; len - m.len()];
        padded.extend(m.iter());
        // 0, 2, at least eight bytes that are not 0, 0, and the message.
        let body = padded.strip_prefix(&[0, 2])?;
        let end = body.iter().position(|b| *b == 0).filter(|n| *n >= 8)?;
        Some(body[end + 1..].to_vec())
    }
}

/// Kind, headers and content of the first block.
fn pem_block(pem: &str) -> Option<(&str, &str, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (kind, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {kind}-----"))?;
    let body = body.trim();
    let (headers, data) = match body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n")) {
        Some((headers, data)) if headers.contains(':') => (headers, data),
        _ => ("", body),
    };
    let data: String = data.split_ascii_whitespace().collect();
    Some((kind, headers, super::encoding::from_base64(&data).ok()?))
}

/// Reads DER.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn element(&mut self, tag: u8) -> Parsed<&'a [u8]> {
        let [found, len, rest @ ..] = self.0 else { return asn1("truncated tag or length") };
        let (len, rest) = match len {
            0..=0x7f => (usize::from(*len), rest),
            0x81..=0x84 if rest.len() >= usize::from(len & 0x7f) => {
                let (bytes, rest) = rest.split_at(usize::from(len & 0x7f));
                (bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
            }
            _ => return asn1("truncated tag or length"),
        };
        if len > rest.len() {
            return asn1("data truncated");
        }
        if *found != tag {
            return asn1("tags don't match");
        }
        let (body, rest) = rest.split_at(len);
        self.0 = rest;
        Ok(body)
    }
    fn sequence(&mut self) -> Parsed<Der<'a>> {
        self.element(0x30).map(Der)
    }
    fn integer(&mut self) -> Parsed<UBig> {
        self.element(2).map(UBig::from_be_bytes)
    }
}

/// `None` where the format is broken.
fn from_openssh(bytes: &[u8]) -> Option<Parsed<PrivateKey>> {
    let mut all = Ssh(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let cipher = all.string()?;
    all.string()?;
    all.string()?;
    all.number()?;
    all.string()?;
    if cipher != b"none" {
        return Some(Err("invalid private key: ssh: this private key is passphrase protected".into()));
    }
    let mut key = Ssh(all.string()?);
    key.number()?;
    key.number()?;
    if key.string()? != b"ssh-rsa" {
        return Some(Err("invalid private key type: not an RSA key".into()));
    }
    let modulus = UBig::from_be_bytes(key.string()?);
    key.string()?;
    let exponent = UBig::from_be_bytes(key.string()?);
    (modulus >= UBig::from(2u8)).then_some(Ok(PrivateKey { modulus, exponent }))
}

/// Reads SSH's wire format.
struct Ssh<'a>(&'a [u8]);

impl<'a> Ssh<'a> {
    fn number(&mut self) -> Option<u32> {
        let (n, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*n))
    }
    fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        let (s, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(s)
    }
}
