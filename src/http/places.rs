//! Places for responses that are sent for a long time: a number for all clients, and one for each network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::graphql::network;

/// Numbers of places that are taken, by the network of the client.
type Taken = Mutex<HashMap<IpAddr, usize>>;

/// Places of one kind.
pub struct Places {
    free: Arc<Semaphore>,
    taken: Arc<Taken>,
    most_of_network: usize,
}

/// The right to send one response, until it is dropped.
pub struct Place {
    taken: Arc<Taken>,
    network: IpAddr,
    _free: OwnedSemaphorePermit,
}

/// The reason why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// The network of the client has taken so many, which is the most.
    OfNetwork(usize),
    /// All places are taken.
    OfServer,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = taken.get_mut(&self.network) {
            *number = number.saturating_sub(1);
            if *number == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

impl Places {
    /// At most `most` places for all clients, and `most_of_network` for those of one network.
    pub fn new(most: usize, most_of_network: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most.max(1))),
            taken: Arc::default(),
            most_of_network,
        }
    }

    /// Takes a place for a response to a client.
    ///
    /// # Errors
    /// [`NoPlace`]
    pub fn take(&self, client: IpAddr) -> Result<Place, NoPlace> {
        let network = network(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let number = taken.get(&network).copied().unwrap_or_default();
        if number >= self.most_of_network {
            return Err(NoPlace::OfNetwork(number));
        }
        let free = Arc::clone(&self.free).try_acquire_owned();
        let free = free.map_err(|_| NoPlace::OfServer)?;
        taken.insert(network, number.saturating_add(1));
        Ok(Place {
            taken: Arc::clone(&self.taken),
            network,
            _free: free,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_does_not_take_the_places_of_others() {
        let places = Places::new(3, 2);
        let [one, near, other] =
            ["2001:db8::1", "2001:db8::2", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let taken = [
            places.take(one).ok().unwrap(),
            places.take(near).ok().unwrap(),
        ];
        assert_eq!(places.take(one).err(), Some(NoPlace::OfNetwork(2)));
        let third = places.take(other).ok().unwrap();
        assert_eq!(places.take(other).err(), Some(NoPlace::OfServer));
        drop((taken, third));
        assert!(places.take(one).is_ok());
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
