//! Signatures of posts. Source: the Standard Webhooks specification, version 1. The crate `standardwebhooks` would add
//! a second implementation of HMAC and the crates `time` and `http` 0.2; with `hmac` a signature is five lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::store::webhook::SECRET_PREFIX;

/// The value of the header `webhook-signature`: one signature for each secret, separated by spaces. `None` if a secret
/// is malformed.
pub fn signatures<'a>(
    secrets: impl Iterator<Item = &'a str>,
    id: &str,
    timestamp: i64,
    body: &str,
) -> Option<String> {
    let signed: Option<Vec<String>> = secrets
        .map(|secret| signature(secret, id, timestamp, body))
        .collect();
    signed.map(|signed| signed.join(" "))
}

fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body.as_bytes());
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_signed_as_the_example_of_the_specification() {
        let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
        let (id, timestamp) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let signed = signatures(secrets.into_iter(), id, timestamp, "{\"test\": 2432232314}");
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
        let both = [secrets[0], secrets[0]];
        let signed = signatures(both.into_iter(), id, timestamp, "{\"test\": 2432232314}");
        assert_eq!(signed, Some(format!("{expected} {expected}")));
        assert_eq!(signatures(["secret"].into_iter(), id, 1, ""), None);
    }
}
