//! JSON schemas of choices.

use schemars::{Schema, SchemaGenerator, json_schema};

/// A list of texts, or nothing.
pub(crate) fn texts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["array", "null"], "items": { "type": "string", "minLength": 1 } })
}

/// A list of these words, or nothing.
pub(crate) fn words(words: &[&str]) -> Schema {
    json_schema!({ "type": ["array", "null"], "items": { "enum": words } })
}
