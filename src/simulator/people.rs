//! How many people are in a room: a pure function of the room and the local time.
//!
//! They come in the morning, go to lunch, leave in the evening, and meet in between; few come at
//! night and at weekends. Nothing is stored, so that it can be
//! computed for any time. It knows rooms only; the people on a floor are the sum of its rooms.

use super::portfolio::Room;
use super::rng::{Rng, Topic, unit};

/// The local time at which the people of a steady simulator stay: a Tuesday at 10:30.
pub(crate) const STEADY_LOCAL: i64 = 19_997 * DAY + 10 * 3600 + 30 * 60;

const DAY: i64 = 86_400;
/// The people of a weekend day, as a share of those of a weekday.
const WEEKEND: f64 = 0.06;

/// The share of a building's people who are there, by local hour, interpolated linearly.
const OFFICE_DAY: [(f64, f64); 11] = [
    (0.0, 0.02),
    (6.5, 0.03),
    (9.0, 0.80),
    (10.5, 1.00),
    (11.8, 0.95),
    (12.5, 0.45),
    (13.5, 0.90),
    (16.0, 0.85),
    (18.0, 0.30),
    (20.5, 0.06),
    (24.0, 0.02),
];

/// The same for cafés.
const MEALS: [(f64, f64); 9] = [
    (0.0, 0.0),
    (7.0, 0.05),
    (8.5, 0.35),
    (10.0, 0.15),
    (11.7, 0.30),
    (12.5, 1.00),
    (13.7, 0.20),
    (15.5, 0.30),
    (18.0, 0.02),
];

/// People in `room` (the `index`-th space, with `seats`) at `local`, in seconds of local time since
/// 1970.
pub(crate) fn people(rng: Rng, index: u64, room: Room, seats: u16, local: i64) -> u32 {
    let (seconds, odds) = match room {
        Room::Meeting => (1800, 0.70),
        Room::Huddle => (900, 0.60),
        Room::PhoneBooth => (600, 0.55),
        Room::Desk => (2700, 0.75),
        Room::Restroom => (120, 0.45),
        Room::Cafe => return crowd(rng, index, seats, local, at_hour(&MEALS, local)),
        Room::Neighborhood | Room::OpenArea | Room::Lobby | Room::Lounge => {
            return crowd(rng, index, seats, local, 0.7 * at_hour(&OFFICE_DAY, local));
        }
    };
    // Meetings begin on the half hour; everything else when it happens.
    let shift = match room {
        Room::Meeting => 0,
        _ => rng.below(Topic::Since, index, seconds) as i64,
    };
    let seconds = seconds as i64;
    let slot = (local + shift).div_euclid(seconds);
    let into = (local + shift).rem_euclid(seconds);
    let bits = rng.sample_at(Topic::Meeting, index, slot);
    if unit(bits) >= odds * at_hour(&OFFICE_DAY, local) {
        return 0;
    }
    // Small meetings are more frequent than large ones. People arrive one after the other, and leave before
    // the next meeting.
    let share = unit(bits.rotate_left(20)) * unit(bits.rotate_left(40));
    let invited = 1 + (share * f64::from(seats)) as u32;
    let leaves = seconds - (bits >> 7) as i64 % (seconds / 8 + 1);
    if into >= leaves {
        return 0;
    }
    let arrived = 1 + into / 25;
    invited
        .min(u32::from(seats))
        .min(u32::try_from(arrived).unwrap_or(u32::MAX))
}

/// People who come and go one by one.
fn crowd(rng: Rng, index: u64, seats: u16, local: i64, share: f64) -> u32 {
    const INTERVAL: i64 = 300;
    let interval = local.div_euclid(INTERVAL);
    let into = local.rem_euclid(INTERVAL) as f64 / INTERVAL as f64;
    let from = unit(rng.sample_at(Topic::Crowd, index, interval));
    let to = unit(rng.sample_at(Topic::Crowd, index, interval + 1));
    let noise = 0.5 + 0.6 * (from + (to - from) * into);
    let expected = f64::from(seats) * share * noise;
    let flicker = unit(rng.sample_at(Topic::Flicker, index, local.div_euclid(20)));
    // The fraction is rounded randomly, so that a mean of 0.3 is sometimes one person.
    let count = (expected + 0.8 * flicker).floor().max(0.0) as u32;
    count.min(u32::from(seats) * 3 / 2)
}

fn at_hour(curve: &[(f64, f64)], local: i64) -> f64 {
    let hour = local.rem_euclid(DAY) as f64 / 3600.0;
    let mut before = (0.0, 0.0);
    let mut share = 0.0;
    for &(at, value) in curve {
        if at > hour {
            let (start, low) = before;
            share = low + (value - low) * (hour - start) / (at - start);
            break;
        }
        before = (at, value);
        share = value;
    }
    // 1 January 1970 was a Thursday.
    let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7);
    if weekday >= 5 { share * WEEKEND } else { share }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: i64 = 19_996 * DAY;

    fn total(local: i64) -> u32 {
        let rooms = [
            Room::Meeting,
            Room::Huddle,
            Room::OpenArea,
            Room::Desk,
            Room::Lounge,
        ];
        (0..500)
            .map(|i| people(Rng::new(1), i, rooms[i as usize % rooms.len()], 10, local))
            .sum()
    }

    #[test]
    fn people_work_by_day_on_weekdays() {
        let (night, morning, lunch) = (3, 10, 12);
        let at = |day: i64, hour: i64| total(MONDAY + day * DAY + hour * 3600 + 1500);
        assert!(
            at(0, morning) > 8 * at(0, night),
            "{} {}",
            at(0, morning),
            at(0, night)
        );
        assert!(at(0, morning) > at(0, lunch));
        assert!(at(0, morning) > 5 * at(5, morning));
        assert!(at(0, morning) > 300);
    }

    #[test]
    fn counts_live_within_minutes() {
        let start = MONDAY + 10 * 3600;
        let changes = (0..20).filter(|i| total(start + i * 30) != total(start + i * 30 + 30));
        assert!(changes.count() > 15);
    }

    #[test]
    fn nobody_exceeds_what_a_room_may_hold() {
        for room in [Room::Desk, Room::PhoneBooth, Room::Meeting] {
            let most = (0..2_000)
                .map(|i| people(Rng::new(2), i, room, 1, MONDAY + 10 * 3600 + i as i64))
                .max();
            assert_eq!(most, Some(1));
        }
    }
}
