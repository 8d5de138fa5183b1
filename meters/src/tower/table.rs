//! The routes of a layer: found without a lock, never more than a limit.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use meters_core::fork;

use super::series::Route;

/// Which route; good for the table that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// Requests of which no template is known.
pub(super) const UNMATCHED: Place = Place(u32::MAX);
/// All routes over the limit.
const REST: Place = Place(u32::MAX - 1);

/// Routes are added and never taken away: a place once filled is read by all, and by none written again.
pub(super) struct Table {
    hasher: RandomState,
    places: OnceLock<Box<[OnceLock<Box<Route>>]>>,
    used: AtomicUsize,
    limit: usize,
    unmatched: Route,
    rest: Route,
}

impl Table {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            places: OnceLock::new(),
            used: AtomicUsize::new(0),
            limit: limit.min(1 << 20),
            unmatched: Route::new("_unmatched"),
            rest: Route::new("_other"),
        }
    }

    pub(super) fn route(&self, place: Place) -> &Route {
        let known = self.places().get(place.0 as usize).and_then(OnceLock::get);
        known.map_or(if place == REST { &self.rest } else { &self.unmatched }, |route| route)
    }

    /// The place of a template, if it is known.
    pub(super) fn find(&self, template: &str) -> Option<Place> {
        self.seek(template).ok()
    }

    /// The place of a template, which is made known if there is room.
    pub(super) fn place(&self, template: &str) -> Place {
        loop {
            let free = match self.seek(template) {
                Ok(known) => return known,
                Err(free) => free,
            };
            if self.used.fetch_update(Relaxed, Relaxed, |used| (used < self.limit).then_some(used + 1)).is_err() {
                return REST;
            }
            let Some(place) = self.places().get(free) else { return REST };
            let new = Box::new(Route::new(template));
            let ours = std::ptr::from_ref(&*new);
            if std::ptr::eq(&**fork::once(place, || new), ours) {
                return Place(free as u32);
            }
            // Another thread was first here, perhaps with the same.
            self.used.fetch_sub(1, Relaxed);
        }
    }

    /// Where it is, or the free place where it would be.
    fn seek(&self, template: &str) -> Result<Place, usize> {
        let places = self.places();
        let mut at = self.hasher.hash_one(template) as usize & (places.len() - 1);
        // Ends: half of the places are free at any time.
        while let Some(route) = places[at].get() {
            if route.is(template) {
                return Ok(Place(at as u32));
            }
            at = (at + 1) & (places.len() - 1);
        }
        Err(at)
    }

    fn places(&self) -> &[OnceLock<Box<Route>>] {
        let make = || (0..(2 * self.limit.max(1)).next_power_of_two()).map(|_| OnceLock::new()).collect::<Box<[_]>>();
        fork::once::<Box<_>>(&self.places, make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_found_and_what_is_too_much_is_other() {
        let table = Table::new(3);
        assert_eq!(table.find("/a"), None);
        let known = ["/a", "/b", "/c"].map(|template| table.place(template));
        assert_eq!(["/a", "/b", "/c"].map(|template| table.find(template)), known.map(Some));
        assert_eq!((table.place("/d"), table.find("/d")), (REST, None));
        assert_eq!(table.place("/b"), known[1]);
        assert!(table.route(known[2]).is("/c"));
        assert!(table.route(REST).is("_other") && table.route(UNMATCHED).is("_unmatched"));
        assert_eq!(Table::new(0).place("/a"), REST);
    }

    #[test]
    fn many_threads_agree_on_each_place() {
        let table = Table::new(64);
        let templates: Vec<String> = (0..100).map(|number| format!("/{number}")).collect();
        let places = || templates.iter().map(|template| table.place(template)).collect::<Vec<_>>();
        let all: Vec<Vec<Place>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(places)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let last = places();
        assert_eq!(last.iter().filter(|place| **place != REST).count(), 64);
        for (one, (template, place)) in all.iter().flat_map(|all| all.iter().zip(templates.iter().zip(&last))) {
            // While there was a race for the last room, one may have been told of none.
            assert!(one == place || *one == REST, "{template}");
        }
    }
}
