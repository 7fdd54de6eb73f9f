//! What each endpoint says when nothing is wrong: one function an endpoint, from the world at one
//! moment to JSON. Nothing here knows of faults, wrapping, rates or sockets.

mod history;
mod live;
mod resolution;
mod sensors;
mod spaces;
mod stamp;
mod users;

pub(crate) use spaces::write_deep_spaces;
pub(crate) use users::Users;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use super::endpoint::Route;
use super::options::Nesting;
use super::portfolio::SpaceIndex;
use super::world::World;

/// 1 January 2022: no space and no sensor is older.
const FIRST_DAY: i64 = 1_640_995_200;

/// What an answer is, which decides how it may be wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A list or a map that the reference shows bare.
    Bare,
    /// A list that the reference shows under `data`.
    UnderData,
    /// An object of its own, which nobody wraps.
    Single,
}

/// A right answer, not wrapped yet.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) shape: Shape,
    pub(crate) json: Vec<u8>,
}

/// An error as the API tells it: a status and a message.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::new(500, format!("unexpected error: {error}"))
    }
}

/// What the endpoints read besides the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book<'a> {
    pub(crate) world: World<'a>,
    pub(crate) nesting: Nesting,
    pub(crate) canary: Option<&'a str>,
}

/// What requests may ask for; each endpoint looks at its own part.
#[derive(Debug, Default, Deserialize)]
struct Request {
    space_ids: Option<Vec<String>>,
    serial_numbers: Option<Vec<String>>,
    floor_ids: Option<Vec<String>>,
    start_date: Option<String>,
    end_date: Option<String>,
    time_resolution: Option<String>,
    minutes_lookback: Option<u32>,
}

impl Request {
    /// No body is a request for everything.
    fn read(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let wrong =
            |error| Problem::new(400, format!("request data was missing or invalid: {error}"));
        serde_json::from_slice(body).map_err(wrong)
    }
}

/// Answers every route that only reads the portfolio.
pub(crate) fn read(book: Book<'_>, route: &Route, body: &[u8]) -> Result<Answer, Problem> {
    match route {
        Route::HelloWorld => single(&Hello {
            message: "hello world",
        }),
        Route::Spaces => spaces::spaces(book),
        Route::Sensors => sensors::sensors(book, &Request::read(body)?),
        Route::SensorHealth => live::sensor_health(book, &Request::read(body)?),
        Route::CurrentCount => live::counts(book, &Request::read(body)?),
        Route::Presence => live::presence(book, &Request::read(body)?),
        Route::PresenceHealth => live::presence_health(book, &Request::read(body)?),
        Route::ShortTerm => live::short_term(book, &Request::read(body)?),
        Route::SensorHealthHistory => history::sensor_health(book, &Request::read(body)?),
        Route::Analytics(what) => history::analytics(book, *what, &Request::read(body)?),
        Route::DataStatus => history::data_status(book, &Request::read(body)?),
        Route::Stream => Err(Problem::new(501, "streams are not simulated")),
        Route::Token | Route::Users | Route::User(_) | Route::Unknown => {
            Err(Problem::new(404, "resource not found"))
        }
    }
}

#[derive(Serialize)]
struct Hello {
    message: &'static str,
}

/// An object of its own.
pub(crate) fn single(value: &impl Serialize) -> Result<Answer, Problem> {
    Ok(Answer {
        shape: Shape::Single,
        json: serde_json::to_vec(value)?,
    })
}

/// A list, written entry by entry.
fn list<T: Serialize>(shape: Shape, entries: impl Iterator<Item = T>) -> Result<Answer, Problem> {
    let mut json = Vec::new();
    serde_json::Serializer::new(&mut json).collect_seq(entries)?;
    Ok(Answer { shape, json })
}

/// A map, written entry by entry.
fn map<K: Serialize, V: Serialize>(
    entries: impl Iterator<Item = (K, V)>,
) -> Result<Answer, Problem> {
    let mut json = Vec::new();
    serde_json::Serializer::new(&mut json).collect_map(entries)?;
    Ok(Answer {
        shape: Shape::Bare,
        json,
    })
}

/// The spaces that are asked for, in the portfolio's order, each once: all without ids (or with an
/// empty list), and none for an id that does not exist.
fn chosen_spaces<'a>(
    world: World<'a>,
    ids: Option<&[String]>,
) -> Box<dyn Iterator<Item = SpaceIndex> + 'a> {
    match ids {
        Some(ids) if !ids.is_empty() => {
            let found = ids.iter().filter_map(|id| world.portfolio.find_space(id));
            Box::new(found.collect::<BTreeSet<_>>().into_iter())
        }
        _ => Box::new(world.spaces().map(|(index, _)| index)),
    }
}

/// The sensors that are asked for: by serial number, and by a space that they hang in or measure.
fn chosen_sensors<'a>(world: World<'a>, request: &Request) -> Box<dyn Iterator<Item = u32> + 'a> {
    let named = request
        .serial_numbers
        .as_deref()
        .filter(|list| !list.is_empty());
    let placed = request.space_ids.as_deref().filter(|list| !list.is_empty());
    let sensors: Box<dyn Iterator<Item = u32> + 'a> = match named {
        Some(serials) => {
            let found = serials
                .iter()
                .filter_map(|serial| world.portfolio.find_sensor(serial));
            Box::new(found.collect::<BTreeSet<_>>().into_iter())
        }
        None => Box::new(world.sensors().map(|(index, _)| index)),
    };
    let sensors = sensors.filter(move |&sensor| !world.changes.is_removed(sensor));
    let Some(ids) = placed else {
        return Box::new(sensors);
    };
    let places: BTreeSet<SpaceIndex> = chosen_spaces(world, Some(ids)).collect();
    Box::new(sensors.filter(move |&sensor| {
        let mut at = world.portfolio.places_of(world.portfolio.sensor(sensor));
        at.any(|place| places.contains(&place))
    }))
}
