//! The tree of spaces, made from a list in which each space names its children.
//!
//! The list may have any shape: cycles, children that are not listed, two parents for one child. The result
//! is always a tree, and the same one whatever the order of the list. Nothing here recurses, because the
//! API decides how deep the tree is.

use std::cmp::Ordering;

use super::space::labels_of;
use super::{Interner, Space, SpaceLabel, SpaceList, Symbol, space_type};

/// A space in the tree. The indices are those of [`SpaceTree::node`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The space itself.
    pub space: Space,
    /// The space above it.
    pub parent: Option<u32>,
    /// The campus that it is or is on.
    pub campus: Option<u32>,
    /// The building that it is or is in.
    pub building: Option<u32>,
    /// The floor that it is or is on.
    pub floor: Option<u32>,
    /// One past the last space below it: the spaces from this one up to there are its subtree.
    pub end: u32,
}

/// All spaces in tree order: each before those below it, siblings by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceTree {
    texts: Interner,
    nodes: Vec<Node>,
    labels: Vec<SpaceLabel>,
    /// By symbol: the index of the space with that id.
    by_id: Vec<Option<u32>>,
}

impl SpaceTree {
    /// Builds the tree.
    pub fn build(list: &SpaceList) -> SpaceTree {
        let by_id = sorted_by_id(list);
        let parents = cut_cycles(choose_parents(list, &by_id));
        in_tree_order(list, &by_id, &parents)
    }

    /// How many spaces there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The space at `index` in tree order.
    pub fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(index as usize)
    }

    /// The index of the space of that id.
    pub fn find(&self, id: &str) -> Option<u32> {
        let text = self.texts.find(id)?;
        self.by_id.get(text.index()).copied().flatten()
    }

    /// All spaces with their indices, in tree order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Node)> {
        (0u32..).zip(&self.nodes)
    }

    /// A text of one of its spaces.
    pub fn text(&self, id: Symbol) -> &str {
        self.texts.get(id)
    }

    /// The labels of one of its spaces, in order.
    pub fn labels(&self, space: &Space) -> &[SpaceLabel] {
        labels_of(&self.labels, space)
    }

    /// The lifecycle of a space: its own, unless it is live and the floor or the building that it is
    /// in is not. None: it is live.
    pub fn lifecycle(&self, node: &Node) -> Option<Symbol> {
        let above = [node.floor, node.building]
            .into_iter()
            .flatten()
            .filter_map(|index| self.node(index))
            .map(|it| &it.space);
        std::iter::once(&node.space)
            .chain(above)
            .map(|space| space.status)
            .find(|status| !matches!(self.text(*status), "" | super::LIVE))
    }

    /// The name of a lifecycle.
    pub fn lifecycle_name(&self, lifecycle: Option<Symbol>) -> &str {
        lifecycle.map_or(super::LIVE, |it| self.text(it))
    }
}

/// The spaces of a list by id.
fn sorted_by_id(list: &SpaceList) -> Vec<u32> {
    let mut by_id: Vec<u32> = (0..).take(list.spaces.len()).collect();
    let id = |number: &u32| list.spaces.get(*number as usize).map(|it| list.text(it.id));
    let in_order = |a: &u32, b: &u32| id(a).cmp(&id(b));
    // Most answers are in an order of their own; those in this one cost nothing.
    if !by_id.is_sorted_by(|a, b| in_order(a, b) != Ordering::Greater) {
        by_id.sort_unstable_by(in_order);
    }
    by_id
}

/// The parent of each space, both as positions in `by_id`. Of several spaces that claim it as a child, the
/// parent is the one with the smallest id.
fn choose_parents(list: &SpaceList, by_id: &[u32]) -> Vec<Option<usize>> {
    // By symbol: the position of the space with that id.
    let mut places = vec![None; list.texts.len()];
    for (place, number) in by_id.iter().enumerate() {
        let space = list.spaces.get(*number as usize);
        if let Some(slot) = space.and_then(|it| places.get_mut(it.id.index())) {
            *slot = Some(place);
        }
    }
    let place = |id: Symbol| places.get(id.index()).copied().flatten();
    let mut parents: Vec<Option<usize>> = vec![None; by_id.len()];
    for (parent, child) in &list.children {
        let (Some(parent), Some(child)) = (place(*parent), place(*child)) else {
            continue;
        };
        if let Some(chosen) = parents.get_mut(child)
            && child != parent
            && chosen.is_none_or(|it| parent < it)
        {
            *chosen = Some(parent);
        }
    }
    parents
}

/// Removes the parent of the smallest id of each cycle, which makes it a root.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "As many as there are spaces in memory."
)]
fn cut_cycles(mut parents: Vec<Option<usize>>) -> Vec<Option<usize>> {
    // The walk that has visited each space; 0 for none yet.
    let mut walks = vec![0usize; parents.len()];
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(here) = at {
            match walks.get_mut(here) {
                Some(seen @ 0) => *seen = walk,
                // This walk has been here before: `here` is on a cycle.
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

/// The smallest position, and so the smallest id, on the cycle that `start` is on.
fn smallest_on_cycle(parents: &[Option<usize>], start: usize) -> usize {
    let up = |at: usize| parents.get(at).copied().flatten();
    std::iter::successors(up(start), |&at| if at == start { None } else { up(at) })
        .min()
        .unwrap_or(start)
}

fn in_tree_order(list: &SpaceList, by_id: &[u32], parents: &[Option<usize>]) -> SpaceTree {
    let below = Children::of(parents);
    // Backwards, because the stack gives back last what came first.
    let roots = (0..parents.len()).rev();
    let roots = roots.filter(|it| parents.get(*it).copied().flatten().is_none());
    let mut to_visit: Vec<(usize, Option<u32>)> = roots.map(|it| (it, None)).collect();
    let mut tree = SpaceTree {
        nodes: Vec::with_capacity(by_id.len()),
        ..SpaceTree::default()
    };
    while let Some((place, parent)) = to_visit.pop() {
        let number = by_id.get(place).map(|it| *it as usize);
        let Some(space) = number.and_then(|it| list.spaces.get(it)) else {
            continue;
        };
        let index = u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX);
        let space = tree.intern_space(list, space, index);
        let above = parent.and_then(|it| tree.node(it)).copied();
        let placed = tree.placed(space, index, parent, above.as_ref());
        tree.nodes.push(placed);
        to_visit.extend(below.of_parent(place).rev().map(|it| (it, Some(index))));
    }
    close_subtrees(&mut tree.nodes);
    tree.texts.shrink_to_fit();
    tree.labels.shrink_to_fit();
    tree
}

/// The children of every space, as one list.
struct Children {
    /// Children in order, grouped by parent.
    children: Vec<usize>,
    /// By parent: the start of its children; one more at the end.
    starts: Vec<usize>,
}

impl Children {
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "Each is at most how many spaces are in memory."
    )]
    fn of(parents: &[Option<usize>]) -> Self {
        let mut starts = vec![0; parents.len() + 1];
        for parent in parents.iter().flatten() {
            if let Some(count) = starts.get_mut(parent + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut children = vec![0; sum];
        for (child, parent) in parents.iter().enumerate() {
            if let Some(at) = parent.and_then(|it| next.get_mut(it)) {
                if let Some(slot) = children.get_mut(*at) {
                    *slot = child;
                }
                *at += 1;
            }
        }
        Self { children, starts }
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "The number of a space in memory."
    )]
    fn of_parent(&self, parent: usize) -> impl DoubleEndedIterator<Item = usize> {
        let start = self.starts.get(parent).copied().unwrap_or_default();
        let end = self.starts.get(parent + 1).copied().unwrap_or_default();
        let children = self.children.get(start..end).unwrap_or_default();
        children.iter().copied()
    }
}

impl SpaceTree {
    /// `space` of `list` with symbols of this tree, which do not depend on the order of the list.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "The number of a text that is in memory."
    )]
    fn intern_space(&mut self, list: &SpaceList, space: &Space, index: u32) -> Space {
        let id = self.texts.intern(list.text(space.id));
        if self.by_id.len() <= id.index() {
            self.by_id.resize(id.index() + 1, None);
        }
        if let Some(slot) = self.by_id.get_mut(id.index()) {
            *slot = Some(index);
        }
        let labels_from = self.labels.len() as u32;
        for label in list.labels(space) {
            let label = SpaceLabel {
                group: self.texts.intern(list.text(label.group)),
                name: self.texts.intern(list.text(label.name)),
            };
            self.labels.push(label);
        }
        let mut interned = |text: Symbol| self.texts.intern(list.text(text));
        Space {
            id,
            name: interned(space.name),
            space_type: interned(space.space_type),
            function: interned(space.function),
            counting_mode: interned(space.counting_mode),
            time_zone: interned(space.time_zone),
            status: interned(space.status),
            capacity: space.capacity,
            labels_from,
            labels_to: self.labels.len() as u32,
            is_stub: space.is_stub,
        }
    }

    /// The node of `space` below `parent`.
    fn placed(&self, space: Space, index: u32, parent: Option<u32>, above: Option<&Node>) -> Node {
        let mut node = Node {
            space,
            parent,
            campus: above.and_then(|it| it.campus),
            building: above.and_then(|it| it.building),
            floor: above.and_then(|it| it.floor),
            end: index.saturating_add(1),
        };
        match self.text(space.space_type) {
            space_type::CAMPUS => {
                (node.campus, node.building, node.floor) = (Some(index), None, None);
            }
            space_type::BUILDING => (node.building, node.floor) = (Some(index), None),
            space_type::FLOOR => node.floor = Some(index),
            _ => {}
        }
        node
    }
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
pub(super) mod any_graph;
#[cfg(test)]
mod tests;
