//! An API that answers from memory as it is told to, and notes each call.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use density_exporter::clock::Clock;
use density_exporter::config::Collector;
use density_exporter::density::{BodyStream, Endpoint, Transport, TransportError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use proptest::prelude::*;

use crate::building::{Building, Content};
use crate::clock::Machine;

/// How an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Behaviour {
    Well,
    /// Well, but after so many milliseconds.
    Late(u64),
    /// Not at all.
    Hangs,
    /// With a status that will not pass by itself.
    Refuses(u16),
    /// With a status that may, perhaps with a `Retry-After` in seconds.
    Unavailable(Option<u64>),
    /// The connection breaks.
    Breaks,
    /// With something that is not JSON.
    Garbage,
    /// Once with a 429, and well from then on; with a `Retry-After` in seconds, which is a date when
    /// the second is true.
    Limits(Option<u64>, bool),
}

pub fn behaviour() -> impl Strategy<Value = Behaviour> {
    // No time on the way is a whole number of seconds, so that no answer comes just at a deadline.
    let late = prop::sample::select(&[137u64, 613, 1733, 4391, 7717, 19_387][..]);
    let seconds = prop::sample::select(&[0u64, 1, 4, 30, 7200][..]);
    prop_oneof![
        6 => Just(Behaviour::Well),
        4 => late.prop_map(Behaviour::Late),
        2 => Just(Behaviour::Hangs),
        3 => prop::sample::select(&[403u16, 404, 500, 413][..]).prop_map(Behaviour::Refuses),
        2 => prop::option::of(seconds.clone()).prop_map(Behaviour::Unavailable),
        1 => Just(Behaviour::Breaks),
        1 => Just(Behaviour::Garbage),
        1 => (prop::option::of(seconds), any::<bool>()).prop_map(|(it, is_date)| Behaviour::Limits(it, is_date)),
    ]
}

/// What a call comes to when whoever calls waits long enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Good(Content),
    /// It will not pass by itself.
    Final,
    /// It may pass: not before this, where the answer says so.
    Passing(Option<Duration>),
    /// A 429: it says to wait for something between these, where it says so.
    Limited(Option<(Duration, Duration)>),
}

/// A call that has arrived.
#[derive(Clone, Debug)]
pub struct Call {
    pub collector: Collector,
    pub at: u64,
    /// How long the answer takes; none: there is none.
    pub takes: Option<u64>,
    pub outcome: Outcome,
}

#[derive(Debug)]
struct State {
    building: Building,
    behaviours: BTreeMap<Collector, Behaviour>,
    calls: Vec<Call>,
}

/// The API.
#[derive(Debug)]
pub struct Api {
    machine: Arc<Machine>,
    state: Mutex<State>,
}

impl Api {
    pub fn new(machine: Arc<Machine>) -> Arc<Self> {
        Arc::new(Self {
            machine,
            state: Mutex::new(State {
                building: Building::new(),
                behaviours: BTreeMap::new(),
                calls: Vec::new(),
            }),
        })
    }

    pub fn behave(&self, collectors: &[Collector], behaviour: Behaviour) {
        let mut state = self.state.lock().unwrap();
        let all = collectors.iter().map(|it| (*it, behaviour));
        state.behaviours.extend(all);
    }

    pub fn happens(&self, happening: crate::building::Happening) {
        self.state.lock().unwrap().building.happens(happening);
    }

    /// How many calls have arrived.
    pub fn arrived(&self) -> usize {
        self.state.lock().unwrap().calls.len()
    }

    /// The calls of these numbers.
    pub fn calls(&self, numbers: Range<usize>) -> Vec<Call> {
        self.state.lock().unwrap().calls[numbers].to_vec()
    }

    /// Notes the call and says how it is answered.
    fn arrive(&self, collector: Collector) -> (Behaviour, Content) {
        let mut state = self.state.lock().unwrap();
        let behaviour = state.behaviours.get(&collector).copied();
        let behaviour = behaviour.unwrap_or(Behaviour::Well);
        let content = state.building.content(collector);
        let wait = |seconds: Option<u64>| seconds.map(Duration::from_secs);
        let outcome = match behaviour {
            Behaviour::Well | Behaviour::Late(_) | Behaviour::Hangs => {
                Outcome::Good(content.clone())
            }
            Behaviour::Refuses(_) | Behaviour::Garbage => Outcome::Final,
            Behaviour::Unavailable(seconds) => Outcome::Passing(wait(seconds)),
            Behaviour::Breaks => Outcome::Passing(None),
            Behaviour::Limits(seconds, is_date) => {
                state.behaviours.remove(&collector);
                let least = Duration::from_secs(u64::from(is_date));
                Outcome::Limited(wait(seconds).map(|it| (it.saturating_sub(least), it)))
            }
        };
        let takes = match behaviour {
            Behaviour::Late(takes) => Some(takes),
            Behaviour::Hangs => None,
            _ => Some(0),
        };
        state.calls.push(Call {
            collector,
            at: self.machine.milliseconds(),
            takes,
            outcome,
        });
        (behaviour, content)
    }

    /// `Retry-After` as the API words it. A date has no fraction of a second, so that it is a little
    /// less.
    fn retry_after(&self, seconds: u64, is_date: bool) -> String {
        match is_date {
            true => httpdate::fmt_http_date(self.machine.wall() + Duration::from_secs(seconds)),
            false => seconds.to_string(),
        }
    }
}

fn answer(status: u16, body: impl Into<Bytes>) -> Response<BodyStream> {
    let body = body.into();
    let body: BodyStream = Box::pin(futures_util::stream::once(async { Ok(body) }));
    Response::builder().status(status).body(body).unwrap()
}

impl Transport for Api {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<BodyStream>, TransportError>> {
        async move {
            let path = request.uri().path();
            let endpoints = Collector::ALL
                .into_iter()
                .zip(Endpoint::ALL.into_iter().skip(1));
            let collector = endpoints.into_iter().find(|(_, it)| it.path() == path);
            let (collector, _) = collector.expect("an endpoint that is asked");
            let (behaviour, content) = self.arrive(collector);
            let well = || answer(200, content.json().to_string());
            let limited = |status: u16, seconds: Option<u64>, is_date| {
                let mut answer = answer(status, "");
                if let Some(seconds) = seconds {
                    let value = self.retry_after(seconds, is_date).parse().unwrap();
                    answer.headers_mut().insert("retry-after", value);
                }
                answer
            };
            Ok(match behaviour {
                Behaviour::Well => well(),
                Behaviour::Late(takes) => {
                    tokio::time::sleep(Duration::from_millis(takes)).await;
                    well()
                }
                Behaviour::Hangs => std::future::pending().await,
                Behaviour::Refuses(status) => answer(status, "{}"),
                Behaviour::Garbage => answer(200, "<html>"),
                Behaviour::Unavailable(seconds) => limited(503, seconds, false),
                Behaviour::Limits(seconds, is_date) => limited(429, seconds, is_date),
                Behaviour::Breaks => return Err(TransportError::Reset("broken".to_owned())),
            })
        }
        .boxed()
    }
}
