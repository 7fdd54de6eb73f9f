//! `GET /v3/spaces`: the tree of spaces, told by ids of children, by children that stand in their
//! parents, or both.

use std::collections::HashMap;

use serde::Deserialize;

use crate::snapshot::{Space, SpaceEntry, SpaceLabel, Text};

use super::super::rejection::{Reason, Rejections};
use super::entries::each_entry;
use super::field::{Field, object};
use super::nesting::flatten;
use super::sensors::Shared;
use super::{DecodeError, Read};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Field<'a>,
    #[serde(borrow)]
    name: Field<'a>,
    #[serde(borrow)]
    space_type: Field<'a>,
    #[serde(borrow)]
    function: Field<'a>,
    #[serde(borrow)]
    counting_mode: Field<'a>,
    #[serde(borrow)]
    time_zone: Field<'a>,
    #[serde(borrow)]
    status: Field<'a>,
    #[serde(borrow)]
    capacity: Field<'a>,
    #[serde(borrow)]
    children_ids: Field<'a>,
    #[serde(borrow)]
    labels: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Label<'a> {
    #[serde(borrow)]
    name: Field<'a>,
    #[serde(borrow)]
    group: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group<'a> {
    #[serde(borrow)]
    name: Field<'a>,
}

/// A space that could be read, and the number of the text that it stood in.
struct Found {
    entry: SpaceEntry,
    parent: Option<usize>,
}

/// Reads the answer. A space in the list itself comes before the same space inside another, which may
/// be no more than a stub.
pub(in super::super) fn read_spaces(bytes: &mut [u8]) -> Result<Read<SpaceEntry>, DecodeError> {
    let mut rejections = Rejections::default();
    let mut shared = Shared::default();
    let mut found = Vec::new();
    each_entry(bytes, |entry| {
        let key = entry.key.as_deref();
        let start = found.len();
        let raw = entry.raw.get();
        if !raw.starts_with('{') {
            rejections.add(Reason::NotAnObject, key);
            return;
        }
        for (number, flat) in flatten(raw).into_iter().enumerate() {
            let key = key.filter(|_| number == 0);
            let entry = read_entry(&flat.text, key, &mut shared, &mut rejections);
            found.push(entry.map(|entry| Found {
                entry,
                parent: flat.parent.map(|it| start + it),
            }));
        }
    })?;
    Ok(Read {
        entries: join(found, &mut rejections),
        rejections,
    })
}

/// Each space once, children that stood in it added to its children's ids.
fn join(mut found: Vec<Option<Found>>, rejections: &mut Rejections) -> Vec<SpaceEntry> {
    let nested: Vec<(usize, Text)> = found
        .iter()
        .flatten()
        .filter_map(|it| Some((it.parent?, it.entry.space.id.clone())))
        .collect();
    for (parent, child) in nested {
        if let Some(Some(parent)) = found.get_mut(parent) {
            parent.entry.children.push(child);
        }
    }
    let (listed, nested): (Vec<Found>, Vec<Found>) = found
        .into_iter()
        .flatten()
        .partition(|it| it.parent.is_none());
    let mut numbers: HashMap<Text, usize> = HashMap::with_capacity(listed.len());
    let mut entries: Vec<SpaceEntry> = Vec::with_capacity(listed.len());
    for Found { entry, parent } in listed.into_iter().chain(nested) {
        match numbers
            .get(&entry.space.id)
            .and_then(|it| entries.get_mut(*it))
        {
            None => {
                numbers.insert(entry.space.id.clone(), entries.len());
                entries.push(entry);
            }
            Some(first) => {
                // A whole one that stands elsewhere is better than a stub.
                if first.is_stub && !entry.is_stub {
                    let children = std::mem::replace(first, entry).children;
                    first.children.extend(children);
                    continue;
                }
                // Within another space it is the same one told again, and no mistake.
                if parent.is_none() {
                    rejections.add(Reason::Duplicate, Some(&entry.space.id));
                }
                first.children.extend(entry.children);
            }
        }
    }
    entries
}

/// A space; a stub of it when a field of it can't be read, so that what is below it keeps its place;
/// nothing when it has no id.
fn read_entry(
    raw: &str,
    key: Option<&str>,
    shared: &mut Shared,
    rejections: &mut Rejections,
) -> Option<SpaceEntry> {
    let fields: Entry<'_> = object(raw)
        .map_err(|reason| rejections.add(reason, key))
        .ok()?;
    let id = match fields.id.id() {
        Ok(Some(id)) => id,
        Ok(None) => match key.filter(|key| !key.is_empty()) {
            Some(key) => Text::from(key),
            None => {
                rejections.add(Reason::MissingId, None);
                return None;
            }
        },
        Err(reason) => {
            rejections.add(reason, key);
            return None;
        }
    };
    let entry = read_fields(&fields, id.clone(), shared).unwrap_or_else(|reason| {
        rejections.add(reason, Some(&id));
        read_stub(&fields, id, shared)
    });
    Some(entry)
}

fn read_fields(fields: &Entry<'_>, id: Text, shared: &mut Shared) -> Result<SpaceEntry, Reason> {
    Ok(SpaceEntry {
        space: Space {
            id,
            name: name(fields)?,
            space_type: shared.text(fields.space_type)?,
            function: shared.text(fields.function)?,
            counting_mode: shared.text(fields.counting_mode)?,
            time_zone: shared.text(fields.time_zone)?,
            status: status(fields)?,
            capacity: fields.capacity.amount()?,
            labels: labels(fields.labels, shared)?,
        },
        children: fields.children_ids.ids()?,
        is_stub: false,
    })
}

/// What holds a space's place: as much of it as the spaces below it need and as can be read.
fn read_stub(fields: &Entry<'_>, id: Text, shared: &mut Shared) -> SpaceEntry {
    let empty = || Text::from("");
    SpaceEntry {
        space: Space {
            name: name(fields).unwrap_or_else(|_| empty()),
            space_type: shared.text(fields.space_type).unwrap_or_else(|_| empty()),
            status: status(fields).unwrap_or_else(|_| empty()),
            ..Space::of_id(id)
        },
        children: fields.children_ids.ids().unwrap_or_default(),
        is_stub: true,
    }
}

fn name(fields: &Entry<'_>) -> Result<Text, Reason> {
    let name = fields.name.text()?;
    Ok(name.map_or_else(|| Text::from(""), Text::from))
}

fn status(fields: &Entry<'_>) -> Result<Text, Reason> {
    let status = fields.status.text()?.unwrap_or_default();
    Ok(Text::from(status.trim().to_ascii_lowercase()))
}

/// The labels in order, each pair once; one without a name says nothing.
fn labels(field: Field<'_>, shared: &mut Shared) -> Result<Box<[SpaceLabel]>, Reason> {
    let mut labels = Vec::new();
    for label in field.read::<Vec<Label<'_>>>()?.unwrap_or_default() {
        let group: Group<'_> = label.group.read()?.unwrap_or_default();
        let name = shared.text(label.name)?;
        if !name.is_empty() {
            let group = shared.text(group.name)?;
            labels.push(SpaceLabel { group, name });
        }
    }
    labels.sort();
    labels.dedup();
    Ok(labels.into())
}

#[cfg(test)]
mod tests {
    use crate::snapshot::SpaceTree;

    use super::*;

    fn read(text: &str) -> Read<SpaceEntry> {
        read_spaces(&mut text.as_bytes().to_vec()).unwrap()
    }

    fn tree(text: &str) -> Vec<String> {
        let tree = SpaceTree::build(read(text).entries);
        tree.iter()
            .map(|(_, node)| {
                let parent = node.parent.and_then(|it| tree.node(it));
                format!("{}<{}", node.space.id, parent.map_or("", |it| &it.space.id))
            })
            .collect()
    }

    #[test]
    fn ids_and_nested_children_make_the_same_tree() {
        let by_ids = r#"[{"id": "a", "children_ids": ["b"], "children": []}, {"id": "b", "children_ids": ["c"]}, {"id": "c"}]"#;
        let nested =
            r#"{"results": [{"id": "a", "children": [{"id": "b", "children": [{"id": "c"}]}]}]}"#;
        let both = r#"{"data": [{"id": "a", "children_ids": ["b"], "children": [{"id": "b"}]}, {"id": "b", "children_ids": ["c"]}, {"id": "c"}]}"#;
        for text in [by_ids, nested, both] {
            assert_eq!(tree(text), ["a<", "b<a", "c<b"], "{text}");
        }
    }

    #[test]
    fn the_list_itself_counts_before_what_stands_in_a_space() {
        let answer = read(
            r#"[{"id": "a", "children": [{"id": "b"}]}, {"id": "b", "name": "Lab"}, {"id": "b", "name": "Other"}]"#,
        );
        let names: Vec<_> = answer
            .entries
            .iter()
            .map(|it| (&*it.space.id, &*it.space.name))
            .collect();
        assert_eq!(names, [("a", ""), ("b", "Lab")]);
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(counts, [(Reason::Duplicate, 1)]);
    }

    #[test]
    fn a_building_that_cannot_be_read_whole_still_holds_its_floors() {
        let text = r#"[{"id": "hq", "space_type": "building", "name": "HQ", "capacity": -1, "children_ids": ["f"]}, {"id": "f"}]"#;
        assert_eq!(tree(text), ["hq<", "f<hq"]);
        assert_eq!(read(text).entries[0].space.name.as_ref(), "HQ");
    }

    #[test]
    fn each_field_may_be_null_and_each_bad_entry_costs_only_itself() {
        let answer = read(
            r#"[
            {"id": "a", "name": null, "space_type": "floor", "status": " Planning ", "capacity": null, "function": null,
             "labels": [{"name": "critical", "group": {"name": "Priority", "labels": [{}]}}, {"name": null},
                        {"name": "critical", "group": {"name": "Priority"}}, {"name": "x", "group": null}],
             "children_ids": null, "children": null, "size_area": "huge"},
            {"id": null, "name": "no id"},
            {"name": "no id"},
            {"id": 7},
            {"id": "b", "capacity": -1},
            {"id": "c", "capacity": "ten"},
            {"id": "d", "children_ids": "e"},
            {"id": "e", "labels": "x"},
            {"id": "f", "name": "\ud800"},
            {"id": "g", "capacity": 12.0, "children_ids": [null, "h"]},
            3, null
        ]"#,
        );
        let ids = |is_stub: bool| -> Vec<&str> {
            let entries = answer.entries.iter().filter(|it| it.is_stub == is_stub);
            entries.map(|it| &*it.space.id).collect()
        };
        assert_eq!(ids(false), ["a", "g"]);
        // They hold their place for what is below them.
        assert_eq!(ids(true), ["b", "c", "d", "e", "f"]);
        let first = &answer.entries[0].space;
        assert_eq!(&*first.status, "planning");
        let labels: Vec<_> = first
            .labels
            .iter()
            .map(|it| (&*it.group, &*it.name))
            .collect();
        assert_eq!(labels, [("", "x"), ("Priority", "critical")]);
        assert_eq!(answer.entries[6].space.capacity, Some(12.0));
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(
            counts,
            [
                (Reason::NotAnObject, 2),
                (Reason::MissingId, 2),
                (Reason::WrongType, 5),
                (Reason::InvalidNumber, 1),
            ]
        );
    }
}
