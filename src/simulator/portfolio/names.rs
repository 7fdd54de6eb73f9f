//! The names that people give to buildings, floors and rooms, the awkward ones among them.
//!
//! These are names of places only: a person's name must never be in here.

/// Names that break careless programs: quotes, backslashes, line breaks, emoji, right-to-left and
/// CJK letters, blanks at the ends, markup, and an empty one.
pub(crate) const AWKWARD: [&str; 12] = [
    "The \"Fishbowl\"",
    "C:\\Temp\\Lab",
    "Upper line\nLower line",
    "🚀 Launch pad",
    "غرفة الاجتماعات",
    "חדר ישיבות",
    "会议室三",
    "회의실 다섯",
    "  Attic  ",
    "Tab\there",
    "<b>Loud</b> & {curly}",
    "",
];

/// A building and a floor with an awkward name, where there are several.
pub(super) const AWKWARD_BUILDING: &str = "Haus \"Zur Linde\"";
pub(super) const AWKWARD_FLOOR: &str = "1½ \\ Galerie";

const BUILDINGS: [&str; 8] = [
    "Headquarters",
    "North House",
    "Riverside",
    "Tower One",
    "The Mill",
    "Annex",
    "Garden Building",
    "Warehouse",
];

const MEETING_ROOMS: [&str; 24] = [
    "Atlas", "Borealis", "Cascade", "Delta", "Everest", "Fjord", "Glacier", "Harbor", "Iris",
    "Juniper", "Kelvin", "Lagoon", "Meridian", "Nimbus", "Orchard", "Prairie", "Quartz", "Rainier",
    "Sequoia", "Tundra", "Umber", "Vesper", "Willow", "Zephyr",
];

/// The departments of the `Department` labels.
pub(crate) const DEPARTMENTS: [&str; 6] = [
    "Engineering",
    "Sales",
    "Finance",
    "People",
    "Research & Development",
    "Kundendienst",
];

#[expect(
    clippy::indexing_slicing,
    reason = "The remainder is inside the table."
)]
pub(super) fn building(index: usize, city: &str) -> String {
    let name = BUILDINGS[index % BUILDINGS.len()];
    match index / BUILDINGS.len() {
        0 => name.to_owned(),
        round => format!("{name} {city} {}", round + 1),
    }
}

/// The name of the `level`-th floor from below, of `levels`.
pub(super) fn floor(level: usize, levels: usize) -> String {
    match (level, levels) {
        (1, 4..) => "Mezzanine".to_owned(),
        (0, 6..) => "Ground".to_owned(),
        _ => (level + 1).to_string(),
    }
}

/// A meeting room's name; the first of every floor is its board room.
#[expect(
    clippy::indexing_slicing,
    reason = "The remainder is inside the table."
)]
pub(super) fn meeting_room(number: usize, bits: u64) -> String {
    if number == 0 {
        return "Board room".to_owned();
    }
    let name = MEETING_ROOMS[(bits % MEETING_ROOMS.len() as u64) as usize];
    match bits >> 62 {
        0 => format!("{name} {number}"),
        _ => name.to_owned(),
    }
}
