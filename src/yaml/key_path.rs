//! The keys that lead to a place in a file, for messages about its form.
//!
//! The library's errors have a place but no keys. Those are looked up in the events of its parser when there is
//! a mistake, because tracking them while a file is read makes the program larger by a tenth.

use granit_parser::{Event, Parser};

use super::error::quoted;
use super::node::Position;

/// What is at the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A key, which is not part of the path to it.
    Key,
    Value,
    /// A value that is a list. The library gives the place of its key where one value is expected.
    List,
}

/// A list or mapping that is not closed yet.
enum Open {
    List(usize),
    /// The key whose value comes next; none where a key comes next.
    Mapping(Option<String>),
}

/// The keys to the first `target` at or behind `position`; those to the end of what can be parsed, where there is
/// none. The index of a list is a key in brackets.
pub(super) fn keys_to(text: &str, position: Position, target: Target) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let start = Position {
            line: span.start.line(),
            column: span.start.col().saturating_add(1),
        };
        let is_key = matches!(open.last(), Some(Open::Mapping(None)));
        let is_target = match &event {
            Event::Scalar(..) if is_key => target == Target::Key,
            Event::SequenceStart(..) => target != Target::Key,
            Event::Scalar(..) | Event::MappingStart(..) => target == Target::Value,
            _ => false,
        };
        if is_target && start >= position {
            break;
        }
        match event {
            Event::Scalar(text, ..) => match open.last_mut() {
                Some(Open::Mapping(key @ None)) => {
                    // A user's name may be any text.
                    *key = Some(quoted(&text).trim_matches('"').to_owned());
                }
                _ => value_ended(&mut open),
            },
            Event::Alias(..) => value_ended(&mut open),
            Event::SequenceStart(..) => open.push(Open::List(0)),
            Event::MappingStart(..) => open.push(Open::Mapping(None)),
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                value_ended(&mut open);
            }
            _ => {}
        }
    }
    let keys = open.into_iter().filter_map(|it| match it {
        Open::List(index) => Some(format!("[{index}]")),
        Open::Mapping(key) => key,
    });
    keys.collect()
}

/// A value was read whole: the next key or item comes.
fn value_ended(open: &mut [Open]) {
    match open.last_mut() {
        Some(Open::List(index)) => *index = index.saturating_add(1),
        // A key that is no scalar has no name; its value comes next.
        Some(Open::Mapping(key @ None)) => *key = Some(String::new()),
        Some(Open::Mapping(key)) => *key = None,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
a:
  - name: x
    b: { c: 1, d: [2, { e: 3 }] }
  - y
f: z
";

    fn path(line: usize, column: usize, target: Target) -> String {
        keys_to(TEXT, Position { line, column }, target).join(" ")
    }

    #[test]
    fn keys_and_values_are_found_by_their_place() {
        let keys = [
            (1, 1, ""),
            (2, 5, "a [0]"),
            (3, 10, "a [0] b"),
            (3, 25, "a [0] b d [1]"),
            (5, 1, ""),
        ];
        for (line, column, expected) in keys {
            assert_eq!(path(line, column, Target::Key), expected, "{line}:{column}");
        }
        let values = [
            (2, 3, "a"),
            (2, 5, "a [0]"),
            (2, 11, "a [0] name"),
            (3, 8, "a [0] b"),
            (3, 13, "a [0] b c"),
            (3, 20, "a [0] b d [0]"),
            (3, 28, "a [0] b d [1] e"),
            (4, 5, "a [1]"),
            (5, 4, "f"),
        ];
        for (line, column, expected) in values {
            assert_eq!(
                path(line, column, Target::Value),
                expected,
                "{line}:{column}"
            );
        }
    }

    #[test]
    fn a_list_is_found_by_its_key_too() {
        assert_eq!(path(1, 1, Target::List), "a");
        assert_eq!(path(3, 16, Target::List), "a [0] b d");
    }

    #[test]
    fn what_can_not_be_parsed_ends_the_path() {
        let end = Position { line: 9, column: 1 };
        assert_eq!(keys_to("a: [1, {", end, Target::Value), ["a", "[1]"]);
        assert_eq!(keys_to("", end, Target::Key), [""; 0]);
    }
}
