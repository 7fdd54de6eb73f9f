//! One refresh at a time, and nobody who waits for it is forgotten or comes back too early.

#[path = "../../../src/refresh/flight.rs"]
mod flight;

use std::sync::Arc;

use loom::future::block_on;
use loom::sync::Mutex;
use loom::thread;

use super::config::Collector;
use flight::{Flight, Pilot};

/// As much of an organization as a refresh needs.
#[derive(Debug, Default)]
struct Organization {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    flight: Option<Flight>,
    begun: u32,
    landed: u32,
}

impl Organization {
    /// As `Organization::ended` in `refresh/organization.rs`.
    fn ended(&self, _: Collector) {
        self.state.lock().unwrap().flight = None;
    }

    /// As `Organization::take_off` there: what is due begins, and what is under way is joined, under one
    /// lock. A refresh that is lost brings nothing.
    fn scrape(self: &Arc<Self>, brings_data: bool) -> Option<thread::JoinHandle<()>> {
        let mut state = self.state.lock().unwrap();
        let is_due = state.landed == 0;
        let (pilot, flight) = match &state.flight {
            Some(flight) => (None, flight.clone()),
            None if is_due => {
                let (pilot, flight) = Pilot::take_off(self.clone(), Collector::Presence);
                state.flight = Some(flight.clone());
                state.begun += 1;
                (Some(pilot), flight)
            }
            None => return None,
        };
        drop(state);
        let flying = pilot.map(|pilot| {
            let organization = self.clone();
            thread::spawn(move || {
                if brings_data {
                    organization.state.lock().unwrap().landed += 1;
                }
                drop(pilot);
            })
        });
        block_on(flight.ended());
        flying
    }
}

fn join(flying: Option<thread::JoinHandle<()>>) {
    if let Some(flying) = flying {
        flying.join().unwrap();
    }
}

pub(crate) fn scrapes_at_once_share_one_refresh_and_find_its_data_when_it_has_ended() {
    let organization = Arc::new(Organization::default());
    let other = {
        let organization = organization.clone();
        thread::spawn(move || {
            let flying = organization.scrape(true);
            assert_eq!(organization.state.lock().unwrap().landed, 1);
            join(flying);
        })
    };
    let flying = organization.scrape(true);
    let state = organization.state.lock().unwrap();
    assert_eq!((state.begun, state.landed), (1, 1));
    // It is noted as ended before anybody who waits is told.
    assert!(state.flight.is_none());
    drop(state);
    other.join().unwrap();
    join(flying);
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
