//! From a text to the types of its keys, or to the first mistake in its form.

use serde::de::DeserializeOwned;
use serde_saphyr::options::{MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, from_str_with_options};

use super::error::{Diagnostics, Errors};
use super::file::{LARGEST_FILE, too_large};
use super::mistake::{MOST_VALUES, Mistake, NO_TAG};
use super::node::Node;
use super::tag::first_tagged;

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
    let refuse = |position, path, message: String| {
        let mut diagnostics = Diagnostics::of(name);
        diagnostics.add(position, path, message);
        diagnostics.into_errors()
    };
    if let Some(position) = first_tagged(text) {
        return Err(refuse(Some(position), String::new(), NO_TAG.to_owned()));
    }
    from_str_with_options(text, options()).map_err(|error| {
        let mistake = Mistake::new(text, &error, about_secrets);
        let position = mistake.position();
        let (path, message) = mistake.describe();
        refuse(position, path, message)
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
