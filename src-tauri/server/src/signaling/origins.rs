//! What comes from one address: requests, rooms, connections. Many phones may share one, behind a router, so these
//! bounds are wide; they keep one computer from taking all that there is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use super::limits::{Limits, number};
use crate::wire::Bound;

/// What may come at once, as a multiple of what may come in a second: a class of forty that joins together.
const REQUESTS_AT_ONCE: u32 = 40;
/// How many new connections a minute, as a multiple of those that may be there at once.
const ARRIVALS_A_MINUTE: u32 = 2;
/// How often the addresses that asked for nothing lately are forgotten.
const FORGETTING: Duration = Duration::from_secs(10);

/// All addresses that something came from lately.
#[derive(Debug)]
pub struct Origins {
    requests: DefaultKeyedRateLimiter<IpAddr>,
    rooms: DefaultKeyedRateLimiter<IpAddr>,
    arrivals: DefaultKeyedRateLimiter<IpAddr>,
    /// In KB, as a limiter counts no further than `u32`.
    files: DefaultKeyedRateLimiter<IpAddr>,
    file_kb_at_once: NonZeroU32,
    connections: Arc<Presence>,
    sockets: Arc<Presence>,
    at_once: usize,
}

impl Origins {
    /// Nothing came yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Arc<Self> {
        let requests_at_once = limits
            .requests_per_second_of_address
            .saturating_mul(number(REQUESTS_AT_ONCE));
        let requests = Quota::per_second(limits.requests_per_second_of_address).allow_burst(requests_at_once);
        let arrivals = limits.connections_of_address.saturating_mul(number(ARRIVALS_A_MINUTE));
        let file_kb_at_once = limits.file_mb_per_minute.saturating_mul(number(1_024));
        Arc::new(Self {
            files: RateLimiter::keyed(Quota::per_minute(file_kb_at_once)),
            file_kb_at_once,
            requests: RateLimiter::keyed(requests),
            rooms: RateLimiter::keyed(Quota::per_minute(limits.rooms_per_minute)),
            arrivals: RateLimiter::keyed(Quota::per_minute(arrivals)),
            connections: Arc::default(),
            sockets: Arc::default(),
            at_once: usize::try_from(limits.connections_of_address.get()).unwrap_or(usize::MAX),
        })
    }

    /// One address among them.
    #[must_use]
    pub fn of(self: &Arc<Self>, address: IpAddr) -> Origin {
        Origin {
            origins: Arc::clone(self),
            address: site(address),
        }
    }

    /// Forgets now and then, until `shutdown`, the addresses that asked for nothing lately.
    pub(crate) async fn keep_up(self: Arc<Self>, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(FORGETTING);
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            for limiter in [&self.requests, &self.rooms, &self.arrivals, &self.files] {
                limiter.retain_recent();
            }
        }
    }
}

/// One address, as far as it is bounded.
#[derive(Debug, Clone)]
pub struct Origin {
    origins: Arc<Origins>,
    address: IpAddr,
}

impl Origin {
    /// The address, or the network that counts for one.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// Counts a request that costs as much as so many of the cheapest kind; false when there were too many.
    #[must_use]
    pub(crate) fn count_request(&self, cost: NonZeroU32) -> bool {
        matches!(self.origins.requests.check_key_n(&self.address, cost), Ok(Ok(())))
    }

    /// Counts a room that somebody here makes.
    pub(crate) fn count_room(&self) -> Result<(), Bound> {
        let counted = self.origins.rooms.check_key(&self.address);
        counted.map_err(|_| Bound::NewRooms)
    }

    /// Counts a file of so many bytes that comes from here. One that is larger than all that may come at once may come
    /// when nothing else did for a while.
    ///
    /// # Errors
    /// [`Bound::FileBytes`].
    pub fn count_file(&self, bytes: u64) -> Result<(), Bound> {
        let kb = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
        let counted = number(kb).min(self.origins.file_kb_at_once);
        match self.origins.files.check_key_n(&self.address, counted) {
            Ok(Ok(())) => Ok(()),
            _ => Err(Bound::FileBytes),
        }
    }

    /// Counts a new connection, or a new session within one.
    ///
    /// # Errors
    /// [`Bound::Arrivals`].
    pub fn arrive(&self) -> Result<(), Bound> {
        let counted = self.origins.arrivals.check_key(&self.address);
        counted.map_err(|_| Bound::Arrivals)
    }

    /// Takes the place of a connection.
    ///
    /// # Errors
    /// [`Bound::Connections`].
    pub fn connect(&self) -> Result<Place, Bound> {
        self.enter(&self.origins.connections)
    }

    /// Takes the place of a socket: there may be several on one connection.
    pub(super) fn open_socket(&self) -> Result<Place, Bound> {
        self.enter(&self.origins.sockets)
    }

    fn enter(&self, presence: &Arc<Presence>) -> Result<Place, Bound> {
        let place = presence.enter(self.address, self.origins.at_once);
        place.ok_or(Bound::Connections)
    }
}

/// How many are there from each address.
#[derive(Debug, Default)]
struct Presence(Mutex<HashMap<IpAddr, usize>>);

impl Presence {
    fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place {
            presence: Arc::clone(self),
            address,
        })
    }
}

/// One of those that may be there at once; given back when dropped.
#[derive(Debug)]
pub struct Place {
    presence: Arc<Presence>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.presence.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Who counts as one. Every device has a whole network of IPv6 to itself.
pub(super) fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> [Origin; 2] {
        let origins = Origins::new(&Limits::default());
        [1, 2].map(|last| origins.of(IpAddr::from([10, 0, 0, last])))
    }

    #[test]
    fn one_address_does_not_count_for_another() {
        let [one, other] = two();
        assert!((0..100).any(|_| one.count_room().is_err()));
        assert!(other.count_room().is_ok());
        assert!((0..2_000).any(|_| one.arrive().is_err()));
        assert!(other.arrive().is_ok());
    }

    #[test]
    fn files_are_counted_by_their_length() {
        let origins = Origins::new(&Limits {
            file_mb_per_minute: number(10),
            ..Limits::default()
        });
        let [one, other, third] = [1, 2, 3].map(|last| origins.of(IpAddr::from([10, 0, 0, last])));
        let taken = (0..100).take_while(|_| one.count_file(1 << 20).is_ok()).count();
        assert!((10..20).contains(&taken), "{taken}");
        assert!(other.count_file(u64::MAX).is_ok(), "a large one may come alone");
        assert_eq!(other.count_file(1 << 20), Err(Bound::FileBytes));
        assert!(third.count_file(0).is_ok());
    }

    #[test]
    fn a_place_is_given_back() {
        let [one, other] = two();
        let mut places: Vec<Place> = (0..600).map(|_| one.connect().unwrap()).collect();
        assert_eq!(one.connect().unwrap_err(), Bound::Connections);
        assert!(other.connect().is_ok() && one.open_socket().is_ok());
        places.pop();
        places.push(one.connect().unwrap());
        assert!(one.connect().is_err());
        drop(places);
        let left = one.origins.connections.0.lock().unwrap();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn a_device_that_changes_within_its_network_is_the_same() {
        let site = |text: &str| super::site(text.parse().unwrap());
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:2:ffff::9"));
        assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:1:3::1"));
        assert_eq!(site("::ffff:10.0.0.1"), site("10.0.0.1"));
        assert_ne!(site("10.0.0.1"), site("10.0.0.2"));
    }
}
