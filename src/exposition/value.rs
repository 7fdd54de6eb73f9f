//! Sample values as text.

use super::TextBuffer;
use super::buffer::SpareCapacity;

/// The longest value in bytes: a float takes 24, a whole number 20.
pub(super) const MAX_VALUE_LENGTH: usize = 24;

/// Writes a value so that reading it back gives the same number: whole numbers without a fraction,
/// everything else as short as it can be.
pub fn write_value(out: &mut TextBuffer, value: f64) {
    out.append(MAX_VALUE_LENGTH, |spare| push_value(spare, value));
}

#[inline]
pub(super) fn push_value(spare: &mut SpareCapacity<'_>, value: f64) {
    /// Every whole number up to this one is exactly representable.
    const EXACT: f64 = 9_007_199_254_740_992.0;

    // The round trip changes a value that is not whole, not finite or too large, and the bits of a negative
    // zero.
    let whole = value as i64;
    if (whole as f64).to_bits() == value.to_bits() && value.abs() <= EXACT {
        match u8::try_from(whole) {
            Ok(digit @ 0..=9) => spare.push_short(&[b'0' | digit]),
            _ => spare.push_short(itoa::Buffer::new().format(whole).as_bytes()),
        }
    } else if value.is_nan() {
        spare.push_short(b"NaN");
    } else if value.is_infinite() {
        spare.push_short(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        spare.push_short(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64) -> String {
        let mut out = TextBuffer::new();
        write_value(&mut out, value);
        String::from_utf8(out.into_vec()).unwrap()
    }

    #[test]
    fn values_look_as_people_expect() {
        let looks = [
            (0.0, "0"),
            (-0.0, "-0.0"),
            (1.0, "1"),
            (0.25, "0.25"),
            (1_764_000_000.0, "1764000000"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, expected) in looks {
            assert_eq!(text(value), expected);
        }
    }
}
