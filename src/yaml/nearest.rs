//! Which known word was meant by an unknown one.
//!
//! Never looks at values: only at keys and at the few words that a value may be.

use strsim::osa_distance;

/// The word of `known` that is so close to `word` that it was probably meant.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // A longer word is no slip of the finger, and comparing it costs time.
    if word.len() > 60 {
        return None;
    }
    let plain = |it: &str| it.to_lowercase().replace('-', "_");
    let word = plain(word);
    known
        .iter()
        .map(|it| (osa_distance(&word, &plain(it)), *it))
        .filter(|(distance, it)| *distance <= (it.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("presense", Some("presence"))]
    #[case("Presence", Some("presence"))]
    #[case("sensor-health", Some("sensor_health"))]
    #[case("tll", Some("ttl"))]
    #[case("x-frame-option", Some("X-Frame-Options"))]
    #[case("ttl_seconds", None)]
    #[case("", None)]
    #[case("x", None)]
    fn a_slip_is_recognized(#[case] word: &str, #[case] meant: Option<&str>) {
        assert_eq!(
            nearest(
                word,
                &["presence", "sensor_health", "ttl", "X-Frame-Options"]
            ),
            meant
        );
    }
}
