//! How much may wait between two threads, by what it weighs and not by how many pieces it comes in.
//!
//! Memory is bounded by this, however large or small the pieces are. It never drops anything: whoever finds no room
//! waits or says so to whom they serve.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Room for what waits, in units of the owner's choice.
#[derive(Debug)]
pub(super) struct Room {
    /// A lock, not a channel: it guards two numbers, for as long as it takes to add to one.
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    taken: usize,
    max: usize,
}

impl State {
    fn is_full(&self, weight: usize) -> bool {
        self.taken > 0 && self.taken + weight > self.max
    }
}

/// A piece of the room; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    weight: usize,
}

impl Room {
    /// Room for `max`.
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { taken: 0, max }), freed: Condvar::new() })
    }

    /// How much there is room for.
    pub(super) fn max(&self) -> usize {
        self.lock().max
    }

    /// Room for `max` from now on; nobody who is in has to leave.
    pub(super) fn resize(&self, max: usize) {
        self.lock().max = max;
        self.freed.notify_one();
    }

    /// A place for `weight`, or nothing when it is full. What is heavier than the whole room gets in alone.
    pub(super) fn try_take(self: &Arc<Self>, weight: usize) -> Option<Place> {
        let mut state = self.lock();
        if state.is_full(weight) {
            return None;
        }
        state.taken += weight;
        Some(Place { room: Arc::clone(self), weight })
    }

    /// A place for `weight`, as soon as there is one.
    pub(super) fn take(self: &Arc<Self>, weight: usize) -> Place {
        let is_full = |state: &mut State| state.is_full(weight);
        let mut state = self.freed.wait_while(self.lock(), is_full).expect(NO_PANIC);
        state.taken += weight;
        Place { room: Arc::clone(self), weight }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NO_PANIC)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.lock().taken -= self.weight;
        self.room.freed.notify_one();
    }
}

const NO_PANIC: &str = "no holder of this lock panics";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_until_something_went() {
        let room = Room::new(10);
        let first = room.try_take(6).expect("it is empty");
        assert!(room.try_take(5).is_none());
        let second = room.try_take(4).expect("it fits exactly");
        drop(first);
        assert!(room.try_take(6).is_some());
        drop(second);
    }

    #[test]
    fn what_is_heavier_than_the_room_gets_in_alone() {
        let room = Room::new(10);
        let heavy = room.try_take(50).expect("nobody else is there");
        assert!(room.try_take(1).is_none());
        drop(heavy);
        assert!(room.try_take(10).is_some());
    }

    #[test]
    fn a_room_that_shrinks_lets_nobody_in_until_there_is_space() {
        let room = Room::new(10);
        let place = room.try_take(6).expect("it is empty");
        room.resize(5);
        assert!(room.max() == 5 && room.try_take(1).is_none());
        room.resize(8);
        assert!(room.try_take(2).is_some());
        drop(place);
    }

    #[test]
    fn who_waits_gets_in_when_there_is_room() {
        let room = Room::new(1);
        let place = room.take(1);
        let waiting = {
            let room = Arc::clone(&room);
            std::thread::spawn(move || drop(room.take(1)))
        };
        drop(place);
        waiting.join().expect("it got in");
    }
}
