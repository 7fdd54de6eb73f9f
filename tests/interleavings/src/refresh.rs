//! One refresh at a time, and every waiter wakes up, but not before the end.

#[path = "../../../src/refresh/flight.rs"]
mod flight;

use std::sync::Arc;

use loom::future::block_on;
use loom::sync::Mutex;
use loom::thread;

use flight::{Flight, FlightGuard};

/// The part of an organization that a refresh needs.
#[derive(Debug, Default)]
struct Organization {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    flight: Option<Flight>,
    begun: u32,
    published: u32,
}

impl Organization {
    /// As `Organization::refresh_ended` in `refresh/organization.rs`.
    fn refresh_ended(&self) {
        self.state.lock().unwrap().flight = None;
    }

    /// As `Organization::start_flight` in `refresh/run.rs`.
    fn start_flight(self: Arc<Self>) -> (FlightGuard, Flight) {
        FlightGuard::start(move || self.refresh_ended())
    }

    /// As `Organization::start_due` there: what is due starts, and what is in flight is joined, under one
    /// lock. A refresh that is lost publishes nothing.
    fn scrape(self: &Arc<Self>, brings_data: bool) -> Option<thread::JoinHandle<()>> {
        let mut state = self.state.lock().unwrap();
        let is_due = state.published == 0;
        let (guard, flight) = match &state.flight {
            Some(flight) => (None, flight.clone()),
            None if is_due => {
                let (guard, flight) = self.clone().start_flight();
                state.flight = Some(flight.clone());
                state.begun += 1;
                (Some(guard), flight)
            }
            None => return None,
        };
        drop(state);
        let running = guard.map(|guard| {
            let organization = self.clone();
            thread::spawn(move || {
                if brings_data {
                    organization.state.lock().unwrap().published += 1;
                }
                drop(guard);
            })
        });
        block_on(flight.ended());
        running
    }
}

fn join(running: Option<thread::JoinHandle<()>>) {
    if let Some(running) = running {
        running.join().unwrap();
    }
}

pub(crate) fn scrapes_at_once_share_one_refresh_and_find_its_data_when_it_has_ended() {
    let organization = Arc::new(Organization::default());
    let other = {
        let organization = organization.clone();
        thread::spawn(move || {
            let running = organization.scrape(true);
            assert_eq!(organization.state.lock().unwrap().published, 1);
            join(running);
        })
    };
    let running = organization.scrape(true);
    let state = organization.state.lock().unwrap();
    assert_eq!((state.begun, state.published), (1, 1));
    // The end is recorded before any waiter wakes up.
    assert!(state.flight.is_none());
    drop(state);
    other.join().unwrap();
    join(running);
}

pub(crate) fn a_refresh_that_is_lost_ends_for_all_and_the_next_scrape_begins_another() {
    let organization = Arc::new(Organization::default());
    let other = {
        let organization = organization.clone();
        thread::spawn(move || {
            join(organization.scrape(false));
        })
    };
    join(organization.scrape(false));
    other.join().unwrap();
    let state = organization.state.lock().unwrap();
    assert!(state.flight.is_none());
    assert!((1..=2).contains(&state.begun));
}
