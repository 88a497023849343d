//! Who asks.

use std::net::IpAddr;

use domain::viewer::Viewer;

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub viewer: Viewer,
    /// From where, where that is known.
    pub address: Option<IpAddr>,
}
