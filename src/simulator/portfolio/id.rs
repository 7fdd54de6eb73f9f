//! Ids of spaces and serial numbers of sensors: kept as numbers, written as Density writes them.
//!
//! Each is a permutation of the index, so that no two are the same.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::simulator::rng::{Rng, Topic};

const SPACE_IDS: u64 = 100_000_000_000;
const SERIAL_LENGTH: usize = 7;
const SERIALS: u64 = 36_u64.pow(SERIAL_LENGTH as u32);
/// Divisible by none of 2, 3 and 5, so that multiplying by it permutes both ranges above.
const STRIDE: u64 = 7_919_000_000_201;

/// Permutes the numbers below `count`, beginning at `start`.
fn permute(index: u64, start: u64, count: u64) -> u64 {
    let spread = u128::from(index) * u128::from(STRIDE) + u128::from(start);
    // Below `count`, so it fits.
    (spread % u128::from(count)) as u64
}

/// The id of a space, written `spc_` and eleven digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SpaceId(u64);

impl SpaceId {
    pub(super) fn nth(rng: Rng, index: usize) -> Self {
        Self(permute(
            index as u64,
            rng.sample(Topic::SpaceIds, 0),
            SPACE_IDS,
        ))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("spc_")?;
        let exact = digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit());
        exact.then(|| digits.parse().ok().map(Self))?
    }
}

impl fmt::Display for SpaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spc_{:011}", self.0)
    }
}

impl Serialize for SpaceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The serial number of a sensor: seven capital letters and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Serial(u64);

impl Serial {
    pub(super) fn nth(rng: Rng, index: usize) -> Self {
        Self(permute(
            index as u64,
            rng.sample(Topic::Serials, 0),
            SERIALS,
        ))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let exact = text.len() == SERIAL_LENGTH
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        exact.then(|| u64::from_str_radix(text, 36).ok().map(Self))?
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut text = ['0'; SERIAL_LENGTH];
        for place in text.iter_mut().rev() {
            let digit = (rest % 36) as u32;
            *place = char::from_digit(digit, 36)
                .unwrap_or('0')
                .to_ascii_uppercase();
            rest /= 36;
        }
        text.iter()
            .try_for_each(|&letter| fmt::Write::write_char(f, letter))
    }
}

impl Serialize for Serial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_parsed_as_they_are_written() {
        let rng = Rng::new(5);
        for index in [0, 1, 99_999] {
            let (id, serial) = (SpaceId::nth(rng, index), Serial::nth(rng, index));
            assert_eq!(SpaceId::parse(&id.to_string()), Some(id));
            assert_eq!(Serial::parse(&serial.to_string()), Some(serial));
        }
        for wrong in [
            "",
            "spc_",
            "spc_+2345678901",
            "spc_123456789012",
            "A1B6Z1",
            "a1b6z10",
        ] {
            assert_eq!(SpaceId::parse(wrong), None, "{wrong}");
            assert_eq!(Serial::parse(wrong), None, "{wrong}");
        }
    }
}
