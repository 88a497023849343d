//! The sender of a request.

use std::net::IpAddr;

use domain::viewer::Viewer;

/// The viewer of a request, and the network address of the client.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The viewer: a person or client with the rights of its token.
    pub viewer: Viewer,
    /// The network address, if known.
    pub address: Option<IpAddr>,
}
