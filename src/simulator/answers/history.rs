//! What was: analytics over a period, the health of sensors in the past, how complete data is.
//!
//! The numbers are samples of the same people and sensors that the live endpoints show, taken at
//! regular moments of the period; nothing is recorded, so a period that lies far back costs the same.

use std::collections::BTreeMap;

use serde::Serialize;

use super::resolution::Resolution;
use super::{Answer, Book, Problem, Request, chosen_sensors, chosen_spaces, map, stamp};
use crate::simulator::endpoint::Analysis;
use crate::simulator::portfolio::{SpaceIndex, SpaceKind};
use crate::simulator::world::World;

/// How many samples one call may take: more is a call that the real API would not answer either.
const MOST_SAMPLES: u64 = 4_000_000;
/// How many records of one sensor an answer has at most.
const MOST_RECORDS: usize = 1_000;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// What the samples of one bucket add up to.
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
    fn new(bucket: &Bucket, what: Analysis, step: i64, capacity: Option<u16>) -> Self {
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
        let wants = |other| what == other || what == Analysis::All;
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

/// The period that is asked for, in seconds since the Unix epoch.
fn period(request: &Request) -> Result<(i64, i64), Problem> {
    let start = stamp::read("start_date", request.start_date.as_deref())?;
    let end = stamp::read("end_date", request.end_date.as_deref())?;
    if end <= start {
        return Err(Problem::new(400, "end_date must be after start_date"));
    }
    Ok((start, end))
}

pub(super) fn analytics(
    book: Book<'_>,
    what: Analysis,
    request: &Request,
) -> Result<Answer, Problem> {
    let (start, end) = period(request)?;
    let resolution = Resolution::read(request.time_resolution.as_deref())?;
    let world = book.world;
    let spaces: Vec<SpaceIndex> = chosen_spaces(world, request.space_ids.as_deref())
        .filter(|&index| world.health(index).is_some())
        .collect();
    let step = resolution.step();
    // The future has not been measured yet.
    let end = end.min(world.at);
    let samples = end.saturating_sub(start).max(0).unsigned_abs() / step.unsigned_abs() + 1;
    if samples.saturating_mul(spaces.len() as u64) > MOST_SAMPLES {
        return Err(Problem::new(
            400,
            "the period is too long for so many spaces",
        ));
    }
    map(spaces.into_iter().map(|index| {
        let capacity = world.portfolio.space(index).capacity;
        let buckets: BTreeMap<String, Datum> = sample(world, index, resolution, start, end)
            .into_iter()
            .map(|(key, bucket)| {
                (
                    resolution.write(key),
                    Datum::new(&bucket, what, step, capacity),
                )
            })
            .collect();
        (world.portfolio.space(index).id, buckets)
    }))
}

fn sample(
    world: World<'_>,
    index: SpaceIndex,
    resolution: Resolution,
    start: i64,
    end: i64,
) -> BTreeMap<i64, Bucket> {
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    let mut before = None;
    let mut at = start;
    while at < end {
        let then = world.at(at);
        let people = then.people(index);
        let bucket = buckets.entry(resolution.bucket(at, start)).or_default();
        bucket.add(people, before.unwrap_or(people), then.up_share(index));
        before = Some(people);
        at += resolution.step();
    }
    buckets
}

#[derive(Serialize)]
struct Record {
    health_status: &'static str,
    timestamp: String,
}

pub(super) fn sensor_health(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let (start, end) = period(request)?;
    let world = book.world;
    let end = end.min(world.at);
    map(chosen_sensors(world, request).map(|sensor| {
        let mut records = Vec::new();
        let mut at = end;
        // Backwards from change to change, the newest first.
        while at >= start && records.len() < MOST_RECORDS {
            let reading = world.at(at).reading(sensor);
            records.push(Record {
                health_status: reading.health.name(),
                timestamp: stamp::utc(reading.since.max(start)),
            });
            at = reading.since.min(at) - 1;
        }
        records.reverse();
        (world.portfolio.sensor(sensor).serial, records)
    }))
}

#[derive(Serialize)]
struct FloorStatus {
    completeness: f64,
}

pub(super) fn data_status(book: Book<'_>, request: &Request) -> Result<Answer, Problem> {
    let (start, end) = period(request)?;
    if !(5 * MINUTE..=10 * DAY).contains(&(end - start)) {
        return Err(Problem::new(400, "the period must be 5 minutes to 10 days"));
    }
    let world = book.world;
    let floors = chosen_spaces(world, request.floor_ids.as_deref()).filter(move |&index| {
        world.portfolio.space(index).kind == SpaceKind::Floor && world.is_open_area(index)
    });
    let samples = 24;
    map(floors.map(|index| {
        let moments = (0..samples).map(|i| start + (end - start) * i / samples);
        let complete: f64 = moments
            .map(|at| {
                if at > world.at {
                    0.0
                } else {
                    world.at(at).up_share(index)
                }
            })
            .sum();
        let completeness = complete / samples as f64;
        (
            world.portfolio.space(index).id,
            FloorStatus { completeness },
        )
    }))
}
