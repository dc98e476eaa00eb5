//! What the options and credentials of a TLS socket come to for rustls, and how the peer's certificate is checked.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::tls_credentials::{self as credentials, AUTHORITY, CERTIFICATE, PRIVATE_KEY};
use crate::tls_socket::TLS_1_3;
use core::ffi::c_int;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    ServerConfig, ServerConnection, SignatureScheme, SupportedProtocolVersion,
};
use std::sync::Arc;

/// `TLS_PEER_VERIFY_…`
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum PeerVerification {
    /// Whatever the peer shows is good.
    None,
    /// The same here: the result of the check is not kept.
    Optional,
    /// Without a certificate that an authority signed there is no connection.
    Required,
}

/// `TLS_HOSTNAME`
#[derive(Clone, PartialEq, Debug)]
pub enum Hostname {
    /// Never set: no certificate is for such a server.
    Unset,
    /// Set to no name: every name is good.
    Any,
    /// Also sent to the server.
    Name(String),
}

/// The options of a TLS socket.
#[derive(Clone)]
pub struct Options {
    /// `IPPROTO_TLS_1_2` or `IPPROTO_TLS_1_3`.
    pub protocol: c_int,
    /// `TLS_SEC_TAG_LIST`
    pub tags: Vec<c_int>,
    /// `TLS_HOSTNAME`
    pub hostname: Hostname,
    /// `TLS_PEER_VERIFY`; unset it is required of servers and not asked of clients.
    pub verification: Option<PeerVerification>,
}

impl Options {
    /// Those of a new socket.
    pub fn new(protocol: c_int) -> Self {
        Self {
            protocol,
            tags: Vec::new(),
            hostname: Hostname::Unset,
            verification: None,
        }
    }

    /// The one version: the kernel leaves the choice to mbedTLS's configuration, tests want to know.
    fn versions(&self) -> [&'static SupportedProtocolVersion; 1] {
        match self.protocol {
            TLS_1_3 => [&rustls::version::TLS13],
            _ => [&rustls::version::TLS12],
        }
    }

    fn credential(&self, kind: c_int) -> Option<Vec<u8>> {
        self.tags
            .iter()
            .find_map(|tag| credentials::find(*tag, kind))
    }

    /// The session of a socket that connects.
    pub fn client(&self) -> Result<ClientConnection, Error> {
        let name = match &self.hostname {
            Hostname::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|_| Error::UnsupportedNameType)?
            }
            // An address is not sent.
            Hostname::Unset | Hostname::Any => ServerName::from(core::net::Ipv4Addr::UNSPECIFIED),
        };
        let provider = provider();
        let verifier = Arc::new(PeerVerifier::new(self, &provider)?);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&self.versions())?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut configuration = match (self.credential(CERTIFICATE), self.credential(PRIVATE_KEY)) {
            (Some(chain), Some(key)) => {
                builder.with_client_auth_cert(certificates(&chain)?, private_key(&key)?)?
            }
            _ => builder.with_no_client_auth(),
        };
        configuration.resumption = rustls::client::Resumption::disabled();
        ClientConnection::new(Arc::new(configuration), name)
    }

    /// The session of a connection that was accepted.
    pub fn server(&self) -> Result<ServerConnection, Error> {
        if self
            .verification
            .is_some_and(|wanted| wanted != PeerVerification::None)
        {
            return Err(Error::General(
                "clients are not verified by the port".into(),
            ));
        }
        let missing = || Error::General("no certificate, or no private key".into());
        let chain = self.credential(CERTIFICATE).ok_or_else(missing)?;
        let key = self.credential(PRIVATE_KEY).ok_or_else(missing)?;
        let configuration = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&self.versions())?
            .with_no_client_auth()
            .with_single_cert(certificates(&chain)?, private_key(&key)?)?;
        ServerConnection::new(Arc::new(configuration))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn is_pem(octets: &[u8]) -> bool {
    octets.windows(11).any(|window| window == b"-----BEGIN ")
}

/// The certificates of a credential: all of a PEM text, or the one that is DER.
fn certificates(octets: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    if !is_pem(octets) {
        return Ok(vec![CertificateDer::from(octets.to_vec())]);
    }
    CertificateDer::pem_slice_iter(octets)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::General(format!("certificate: {error}")))
}

fn private_key(octets: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    if is_pem(octets) {
        PrivateKeyDer::from_pem_slice(octets)
            .map_err(|error| Error::General(format!("private key: {error}")))
    } else {
        PrivateKeyDer::try_from(octets.to_vec())
            .map_err(|error| Error::General(format!("private key: {error}")))
    }
}

/// Checks a server's certificate as far as the socket's options want it.
#[derive(Debug)]
struct PeerVerifier {
    /// Where nothing is checked there are no authorities.
    chain: Option<Arc<WebPkiServerVerifier>>,
    hostname: Hostname,
    provider: Arc<CryptoProvider>,
}

impl PeerVerifier {
    fn new(options: &Options, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let is_required = matches!(
            options.verification,
            None | Some(PeerVerification::Required)
        );
        let chain = if is_required {
            let mut roots = RootCertStore::empty();
            let authorities = options
                .tags
                .iter()
                .filter_map(|tag| credentials::find(*tag, AUTHORITY));
            for authority in authorities {
                for certificate in certificates(&authority)? {
                    roots.add(certificate)?;
                }
            }
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            let verifier = builder
                .build()
                .map_err(|error| Error::General(format!("authorities: {error}")))?;
            Some(verifier)
        } else {
            None
        };
        Ok(Self {
            chain,
            hostname: options.hostname.clone(),
            provider: Arc::clone(provider),
        })
    }
}

impl ServerCertVerifier for PeerVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            chain.verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        match (&self.hostname, verified) {
            (Hostname::Unset, Ok(_)) => Err(Error::InvalidCertificate(NotValidForName)),
            // The name comes last: everything else about the certificate was good.
            (
                Hostname::Any,
                Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })),
            ) => Ok(ServerCertVerified::assertion()),
            (_, verified) => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
