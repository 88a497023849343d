//! The address on which the server listens: a host, which may be a name, and a port.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use tokio::net::{TcpListener, lookup_host};

/// The accepted forms.
const FORM: &str = "expected HOST:PORT, like 127.0.0.1:8000, [::1]:8000 or localhost:8000";
/// The longest name of a host, in bytes. Source: RFC 1035, section 2.3.4.
const MAX_HOST_BYTES: usize = 253;

/// The address on which the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// A numeric address and a port.
    Numeric(SocketAddr),
    /// The name of a host, and a port.
    Named(String, u16),
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Numeric(address));
        }
        if text
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_ipv6())
        {
            return Err(format!(
                "write an IPv6 address in brackets, with a port: {FORM}"
            ));
        }
        let Some((host, port)) = text.rsplit_once(':') else {
            return Err(FORM.to_owned());
        };
        let port = port
            .parse()
            .map_err(|_| format!("the port is not a number from 0 to 65535: {FORM}"))?;
        if !is_host_name(host) {
            return Err(format!("the host is neither an address nor a name: {FORM}"));
        }
        Ok(Self::Named(host.to_owned(), port))
    }
}

/// True for letters, digits, hyphens and underscores in parts that dots separate. A name has a letter, so that a
/// misspelt address is no name.
fn is_host_name(host: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= MAX_HOST_BYTES
        && host.bytes().any(|byte| byte.is_ascii_alphabetic())
        && host.trim_end_matches('.').split('.').all(is_part)
}

impl Display for ListenAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric(address) => address.fmt(out),
            Self::Named(host, port) => write!(out, "{host}:{port}"),
        }
    }
}

impl ListenAddress {
    /// The numeric addresses: those of IPv4 first, because most clients and proxies of a machine use them.
    ///
    /// # Errors
    /// One sentence if the name cannot be resolved.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, String> {
        let (host, port) = match self {
            Self::Numeric(address) => return Ok(vec![*address]),
            Self::Named(host, port) => (host.as_str(), *port),
        };
        let found = lookup_host((host, port)).await;
        let found = found.map_err(|error| {
            format!("cannot listen on {self}: the name {host} is not found ({error})")
        })?;
        let (mut addresses, others): (Vec<_>, Vec<_>) = found.partition(SocketAddr::is_ipv4);
        addresses.extend(others);
        if addresses.is_empty() {
            return Err(format!(
                "cannot listen on {self}: the name {host} has no address"
            ));
        }
        Ok(addresses)
    }

    /// Listens on the first address that this machine has.
    ///
    /// # Errors
    /// One sentence that names the address and the cause.
    pub async fn bind(&self) -> Result<TcpListener, String> {
        let mut last = None;
        for address in self.resolve().await? {
            match TcpListener::bind(address).await {
                Ok(listener) => return Ok(listener),
                // Another address of the name may belong to this machine, or to a family that it speaks.
                Err(error) if is_foreign(&error) => last = Some((address, error)),
                Err(error) => return Err(self.unbound(address, &error)),
            }
        }
        Err(match last {
            Some((address, error)) => self.unbound(address, &error),
            None => format!("cannot listen on {self}"),
        })
    }

    fn unbound(&self, address: SocketAddr, error: &io::Error) -> String {
        match self {
            Self::Numeric(_) => format!("cannot listen on {self}: {error}"),
            Self::Named(..) => format!("cannot listen on {self} ({address}): {error}"),
        }
    }
}

/// True if the machine does not have the address.
fn is_foreign(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable
        || error.kind() == ErrorKind::Unsupported
        || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for text in [
            "127.0.0.1:8000",
            "[::1]:0",
            "0.0.0.0:65535",
            "localhost:8000",
            "node-1.example.org:80",
            "my_host.:1",
        ] {
            let read: ListenAddress = text.parse().unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        for (text, why) in [
            ("", "expected HOST:PORT"),
            ("8000", "expected HOST:PORT"),
            ("localhost", "expected HOST:PORT"),
            (":8000", "the host is neither"),
            ("localhost:", "the port is not a number"),
            ("localhost:http", "the port is not a number"),
            ("localhost:65536", "the port is not a number"),
            ("127.0.0:8000", "the host is neither"),
            ("127.0.0.256:8000", "the host is neither"),
            ("::1", "in brackets"),
            ("::1:8000", "in brackets"),
            ("[::1:8000", "the host is neither"),
            ("http://localhost:8000", "the host is neither"),
            ("local host:8000", "the host is neither"),
            ("a..b:8000", "the host is neither"),
            ("localhost:8000/", "the port is not a number"),
        ] {
            let message = text.parse::<ListenAddress>().expect_err(text);
            assert!(message.contains(why), "{text}: {message}");
            assert!(message.contains("[::1]:8000"), "{text}: {message}");
        }
    }

    #[tokio::test]
    async fn a_name_is_resolved_to_the_addresses_of_this_machine() {
        let address: ListenAddress = "localhost:0".parse().unwrap();
        let listener = address.bind().await.unwrap();
        assert!(listener.local_addr().unwrap().ip().is_loopback());
        let port = listener.local_addr().unwrap().port();
        let taken: ListenAddress = format!("localhost:{port}").parse().unwrap();
        let message = taken.bind().await.unwrap_err();
        let begin = format!("cannot listen on localhost:{port} (127.0.0.1:{port}): ");
        assert!(message.starts_with(&begin), "{message}");
        let unknown: ListenAddress = "nowhere.invalid:80".parse().unwrap();
        let message = unknown.bind().await.unwrap_err();
        assert!(
            message.contains("the name nowhere.invalid is not found"),
            "{message}"
        );
    }
}
