//! Failures of posts, in words for the owner of a webhook: the cause, and nothing of the network behind it.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::graphql::TargetRefused;

/// The cause of an error of the HTTP client, in words.
pub fn cause(error: &reqwest::Error, limit: Duration, connect_limit: Duration) -> String {
    let causes = || {
        let first: &(dyn Error + 'static) = error;
        std::iter::successors(Some(first), |one: &&'_ (dyn Error + 'static)| {
            (*one).source()
        })
    };
    if let Some(refused) = causes().find_map(|one| one.downcast_ref::<TargetRefused>()) {
        return format!("nothing can be posted to the address: {refused}");
    }
    let io = causes().find_map(|one| one.downcast_ref::<io::Error>());
    if error.is_timeout() && error.is_connect() {
        return format!("no connection within {} ms", connect_limit.as_millis());
    }
    if error.is_timeout() {
        return format!("no answer within {} ms", limit.as_millis());
    }
    if error.is_connect() {
        return match io.map(|error| (error.kind(), error)) {
            Some((io::ErrorKind::ConnectionRefused, _)) => "the connection was refused".to_owned(),
            Some((io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable, _)) => {
                "the host cannot be reached".to_owned()
            }
            // The TLS library reports a certificate that is not valid as invalid data.
            Some((io::ErrorKind::InvalidData, error)) => format!("TLS failed: {error}"),
            Some((io::ErrorKind::UnexpectedEof, _)) => {
                "TLS failed: the receiver closed the connection".to_owned()
            }
            _ => "the connection failed".to_owned(),
        };
    }
    let http = causes().find_map(|one| one.downcast_ref::<hyper::Error>());
    match http {
        Some(error) if error.is_parse_too_large() => {
            "the answer has too many or too long headers".to_owned()
        }
        Some(error) if error.is_parse() => "the answer is not HTTP".to_owned(),
        Some(error) if error.is_incomplete_message() => {
            "the connection was closed before an answer".to_owned()
        }
        _ if io.is_some() => "the connection was lost before an answer".to_owned(),
        _ => "the post failed".to_owned(),
    }
}
