//! `POST /v3/analytics/…` over a period: occupancy, time used, utilization, or all of them.
//!
//! The numbers are samples of the same people and sensors that the live endpoints show, taken at
//! regular times of the period; nothing is recorded, so that periods long ago cost the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::period;
use super::resolution::Resolution;
use super::selection::selected_spaces;
use crate::simulator::api_error::ApiError;
use crate::simulator::extract::{Caller, OptionalJson};
use crate::simulator::portfolio::SpaceIndex;
use crate::simulator::response::JsonResponse;
use crate::simulator::snapshot::Snapshot;
use crate::simulator::state::Simulator;

/// How many samples one request may take: the real API refuses such long periods too.
const MAX_SAMPLES: u64 = 4_000_000;

/// Which numbers a response has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Analysis {
    Occupancy,
    TimeUsed,
    Utilization,
    All,
}

#[derive(Default, Deserialize)]
pub(in crate::simulator) struct AnalyticsQuery {
    space_ids: Option<Vec<String>>,
    start_date: Option<String>,
    end_date: Option<String>,
    time_resolution: Option<String>,
}

type Query = OptionalJson<AnalyticsQuery>;

pub(in crate::simulator) async fn occupancy(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(query): Query,
) -> Result<JsonResponse, ApiError> {
    analyze(&simulator, Analysis::Occupancy, &query)
}

pub(in crate::simulator) async fn time_used(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(query): Query,
) -> Result<JsonResponse, ApiError> {
    analyze(&simulator, Analysis::TimeUsed, &query)
}

pub(in crate::simulator) async fn utilization(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(query): Query,
) -> Result<JsonResponse, ApiError> {
    analyze(&simulator, Analysis::Utilization, &query)
}

pub(in crate::simulator) async fn metrics(
    _: Caller,
    State(simulator): State<Arc<Simulator>>,
    OptionalJson(query): Query,
) -> Result<JsonResponse, ApiError> {
    analyze(&simulator, Analysis::All, &query)
}

fn analyze(
    simulator: &Simulator,
    analysis: Analysis,
    query: &AnalyticsQuery,
) -> Result<JsonResponse, ApiError> {
    let (start, end) = period::read(query.start_date.as_deref(), query.end_date.as_deref())?;
    let resolution = Resolution::read(query.time_resolution.as_deref())?;
    simulator.with_snapshot(|snapshot| {
        let spaces: Vec<SpaceIndex> = selected_spaces(snapshot, query.space_ids.as_deref())
            .filter(|&index| snapshot.health(index).is_some())
            .collect();
        let step = resolution.step();
        // The future has not been measured yet.
        let end = end.min(snapshot.at);
        let samples = end.saturating_sub(start).max(0).unsigned_abs() / step.unsigned_abs() + 1;
        if samples.saturating_mul(spaces.len() as u64) > MAX_SAMPLES {
            return Err(ApiError::bad_request(
                "the period is too long for so many spaces",
            ));
        }
        JsonResponse::map(spaces.into_iter().map(|index| {
            let space = snapshot.portfolio.space(index);
            let buckets: BTreeMap<String, Datum> = sample(snapshot, index, resolution, start, end)
                .into_iter()
                .map(|(key, bucket)| {
                    let datum = Datum::new(&bucket, analysis, step, space.capacity);
                    (resolution.write(key), datum)
                })
                .collect();
            (space.id, buckets)
        }))
    })
}

fn sample(
    snapshot: Snapshot<'_>,
    index: SpaceIndex,
    resolution: Resolution,
    start: i64,
    end: i64,
) -> BTreeMap<i64, Bucket> {
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    let mut before = None;
    let mut at = start;
    while at < end {
        let then = snapshot.at(at);
        let people = then.people(index);
        let bucket = buckets.entry(resolution.bucket(at, start)).or_default();
        bucket.add(people, before.unwrap_or(people), then.up_share(index));
        before = Some(people);
        at += resolution.step();
    }
    buckets
}

/// The samples of one bucket, added up.
#[derive(Default)]
struct Bucket {
    samples: u32,
    sum: u64,
    min: u32,
    max: u32,
    occupied: u32,
    entrances: u32,
    exits: u32,
    up: f64,
}

impl Bucket {
    fn add(&mut self, people: u32, before: u32, up: f64) {
        self.min = if self.samples == 0 {
            people
        } else {
            self.min.min(people)
        };
        self.max = self.max.max(people);
        self.samples += 1;
        self.sum += u64::from(people);
        self.occupied += u32::from(people > 0);
        self.entrances += people.saturating_sub(before);
        self.exits += before.saturating_sub(people);
        self.up += up;
    }
}

#[derive(Default, Serialize)]
struct Datum {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    occupancy: Option<Occupancy>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    time_used: Option<TimeUsed>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    utilization: Option<Utilization>,
    up_time: f64,
}

#[derive(Serialize)]
struct Occupancy {
    occupancy_avg: f64,
    occupancy_min: u32,
    occupancy_max: u32,
    entrances: u32,
    exits: u32,
}

#[derive(Serialize)]
struct TimeUsed {
    /// Milliseconds.
    time_used_raw: i64,
    time_used_percentage: f64,
}

/// Null without a capacity, 0 where it is 0.
#[derive(Serialize)]
struct Utilization {
    utilization_avg: Option<f64>,
    utilization_min: Option<f64>,
    utilization_max: Option<f64>,
}

impl Datum {
    fn new(bucket: &Bucket, analysis: Analysis, step: i64, capacity: Option<u16>) -> Self {
        let samples = f64::from(bucket.samples.max(1));
        let average = bucket.sum as f64 / samples;
        let share = |people: f64| {
            capacity.map(|seats| {
                if seats == 0 {
                    0.0
                } else {
                    people / f64::from(seats)
                }
            })
        };
        let wants = |other| analysis == other || analysis == Analysis::All;
        Self {
            occupancy: wants(Analysis::Occupancy).then_some(Occupancy {
                occupancy_avg: average,
                occupancy_min: bucket.min,
                occupancy_max: bucket.max,
                entrances: bucket.entrances,
                exits: bucket.exits,
            }),
            time_used: wants(Analysis::TimeUsed).then_some(TimeUsed {
                time_used_raw: i64::from(bucket.occupied) * step * 1_000,
                time_used_percentage: f64::from(bucket.occupied) / samples,
            }),
            utilization: wants(Analysis::Utilization).then(|| Utilization {
                utilization_avg: share(average),
                utilization_min: share(f64::from(bucket.min)),
                utilization_max: share(f64::from(bucket.max)),
            }),
            up_time: bucket.up / samples,
        }
    }
}
