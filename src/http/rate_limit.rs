//! The headers `RateLimit-Policy` and `RateLimit`. Source: draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4.
//!
//! The unit is a point. The draft registers no such unit, so there is no parameter `qu`, and the unit is the default,
//! requests: a cached answer takes one, and an expensive request as many as it has points. The window is constant: a
//! client that spends what is left within it never exceeds the rate of the quota.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::graphql::Balance;

/// Header with the quota of the caller.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Header with what is left of it, and with the cost of the request.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds the headers to a response. Without a balance, the request was not counted, or there is no limit.
pub fn insert(balance: Option<Balance>, headers: &mut HeaderMap) {
    let Some(balance) = balance else { return };
    let Balance {
        policy,
        quota,
        left,
        window,
        cost,
        points,
    } = balance;
    let refill = Balance::REFILL_SECONDS;
    set(
        headers,
        POLICY,
        format!("\"{policy}\";q={quota};w={refill}"),
    );
    if let Some(left) = left {
        let value = format!(
            "\"{policy}\";r={left};t={window};cyberprofiles-cost={cost};cyberprofiles-points={points}"
        );
        set(headers, LIMIT, value);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: String) {
    // The text consists of visible ASCII characters, so the conversion succeeds.
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(value)) {
        headers.insert(name, value);
    }
}
