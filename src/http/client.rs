//! The address of a client: that of its connection, or the one that trusted proxies report in `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// True if a connection comes from a trusted proxy.
pub fn is_trusted(peer: SocketAddr, trusted: &[IpNet]) -> bool {
    let address = peer.ip().to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// The nearest address that is not a trusted proxy. Entries before it in `X-Forwarded-For` are ignored: any client can
/// write them.
pub fn address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer.ip().to_canonical();
    if !is_trusted(&nearest) {
        return nearest;
    }
    let forwarded: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    for before in forwarded.into_iter().rev() {
        let Some(before) = read(before.trim()) else {
            return nearest;
        };
        nearest = before;
        if !is_trusted(&nearest) {
            return nearest;
        }
    }
    nearest
}

/// Parses an address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let alone = text.trim_start_matches('[').trim_end_matches(']').parse();
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    let address: Option<IpAddr> = alone.ok().or_else(|| with_port().ok());
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for one in forwarded {
            headers.append(FORWARDED_FOR, one.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|one| one.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn x_forwarded_for_counts_only_from_trusted_proxies() {
        let proxies = ["10.0.0.0/8"];
        for (peer, forwarded, address) in [
            ("192.0.2.1:1", vec!["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1:1", vec!["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1:1", vec!["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1:1",
                vec!["1.1.1.1", "198.51.100.7, 10.0.0.2"],
                "198.51.100.7",
            ),
            ("10.0.0.1:1", vec!["[2001:db8::1]:443"], "2001:db8::1"),
            ("10.0.0.1:1", vec!["nonsense"], "10.0.0.1"),
            ("10.0.0.1:1", vec![], "10.0.0.1"),
            ("[::ffff:10.0.0.1]:1", vec!["198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(
                seen(peer, &forwarded, &proxies),
                address,
                "{peer} {forwarded:?}"
            );
        }
        assert_eq!(seen("10.0.0.1:1", &["198.51.100.7"], &[]), "10.0.0.1");
    }
}
