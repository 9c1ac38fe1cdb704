//! Whether a machine is the one that is meant.

use crate::{Error, Machine};
use russh::Preferred;
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::{HashAlg, PublicKey};
use russh::keys::{Algorithm, PublicKeyOrCertificate};
use std::borrow::Cow;

/// The key that is wanted of a machine.
#[derive(Clone)]
pub(crate) struct HostKey {
    key: PublicKey,
    host: String,
}

impl HostKey {
    /// Reads the key that `machine` must have, if one is given. `argument` is its name in
    /// a configuration.
    pub fn of(machine: &Machine, argument: &str) -> Result<Option<HostKey>, Error> {
        let Some(text) = &machine.host_key else { return Ok(None) };
        let key = PublicKey::from_openssh(text.trim()).map_err(|e| {
            Error::lasting(format!(
                "{argument} cannot be read ({e}). It is one line as in the file of a public key: \"ssh-ed25519 AAAA...\"."
            ))
        })?;
        Ok(Some(HostKey { key, host: machine.host.clone() }))
    }

    /// The algorithms to ask for: the key's own kind first, because a machine has keys of
    /// several kinds and presents one; with `certificates`, before them those of all kinds,
    /// which the key may have signed.
    pub fn preferred(&self, certificates: bool) -> Preferred {
        let common = Preferred::default();
        let kind = |a: &Algorithm| match self.key.algorithm() {
            Algorithm::Rsa { .. } => matches!(a, Algorithm::Rsa { .. }),
            own => *a == own,
        };
        let (mut keys, rest): (Vec<_>, Vec<_>) = common.key.iter().cloned().partition(kind);
        keys.extend(rest);
        let host_key_certificates =
            if certificates { Cow::Owned(keys.clone()) } else { Cow::Borrowed(&[][..]) };
        Preferred { key: Cow::Owned(keys), host_key_certificates, ..common }
    }

    /// What speaks against the key that a machine presents.
    pub fn objection(&self, presented: &PublicKeyOrCertificate) -> Option<String> {
        let key = presented.public_key();
        if key.key_data() == self.key.key_data() {
            return None;
        }
        let wanted = self.key.fingerprint(HashAlg::Sha256);
        let Some(cert) = presented.certificate() else {
            return Some(format!(
                "its key is {} ({}), wanted is {wanted} ({})",
                key.fingerprint(HashAlg::Sha256),
                key.algorithm(),
                self.key.algorithm()
            ));
        };
        if cert.cert_type() != CertType::Host {
            return Some("its certificate is not one of a host".into());
        }
        if let Err(e) = cert.validate([&wanted]) {
            return Some(format!("its certificate is not signed by {wanted}, or not valid now ({e})"));
        }
        if !cert.critical_options().is_empty() {
            return Some("its certificate has options that are not known".into());
        }
        // An empty list would be a certificate for everybody.
        let named = cert.valid_principals().contains(&self.host);
        (!named).then(|| format!("its certificate is for {}", cert.valid_principals().join(", ")))
    }
}
