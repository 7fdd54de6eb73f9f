//! Starts the refreshes that are due and runs each of them to its end.
//!
//! A refresh goes on when the scrape that started it has run out of time, and a panic in it counts as a
//! failure like any other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::clock::Instant;
use crate::config::{Collector, CollectorSet};
use crate::density::{Error, ErrorKind, Scope, Window};
use crate::snapshot::SharedStr;

use super::Organization;
use super::flight::{Flight, FlightGuard};
use super::organization::ActiveSettings;
use super::publish::{Refresh, endpoint_of};

impl Organization {
    /// Starts refreshing what is due of `wanted` and of the inventory, and waits for those refreshes and for
    /// the ones already in flight until `deadline` at the latest. What has not ended by then goes on in the
    /// background.
    pub async fn refresh_due(self: &Arc<Self>, wanted: CollectorSet, deadline: Instant) {
        let flights = self.start_due(wanted);
        let wait = deadline.since(self.clock.now());
        let all_ended = futures_util::future::join_all(flights.into_iter().map(Flight::ended));
        // Running out of time is no error: the page shows the latest data available.
        let _ = tokio::time::timeout(wait, all_ended).await;
    }

    /// Starts what is due and returns every flight to wait for.
    fn start_due(self: &Arc<Self>, wanted: CollectorSet) -> Vec<Flight> {
        let now = self.clock.now();
        let mut flights = Vec::new();
        let mut guards = Vec::new();
        let mut state = self.state();
        let active = state.active.clone();
        for collector in active.config.collectors.enabled().iter() {
            // Live values need the inventory, for the names.
            if !wanted.contains(collector) && !collector.is_inventory() {
                continue;
            }
            let due = state.schedules[collector].is_due(now);
            match &state.flights[collector] {
                Some(flight) => flights.push(flight.clone()),
                None if due => {
                    let (guard, flight) = self.clone().start_flight(collector);
                    flights.push(flight.clone());
                    state.flights[collector] = Some(flight);
                    guards.push((collector, guard));
                }
                None => {}
            }
        }
        // A flight that ends at once records its end in the state.
        drop(state);
        for (collector, guard) in guards {
            let flight = self.clone().run(collector, now, active.clone(), guard);
            tokio::spawn(flight);
        }
        flights
    }

    /// A flight of `collector`, whose end is recorded in the state.
    fn start_flight(self: Arc<Self>, collector: Collector) -> (FlightGuard, Flight) {
        FlightGuard::start(move || self.refresh_ended(collector))
    }

    async fn run(
        self: Arc<Self>,
        collector: Collector,
        started_at: Instant,
        active: Arc<ActiveSettings>,
        guard: FlightGuard,
    ) {
        // Every step of a refresh leaves the state consistent, so a panic between them does no harm.
        let refresh = self.refresh(collector, started_at, &active);
        let flight = AssertUnwindSafe(refresh).catch_unwind();
        let result = flight.await.unwrap_or_else(|_| {
            Err(Error {
                endpoint: endpoint_of(collector),
                kind: ErrorKind::TaskFailed,
            })
        });
        if let Err(error) = result {
            self.record_failure(collector, started_at, active.generation, &error);
        }
        drop(guard);
    }

    async fn refresh(
        self: &Arc<Self>,
        collector: Collector,
        started_at: Instant,
        active: &ActiveSettings,
    ) -> Result<(), Error> {
        let ActiveSettings { client, config, .. } = active;
        let deadline = started_at + config.request.refresh_limit();
        let window = Window {
            started_at,
            deadline,
        };
        let batch_size = config.request.batch_size;
        let scope = self.scope(collector, batch_size, deadline).await?;
        let refresh = Refresh {
            collector,
            started_at,
            generation: active.generation,
        };
        match collector {
            Collector::Spaces => {
                let answer = client.spaces(window).await?;
                self.publish(refresh, answer, |it| &mut it.spaces).await
            }
            Collector::Sensors => {
                let answer = client.sensors(&scope, window).await?;
                self.publish(refresh, answer, |it| &mut it.sensors).await
            }
            Collector::CurrentCount => {
                let answer = client.current_count(&scope, window).await?;
                self.publish(refresh, answer, |it| &mut it.current_count)
                    .await
            }
            Collector::Presence => {
                let answer = client.presence(&scope, window).await?;
                self.publish(refresh, answer, |it| &mut it.presence).await
            }
            Collector::SensorHealth => {
                let answer = client.sensor_health(&scope, window).await?;
                self.publish(refresh, answer, |it| &mut it.sensor_health)
                    .await
            }
        }
    }

    /// What to request: with batches, the spaces that the filter keeps, once they are known.
    async fn scope(
        &self,
        collector: Collector,
        batch_size: usize,
        deadline: Instant,
    ) -> Result<Scope, Error> {
        if batch_size == 0 || collector == Collector::Spaces {
            return Ok(Scope::Everything);
        }
        let (mut inventory, flight) = {
            let state = self.state();
            let flight = state.flights[Collector::Spaces].clone();
            (state.snapshot.inventory.clone(), flight)
        };
        // Spaces fetched earlier will do: a refresh in flight may never bring new ones.
        if let (true, Some(flight)) = (inventory.tree().is_empty(), flight) {
            let wait = deadline.since(self.clock.now());
            let _ = tokio::time::timeout(wait, flight.ended()).await;
            inventory = self.state().snapshot.inventory.clone();
        }
        // Open-area sensors have no counts, and the endpoint of counts is documented not to know them.
        let is_requested =
            |counting_mode: &str| collector != Collector::CurrentCount || counting_mode != "oa";
        let ids: Vec<_> = inventory
            .kept_spaces()
            .filter(|(_, it)| is_requested(inventory.tree().text(it.space.counting_mode)))
            .map(|(_, it)| SharedStr::from(inventory.tree().text(it.space.id)))
            .collect();
        if inventory.tree().is_empty() {
            return Err(Error {
                endpoint: endpoint_of(collector),
                kind: ErrorKind::NoSpaces,
            });
        }
        Ok(Scope::Spaces { ids, batch_size })
    }
}
