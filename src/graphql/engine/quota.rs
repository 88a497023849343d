//! How much one person or address may send: beyond it nothing is stored.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::engine::caller::Caller;
use crate::engine::error::Error;
use crate::engine::limits::Limits;
use domain::viewer::Actor;

/// What is left to each, in the memory of this process.
pub struct Quotas {
    tips: DefaultKeyedRateLimiter<IpAddr>,
    proposals: DefaultKeyedRateLimiter<String>,
    /// None where there is no limit.
    people: Option<DefaultKeyedRateLimiter<String>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
}

/// How many seconds' worth may be asked at once.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// What a point of the limits buys, beside a request itself.
const COST_OF_A_POINT: usize = 100;
/// How many senders are remembered before those are forgotten that have all of theirs left.
const REMEMBERED: usize = 10_000;

impl Quotas {
    /// What a service allows.
    pub fn new(limits: &Limits) -> Self {
        let count = |limit: i32| {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new);
            limit.unwrap_or(NonZeroU32::MIN)
        };
        let costs = |limit: i32| {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new)?;
            Some(Quota::per_second(limit).allow_burst(limit.saturating_mul(BURST)))
        };
        let tips = Quota::per_hour(count(limits.max_tips_per_hour));
        let proposals = Quota::per_second(count(limits.max_proposals_per_second));
        Self {
            tips: RateLimiter::keyed(tips),
            proposals: RateLimiter::keyed(proposals),
            people: costs(limits.max_cost_per_second).map(RateLimiter::keyed),
            addresses: costs(limits.max_anonymous_cost_per_second).map(RateLimiter::keyed),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a tip from an address; those that cannot be told apart share one.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn tip(&self, from: Option<IpAddr>) -> Result<(), Error> {
        let from = from.map_or(IpAddr::from([0, 0, 0, 0]), network);
        self.check(&self.tips, &from, 1, "tips from one address")
    }

    /// Counts something that a person proposes.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn proposal(&self, by: &Actor) -> Result<(), Error> {
        self.check(&self.proposals, &by.id, 1, "contributions of one person")
    }

    /// Counts a request by what it costs: of a person, else of an address; those that cannot be told apart
    /// share one.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn request(&self, caller: &Caller, cost: usize) -> Result<(), Error> {
        let points = u32::try_from(cost / COST_OF_A_POINT).unwrap_or(u32::MAX);
        let points = points.saturating_add(1);
        match (caller.viewer.actor(), &self.people, &self.addresses) {
            (Some(actor), Some(people), _) => {
                self.check(people, &actor.id, points, "requests of one person")
            }
            (None, _, Some(addresses)) => {
                let from = caller.address.map_or(IpAddr::from([0, 0, 0, 0]), network);
                self.check(addresses, &from, points, "requests from one address")
            }
            _ => Ok(()),
        }
    }

    fn check<K: Clone + Eq + std::hash::Hash>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
        count: u32,
        what: &str,
    ) -> Result<(), Error> {
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(Error::RateLimited(format!("too many {what}"), wait))
            }
            Err(_) => {
                let message = format!("{what} that cost so much are never answered");
                Err(Error::RateLimited(message, Duration::from_hours(24)))
            }
        }
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
