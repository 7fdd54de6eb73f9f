//! Names and ids of spaces, as far as they may be shown.

use crate::snapshot::{Location, Snapshot, SpaceTree};

/// The name of the space at `index`; empty when there is none, or when names must not be shown.
pub(super) fn space_name(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    let node = |it| Some((tree?, tree?.node(it)?));
    let node = index.and_then(node);
    node.map_or("", |(tree, node)| tree.text(node.space.name))
}

/// The id of the space at `index`; empty as with [`space_name`].
pub(super) fn space_id(tree: Option<&SpaceTree>, index: Option<u32>) -> &str {
    let node = |it| Some((tree?, tree?.node(it)?));
    let node = index.and_then(node);
    node.map_or("", |(tree, node)| tree.text(node.space.id))
}

/// The index of a location that the tree lists.
pub(super) fn listed_space(located: Location) -> Option<u32> {
    match located {
        Location::Space(index) => Some(index),
        Location::Unknown | Location::Unlisted(_) => None,
    }
}

/// The tree, when its names may be shown.
pub(super) fn visible_tree(snapshot: &Snapshot) -> Option<&SpaceTree> {
    snapshot
        .spaces
        .as_ref()
        .map(|_| snapshot.inventory.tree().as_ref())
}
