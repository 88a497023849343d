//! Rate limits for persons and network addresses. A request, proposal or tip above its limit is refused before
//! anything is stored.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::engine::caller::Caller;
use crate::engine::error::{Error, whole_seconds};
use crate::engine::limits::Limits;
use domain::viewer::Actor;

/// A limiter that also returns what is left.
type Limiter<K> = DefaultKeyedRateLimiter<K, StateInformationMiddleware>;

/// The remaining quota of each sender, in the memory of this process.
pub struct Quotas {
    tips: Limiter<IpAddr>,
    proposals: Limiter<String>,
    /// Quota of requests by person; `None` if there is no limit.
    people: Option<Requests<String>>,
    /// Quota of anonymous requests by address; `None` if there is no limit.
    addresses: Option<Requests<IpAddr>>,
    clock: DefaultClock,
}

/// Quota of requests.
struct Requests<K: Clone + Eq + Hash> {
    limiter: Limiter<K>,
    policy: &'static str,
    /// Number of points that may be spent at once.
    quota: u32,
    /// The counted requests, for messages.
    what: &'static str,
}

/// State of the quota of a caller after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Name of the quota: `person`, or `anonymous` for the requests from one address.
    pub policy: &'static str,
    /// Number of points that may be spent at once.
    pub quota: u32,
    /// Number of points that are left. `None` if the quota never allows the request, and others may pass.
    pub left: Option<u32>,
    /// Number of seconds in which the caller should spend no more than what is left.
    pub window: u64,
    /// Cost of the request; 0 if nothing was executed.
    pub cost: usize,
    /// Number of points that the request takes.
    pub points: u32,
}

impl Balance {
    /// Number of seconds in which a quota is refilled.
    pub const REFILL_SECONDS: u64 = 10;

    /// The balance after both of two requests of one caller.
    pub fn and(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            window: self.window.max(other.window),
            cost: self.cost.saturating_add(other.cost),
            points: self.points.saturating_add(other.points),
            ..self
        }
    }
}

/// Number of seconds whose quota may be spent at once: [`Balance::REFILL_SECONDS`].
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Cost that one point of quota covers. Each request takes one more point for itself.
pub const COST_OF_A_POINT: usize = 100;
/// Time to wait for a request that no quota ever allows.
const UNPAYABLE: Duration = Duration::from_hours(24);
/// Number of senders above which those with their full quota left are dropped from memory.
const REMEMBERED: usize = 10_000;

impl Quotas {
    /// Creates full quotas from the limits of a service.
    pub fn new(limits: &Limits) -> Self {
        let count = |limit: i32| {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new);
            limit.unwrap_or(NonZeroU32::MIN)
        };
        let tips = Quota::per_hour(count(limits.max_tips_per_hour));
        let proposals = Quota::per_second(count(limits.max_proposals_per_second));
        Self {
            tips: RateLimiter::keyed(tips).with_middleware(),
            proposals: RateLimiter::keyed(proposals).with_middleware(),
            people: Requests::new(
                limits.max_cost_per_second,
                "person",
                "requests of one person",
            ),
            addresses: Requests::new(
                limits.max_anonymous_cost_per_second,
                "anonymous",
                "requests from one address",
            ),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a tip from an address. Callers without a known address share one quota.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time to wait.
    pub fn tip(&self, from: Option<IpAddr>) -> Result<(), Error> {
        let from = from.map_or(IpAddr::from([0, 0, 0, 0]), network);
        let checked = self.check(&self.tips, &from, 1, "tips from one address");
        checked.map(|_| ())
    }

    /// Counts a contribution, a comment or an edit of a person, of webhooks too.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time to wait.
    pub fn proposal(&self, by: &Actor) -> Result<(), Error> {
        let checked = self.check(
            &self.proposals,
            &by.id,
            1,
            "contributions, comments and edits of webhooks by one person",
        );
        checked.map(|_| ())
    }

    /// Highest cost at which a page of this program is counted: four such requests take the full quota of a caller. So a
    /// page with several expensive documents can be read under a small quota, too.
    pub fn affordable(&self, caller: &Caller) -> usize {
        let quota = match (caller.viewer.actor(), &self.people, &self.addresses) {
            (Some(_), Some(people), _) => people.quota,
            (None, _, Some(addresses)) => addresses.quota,
            _ => return usize::MAX,
        };
        let points = usize::try_from(quota / 4).unwrap_or(usize::MAX);
        points.saturating_sub(1).saturating_mul(COST_OF_A_POINT)
    }

    /// Counts a request and its cost: for a person by id, for an anonymous caller by address. Callers without a known
    /// address share one quota. Returns the balance, also of a refused request; `None` if there is no limit.
    ///
    /// The error is `RATE_LIMITED`, with the time to wait.
    pub fn request(&self, caller: &Caller, cost: usize) -> (Option<Balance>, Result<(), Error>) {
        match (caller.viewer.actor(), &self.people, &self.addresses) {
            (Some(actor), Some(people), _) => self.count(people, &actor.id, cost),
            (None, _, Some(addresses)) => {
                let from = caller.address.map_or(IpAddr::from([0, 0, 0, 0]), network);
                self.count(addresses, &from, cost)
            }
            _ => (None, Ok(())),
        }
    }

    fn count<K: Clone + Eq + Hash>(
        &self,
        requests: &Requests<K>,
        key: &K,
        cost: usize,
    ) -> (Option<Balance>, Result<(), Error>) {
        let points = u32::try_from(cost / COST_OF_A_POINT).unwrap_or(u32::MAX);
        let points = points.saturating_add(1);
        let checked = self.check(&requests.limiter, key, points, requests.what);
        let (left, window) = match &checked {
            Ok(left) => (Some(*left), Balance::REFILL_SECONDS),
            Err(Error::RateLimited(_, wait)) if *wait < UNPAYABLE => {
                (Some(0), whole_seconds(*wait))
            }
            Err(_) => (None, Balance::REFILL_SECONDS),
        };
        let balance = Balance {
            policy: requests.policy,
            quota: requests.quota,
            left,
            window,
            cost,
            points,
        };
        (Some(balance), checked.map(|_| ()))
    }

    /// Takes points from a quota. Returns what is left.
    fn check<K: Clone + Eq + Hash>(
        &self,
        limiter: &Limiter<K>,
        key: &K,
        count: u32,
        what: &str,
    ) -> Result<u32, Error> {
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(key, count) {
            Ok(Ok(state)) => Ok(state.remaining_burst_capacity()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(Error::RateLimited(format!("too many {what}"), wait))
            }
            Err(_) => {
                let message =
                    format!("the cost of one request is above the limit on {what}: select less");
                Err(Error::RateLimited(message, UNPAYABLE))
            }
        }
    }
}

impl<K: Clone + Eq + Hash> Requests<K> {
    /// A quota of `limit` points per second; `None` if the limit is 0.
    fn new(limit: i32, policy: &'static str, what: &'static str) -> Option<Self> {
        let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new)?;
        let burst = limit.saturating_mul(BURST);
        let quota = Quota::per_second(limit).allow_burst(burst);
        Some(Self {
            limiter: RateLimiter::keyed(quota).with_middleware(),
            policy,
            quota: burst.get(),
            what,
        })
    }
}

/// The network that one customer of a provider usually has: an IPv4 address, or the first 64 bits of an IPv6 address.
pub fn network(address: IpAddr) -> IpAddr {
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
