//! The types of space that make a level of the tree.

/// A group of buildings.
pub const CAMPUS: &str = "campus";
/// A building.
pub const BUILDING: &str = "building";
/// A floor of a building.
pub const FLOOR: &str = "floor";
