//! Where sensors are, and what the filters keep.

use super::super::{SensorEntry, SensorListBuilder, SpaceEntry, SpaceList};
use super::*;

type Listed<'a> = (SpaceEntry<'a>, &'a [&'a str]);

fn entry<'a>(
    id: &'a str,
    space_type: &'a str,
    status: &'a str,
    children: &'a [&'a str],
) -> Listed<'a> {
    let space = SpaceEntry {
        id,
        space_type,
        status,
        ..SpaceEntry::default()
    };
    (space, children)
}

fn tree_of(entries: &[Listed<'_>]) -> Arc<SpaceTree> {
    let mut list = SpaceList::new();
    for (space, children) in entries {
        list.push(space);
        for child in *children {
            list.add_child(space.id, child);
        }
    }
    Arc::new(SpaceTree::build(&list))
}

fn tree() -> Arc<SpaceTree> {
    tree_of(&[
        entry("park", "campus", "", &["hq", "lab"]),
        entry("hq", "building", "live", &["hq-1", "hq-2"]),
        entry("hq-1", "floor", "live", &["room-a", "room-z"]),
        entry("room-a", "space", "planning", &[]),
        entry("room-z", "space", "live", &[]),
        entry("hq-2", "floor", "planning", &["room-b"]),
        entry("room-b", "space", "live", &[]),
        entry("lab", "building", "live", &["lab-1"]),
        entry("lab-1", "floor", "live", &[]),
    ])
}

fn sensor<'a>(
    serial_number: &'a str,
    spaces: &'a [&'a str],
    floors: &'a [&'a str],
    buildings: &'a [&'a str],
) -> SensorEntry<'a> {
    SensorEntry {
        serial_number,
        spaces,
        floors,
        buildings,
        ..SensorEntry::default()
    }
}

fn list(sensors: &[SensorEntry<'_>]) -> Arc<SensorList> {
    let mut list = SensorListBuilder::default();
    for sensor in sensors {
        list.push(sensor);
    }
    Arc::new(list.build())
}

fn kept_spaces(inventory: &Inventory) -> Vec<&str> {
    let kept = inventory.kept_spaces();
    kept.map(|(_, it)| inventory.tree().text(it.space.id))
        .collect()
}

fn inventory(sensors: &[SensorEntry<'_>], filter: &SpaceFilter) -> Inventory {
    Inventory::build(tree(), list(sensors), filter)
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|it| (*it).to_owned()).collect()
}

fn id(inventory: &Inventory, located: Location) -> String {
    let tree = inventory.tree();
    match located {
        Location::Unknown => "-".to_owned(),
        Location::Space(index) => tree.text(tree.node(index).unwrap().space.id).to_owned(),
        Location::Unlisted(id) => format!("{}?", inventory.sensors().text(id)),
    }
}

#[test]
fn a_sensor_is_where_its_first_space_is_else_its_smallest_floor_else_its_smallest_building() {
    let inventory = inventory(
        &[
            sensor("1", &["room-b", "room-z"], &["lab-1"], &[]),
            sensor("2", &["nowhere"], &["lab-1", "hq-2"], &["lab"]),
            sensor("3", &[], &[], &["lab", "hq"]),
            sensor("4", &[], &["aaa"], &["lab"]),
            sensor("5", &[], &[], &[]),
        ],
        &SpaceFilter::default(),
    );
    let place = |number| {
        let place = inventory.sensor_location(number).unwrap();
        [place.campus, place.building, place.floor].map(|it| id(&inventory, it))
    };
    assert_eq!(place(0), ["park", "hq", "hq-1"]);
    assert_eq!(place(1), ["park", "hq", "hq-2"]);
    assert_eq!(place(2), ["park", "hq", "-"]);
    assert_eq!(place(3), ["park", "lab", "aaa?"]);
    assert_eq!(place(4), ["-", "-", "-"]);
}

#[test]
fn a_sensor_is_live_when_any_of_its_closest_places_is() {
    let inventory = inventory(
        &[
            sensor("1", &["room-a"], &["hq-1"], &["hq"]),
            sensor("2", &["room-a", "room-z"], &[], &[]),
            sensor("3", &["room-b"], &["hq-2"], &["hq"]),
            sensor("4", &[], &["hq-2"], &["hq"]),
            sensor("5", &["nowhere"], &[], &[]),
        ],
        &SpaceFilter::default(),
    );
    let lifecycles: Vec<&str> = (0..5)
        .map(|number| inventory.sensor_location(number).unwrap().lifecycle)
        .map(|it| inventory.tree().lifecycle_name(it))
        .collect();
    assert_eq!(
        lifecycles,
        ["planning", "live", "planning", "planning", "live"]
    );
}

#[test]
fn include_means_these_and_all_below_and_exclude_takes_away_from_it() {
    let filter = SpaceFilter {
        include: ids(&["hq"]),
        exclude: ids(&["hq-2", "never-listed"]),
        types: Vec::new(),
    };
    let inventory = inventory(
        &[
            sensor("1", &["room-z"], &[], &[]),
            sensor("2", &["room-b"], &[], &[]),
            sensor("3", &["room-b"], &[], &["hq"]),
            sensor("4", &[], &["lab-1"], &[]),
        ],
        &filter,
    );
    assert_eq!(kept_spaces(&inventory), ["hq", "hq-1", "room-a", "room-z"]);
    assert!(matches!(inventory.sensor("1"), Listing::Kept(_)));
    assert_eq!(inventory.sensor("2"), Listing::Dropped);
    assert!(matches!(inventory.sensor("3"), Listing::Kept(_)));
    assert_eq!(inventory.sensor("4"), Listing::Dropped);
    assert_eq!(inventory.sensor("new"), Listing::Unlisted);
    assert_eq!(inventory.space("lab"), Listing::Dropped);
    assert_eq!(inventory.space("new"), Listing::Unlisted);
    assert_eq!(inventory.space("never-listed"), Listing::Dropped);
}

#[test]
fn types_keep_only_spaces_of_these_types_and_their_sensors() {
    let filter = SpaceFilter {
        types: ids(&["floor"]),
        ..SpaceFilter::default()
    };
    let inventory = inventory(
        &[
            sensor("1", &["room-z"], &["hq-1"], &[]),
            sensor("2", &["room-z"], &[], &[]),
        ],
        &filter,
    );
    assert_eq!(kept_spaces(&inventory), ["hq-1", "hq-2", "lab-1"]);
    assert!(matches!(inventory.sensor("1"), Listing::Kept(_)));
    assert_eq!(inventory.sensor("2"), Listing::Dropped);
}

#[test]
fn a_place_that_is_not_listed_is_neither_kept_nor_dropped() {
    let sensors = [
        sensor("1", &[], &[], &[]),
        sensor("2", &["nowhere"], &[], &[]),
        sensor("3", &["nowhere"], &[], &["hq"]),
        sensor("4", &["gone"], &[], &[]),
    ];
    let kept = |filter: SpaceFilter| -> Vec<String> {
        let inventory = inventory(&sensors, &filter);
        let mut kept: Vec<String> = inventory
            .kept_sensors()
            .map(|(_, it, _)| inventory.sensors().text(it.serial_number).to_owned())
            .collect();
        kept.sort();
        kept
    };
    let exclude = SpaceFilter {
        exclude: ids(&["hq", "gone"]),
        ..SpaceFilter::default()
    };
    assert_eq!(kept(exclude), ["1", "2"]);
    let include = SpaceFilter {
        include: ids(&["hq"]),
        ..SpaceFilter::default()
    };
    assert_eq!(kept(include), ["3"]);
    let types = SpaceFilter {
        types: ids(&["building"]),
        ..SpaceFilter::default()
    };
    assert_eq!(kept(types), ["1", "2", "3", "4"]);
}

#[test]
fn a_space_that_could_not_be_decoded_stays_in_the_tree_and_is_not_shown() {
    let (mut building, floors) = entry("hq", "building", "", &["f"]);
    building.is_stub = true;
    let tree = tree_of(&[(building, floors), entry("f", "floor", "", &[])]);
    let filter = SpaceFilter {
        include: ids(&["hq"]),
        ..SpaceFilter::default()
    };
    let inventory = Inventory::build(tree, Arc::default(), &filter);
    let kept: Vec<_> = inventory
        .kept_spaces()
        .map(|(_, it)| (inventory.tree().text(it.space.id), it.building))
        .collect();
    assert_eq!(kept, [("f", Some(0))]);
    assert_eq!(inventory.space("hq"), Listing::Unlisted);
}

#[test]
fn without_a_tree_no_sensor_is_dropped() {
    let filter = SpaceFilter {
        include: ids(&["hq"]),
        ..SpaceFilter::default()
    };
    let sensors = list(&[sensor("1", &["room"], &[], &[])]);
    let inventory = Inventory::build(Arc::default(), sensors, &filter);
    assert!(matches!(inventory.sensor("1"), Listing::Kept(_)));
}
