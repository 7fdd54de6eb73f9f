//! The trees of lists of spaces.

use super::super::SpaceEntry;
use super::*;

struct Listed {
    id: String,
    space_type: &'static str,
    status: &'static str,
    children: Vec<String>,
}

fn entry(id: &str, space_type: &'static str, children: &[&str]) -> Listed {
    Listed {
        id: id.to_owned(),
        space_type,
        status: "",
        children: children.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn build(entries: &[Listed]) -> SpaceTree {
    let mut list = SpaceList::new();
    for entry in entries {
        list.push(&SpaceEntry {
            id: &entry.id,
            space_type: entry.space_type,
            status: entry.status,
            ..SpaceEntry::default()
        });
        for child in &entry.children {
            list.add_child(&entry.id, child);
        }
    }
    SpaceTree::build(&list)
}

fn ids(tree: &SpaceTree) -> Vec<&str> {
    tree.iter().map(|(_, it)| tree.text(it.space.id)).collect()
}

fn id_of(tree: &SpaceTree, index: Option<u32>) -> Option<&str> {
    let node = index.and_then(|it| tree.node(it));
    node.map(|it| tree.text(it.space.id))
}

#[test]
fn each_space_knows_its_campus_building_and_floor() {
    let tree = build(&[
        entry("room", "space", &["desk"]),
        entry("desk", "space", &[]),
        entry("floor", "floor", &["room"]),
        entry("hq", "building", &["floor"]),
        entry("park", "campus", &["hq"]),
        entry("all", "portfolio", &["park"]),
    ]);
    assert_eq!(ids(&tree), ["all", "park", "hq", "floor", "room", "desk"]);
    let desk = tree.node(tree.find("desk").unwrap()).unwrap();
    assert_eq!(id_of(&tree, desk.parent), Some("room"));
    assert_eq!(id_of(&tree, desk.campus), Some("park"));
    assert_eq!(id_of(&tree, desk.building), Some("hq"));
    assert_eq!(id_of(&tree, desk.floor), Some("floor"));
    let building = tree.node(tree.find("hq").unwrap()).unwrap();
    assert_eq!(id_of(&tree, building.building), Some("hq"));
    assert_eq!(building.floor, None);
    assert_eq!(building.end, 6);
}

#[test]
fn a_cycle_is_cut_at_its_smallest_id() {
    let tree = build(&[
        entry("c", "space", &["a"]),
        entry("a", "space", &["b"]),
        entry("b", "space", &["c", "d"]),
        entry("d", "space", &["d"]),
    ]);
    assert_eq!(ids(&tree), ["a", "b", "c", "d"]);
    assert_eq!(tree.node(0).unwrap().parent, None);
    assert_eq!(id_of(&tree, tree.node(3).unwrap().parent), Some("b"));
}

#[test]
fn a_child_that_two_claim_goes_to_the_smaller_id() {
    let tree = build(&[
        entry("y", "floor", &["room"]),
        entry("x", "floor", &["room", "nowhere"]),
        entry("room", "space", &[]),
    ]);
    assert_eq!(ids(&tree), ["x", "room", "y"]);
}

#[test]
fn the_lifecycle_comes_from_itself_then_its_floor_then_its_building() {
    let with_status = |it: Listed, status| Listed { status, ..it };
    let tree = build(&[
        with_status(entry("b1", "building", &["f1", "f2"]), "live"),
        with_status(entry("f1", "floor", &["r1", "r2"]), "planning"),
        entry("r1", "space", &[]),
        with_status(entry("r2", "space", &[]), "retired"),
        entry("f2", "floor", &["r3"]),
        with_status(entry("r3", "space", &["r4"]), "planning"),
        entry("r4", "space", &[]),
    ]);
    let lifecycle = |id: &str| {
        let node = tree.node(tree.find(id).unwrap()).unwrap();
        tree.lifecycle_name(tree.lifecycle(node)).to_owned()
    };
    assert_eq!(lifecycle("b1"), "live");
    assert_eq!(lifecycle("f1"), "planning");
    assert_eq!(lifecycle("r1"), "planning");
    assert_eq!(lifecycle("r2"), "retired");
    assert_eq!(lifecycle("f2"), "live");
    assert_eq!(lifecycle("r3"), "planning");
    // A room above it is neither a floor nor a building.
    assert_eq!(lifecycle("r4"), "live");
}

#[test]
fn a_hundred_thousand_levels_are_no_deeper_than_one() {
    let count = 100_000;
    let entries: Vec<Listed> = (0..count)
        .map(|level| {
            entry(
                &format!("{level:06}"),
                "space",
                &[&format!("{:06}", level + 1)],
            )
        })
        .collect();
    let tree = build(&entries);
    assert_eq!(tree.len(), count);
    assert_eq!(tree.node(0).unwrap().end as usize, count);
}
