//! TLS for mail and web: rustls with ring, the system's authorities, and one's own if one has one.

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Why TLS cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
pub enum BadTls {
    /// The host's name cannot stand in a certificate.
    #[error("not a host name. value=`{host}`")]
    Host {
        /// What stood there.
        host: String,
    },
    /// The authority's certificate is none.
    #[error("`ca_pem` has no certificate: give it in PEM, as in `-----BEGIN CERTIFICATE-----`")]
    Authority,
}

/// Makes TLS connections to one host.
#[derive(Clone)]
pub(crate) struct Connector {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({:?})", self.host)
    }
}

impl Connector {
    pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: S,
    ) -> io::Result<TlsStream<S>> {
        self.connector.connect(self.host.clone(), socket).await
    }
}

/// A connector to `host` that trusts the system's authorities and those in `ca_pem`.
pub(crate) fn connector(host: &str, ca_pem: Option<&str>) -> Result<Connector, BadTls> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| BadTls::Host { host: host.to_owned() })?;
    Ok(Connector { connector: TlsConnector::from(Arc::new(config(ca_pem)?)), host: name })
}

/// What a client trusts.
pub(crate) fn config(ca_pem: Option<&str>) -> Result<ClientConfig, BadTls> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(pem) = ca_pem {
        let certificates = certificates(pem).ok_or(BadTls::Authority)?;
        for certificate in certificates {
            roots.add(certificate).map_err(|_| BadTls::Authority)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the ciphers of TLS 1.2 and 1.3");
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Each certificate in a PEM text; none when there is none or one is torn.
fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let inside = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    let certificates: Option<Vec<_>> = inside
        .map(|rest| {
            let body: String = rest.split("-----END").next()?.split_whitespace().collect();
            BASE64.decode(body).ok().map(CertificateDer::from)
        })
        .collect();
    certificates.filter(|certificates| !certificates.is_empty())
}
