//! A space and a sensor. Fields that can be sampled again are not stored, so that a hundred thousand
//! sensors take little memory.

use super::{Serial, SpaceId};

/// The index of a space in [`super::Portfolio::spaces`].
pub(crate) type SpaceIndex = u32;

/// The `space_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SpaceKind {
    Portfolio,
    Region,
    Campus,
    Building,
    Floor,
    Space,
}

impl SpaceKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Region => "region",
            Self::Campus => "campus",
            Self::Building => "building",
            Self::Floor => "floor",
            Self::Space => "space",
        }
    }
}

/// What a space of type `space` is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Meeting,
    Huddle,
    PhoneBooth,
    Neighborhood,
    OpenArea,
    Desk,
    Cafe,
    Lobby,
    Lounge,
    Restroom,
}

impl Room {
    /// The `function`, as free text.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Meeting => "meeting_room",
            Self::Huddle => "huddle_room",
            Self::PhoneBooth => "phone_booth",
            Self::Neighborhood => "neighborhood",
            Self::OpenArea => "open_area",
            Self::Desk => "desk",
            Self::Cafe => "cafe",
            Self::Lobby => "lobby",
            Self::Lounge => "lounge",
            Self::Restroom => "restroom",
        }
    }
}

/// The `counting_mode`: how a space is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Oa,
    Entry,
    Waffle,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Oa => "oa",
            Self::Entry => "entry",
            Self::Waffle => "waffle",
        }
    }

    /// Whether the space has a current count, and not only presence.
    pub(crate) const fn counts(self) -> bool {
        matches!(self, Self::Entry | Self::Waffle)
    }
}

/// The `sensor_type`: the counting mode of its spaces.
pub(crate) type SensorKind = Mode;

/// A space.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) id: SpaceId,
    pub(crate) name: Option<Box<str>>,
    pub(crate) kind: SpaceKind,
    /// What it is used for, for spaces of type `space`.
    pub(crate) room: Option<Room>,
    pub(crate) parent: Option<SpaceIndex>,
    pub(crate) children: Vec<SpaceIndex>,
    /// How many people it holds, whether the API knows that as its `capacity` or not.
    pub(crate) seats: u16,
    pub(crate) capacity: Option<u16>,
    /// None where no sensor measures.
    pub(crate) mode: Option<Mode>,
    /// The `status`: `live`, `planning`, `retired`.
    pub(crate) status: &'static str,
    pub(crate) city: u8,
    /// The sensors that measure it.
    pub(crate) sensors: Vec<u32>,
}

/// A sensor.
#[derive(Debug)]
pub(crate) struct Sensor {
    pub(crate) serial: Serial,
    pub(crate) kind: SensorKind,
    pub(crate) floor: Option<SpaceIndex>,
    /// The rooms that it measures: one, two (a door between them), or none but the floor.
    pub(crate) rooms: [Option<SpaceIndex>; 2],
}
