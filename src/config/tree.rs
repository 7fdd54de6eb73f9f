//! The file's text as a tree in which every value knows its line: what the user typed, unchecked.
//!
//! It never follows an alias, so that a small file can't become a large tree, and it bounds the
//! tree's size and depth.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// A place in the file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) value: Value,
}

/// A value as it was typed.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    /// A number without quotes, in the words of the file.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// Keys in the order of the file; the same key may come twice.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) position: Position,
    pub(crate) text: String,
}

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) position: Position,
    pub(crate) message: String,
}

/// More than any configuration needs: about a hundred thousand space ids.
const MOST_NODES: usize = 100_000;

/// More than any configuration needs.
const MOST_LEVELS: usize = 32;

/// Reads the text's one document; `None` when there is none.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, SyntaxError> {
    let mut builder = Builder::default();
    // The parser takes the mark that some editors put at the front of a file for a character.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| SyntaxError {
            position: position(*error.marker()),
            message: format!(
                "not YAML at column {}: {}; correct the syntax and check again",
                error.marker().col().saturating_add(1),
                error.info()
            ),
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.root)
}

fn position(marker: saphyr_parser::Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col().saturating_add(1),
    }
}

/// A list or map that is still being read.
enum Open {
    List(Position, Vec<Node>),
    Map(Position, Vec<(Key, Node)>, Option<Key>),
}

/// Puts the parser's events together.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let position = position(span.start);
        let refuse = |message: &str| {
            Err(SyntaxError {
                position,
                message: message.to_owned(),
            })
        };
        match event {
            Event::DocumentStart(_) => {
                self.documents = self.documents.saturating_add(1);
                if self.documents > 1 {
                    return refuse("a second document begins here; keep one, without a --- line");
                }
            }
            Event::Alias(_) => {
                return refuse("an alias (*name) can't be used here; write the value out");
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return refuse("a tag (!name) can't be used here; remove it");
            }
            Event::Scalar(text, style, _, None) => {
                let value = scalar(&text, style);
                return self.finish(Node { position, value }, Some(text.into_owned()));
            }
            Event::SequenceStart(_, None) => self.open.push(Open::List(position, Vec::new())),
            Event::MappingStart(_, None) => self.open.push(Open::Map(position, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.open.pop() {
                    Some(Open::List(position, items)) => Node {
                        position,
                        value: Value::List(items),
                    },
                    Some(Open::Map(position, entries, _)) => Node {
                        position,
                        value: Value::Map(entries),
                    },
                    None => return Ok(()),
                };
                return self.finish(node, None);
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if self.open.len() > MOST_LEVELS {
            return refuse("nested too deeply; the configuration has at most five levels");
        }
        Ok(())
    }

    /// Puts a value that was read whole where it belongs; `text` is the words of a scalar, which may
    /// turn out to be a key.
    fn finish(&mut self, node: Node, text: Option<String>) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MOST_NODES {
            return Err(SyntaxError {
                position: node.position,
                message: format!("more than {MOST_NODES} values; make the file smaller"),
            });
        }
        match self.open.last_mut() {
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => match (key.take(), text) {
                (Some(key), _) => entries.push((key, node)),
                (None, Some(text)) => {
                    *key = Some(Key {
                        position: node.position,
                        text,
                    });
                }
                (None, None) => {
                    return Err(SyntaxError {
                        position: node.position,
                        message: "a key must be a word; write key: value".to_owned(),
                    });
                }
            },
            None => self.root = Some(node),
        }
        Ok(())
    }
}

/// What a scalar is, by YAML 1.2's core schema: only what stands without quotes can be anything but
/// text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => true,
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => true,
        // The standard library also reads `inf`, `nan` and `infinity`, which YAML takes for words.
        _ => {
            unsigned.starts_with(|it: char| it.is_ascii_digit() || it == '.')
                && unsigned.parse::<f64>().is_ok()
        }
    }
}
