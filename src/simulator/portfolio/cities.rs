//! The cities of the buildings: around the world, so that it is always working hours in one of them.
//!
//! The offsets are the standard ones: no time zone database, and never daylight saving time.

/// A city that a campus is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    /// Its IANA time zone.
    pub(crate) zone: &'static str,
    /// Minutes east of UTC.
    pub(crate) offset_minutes: i16,
}

const fn city(name: &'static str, zone: &'static str, offset_minutes: i16) -> City {
    City {
        name,
        zone,
        offset_minutes,
    }
}

/// The regions, in the order in which [`CITIES`] alternates.
pub(super) const REGIONS: [&str; 3] = ["Americas", "EMEA", "Asia Pacific"];

/// One city of each region in turn: any three neighbours are about eight hours apart.
pub(super) const CITIES: [City; 15] = [
    city("San Francisco", "America/Los_Angeles", -480),
    city("Berlin", "Europe/Berlin", 60),
    city("Tokyo", "Asia/Tokyo", 540),
    city("New York", "America/New_York", -300),
    city("London", "Europe/London", 0),
    city("Sydney", "Australia/Sydney", 600),
    city("São Paulo", "America/Sao_Paulo", -180),
    city("Johannesburg", "Africa/Johannesburg", 120),
    city("Singapore", "Asia/Singapore", 480),
    city("Honolulu", "Pacific/Honolulu", -600),
    city("Dubai", "Asia/Dubai", 240),
    city("Bengaluru", "Asia/Kolkata", 330),
    city("Chicago", "America/Chicago", -360),
    city("Reykjavík", "Atlantic/Reykjavik", 0),
    city("Auckland", "Pacific/Auckland", 720),
];

/// The `index`-th city, starting over at the end of the table.
#[expect(
    clippy::indexing_slicing,
    reason = "The remainder is always inside the table."
)]
pub(crate) const fn city_at(index: usize) -> City {
    CITIES[index % CITIES.len()]
}
