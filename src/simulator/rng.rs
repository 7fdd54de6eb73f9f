//! Pseudo-random numbers without state: a hash of the seed, a topic and an index.
//!
//! Everything that varies in the simulated portfolio is sampled here, so that two simulators with the
//! same options agree. It must never depend on the time, the order of samples or the machine, and
//! is no source of secrets.

/// What is sampled, so that two samples for one index are independent.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(crate) enum Topic {
    SpaceIds = 1,
    Serials,
    Room,
    RoomName,
    Seats,
    Mode,
    Nulls,
    Labels,
    Details,
    Sensor,
    Outage,
    Since,
    Meeting,
    Crowd,
    Flicker,
    Silence,
}

/// The random numbers of one portfolio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rng {
    seed: u64,
}

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 uniform bits for `index`.
    pub(crate) const fn sample(self, topic: Topic, index: u64) -> u64 {
        scramble(scramble(self.seed ^ scramble(topic as u64)).wrapping_add(index))
    }

    /// 64 uniform bits for `index` at `step`, for whatever changes with time.
    pub(crate) const fn sample_at(self, topic: Topic, index: u64, step: i64) -> u64 {
        scramble(self.sample(topic, index) ^ scramble(step as u64))
    }

    /// A whole number below `bound` (0 when `bound` is 0).
    pub(crate) const fn below(self, topic: Topic, index: u64, bound: u64) -> u64 {
        match self.sample(topic, index).checked_rem(bound) {
            Some(number) => number,
            None => 0,
        }
    }
}

/// Turns uniform bits into a number from 0 up to, not including, 1.
pub(crate) fn unit(bits: u64) -> f64 {
    // A double holds 53 bits exactly.
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// The finalizer of SplitMix64: every input bit reaches every output bit.
const fn scramble(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_topics_and_indices_sample_equally() {
        assert_eq!(
            Rng::new(7).sample(Topic::Room, 3),
            Rng::new(7).sample(Topic::Room, 3)
        );
        assert_ne!(
            Rng::new(7).sample(Topic::Room, 3),
            Rng::new(8).sample(Topic::Room, 3)
        );
        assert_ne!(
            Rng::new(7).sample(Topic::Room, 3),
            Rng::new(7).sample(Topic::Seats, 3)
        );
    }

    #[test]
    fn units_are_uniform_enough() {
        let rng = Rng::new(1);
        let sum: f64 = (0..10_000).map(|i| unit(rng.sample(Topic::Room, i))).sum();
        assert!((4_800.0..5_200.0).contains(&sum), "{sum}");
    }
}
