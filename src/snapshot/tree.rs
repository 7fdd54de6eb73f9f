//! The tree of spaces, made from a list in which each space names its children.
//!
//! The list may be of any shape: cycles, children that are not in it, two parents for one child. The
//! tree that comes of it is always a tree, and the same one whatever the order of the list. Nothing
//! here recurses, for the depth is the list's to choose.

use std::collections::HashMap;

use super::{Space, Text, space_type};

/// A space as the list gives it: with the ids of its children.
#[derive(Clone, Debug, PartialEq)]
pub struct SpaceEntry {
    /// The space itself.
    pub space: Space,
    /// The ids of those one level below.
    pub children: Vec<Text>,
    /// Not all of it could be read: it holds its place in the tree for what is below it, and is not
    /// shown itself.
    pub is_stub: bool,
}

/// A space in its place. The numbers are those of [`SpaceTree::node`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The space itself.
    pub space: Space,
    /// The space above it.
    pub parent: Option<u32>,
    /// The campus that it is or stands on.
    pub campus: Option<u32>,
    /// The building that it is or is in.
    pub building: Option<u32>,
    /// The floor that it is or is on.
    pub floor: Option<u32>,
    /// See [`SpaceEntry::is_stub`].
    pub is_stub: bool,
    /// One past the last space below it: the spaces from this one up to there are its subtree.
    pub end: u32,
}

/// All spaces in tree order: each before those below it, siblings by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceTree {
    nodes: Vec<Node>,
    by_id: HashMap<Text, u32>,
}

impl SpaceTree {
    /// Builds the tree. Of entries with the same id the first counts, with the children of all.
    pub fn build(entries: Vec<SpaceEntry>) -> SpaceTree {
        let entries = merge(entries);
        let parents = cut_cycles(choose_parents(&entries));
        in_tree_order(entries, &parents)
    }

    /// How many spaces there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Space number `index` in tree order.
    pub fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(index as usize)
    }

    /// The number of the space of that id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// All spaces with their numbers, in tree order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Node)> {
        (0u32..).zip(&self.nodes)
    }

    /// The lifecycle of a space: its own, unless it is live and the floor or the building that it is
    /// in is not.
    pub fn lifecycle(&self, node: &Node) -> Text {
        let above = [node.floor, node.building]
            .into_iter()
            .flatten()
            .filter_map(|index| self.node(index))
            .map(|it| &it.space);
        std::iter::once(&node.space)
            .chain(above)
            .find(|space| !space.is_live())
            .map_or_else(|| Text::from(super::LIVE), |space| space.status.clone())
    }
}

/// Entries with unique ids, by id.
fn merge(entries: Vec<SpaceEntry>) -> Vec<SpaceEntry> {
    let mut numbers: HashMap<Text, usize> = HashMap::with_capacity(entries.len());
    let mut merged: Vec<SpaceEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let first = numbers.get(&entry.space.id);
        match first.and_then(|number| merged.get_mut(*number)) {
            Some(first) => first.children.extend(entry.children),
            None => {
                numbers.insert(entry.space.id.clone(), merged.len());
                merged.push(entry);
            }
        }
    }
    merged.sort_by(|a, b| a.space.id.cmp(&b.space.id));
    merged
}

/// The parent of each space: of several that claim it, the one with the smallest id.
fn choose_parents(entries: &[SpaceEntry]) -> Vec<Option<usize>> {
    let numbers: HashMap<&str, usize> = (0..)
        .zip(entries)
        .map(|(number, entry)| (&*entry.space.id, number))
        .collect();
    let mut parents = vec![None; entries.len()];
    // By id, so that the first claim is that of the smallest id.
    for (parent, entry) in entries.iter().enumerate() {
        for child in &entry.children {
            let Some(&child) = numbers.get(&**child) else {
                continue;
            };
            if let Some(claim @ None) = parents.get_mut(child)
                && child != parent
            {
                *claim = Some(parent);
            }
        }
    }
    parents
}

/// Takes the parent away from the smallest id of each cycle, which so becomes a root.
fn cut_cycles(mut parents: Vec<Option<usize>>) -> Vec<Option<usize>> {
    // Which walk came by here; 0: none yet.
    let mut walks = vec![0usize; parents.len()];
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(here) = at {
            match walks.get_mut(here) {
                Some(seen @ 0) => *seen = walk,
                // Came back to where this walk has been: a cycle, and `here` is on it.
                Some(seen) if *seen == walk => {
                    let smallest = smallest_on_cycle(&parents, here);
                    if let Some(parent) = parents.get_mut(smallest) {
                        *parent = None;
                    }
                    break;
                }
                _ => break,
            }
            at = parents.get(here).copied().flatten();
        }
    }
    parents
}

/// The smallest number (and so the smallest id) on the cycle that `start` is on.
fn smallest_on_cycle(parents: &[Option<usize>], start: usize) -> usize {
    let up = |at: usize| parents.get(at).copied().flatten();
    std::iter::successors(up(start), |&at| if at == start { None } else { up(at) })
        .min()
        .unwrap_or(start)
}

fn in_tree_order(entries: Vec<SpaceEntry>, parents: &[Option<usize>]) -> SpaceTree {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
    let mut to_visit: Vec<(usize, Option<u32>)> = Vec::new();
    // Backwards, because the stack gives back last what came first.
    for child in (0..entries.len()).rev() {
        match parents.get(child).copied().flatten() {
            Some(parent) => children
                .get_mut(parent)
                .into_iter()
                .for_each(|it| it.push(child)),
            None => to_visit.push((child, None)),
        }
    }
    let mut entries: Vec<Option<SpaceEntry>> = entries.into_iter().map(Some).collect();
    let mut tree = SpaceTree {
        nodes: Vec::with_capacity(entries.len()),
        by_id: HashMap::with_capacity(entries.len()),
    };
    while let Some((number, parent)) = to_visit.pop() {
        let Some(SpaceEntry { space, is_stub, .. }) =
            entries.get_mut(number).and_then(Option::take)
        else {
            continue;
        };
        let index = u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX);
        let above = parent.and_then(|it| tree.node(it));
        let node = Node {
            is_stub,
            ..placed(space, index, parent, above)
        };
        tree.by_id.insert(node.space.id.clone(), index);
        tree.nodes.push(node);
        let below = children
            .get_mut(number)
            .map(std::mem::take)
            .unwrap_or_default();
        to_visit.extend(below.into_iter().map(|child| (child, Some(index))));
    }
    close_subtrees(&mut tree.nodes);
    tree
}

/// `space` below `parent`, inside what the parent is inside of.
fn placed(space: Space, index: u32, parent: Option<u32>, above: Option<&Node>) -> Node {
    let mut node = Node {
        space,
        parent,
        campus: above.and_then(|it| it.campus),
        building: above.and_then(|it| it.building),
        floor: above.and_then(|it| it.floor),
        is_stub: false,
        end: index + 1,
    };
    match &*node.space.space_type {
        space_type::CAMPUS => {
            (node.campus, node.building, node.floor) = (Some(index), None, None);
        }
        space_type::BUILDING => (node.building, node.floor) = (Some(index), None),
        space_type::FLOOR => node.floor = Some(index),
        _ => {}
    }
    node
}

/// Sets the end of each subtree, from the last node backwards: a child comes after its parent.
fn close_subtrees(nodes: &mut [Node]) {
    for index in (0..nodes.len()).rev() {
        let Some(&Node {
            parent: Some(parent),
            end,
            ..
        }) = nodes.get(index)
        else {
            continue;
        };
        if let Some(above) = nodes.get_mut(parent as usize) {
            above.end = above.end.max(end);
        }
    }
}

#[cfg(test)]
mod tests;
