//! The line a plugin prints on its standard output when it is ready, and the certificates of the
//! connection.
//!
//! The line is `core|protocol|network|address|transport|certificate`. The certificate (DER in
//! unpadded base64) is present when we offered a client certificate; the connection then uses TLS
//! in both directions, each side knowing exactly one certificate of the other.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};

use crate::proto::Protocol;

/// The value every Terraform provider expects in `TF_PLUGIN_MAGIC_COOKIE`; it keeps people from
/// starting a provider by hand, and is no secret.
pub(crate) const MAGIC_COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Where a plugin listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginAddr {
    /// A unix socket.
    Unix(PathBuf),
    /// A host and port.
    Tcp(String),
}

/// A parsed handshake line.
#[derive(Debug, PartialEq)]
pub(crate) struct Handshake {
    pub protocol: Protocol,
    pub addr: PluginAddr,
    /// The certificate the plugin will present, DER.
    pub certificate: Option<Vec<u8>>,
}

/// Parses the line; the error says what is wrong with it, without a trailing period.
pub(crate) fn parse_line(line: &str) -> Result<Handshake, String> {
    let line = line.trim();
    let parts: Vec<&str> = line.split('|').collect();
    if parts.len() < 4 {
        return Err(format!(
            "it printed {} instead of a plugin handshake; the file may not be a Terraform provider, \
             or be built for another system",
            quote(line)
        ));
    }
    if parts[0] != "1" {
        return Err(format!("its handshake has core protocol {}, but only 1 is supported", quote(parts[0])));
    }
    let protocol = parts[1].parse().ok().and_then(Protocol::from_number).ok_or_else(|| {
        format!("it speaks plugin protocol {}, but only 5 and 6 are supported", quote(parts[1]))
    })?;
    let addr = match parts[2] {
        "unix" => PluginAddr::Unix(PathBuf::from(parts[3])),
        "tcp" => PluginAddr::Tcp(parts[3].to_owned()),
        other => return Err(format!("it listens on a network of the unknown kind {}", quote(other))),
    };
    match parts.get(4).copied() {
        Some("grpc") => {}
        other => {
            return Err(format!(
                "it uses the transport {}, but only \"grpc\" is supported",
                quote(other.unwrap_or("netrpc"))
            ));
        }
    }
    let certificate = match parts.get(5).copied().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            base64::engine::general_purpose::STANDARD_NO_PAD
                .decode(text.trim_end_matches('='))
                .map_err(|error| format!("the certificate in its handshake is not base64: {error}"))?,
        ),
    };
    Ok(Handshake { protocol, addr, certificate })
}

/// Shortens and quotes what a misbehaving program printed.
fn quote(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// Our side of the mutual TLS: a fresh key and self-signed certificate for one process.
pub(crate) struct ClientIdentity {
    pub pem: String,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl ClientIdentity {
    pub(crate) fn generate() -> Result<Self, rcgen::Error> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
        // The plugin uses this very certificate as its only root, so it must be able to be one.
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages =
            vec![rcgen::KeyUsagePurpose::DigitalSignature, rcgen::KeyUsagePurpose::KeyCertSign];
        params.extended_key_usages =
            vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth, rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key)?;
        Ok(ClientIdentity {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
        })
    }

    /// TLS settings that accept the one server certificate `pinned` (DER) and nothing else.
    pub(crate) fn tls_config(&self, pinned: Vec<u8>) -> Result<rustls::ClientConfig, rustls::Error> {
        let provider = crypto_provider();
        let algorithms = provider.signature_verification_algorithms;
        let mut config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PinnedCertificate { pinned, algorithms }))
            .with_client_auth_cert(
                vec![self.certificate.clone()],
                PrivateKeyDer::Pkcs8(self.key.clone_key()),
            )?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

/// The cryptography of every TLS connection of this crate.
pub(crate) fn crypto_provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Accepts exactly the certificate that the handshake line named. The name in the certificate and
/// its chain do not matter: the line came over a pipe from the process we started.
#[derive(Debug)]
struct PinnedCertificate {
    pinned: Vec<u8>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if end_entity.as_ref() == self.pinned.as_slice() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_lines() {
        let line = "1|5|unix|/run/plugin123|grpc|AQID\n";
        assert_eq!(
            parse_line(line),
            Ok(Handshake {
                protocol: Protocol::V5,
                addr: PluginAddr::Unix("/run/plugin123".into()),
                certificate: Some(vec![1, 2, 3]),
            })
        );
        let line = "1|6|tcp|127.0.0.1:1234|grpc|";
        assert_eq!(
            parse_line(line),
            Ok(Handshake {
                protocol: Protocol::V6,
                addr: PluginAddr::Tcp("127.0.0.1:1234".into()),
                certificate: None,
            })
        );
    }

    #[test]
    fn names_what_is_wrong() {
        for (line, part) in [
            ("hello", "\"hello\" instead of a plugin handshake"),
            ("2|5|unix|/x|grpc", "core protocol \"2\""),
            ("1|4|unix|/x|grpc", "plugin protocol \"4\""),
            ("1|5|pipe|/x|grpc", "unknown kind \"pipe\""),
            ("1|5|unix|/x", "transport \"netrpc\""),
            ("1|5|unix|/x|grpc|*", "not base64"),
        ] {
            let error = parse_line(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }

    #[test]
    fn identities_differ() {
        let (one, two) = (ClientIdentity::generate().unwrap(), ClientIdentity::generate().unwrap());
        assert!(one.pem.starts_with("-----BEGIN CERTIFICATE-----"));
        assert_ne!(one.pem, two.pem);
    }
}
