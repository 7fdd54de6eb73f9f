//! Any filter on any tree, compared with a simple rule for each space and sensor.

use proptest::prelude::*;

use super::super::tree::any_graph::{above, chosen, lists, parents, tree_of};
use super::super::{SensorEntry, SensorListBuilder};
use super::*;

/// Ids of lists, and some that none has.
const WORDS: [&str; 9] = [
    "a", "b", "building", "c", "campus", "d", "é", "floor", "nowhere",
];

fn words(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 0..most)
}

fn filters() -> impl Strategy<Value = SpaceFilter> {
    let owned = |it: Vec<&str>| it.into_iter().map(str::to_owned).collect();
    let types = prop::sample::subsequence(&["campus", "building", "floor", "space"][..], 0..3);
    (words(4), words(4), types).prop_map(move |(include, exclude, types)| SpaceFilter {
        include: owned(include),
        exclude: owned(exclude),
        types: owned(types),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_filter_on_any_tree_keeps_what_it_says(
        list in lists(),
        filter in filters(),
        hang_in in prop::collection::vec((words(3), words(2), words(2)), 0..8),
    ) {
        let serials: Vec<String> = (0..hang_in.len()).map(|it| it.to_string()).collect();
        let mut sensors = SensorListBuilder::default();
        for (serial_number, (spaces, floors, buildings)) in serials.iter().zip(&hang_in) {
            sensors.push(&SensorEntry {
                serial_number,
                spaces,
                floors,
                buildings,
                ..SensorEntry::default()
            });
        }
        let inventory = Inventory::build(Arc::new(tree_of(&list)), Arc::new(sensors.build()), &filter);

        let parents = parents(&list);
        let names = |ids: &[String], id: &str| ids.iter().any(|it| it == id);
        // A space is kept when it or anything above it is included, and nothing of these is excluded,
        // and when it is of one of the types.
        let is_kept = |id: &str| {
            let path = || std::iter::once(id).chain(above(&parents, id));
            let is_included = filter.include.is_empty() || path().any(|it| names(&filter.include, it));
            let is_excluded = path().any(|it| names(&filter.exclude, it));
            let listed = chosen(&list, id);
            // Of a space that could not be read the type may be what could not.
            let is_unknown = listed.is_stub && listed.space_type.is_empty();
            let is_of_types = filter.types.is_empty() || is_unknown || names(&filter.types, listed.space_type);
            is_included && !is_excluded && is_of_types
        };
        let shown: Vec<&str> = inventory
            .kept_spaces()
            .map(|(_, it)| inventory.tree().text(it.space.id))
            .collect();
        for word in WORDS {
            // A stub holds its place and is not shown.
            let is_listed = parents.contains_key(word);
            let is_whole = is_listed && !chosen(&list, word).is_stub;
            let is_shown = is_whole && is_kept(word);
            prop_assert_eq!(shown.contains(&word), is_shown, "{}", word);
            let listing = inventory.space(word);
            // What was filtered out does not come back because it can't be read.
            let is_dropped = match is_listed {
                true => !is_kept(word),
                false => names(&filter.exclude, word),
            };
            prop_assert_eq!(matches!(listing, Listing::Kept(_)), is_shown, "{}", word);
            prop_assert_eq!(listing == Listing::Dropped, is_dropped, "{}", word);
        }

        for (serial_number, (spaces, floors, buildings)) in serials.iter().zip(&hang_in) {
            let places = || [spaces, floors, buildings].into_iter().flatten().copied();
            let mut listed = places().filter(|it| parents.contains_key(it)).peekable();
            // When none of its locations is listed, it is kept if everything is.
            let is_nowhere = listed.peek().is_none();
            let is_everything = filter.include.is_empty() && !places().any(|it| names(&filter.exclude, it));
            let expected = parents.is_empty() || match is_nowhere {
                true => is_everything,
                false => listed.any(is_kept),
            };
            let listing = inventory.sensor(serial_number);
            prop_assert_eq!(matches!(listing, Listing::Kept(_)), expected, "{:?}", listing);
            prop_assert_ne!(listing, Listing::Unlisted);
        }
        prop_assert_eq!(inventory.sensor("another"), Listing::Unlisted);
    }
}

/// Everything below a space in the middle, and nothing below one near the end.
#[test]
fn a_filter_reaches_down_100_000_levels() {
    use super::super::{SpaceEntry, SpaceList};

    let count = 100_000;
    let id = |level: usize| format!("{level:06}");
    let mut list = SpaceList::new();
    for level in 0..count {
        list.push(&SpaceEntry {
            id: &id(level),
            ..SpaceEntry::default()
        });
        list.add_child(&id(level), &id(level + 1));
    }
    let filter = SpaceFilter {
        include: vec![id(50_000)],
        exclude: vec![id(99_000)],
        types: Vec::new(),
    };
    let tree = Arc::new(SpaceTree::build(&list));
    let inventory = Inventory::build(tree, Arc::default(), &filter);
    let kept: Vec<u32> = inventory.kept_spaces().map(|it| it.0).collect();
    assert!(kept.into_iter().eq(50_000..99_000));
}
