//! The network addresses to which the service posts for its users: public ones, and those that the operator allows.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use ipnet::IpNet;
use url::{Host, Url};

use domain::webhook::special_address;

/// Time within which the name of a host must be found.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Finds the addresses of a host name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Decides to which addresses the service posts.
#[derive(Clone)]
pub struct Targets {
    allowed: Vec<IpNet>,
    lookup: Lookup,
}

/// The reason why nothing is posted to an address. The text for its owner names no network address of a name, because
/// that may be a name of an internal network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    /// The host is an address that is not a public one.
    #[error(
        "its host is {0}, and the operator of this service has not allowed that: expected a public address"
    )]
    Special(&'static str),
    /// The name of the host has no address, none that is permitted, or was not found in time. These are one reason: else
    /// the owner could find out the names of an internal network.
    #[error(
        "the name of its host leads to no public address: expected the name of a host in the DNS that has one"
    )]
    NotPublic,
    /// Its port is 0.
    #[error(
        "no connection can be made to port 0: expected another port, or an address without one"
    )]
    PortZero,
    /// It has a fragment.
    #[error(
        "the part after `#` is not sent to a server: expected an address without it, or with `%23` for the character"
    )]
    Fragment,
    /// It is not an `http` or `https` address with a host.
    #[error("expected an http or https address with a host")]
    Malformed,
}

impl Default for Targets {
    /// Public addresses alone.
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Targets {
    /// Public addresses, and those of the networks that the operator allows.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self::resolved_by(allowed, |host| {
            async move {
                let found = tokio::net::lookup_host((host, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            .boxed()
        })
    }

    /// As [`Self::new`], with another way to find the addresses of a name.
    pub fn resolved_by(
        allowed: Vec<IpNet>,
        lookup: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            allowed,
            lookup: Arc::new(lookup),
        }
    }

    /// Decides on one address.
    ///
    /// # Errors
    /// The kind of the address.
    pub fn permit(&self, address: IpAddr) -> Result<(), &'static str> {
        match special_address(address) {
            Some(kind) if !self.is_allowed(address) => Err(kind),
            _ => Ok(()),
        }
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Finds the permitted addresses of a host name, without a port. Connections must go to one of these.
    ///
    /// # Errors
    /// [`TargetRefused`]
    pub async fn resolve(&self, host: &str) -> Result<Vec<SocketAddr>, TargetRefused> {
        let found = tokio::time::timeout(LOOKUP_TIMEOUT, (self.lookup)(host.to_owned())).await;
        let found = match found {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Err(not_public(host, &error.to_string())),
            Err(_) => return Err(not_public(host, "it was not found in time")),
        };
        let mut permitted = Vec::new();
        let mut reason = "it has no address";
        for address in found {
            match self.permit(address) {
                Ok(()) => permitted.push(SocketAddr::new(address, 0)),
                Err(kind) => reason = kind,
            }
        }
        if permitted.is_empty() {
            return Err(not_public(host, reason));
        }
        Ok(permitted)
    }

    /// Decides on the host of a URL, if it is an address. A name is decided on when it is resolved.
    ///
    /// # Errors
    /// [`TargetRefused`]
    pub fn permit_literal(&self, url: &Url) -> Result<(), TargetRefused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(TargetRefused::Malformed),
        };
        self.permit(address).map_err(TargetRefused::Special)
    }

    /// Decides on a URL, before anything is posted to it.
    ///
    /// # Errors
    /// [`TargetRefused`]
    pub async fn check(&self, url: &str) -> Result<(), TargetRefused> {
        let url = Url::parse(url).map_err(|_| TargetRefused::Malformed)?;
        if url.port() == Some(0) {
            return Err(TargetRefused::PortZero);
        }
        if url.fragment().is_some() {
            return Err(TargetRefused::Fragment);
        }
        self.permit_literal(&url)?;
        if let Some(Host::Domain(name)) = url.host() {
            self.resolve(name).await?;
        }
        Ok(())
    }
}

/// The refusal of a name. Only the log has the reason.
fn not_public(host: &str, reason: &str) -> TargetRefused {
    tracing::info!(host, reason, "nothing is posted to a host");
    TargetRefused::NotPublic
}

/// Parses a network or a single address.
///
/// # Errors
/// The expected form.
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = text.parse::<IpNet>();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    network
        .or_else(|_| address())
        .map_err(|_| "expected an address, or a network like 10.0.0.0/8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Targets in whose DNS every name has these addresses.
    fn all_names_have(addresses: &'static [&'static str], allowed: &[&str]) -> Targets {
        let allowed = allowed.iter().map(|network| network.parse().unwrap());
        Targets::resolved_by(allowed.collect(), |_| {
            let found = addresses.iter().map(|address| address.parse().unwrap());
            std::future::ready(Ok(found.collect())).boxed()
        })
    }

    #[tokio::test]
    async fn a_name_is_refused_in_one_way_whether_it_has_a_special_address_or_none() {
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fd00::1",
        ] {
            let targets = all_names_have(Box::leak(Box::new([address])), &[]);
            let refused = targets.check("https://example.org/hook").await;
            assert_eq!(refused, Err(TargetRefused::NotPublic), "{address}");
        }
        let none = all_names_have(&[], &[]);
        let refused = none.check("https://example.org/hook").await;
        assert_eq!(refused, Err(TargetRefused::NotPublic));
        let missing = Targets::resolved_by(Vec::new(), |_| {
            let error = io::Error::other("no such host");
            std::future::ready(Err(error)).boxed()
        });
        let refused = missing.check("https://example.org/hook").await;
        assert_eq!(refused, Err(TargetRefused::NotPublic));
    }

    #[tokio::test]
    async fn connections_go_to_the_permitted_addresses_alone() {
        let targets = all_names_have(&["10.0.0.1", "8.8.8.8", "192.168.7.1"], &["192.168.7.0/24"]);
        let found = targets.resolve("example.org").await.unwrap();
        assert_eq!(
            found,
            [
                "8.8.8.8:0".parse().unwrap(),
                "192.168.7.1:0".parse().unwrap()
            ]
        );
    }

    #[tokio::test]
    async fn an_allowed_network_permits_addresses_in_each_form() {
        let targets = all_names_have(&["10.1.2.3"], &["10.0.0.0/8", "::1/128"]);
        for url in [
            "http://10.0.0.1/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::1]:8080/",
            "http://example.org/",
        ] {
            assert_eq!(targets.check(url).await, Ok(()), "{url}");
        }
        for url in [
            "http://127.0.0.1/",
            "http://[fd00::1]/",
            "http://0x7f000001/",
            "http://127.1/",
        ] {
            let refused = targets.check(url).await.unwrap_err();
            assert!(matches!(refused, TargetRefused::Special(_)), "{url}");
        }
    }
}
