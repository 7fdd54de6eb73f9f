//! One field of an entry: there, null, missing, or of another type than it should be.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::rejection::Reason;
use crate::snapshot::Text;

/// A field whose type is looked at by whoever needs it, so that a wrong one has a reason of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field<'a>(Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Field(Some(raw)))
    }
}

/// Text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Field<'a> {
    /// Whether the field is there, be it null.
    pub(super) fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// The field's JSON, when it is there and not null.
    pub(super) fn raw(self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|raw| *raw != "null")
    }

    /// Text; nothing when it is missing or null.
    pub(super) fn text(self) -> Result<Option<Cow<'a, str>>, Reason> {
        self.read::<Str<'a>>().map(|it| it.map(|text| text.0))
    }

    /// A truth value; nothing when it is missing or null.
    pub(super) fn boolean(self) -> Result<Option<bool>, Reason> {
        self.read()
    }

    /// A number that is finite and not negative; nothing when it is missing or null.
    pub(super) fn amount(self) -> Result<Option<f64>, Reason> {
        let Some(raw) = self.raw() else {
            return Ok(None);
        };
        if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Err(Reason::WrongType);
        }
        match serde_json::from_str::<f64>(raw) {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some(number + 0.0)),
            _ => Err(Reason::InvalidNumber),
        }
    }

    /// An id: text that is not empty.
    pub(super) fn id(self) -> Result<Option<Text>, Reason> {
        match self.text() {
            Ok(Some(id)) if !id.is_empty() => Ok(Some(Text::from(id))),
            Ok(_) => Ok(None),
            Err(reason) => Err(reason),
        }
    }

    /// A list of ids; nulls in it are passed over.
    pub(super) fn ids(self) -> Result<Vec<Text>, Reason> {
        let ids: Vec<Option<Str<'a>>> = self.read()?.unwrap_or_default();
        Ok(ids
            .into_iter()
            .flatten()
            .filter(|id| !id.0.is_empty())
            .map(|id| Text::from(id.0))
            .collect())
    }

    /// Any type; nothing when it is missing or null.
    pub(super) fn read<T: Deserialize<'a>>(self) -> Result<Option<T>, Reason> {
        match self.raw() {
            Some(raw) => serde_json::from_str(raw).map_err(|_| Reason::WrongType),
            None => Ok(None),
        }
    }
}

/// Reads an object's fields into `T`, whose fields are [`Field`]s.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, Reason> {
    if !raw.starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    // The text is JSON already: what is left to fail is a field that stands twice, or broken text.
    serde_json::from_str(raw).map_err(|_| Reason::Malformed)
}
