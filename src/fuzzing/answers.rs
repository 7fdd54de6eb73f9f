//! The answers of Density's API, in any pieces.

use crate::density::fuzzing as density;

use super::input::pieces;

pub(super) fn token(data: &[u8]) {
    density::token(&pieces(data));
}

pub(super) fn spaces(data: &[u8]) {
    let _ = density::spaces(&pieces(data));
}

pub(super) fn sensors(data: &[u8]) {
    let _ = density::sensors(&pieces(data));
}

pub(super) fn current_count(data: &[u8]) {
    let (before, after) = split_answers(data);
    let _ = density::current_count(&pieces(before), &pieces(after));
}

pub(super) fn presence(data: &[u8]) {
    let (before, after) = split_answers(data);
    let _ = density::presence(&pieces(before), &pieces(after));
}

pub(super) fn sensor_health(data: &[u8]) {
    let (before, after) = split_answers(data);
    let _ = density::sensor_health(&pieces(before), &pieces(after));
}

/// Two answers, separated by an empty line; a single one is the second.
fn split_answers(data: &[u8]) -> (&[u8], &[u8]) {
    let border = data.windows(2).position(|it| it == b"\n\n");
    match border.and_then(|it| data.split_at_checked(it)) {
        Some((before, after)) => (before, after.get(2..).unwrap_or_default()),
        None => (&[], data),
    }
}
