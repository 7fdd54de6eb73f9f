//! The JSON schemas of values that are judged later, as far as a schema can judge them.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::yaml::schema::words;

/// The types that Density knows, the widest first.
pub(super) const SPACE_TYPES: [&str; 6] = [
    "portfolio",
    "region",
    "campus",
    "building",
    "floor",
    "space",
];

/// Seconds; or numbers with their units, as `humantime` reads them.
const DURATION: &str = r"^\s*([0-9]+[.]?[0-9]*|([0-9]+([.][0-9]+)?\s*(ns|nsec|nanos|us|µs|usec|ms|msec|millis|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|M|months?|y|yrs?|years?)\s*)+)\s*$";

/// A duration with its unit, or seconds.
pub(super) fn duration(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "number"], "pattern": DURATION, "minimum": 0 })
}

/// A duration with its unit, or 0.
pub(crate) fn duration_with_unit(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer"], "pattern": DURATION, "minimum": 0, "maximum": 0 })
}

/// A size with its unit, or bytes.
pub(super) fn size(_: &mut SchemaGenerator) -> Schema {
    let pattern = r"^\s*[0-9]+\s*(([kKmMgGtT][iI]?)?[bB])?\s*$";
    json_schema!({ "type": ["string", "integer"], "pattern": pattern, "minimum": 0 })
}

/// An address for http or https, without a password.
pub(super) fn url(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "uri", "pattern": "^\\s*[hH][tT][tT][pP][sS]?://[^@?#]+$" })
}

pub(super) fn space_types(_: &mut SchemaGenerator) -> Schema {
    words(&SPACE_TYPES)
}
