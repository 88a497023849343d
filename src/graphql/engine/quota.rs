//! Rate limits for persons and network addresses. A request, proposal or tip above its limit is refused before
//! anything is stored.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::engine::caller::Caller;
use crate::engine::error::Error;
use crate::engine::limits::Limits;
use domain::viewer::Actor;

/// The remaining quota of each sender, in the memory of this process.
pub struct Quotas {
    tips: DefaultKeyedRateLimiter<IpAddr>,
    proposals: DefaultKeyedRateLimiter<String>,
    /// Quota of requests by person; `None` if there is no limit.
    people: Option<DefaultKeyedRateLimiter<String>>,
    /// Quota of anonymous requests by address; `None` if there is no limit.
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    clock: DefaultClock,
}

/// Number of seconds whose quota may be spent at once.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Cost that one point of quota covers. Each request takes one more point for itself.
const COST_OF_A_POINT: usize = 100;
/// Number of senders above which those with their full quota left are dropped from memory.
const REMEMBERED: usize = 10_000;

impl Quotas {
    /// Creates full quotas from the limits of a service.
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

    /// Counts a tip from an address. Callers without a known address share one quota.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time to wait.
    pub fn tip(&self, from: Option<IpAddr>) -> Result<(), Error> {
        let from = from.map_or(IpAddr::from([0, 0, 0, 0]), network);
        self.check(&self.tips, &from, 1, "tips from one address")
    }

    /// Counts a contribution, an edit or a comment of a person.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time to wait.
    pub fn proposal(&self, by: &Actor) -> Result<(), Error> {
        self.check(&self.proposals, &by.id, 1, "contributions of one person")
    }

    /// Counts a request and its cost: for a person by id, for an anonymous caller by address. Callers without a known
    /// address share one quota.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time to wait.
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
                let message =
                    format!("the cost of one request is above the limit on {what}; select less");
                Err(Error::RateLimited(message, Duration::from_hours(24)))
            }
        }
    }
}

/// The network that one customer of a provider usually has: an IPv4 address, or the first 64 bits of an IPv6 address.
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
    fn addresses_of_one_network_share_a_quota() {
        let same = |one: &str, other: &str| {
            network(one.parse().unwrap()) == network(other.parse().unwrap())
        };
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
