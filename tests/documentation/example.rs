//! The example of a configuration, with what is commented out in it.

use regex::Regex;
use serde_json::Value;

use crate::read;

pub const EXAMPLE: &str = "docs/density.example.yml";

/// The example as if every key that it shows in a comment were given.
pub fn example() -> Value {
    let commented_out = Regex::new("(?m)^( *)# ([a-z_]+: )").unwrap();
    let text = read(EXAMPLE);
    // The colon of a sentence at the top has no key before it.
    let text = commented_out.replace_all(&text, "$1$2");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
