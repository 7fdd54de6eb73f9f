//! Tags, which no value of a file may have: it is what is written where it stands.
//!
//! They are looked for in the parser's events. To have the library tell the tag of each value would make one
//! more copy of the reader for each type.

use granit_parser::{Event, Parser};

use super::node::Position;

/// The place of the first value or key with a tag.
pub(super) fn first_tagged(text: &str) -> Option<Position> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // What can't be parsed is reported when the text is read.
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let tagged = events.filter(|(event, _)| {
        matches!(
            event,
            Event::Scalar(.., Some(_))
                | Event::SequenceStart(.., Some(_))
                | Event::MappingStart(.., Some(_))
        )
    });
    let (_, span) = tagged.take(1).next()?;
    Some(Position {
        line: span.start.line(),
        column: span.start.col().saturating_add(1),
    })
}
