//! An HTTP client for servers that speak plain HTTP.

/// A client with separate connections. It trusts no certificate authority: to read those of the machine takes an
/// unoptimised build longer than many a test.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().tls_built_in_root_certs(false);
    client.build().unwrap()
}
