//! Texts as YAML writes them, so that reading gives the same text again.
//!
//! Never lets a text break its line or hide in it: what can't be seen is escaped.

use std::fmt::Write;

/// A list of texts on one line.
pub(crate) fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|it| between_quotes(it)).collect();
    format!("[{}]", items.join(", "))
}

/// A scalar: without quotes where nothing else than itself can be read from it.
pub(crate) fn text(value: &str) -> String {
    let first = value.chars().next().unwrap_or_default();
    let is_plain = (first.is_ascii_alphabetic() || first == '/')
        && value
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"_-./:".contains(&it))
        && !value.ends_with(':')
        && !["null", "true", "false"].contains(&value.to_lowercase().as_str());
    if is_plain {
        value.to_owned()
    } else {
        between_quotes(value)
    }
}

/// A scalar between double quotes; what could not be seen, or could reorder the line, is escaped.
fn between_quotes(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            ' '..='~' => out.push(character),
            _ if character.is_alphanumeric() => out.push(character),
            _ => {
                let _ = write!(out, "\\U{:08X}", u32::from(character));
            }
        }
    }
    out.push('"');
    out
}
