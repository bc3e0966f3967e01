//! A client for the tests of the services.

use crate::net::Shared;

pub(crate) fn client(shared: &Shared) -> reqwest::Client {
    build(shared, true)
}

pub(crate) fn client_without_certificate(shared: &Shared) -> reqwest::Client {
    build(shared, false)
}

fn build(shared: &Shared, with_certificate: bool) -> reqwest::Client {
    let material = shared.client();
    // Fails when another test of this process was first, which is just as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(material.ca_pem.as_bytes()).unwrap();
    let mut builder = reqwest::Client::builder()
        .tls_certs_only([ca])
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_proxy();
    if with_certificate {
        let both = format!("{}{}", material.client_cert_pem, material.client_key_pem);
        builder = builder.identity(reqwest::Identity::from_pem(both.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}
