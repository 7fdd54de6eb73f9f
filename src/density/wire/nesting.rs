//! Nested spaces: extracts `children` objects from the space that contains them, at any depth, in one pass
//! over the text and without recursion.

/// The text of a space with its `children` emptied, and the index of the space that contains it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FlattenedSpace {
    pub(super) text: String,
    pub(super) parent: Option<usize>,
}

/// A space whose end has not been reached.
struct OpenSpace {
    number: usize,
    /// The start of the part of its text that has not been copied.
    copied_to: usize,
    /// The open brackets within it, including its own.
    depth: usize,
    /// Within its `children`, the depth of that list.
    children: Option<usize>,
}

/// The space whose text is `raw` and all spaces nested in it, each after the one that contains it. `raw` must
/// be the text of one JSON object; for other text the result is meaningless but harmless.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Places within the text, and as many levels as it has brackets; one is closed only while one is open."
)]
pub(super) fn flatten(raw: &str) -> Vec<FlattenedSpace> {
    let bytes = raw.as_bytes();
    let mut flats: Vec<FlattenedSpace> = Vec::new();
    let mut open: Vec<OpenSpace> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_text(bytes, at);
                if let Some(space) = open.last_mut()
                    && space.depth == 1
                    && raw.get(at..end) == Some("\"children\"")
                    && let Some(list) = list_after(bytes, end)
                {
                    // The brackets of the list are copied, its items are not.
                    copy(&mut flats, raw, space, list + 1);
                    space.depth += 1;
                    space.children = Some(space.depth);
                    at = list + 1;
                    continue;
                }
                at = end;
                continue;
            }
            b'{' if open.last().is_none_or(|it| it.children == Some(it.depth)) => {
                let parent = open.last().map(|it| it.number);
                open.push(OpenSpace {
                    number: flats.len(),
                    copied_to: at,
                    depth: 1,
                    children: None,
                });
                flats.push(FlattenedSpace {
                    text: String::new(),
                    parent,
                });
            }
            b'{' | b'[' => {
                if let Some(space) = open.last_mut() {
                    space.depth += 1;
                }
            }
            b'}' | b']' => {
                if let Some(space) = open.last_mut() {
                    if space.children == Some(space.depth) {
                        // The items of the list are skipped.
                        space.copied_to = at;
                        space.children = None;
                    }
                    space.depth -= 1;
                    if space.depth == 0 {
                        copy(&mut flats, raw, space, at + 1);
                        open.pop();
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    flats
}

/// Copies the part of the text up to `to` that is the space's own.
fn copy(flats: &mut [FlattenedSpace], raw: &str, space: &mut OpenSpace, to: usize) {
    if let (Some(flat), Some(part)) = (flats.get_mut(space.number), raw.get(space.copied_to..to)) {
        flat.text.push_str(part);
    }
    space.copied_to = to;
}

/// One past the closing quote of the text that opens at `start`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Places within a text that is in memory, and one past its end."
)]
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The start of the list that is the value of the key that ends at `end`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "Places within a text that is in memory, and one past its end."
)]
fn list_after(bytes: &[u8], end: usize) -> Option<usize> {
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    let colon = skip(end);
    let list = skip(colon + 1);
    (bytes.get(colon) == Some(&b':') && bytes.get(list) == Some(&b'[')).then_some(list)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flat(raw: &str) -> Vec<(String, Option<usize>)> {
        flatten(raw)
            .into_iter()
            .map(|it| (it.text, it.parent))
            .collect()
    }

    #[test]
    fn children_are_extracted_from_the_space_that_contains_them() {
        let raw = r#"{"id": "a", "children" : [ {"id": "b", "children": [{"id": "c"}], "n": [{"children": [1]}]}, null, "x", {"id": "d"} ], "children_ids": ["b"]}"#;
        assert_eq!(
            flat(raw),
            [
                (
                    r#"{"id": "a", "children" : [], "children_ids": ["b"]}"#.to_owned(),
                    None
                ),
                (
                    r#"{"id": "b", "children": [], "n": [{"children": [1]}]}"#.to_owned(),
                    Some(0)
                ),
                (r#"{"id": "c"}"#.to_owned(), Some(1)),
                (r#"{"id": "d"}"#.to_owned(), Some(0)),
            ]
        );
    }

    #[test]
    fn text_that_looks_like_structure_is_text() {
        let raw = r#"{"id": "a\"{[\\", "name": "children", "children": []}"#;
        assert_eq!(flat(raw), [(raw.to_owned(), None)]);
        let raw = r#"{"labels": [{"children": [{"id": "b"}]}], "children": null}"#;
        assert_eq!(flat(raw), [(raw.to_owned(), None)]);
    }

    #[test]
    fn depth_costs_no_stack_and_no_square() {
        let depth = 100_000;
        let raw = r#"{"id":"x","children":["#.repeat(depth) + &"]}".repeat(depth);
        let flats = flatten(&raw);
        assert_eq!(flats.len(), depth);
        let copied: usize = flats.iter().map(|it| it.text.len()).sum();
        assert_eq!(copied, raw.len());
    }

    proptest! {
        /// Whatever the text, nothing panics, and nothing is copied twice.
        #[test]
        fn any_text_is_survived(raw in r#"[{}\[\]",: a\\]{0,60}|(\{"children":\[){0,5}.{0,9}"#) {
            let copied: usize = flatten(&raw).iter().map(|it| it.text.len()).sum();
            prop_assert!(copied <= raw.len());
        }
    }
}
