//! Where sensors are, and what the filters keep.

use super::super::{Space, SpaceEntry};
use super::*;

fn tree() -> Arc<SpaceTree> {
    let entry = |id: &str, space_type: &str, status: &str, children: &[&str]| SpaceEntry {
        space: Space {
            space_type: Text::from(space_type),
            status: Text::from(status),
            ..Space::of_id(Text::from(id))
        },
        children: children.iter().map(|it| Text::from(*it)).collect(),
        is_stub: false,
    };
    Arc::new(SpaceTree::build(vec![
        entry("park", "campus", "", &["hq", "lab"]),
        entry("hq", "building", "live", &["hq-1", "hq-2"]),
        entry("hq-1", "floor", "live", &["room-a", "room-z"]),
        entry("room-a", "space", "planning", &[]),
        entry("room-z", "space", "live", &[]),
        entry("hq-2", "floor", "planning", &["room-b"]),
        entry("room-b", "space", "live", &[]),
        entry("lab", "building", "live", &["lab-1"]),
        entry("lab-1", "floor", "live", &[]),
    ]))
}

fn sensor(serial: &str, spaces: &[&str], floors: &[&str], buildings: &[&str]) -> Sensor {
    let texts = |ids: &[&str]| ids.iter().map(|it| Text::from(*it)).collect();
    Sensor {
        serial_number: Text::from(serial),
        sensor_type: Text::from("oa"),
        hardware_type: Text::from(""),
        firmware_version: Text::from(""),
        spaces: texts(spaces),
        floors: texts(floors),
        buildings: texts(buildings),
    }
}

fn inventory(sensors: Vec<Sensor>, filter: &SpaceFilter) -> Inventory {
    Inventory::build(tree(), Arc::new(SensorList::new(sensors)), filter)
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|it| (*it).to_owned()).collect()
}

fn id(inventory: &Inventory, located: &Located) -> String {
    match located {
        Located::Nowhere => "-".to_owned(),
        Located::At(index) => inventory.tree().node(*index).unwrap().space.id.to_string(),
        Located::Unlisted(id) => format!("{id}?"),
    }
}

#[test]
fn a_sensor_is_where_its_first_space_is_else_its_smallest_floor_else_its_smallest_building() {
    let inventory = inventory(
        vec![
            sensor("1", &["room-b", "room-z"], &["lab-1"], &[]),
            sensor("2", &["nowhere"], &["lab-1", "hq-2"], &["lab"]),
            sensor("3", &[], &[], &["lab", "hq"]),
            sensor("4", &[], &["aaa"], &["lab"]),
            sensor("5", &[], &[], &[]),
        ],
        &SpaceFilter::default(),
    );
    let place = |number| {
        let place = inventory.sensor_place(number).unwrap();
        [&place.campus, &place.building, &place.floor].map(|it| id(&inventory, it))
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
        vec![
            sensor("1", &["room-a"], &["hq-1"], &["hq"]),
            sensor("2", &["room-a", "room-z"], &[], &[]),
            sensor("3", &["room-b"], &["hq-2"], &["hq"]),
            sensor("4", &[], &["hq-2"], &["hq"]),
            sensor("5", &["nowhere"], &[], &[]),
        ],
        &SpaceFilter::default(),
    );
    let lifecycles: Vec<&str> = (0..5)
        .map(|number| &*inventory.sensor_place(number).unwrap().lifecycle)
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
        vec![
            sensor("1", &["room-z"], &[], &[]),
            sensor("2", &["room-b"], &[], &[]),
            sensor("3", &["room-b"], &[], &["hq"]),
            sensor("4", &[], &["lab-1"], &[]),
        ],
        &filter,
    );
    let kept: Vec<&str> = inventory
        .kept_spaces()
        .map(|(_, node)| &*node.space.id)
        .collect();
    assert_eq!(kept, ["hq", "hq-1", "room-a", "room-z"]);
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
fn types_keep_only_spaces_of_these_types_and_sensors_that_hang_in_one() {
    let filter = SpaceFilter {
        types: ids(&["floor"]),
        ..SpaceFilter::default()
    };
    let inventory = inventory(
        vec![
            sensor("1", &["room-z"], &["hq-1"], &[]),
            sensor("2", &["room-z"], &[], &[]),
        ],
        &filter,
    );
    let kept: Vec<&str> = inventory
        .kept_spaces()
        .map(|(_, node)| &*node.space.id)
        .collect();
    assert_eq!(kept, ["hq-1", "hq-2", "lab-1"]);
    assert!(matches!(inventory.sensor("1"), Listing::Kept(_)));
    assert_eq!(inventory.sensor("2"), Listing::Dropped);
}

#[test]
fn a_place_that_is_not_listed_is_neither_kept_nor_dropped() {
    let sensors = || {
        vec![
            sensor("1", &[], &[], &[]),
            sensor("2", &["nowhere"], &[], &[]),
            sensor("3", &["nowhere"], &[], &["hq"]),
            sensor("4", &["gone"], &[], &[]),
        ]
    };
    let kept = |filter: SpaceFilter| -> Vec<String> {
        let inventory = inventory(sensors(), &filter);
        let mut kept: Vec<String> = inventory
            .kept_sensors()
            .map(|(_, sensor, _)| sensor.serial_number.to_string())
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
fn a_space_that_could_not_be_read_holds_its_place_and_is_not_shown() {
    let entry = |id: &str, space_type: &str, children: &[&str], is_stub| SpaceEntry {
        space: Space {
            space_type: Text::from(space_type),
            ..Space::of_id(Text::from(id))
        },
        children: children.iter().map(|it| Text::from(*it)).collect(),
        is_stub,
    };
    let tree = Arc::new(SpaceTree::build(vec![
        entry("hq", "building", &["f"], true),
        entry("f", "floor", &[], false),
    ]));
    let filter = SpaceFilter {
        include: ids(&["hq"]),
        ..SpaceFilter::default()
    };
    let inventory = Inventory::build(tree, Arc::default(), &filter);
    let kept: Vec<_> = inventory
        .kept_spaces()
        .map(|(_, node)| (&*node.space.id, node.building))
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
    let sensors = Arc::new(SensorList::new(vec![sensor("1", &["room"], &[], &[])]));
    let inventory = Inventory::build(Arc::default(), sensors, &filter);
    assert!(matches!(inventory.sensor("1"), Listing::Kept(_)));
}
