//! TLS: its cryptography, and the certificates that are trusted.

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// TLS with the certificates that the system trusts, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` where the system reads
/// them. All clients share it: certificates are read when the first client needs them, and another connection to a host
/// resumes its session.
pub(super) fn trusting_the_system() -> Result<ClientConfig, String> {
    static SHARED: OnceLock<Result<ClientConfig, String>> = OnceLock::new();
    let read = || {
        let trusting = builder()?.with_platform_verifier().map_err(|error| error.to_string())?;
        Ok(with_versions_of_http(trusting.with_no_client_auth()))
    };
    SHARED.get_or_init(read).clone()
}

/// TLS that trusts no certificate. It is for plain http to the own machine, which needs none: reading the system's takes
/// longer than a whole plan.
pub(super) fn trusting_nobody() -> Result<ClientConfig, String> {
    Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| Arc::new(ring::default_provider()));
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

/// The server chooses between HTTP/2 and HTTP/1.1 while TLS is set up.
fn with_versions_of_http(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
