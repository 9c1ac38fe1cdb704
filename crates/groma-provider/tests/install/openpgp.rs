//! Just enough OpenPGP to sign as a registry's publisher does: an Ed25519 key with a user id.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;

const CREATED: u32 = 1_700_000_000;

pub struct Signer {
    key: Ed25519KeyPair,
    user: String,
}

fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | tag, 0xff], &length[..], body].concat()
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = &bytes[start..];
    let bits = bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize);
    [&u16::try_from(bits).unwrap().to_be_bytes(), bytes].concat()
}

impl Signer {
    pub fn new(user: &str) -> Signer {
        Signer { key: Ed25519KeyPair::generate().unwrap(), user: user.to_owned() }
    }

    fn key_body(&self) -> Vec<u8> {
        let oid = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
        let point = [&[0x40], self.key.public_key().as_ref()].concat();
        [&[4], &CREATED.to_be_bytes()[..], &[22, 9], &oid, &integer(&point)].concat()
    }

    fn hashed_key(&self) -> Vec<u8> {
        let body = self.key_body();
        [&[0x99], &u16::try_from(body.len()).unwrap().to_be_bytes()[..], &body].concat()
    }

    fn fingerprint(&self) -> Vec<u8> {
        digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.hashed_key()).as_ref().to_vec()
    }

    pub fn key_id(&self) -> String {
        self.fingerprint()[12..].iter().map(|byte| format!("{byte:02X}")).collect()
    }

    fn signature(&self, kind: u8, data: &[u8]) -> Vec<u8> {
        let created = [&[5, 2], &CREATED.to_be_bytes()[..]].concat();
        let issuer = [&[22, 33, 4], &self.fingerprint()[..]].concat();
        // May certify and sign.
        let hashed = [created, issuer, vec![2, 27, 3]].concat();
        let length = u16::try_from(hashed.len()).unwrap().to_be_bytes();
        let covered = [&[4, kind, 22, 8], &length[..], &hashed].concat();
        let trailer = [&[4, 0xff], &u32::try_from(covered.len()).unwrap().to_be_bytes()[..]].concat();
        let hash = digest::digest(&SHA256, &[data, &covered, &trailer].concat());
        let signature = self.key.sign(hash.as_ref());
        let (r, s) = signature.as_ref().split_at(32);
        let body = [&covered[..], &[0, 0], &hash.as_ref()[..2], &integer(r), &integer(s)].concat();
        packet(2, &body)
    }

    /// A detached signature, binary.
    pub fn sign(&self, document: &[u8]) -> Vec<u8> {
        self.signature(0, document)
    }

    /// The public key.
    pub fn armored_key(&self) -> String {
        let user =
            [&[0xb4], &u32::try_from(self.user.len()).unwrap().to_be_bytes()[..], self.user.as_bytes()];
        let certified = [self.hashed_key(), user.concat()].concat();
        let bytes =
            [packet(6, &self.key_body()), packet(13, self.user.as_bytes()), self.signature(0x13, &certified)]
                .concat();
        let engine = base64::engine::general_purpose::STANDARD;
        let mut text = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n".to_owned();
        for line in engine.encode(&bytes).as_bytes().chunks(64) {
            text.push_str(std::str::from_utf8(line).unwrap());
            text.push('\n');
        }
        let checksum = crc24(&bytes).to_be_bytes();
        text.push_str(&format!("={}\n-----END PGP PUBLIC KEY BLOCK-----\n", engine.encode(&checksum[1..])));
        text
    }
}

fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00b7_04ce_u32;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}
