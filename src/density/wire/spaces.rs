//! `GET /v3/spaces`: the tree of spaces, given by ids of children, by nested children, or by both.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::snapshot::{PushOutcome, SpaceEntry, SpaceList};

use super::super::rejection::{RejectionReason, Rejections};
use super::AnswerDecoder;
use super::decoder::Entries;
use super::field::{Field, List, Object};
use super::json::first_object;
use super::nesting::flatten;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
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
    children_ids: List<Field<'a>>,
    #[serde(borrow)]
    labels: List<Object<Label<'a>>>,
    /// Not decoded with the space, because nested spaces may have any depth.
    children: List<IgnoredAny>,
}

impl Fields<'_> {
    fn has_nested_children(&self) -> bool {
        let children = self.children.0.get();
        children.is_ok_and(|it| it.is_some_and(|it| !it.is_empty()))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Label<'a> {
    #[serde(borrow)]
    name: Field<'a>,
    #[serde(borrow)]
    group: Object<Group<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group<'a> {
    #[serde(borrow)]
    name: Field<'a>,
}

/// The spaces of an answer. One at the top level is preferred to the same space nested in another, which may
/// be no more than a stub.
#[derive(Default)]
pub(in super::super) struct Spaces(SpaceList);

impl Spaces {
    /// A decoder of an answer.
    pub(in super::super) fn decoder() -> AnswerDecoder<Self> {
        AnswerDecoder::new(Self::default())
    }

    /// Adds a space and returns its id; none when it has no id. When a field can't be decoded, a stub is
    /// added, so that the spaces below it keep their position in the tree.
    fn add_space(
        &mut self,
        fields: &Fields<'_>,
        key: Option<&str>,
        is_nested: bool,
        rejections: &mut Rejections,
    ) -> Option<String> {
        let id = match fields.id.id() {
            Ok(id) => id.or(key.filter(|it| !it.is_empty())),
            Err(reason) => {
                rejections.add(reason, key);
                return None;
            }
        };
        let Some(id) = id else {
            rejections.add(RejectionReason::MissingId, None);
            return None;
        };
        match self.add_complete(fields, id, is_nested) {
            Ok(PushOutcome::Duplicate) => rejections.add(RejectionReason::Duplicate, Some(id)),
            Ok(PushOutcome::Added | PushOutcome::AlsoNested) => {}
            Err(reason) => {
                rejections.add(reason, Some(id));
                self.add_stub(fields, id, is_nested);
            }
        }
        Some(id.to_owned())
    }

    fn add_complete(
        &mut self,
        fields: &Fields<'_>,
        id: &str,
        is_nested: bool,
    ) -> Result<PushOutcome, RejectionReason> {
        let status = status(fields)?;
        let labels = labels(&fields.labels)?;
        let children = fields.children_ids.ids()?;
        let entry = SpaceEntry {
            id,
            name: fields.name.text_or_empty()?,
            space_type: fields.space_type.text_or_empty()?,
            function: fields.function.text_or_empty()?,
            counting_mode: fields.counting_mode.text_or_empty()?,
            time_zone: fields.time_zone.text_or_empty()?,
            status: &status,
            capacity: fields.capacity.non_negative()?,
            labels: &labels,
            is_stub: false,
            is_nested,
        };
        let pushed = self.0.push(&entry);
        for child in children {
            self.0.add_child(id, child);
        }
        Ok(pushed)
    }

    /// Adds a stub: what the spaces below it need, as far as it can be decoded.
    fn add_stub(&mut self, fields: &Fields<'_>, id: &str, is_nested: bool) {
        let status = status(fields).unwrap_or_default();
        self.0.push(&SpaceEntry {
            id,
            name: fields.name.text_or_empty().unwrap_or_default(),
            space_type: fields.space_type.text_or_empty().unwrap_or_default(),
            status: &status,
            is_stub: true,
            is_nested,
            ..SpaceEntry::default()
        });
        for child in fields.children_ids.ids().unwrap_or_default() {
            self.0.add_child(id, child);
        }
    }

    /// Adds a space and all spaces nested in it.
    fn add_nested(&mut self, raw: &str, key: Option<&str>, rejections: &mut Rejections) {
        let mut ids: Vec<Option<String>> = Vec::new();
        for flat in flatten(raw) {
            let fields: Result<Fields<'_>, _> = serde_json::from_str(&flat.text);
            let Ok(fields) = fields else {
                rejections.add(RejectionReason::Malformed, key);
                ids.push(None);
                continue;
            };
            let key = key.filter(|_| ids.is_empty());
            let id = self.add_space(&fields, key, flat.parent.is_some(), rejections);
            let parent = flat.parent.and_then(|it| ids.get(it));
            if let (Some(Some(parent)), Some(id)) = (parent, &id) {
                self.0.add_child(parent, id);
            }
            ids.push(id);
        }
    }
}

impl Entries for Spaces {
    type Output = SpaceList;

    fn read(
        &mut self,
        key: Option<&str>,
        json: &str,
        rejections: &mut Rejections,
    ) -> serde_json::Result<usize> {
        let (fields, length) = first_object::<Fields<'_>>(json)?;
        if fields.has_nested_children() {
            self.add_nested(json.get(..length).unwrap_or_default(), key, rejections);
        } else {
            self.add_space(&fields, key, false, rejections);
        }
        Ok(length)
    }

    fn heap_size(&self) -> usize {
        self.0.heap_size()
    }

    fn take(&mut self) -> SpaceList {
        std::mem::take(&mut self.0)
    }
}

/// The status in lower case.
fn status(fields: &Fields<'_>) -> Result<String, RejectionReason> {
    let status = fields.status.text_or_empty()?;
    Ok(status.trim().to_ascii_lowercase())
}

/// The labels, sorted, each pair of group and name once, without labels that have no name.
fn labels<'f>(
    field: &'f List<Object<Label<'_>>>,
) -> Result<Vec<(&'f str, &'f str)>, RejectionReason> {
    let mut labels = Vec::new();
    for label in field.0.get()?.into_iter().flatten() {
        let Some(label) = label.0.get()? else {
            continue;
        };
        let group = match label.group.0.get()? {
            Some(group) => group.name.text_or_empty()?,
            None => "",
        };
        let name = label.name.text_or_empty()?;
        if !name.is_empty() {
            labels.push((group, name));
        }
    }
    labels.sort_unstable();
    labels.dedup();
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use crate::snapshot::SpaceTree;

    use super::super::{Decoded, Decoder};
    use super::*;

    fn read(text: &str) -> Decoded<SpaceList> {
        let mut decoder = Spaces::decoder();
        decoder.push(text.as_bytes());
        decoder.finish().unwrap()
    }

    fn tree(text: &str) -> Vec<String> {
        let tree = SpaceTree::build(&read(text).entries);
        tree.iter()
            .map(|(_, node)| {
                let parent = node.parent.and_then(|it| tree.node(it));
                let parent = parent.map_or("", |it| tree.text(it.space.id));
                format!("{}<{parent}", tree.text(node.space.id))
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
    fn a_space_at_the_top_level_is_preferred_to_a_nested_one() {
        let answer = read(
            r#"[{"id": "a", "children": [{"id": "b"}]}, {"id": "b", "name": "Lab"}, {"id": "b", "name": "Other"}]"#,
        );
        let names: Vec<_> = answer
            .entries
            .iter()
            .map(|it| (answer.entries.text(it.id), answer.entries.text(it.name)))
            .collect();
        assert_eq!(names, [("a", ""), ("b", "Lab")]);
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(counts, [(RejectionReason::Duplicate, 1)]);
    }

    #[test]
    fn a_building_that_cannot_be_read_whole_still_holds_its_floors() {
        let text = r#"[{"id": "hq", "space_type": "building", "name": "HQ", "capacity": -1, "children_ids": ["f"]}, {"id": "f"}]"#;
        assert_eq!(tree(text), ["hq<", "f<hq"]);
        let list = read(text).entries;
        assert_eq!(list.text(list.iter().next().unwrap().name), "HQ");
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
            entries.map(|it| answer.entries.text(it.id)).collect()
        };
        assert_eq!(ids(false), ["a", "f", "g"]);
        // Stubs stay in the tree for the spaces below them.
        assert_eq!(ids(true), ["b", "c", "d", "e"]);
        let text = |id| answer.entries.text(id);
        let first = answer.entries.iter().next().unwrap();
        assert_eq!(text(first.status), "planning");
        let labels = answer.entries.labels(first).iter();
        let labels: Vec<_> = labels.map(|it| (text(it.group), text(it.name))).collect();
        assert_eq!(labels, [("", "x"), ("Priority", "critical")]);
        let last = answer.entries.iter().last().unwrap();
        assert_eq!((text(last.id), last.capacity), ("g", Some(12.0)));
        let counts: Vec<_> = answer.rejections.counts().collect();
        assert_eq!(
            counts,
            [
                (RejectionReason::NotAnObject, 2),
                (RejectionReason::MissingId, 2),
                (RejectionReason::WrongType, 4),
                (RejectionReason::InvalidNumber, 1),
            ]
        );
    }
}
