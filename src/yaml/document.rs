//! From a text to the types of its keys, or to the first mistake in its form.

use serde::de::{Deserialize, DeserializeOwned};
use serde_path_to_error::Track;
use serde_saphyr::options::{MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, with_deserializer_from_str_with_options};

use super::error::{Diagnostics, Errors};
use super::file::{LARGEST_FILE, too_large};
use super::mistake::{MOST_VALUES, Mistake, position_of};
use super::node::Node;

/// More than any configuration needs.
const MOST_LEVELS: usize = 32;

/// Reads the text's one document; its value is `None` when there is nothing in it. `about_secrets` is what is said
/// of an unknown key that names a secret, in a file where none belongs.
///
/// # Errors
/// The first mistake in its form, or that it is too large.
pub(crate) fn read<T: DeserializeOwned>(
    name: &str,
    text: &str,
    about_secrets: Option<&str>,
) -> Result<Node<Option<T>>, Errors> {
    if text.len() > LARGEST_FILE {
        return Err(too_large(name));
    }
    let mut track = Track::new();
    let read = with_deserializer_from_str_with_options(text, options(), |deserializer| {
        Node::deserialize(serde_path_to_error::Deserializer::new(
            deserializer,
            &mut track,
        ))
    });
    read.map_err(|error| {
        let position = position_of(&error);
        let mistake = Mistake::new(text, position, &track.path(), about_secrets);
        let (path, message) = mistake.describe(&error);
        let mut diagnostics = Diagnostics::of(name);
        diagnostics.add(position, path, message);
        diagnostics.into_errors()
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_depth: MOST_LEVELS,
            max_nodes: MOST_VALUES,
        },
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}
