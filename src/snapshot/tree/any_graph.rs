//! Any list of spaces and its tree, compared with a simple construction of the same tree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::SpaceEntry;
use super::*;

/// Few, so that they come twice, and names and labels are the ids of others.
const WORDS: [&str; 12] = [
    "a", "b", "building", "c", "campus", "d", "é", "floor", "live", "space", "\"\\\n", "z",
];

/// A space of a list.
#[derive(Clone, Debug)]
pub(in super::super) struct Listed {
    pub(in super::super) id: &'static str,
    pub(in super::super) name: &'static str,
    pub(in super::super) space_type: &'static str,
    pub(in super::super) label: &'static str,
    pub(in super::super) children: Vec<&'static str>,
    pub(in super::super) is_stub: bool,
    pub(in super::super) is_nested: bool,
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&WORDS[..])
}

/// Lists of any shape: some twice, children that are not listed, cycles, themselves as children.
pub(in super::super) fn lists() -> impl Strategy<Value = Vec<Listed>> {
    let space_type = prop::sample::select(&["campus", "building", "floor", "space", "a", ""][..]);
    let children = prop::collection::vec(word(), 0..4);
    let flags = (any::<bool>(), any::<bool>());
    let listed = (word(), word(), space_type, word(), children, flags);
    let listed = listed.prop_map(
        |(id, name, space_type, label, children, (is_stub, is_nested))| Listed {
            id,
            name,
            space_type,
            label,
            children,
            is_stub,
            is_nested,
        },
    );
    prop::collection::vec(listed, 0..16)
}

pub(in super::super) fn tree_of(list: &[Listed]) -> SpaceTree {
    let mut spaces = SpaceList::new();
    for it in list {
        spaces.push(&SpaceEntry {
            id: it.id,
            name: it.name,
            space_type: it.space_type,
            labels: &[("", it.label)],
            is_stub: it.is_stub,
            is_nested: it.is_nested,
            ..SpaceEntry::default()
        });
        for child in &it.children {
            spaces.add_child(it.id, child);
        }
    }
    SpaceTree::build(&spaces)
}

type Parents = BTreeMap<&'static str, Option<&'static str>>;

/// All that is above `id`, the closest first; it may be above itself.
pub(in super::super) fn above(parents: &Parents, id: &str) -> Vec<&'static str> {
    let mut above = Vec::new();
    let mut at = parents.get(id).copied().flatten();
    while let Some(parent) = at.filter(|it| !above.contains(it)) {
        above.push(parent);
        at = parents.get(parent).copied().flatten();
    }
    above
}

/// The parent of each space: the smallest id that names it as a child, except for the smallest id of a cycle,
/// which has none.
pub(in super::super) fn parents(list: &[Listed]) -> Parents {
    let claimer = |child: &'static str| {
        let claimers = list.iter().filter(|it| it.children.contains(&child));
        claimers.map(|it| it.id).filter(|it| *it != child).min()
    };
    let claimed: Parents = list.iter().map(|it| (it.id, claimer(it.id))).collect();
    let is_cut = |id: &str| {
        // What is above something that is above itself is the cycle.
        let cycle = above(&claimed, id);
        cycle.contains(&id) && cycle.iter().min() == Some(&id)
    };
    let parents = claimed
        .iter()
        .map(|(id, it)| (*id, it.filter(|_| !is_cut(id))));
    parents.collect()
}

/// The one of several with one id that counts.
pub(in super::super) fn chosen<'l>(list: &'l [Listed], id: &str) -> &'l Listed {
    let all = list.iter().filter(|it| it.id == id);
    all.min_by_key(|it| (it.is_stub, it.is_nested)).unwrap()
}

/// The ids in tree order: each before those below it, siblings by id.
fn in_order(parents: &Parents, below: Option<&str>) -> Vec<&'static str> {
    let children = parents.iter().filter(|(_, it)| it.as_deref() == below);
    children
        .flat_map(|(id, _)| std::iter::once(*id).chain(in_order(parents, Some(id))))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_list_becomes_the_expected_tree(list in lists()) {
        let tree = tree_of(&list);
        let parents = parents(&list);
        let text = |index: Option<u32>| index.map(|it| tree.text(tree.node(it).unwrap().space.id));
        let ids: Vec<&str> = tree.iter().filter_map(|(index, _)| text(Some(index))).collect();
        prop_assert_eq!(&ids, &in_order(&parents, None));
        for (index, node) in tree.iter() {
            let id = tree.text(node.space.id);
            let above = above(&parents, id);
            prop_assert_eq!(tree.find(id), Some(index));
            prop_assert_eq!(text(node.parent), parents[id]);
            // It itself counts, and the closest of a type.
            let path = || std::iter::once(&id).chain(&above);
            let closest = |space_type: &str, ends: &[&str]| {
                path()
                    .map(|it| chosen(&list, it))
                    .take_while(|it| it.space_type == space_type || !ends.contains(&it.space_type))
                    .find(|it| it.space_type == space_type)
                    .map(|it| it.id)
            };
            prop_assert_eq!(text(node.campus), closest("campus", &[]));
            prop_assert_eq!(text(node.building), closest("building", &["campus"]));
            prop_assert_eq!(text(node.floor), closest("floor", &["campus", "building"]));
            for (other, _) in tree.iter() {
                let other_id = text(Some(other)).unwrap();
                let is_below = other == index || self::above(&parents, other_id).contains(&id);
                prop_assert_eq!((index..node.end).contains(&other), is_below);
            }
            let it = chosen(&list, id);
            prop_assert_eq!(tree.text(node.space.name), it.name);
            prop_assert_eq!(tree.text(node.space.space_type), it.space_type);
            prop_assert_eq!(node.space.is_stub, it.is_stub);
            let labels: Vec<&str> = tree.labels(&node.space).iter().map(|it| tree.text(it.name)).collect();
            prop_assert_eq!(labels, [it.label]);
        }
        for word in WORDS {
            prop_assert_eq!(tree.find(word).is_some(), parents.contains_key(word));
        }
    }

    /// Where no id comes twice.
    #[test]
    fn the_order_of_a_list_changes_nothing(
        (list, shuffled) in lists()
            .prop_map(|mut list| {
                let mut seen = BTreeSet::new();
                list.retain(|it| seen.insert(it.id));
                list
            })
            .prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))
    ) {
        prop_assert_eq!(tree_of(&list), tree_of(&shuffled));
    }
}

/// One list of 100,000 that would take for ever if any step of it went over all others, or overflow
/// the stack if one recursed.
#[test]
fn large_graphs_of_the_worst_shapes_take_no_time() {
    let count = 100_000usize;
    let id = |number: usize| format!("{:06}", number % count);
    // The parents, and how many spaces have none.
    type Claims<'a> = &'a dyn Fn(usize) -> Vec<usize>;
    let cases: [(&str, Claims<'_>, usize); 5] = [
        ("one cycle", &|it| vec![it + 1], 1),
        ("a cycle backwards", &|it| vec![it + count - 1], 1),
        ("pairs that claim each other", &|it| vec![it ^ 1], count / 2),
        (
            "all below one, which is below the last",
            &|it| match it {
                0 => (1..count).collect(),
                _ => vec![0],
            },
            1,
        ),
        ("themselves", &|it| vec![it, it], count),
    ];
    for (name, claims, roots) in cases {
        let mut list = SpaceList::new();
        for number in (0..count).rev() {
            let parent = id(number);
            list.push(&SpaceEntry {
                id: &parent,
                ..SpaceEntry::default()
            });
            for child in claims(number) {
                list.add_child(&parent, &id(child));
            }
        }
        let tree = SpaceTree::build(&list);
        assert_eq!(tree.len(), count, "{name}");
        let found = tree.iter().filter(|(_, it)| it.parent.is_none()).count();
        assert_eq!(found, roots, "{name}");
    }
}
