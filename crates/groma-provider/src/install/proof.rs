//! The proof key of a login (RFC 7636): a secret, and what shows beforehand that one knows it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret and its SHA-256, both in base64 for URLs.
pub struct ProofKey {
    /// The secret: 122 random bits or more.
    pub verifier: String,
    /// What is sent first.
    pub challenge: String,
}

impl ProofKey {
    /// A new one.
    #[allow(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> ProofKey {
        let random = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()].concat();
        let verifier = URL_SAFE_NO_PAD.encode(random);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        ProofKey { challenge: URL_SAFE_NO_PAD.encode(hash), verifier }
    }
}
