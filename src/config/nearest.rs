//! Which known word was meant by an unknown one.
//!
//! Never looks at values: only at keys and at the few words that a value may be.

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
        .map(|it| (distance(&word, &plain(it)), *it))
        .filter(|(distance, it)| *distance <= (it.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Words of some sixty letters, and no distance is longer than the longer word."
)]
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(letter != other))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped =
                i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            if swapped {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
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

    #[rstest]
    #[case("", "", 0)]
    #[case("abc", "", 3)]
    #[case("abcd", "abdc", 1)]
    #[case("kitten", "sitting", 3)]
    fn counts_the_slips(#[case] a: &str, #[case] b: &str, #[case] slips: usize) {
        assert_eq!(distance(a, b), slips);
    }
}
