//! How much one person or address may send: beyond it nothing is stored.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::error::Error;
use super::limits::Limits;
use crate::domain::viewer::Actor;

/// What is left to each, in the memory of this process.
pub struct Quotas {
    tips: DefaultKeyedRateLimiter<IpAddr>,
    proposals: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

/// How many senders are remembered before those are forgotten that have all of theirs left.
const REMEMBERED: usize = 10_000;

impl Quotas {
    /// What a service allows.
    pub fn new(limits: &Limits) -> Self {
        let count = |limit: i32| {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new);
            limit.unwrap_or(NonZeroU32::MIN)
        };
        let tips = Quota::per_hour(count(limits.max_tips_per_hour));
        let proposals = Quota::per_second(count(limits.max_proposals_per_second));
        Self {
            tips: RateLimiter::keyed(tips),
            proposals: RateLimiter::keyed(proposals),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a tip from an address; those that cannot be told apart share one.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn tip(&self, from: Option<IpAddr>) -> Result<(), Error> {
        let from = from.map_or(IpAddr::from([0, 0, 0, 0]), network);
        self.check(&self.tips, &from, "tips from one address")
    }

    /// Counts something that a person proposes.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn proposal(&self, by: &Actor) -> Result<(), Error> {
        self.check(&self.proposals, &by.id, "contributions of one person")
    }

    fn check<K: Clone + Eq + std::hash::Hash>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
        what: &str,
    ) -> Result<(), Error> {
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Error::RateLimited(format!("too many {what}"), wait)
        })
    }
}

/// What one customer of a provider usually has: an address, or 64 bits of a longer one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            std::net::Ipv6Addr::from_bits(bits).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_by_its_network() {
        let same = |one: &str, other: &str| {
            network(one.parse().unwrap()) == network(other.parse().unwrap())
        };
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
