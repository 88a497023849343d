//! An HTTP client for servers that speak plain HTTP.

/// A client with connections of its own. It trusts no authority: to read those of the machine takes a build without
/// optimisation longer than many a test.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().tls_built_in_root_certs(false);
    client.build().unwrap()
}
