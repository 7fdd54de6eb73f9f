//! Decodes answers for the fuzzers: an answer as a whole and in pieces must decode to the same.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{HeaderValue, RETRY_AFTER};
use secrecy::ExposeSecret;

use crate::clock::{Clock, Instant};
use crate::config;
use crate::snapshot::{Counts, Presences, Readings, SensorHealths, SensorList, SpaceTree};

use super::rejection::Rejections;
use super::retry_after::retry_after;
use super::wire::{
    CurrentCount, CurrentHealth, DecodeError, Decoded, Decoder, LastAnswer, LiveEndpoint,
    LiveEntries, Presence, Sensors, Spaces, Statuses, TokenDecoder,
};
use super::{Budget, ErrorKind};

/// The bytes of one answer, piece by piece as they arrive.
pub(crate) type Pieces<'p> = [&'p [u8]];

/// Decodes the answer of the token endpoint.
pub(crate) fn token(pieces: &Pieces<'_>) {
    let read = |pieces: &Pieces<'_>| {
        read(TokenDecoder::default(), pieces).map(|token| {
            let secret = token.secret.expose_secret().to_owned();
            (secret, token.lifetime)
        })
    };
    let whole = in_any_pieces(pieces, read);
    if let Ok((secret, _)) = whole {
        assert!(!secret.is_empty());
        assert!(HeaderValue::from_str(&format!("Bearer {secret}")).is_ok());
    }
}

/// The spaces of an answer.
pub(crate) fn spaces(pieces: &Pieces<'_>) -> Option<SpaceTree> {
    let read = |pieces: &Pieces<'_>| {
        let Decoded {
            entries,
            rejections,
        } = read(Spaces::decoder(), pieces)?;
        Ok((SpaceTree::build(&entries), rejected(&rejections)))
    };
    let (tree, _) = in_any_pieces(pieces, read).ok()?;
    for (_, node) in tree.iter() {
        let capacity = node.space.capacity;
        assert!(capacity.is_none_or(is_non_negative), "{capacity:?}");
        assert!(node.parent.is_none_or(|it| tree.node(it).is_some()));
    }
    Some(tree)
}

/// The sensors of an answer.
pub(crate) fn sensors(pieces: &Pieces<'_>) -> Option<SensorList> {
    let read = |pieces: &Pieces<'_>| {
        let Decoded {
            entries,
            rejections,
        } = read(Sensors::decoder(), pieces)?;
        Ok((entries.build(), rejected(&rejections)))
    };
    in_any_pieces(pieces, read).ok().map(|it| it.0)
}

/// The counts of an answer, and of the one that came `before`.
pub(crate) fn current_count(before: &Pieces<'_>, pieces: &Pieces<'_>) -> [Option<Counts>; 2] {
    live::<CurrentCount>(before, pieces, |it| it.count.is_none_or(is_non_negative))
}

/// The presences of an answer, and of the one that came `before`.
pub(crate) fn presence(before: &Pieces<'_>, pieces: &Pieces<'_>) -> [Option<Presences>; 2] {
    live::<Presence>(before, pieces, |_| true)
}

/// The healths of an answer, and of the one that came `before`.
pub(crate) fn sensor_health(
    before: &Pieces<'_>,
    pieces: &Pieces<'_>,
) -> [Option<SensorHealths>; 2] {
    let is_time = |it: Option<f64>| it.is_none_or(f64::is_finite);
    live::<CurrentHealth>(before, pieces, |it| is_time(it.last_status_change))
}

/// The previous answer must change nothing but the time that decoding takes.
fn live<L: LiveEndpoint>(
    before: &Pieces<'_>,
    pieces: &Pieces<'_>,
    is_right: impl Fn(&L::Value) -> bool,
) -> [Option<Readings<L::Value>>; 2]
where
    L::Value: Debug + PartialEq,
{
    let nothing: Arc<LastAnswer<L::Value>> = Arc::default();
    let first = Statuses::default();
    let last = answer_after::<L>(&nothing, &first, before);
    let last = last.map(|it| it.0).ok();
    // A status of a previous answer keeps its number, so both decodings start with the same ones.
    let begun_with = || {
        let statuses = Statuses::default();
        for name in first.names().iter().filter(|it| !it.is_empty()) {
            if &**name != "other" {
                statuses.read(name);
            }
        }
        statuses
    };
    let alone = in_any_pieces(pieces, |pieces| {
        let (answer, rejected) = answer_after::<L>(&nothing, &begun_with(), pieces)?;
        Ok((by_id(&answer.readings), answer.readings.clone(), rejected))
    });
    let Some(last) = last else {
        return [None, alone.ok().map(|it| it.1)];
    };
    let after = in_any_pieces(pieces, |pieces| {
        let (answer, rejected) = answer_after::<L>(&last, &begun_with(), pieces)?;
        Ok((by_id(&answer.readings), answer.readings.clone(), rejected))
    });
    match (&alone, &after) {
        (Ok((alone, _, rejected)), Ok((after, _, rejected_after))) => {
            assert_eq!((alone, rejected), (after, rejected_after));
            assert!(after.values().all(is_right), "{after:?}");
        }
        _ => assert_eq!(alone.as_ref().err(), after.as_ref().err()),
    }
    [Some(last.readings.clone()), after.ok().map(|it| it.1)]
}

type AnswerAndRejected<V> = (Arc<LastAnswer<V>>, Rejected);

fn answer_after<L: LiveEndpoint>(
    last: &Arc<LastAnswer<L::Value>>,
    statuses: &Statuses,
    pieces: &Pieces<'_>,
) -> Result<AnswerAndRejected<L::Value>, DecodeError> {
    let decoder = LiveEntries::<L>::decoder(last.clone(), statuses.clone());
    let Decoded {
        entries,
        rejections,
    } = read(decoder, pieces)?;
    let answer = last.merge(vec![entries], statuses.names());
    Ok((Arc::new(answer), rejected(&rejections)))
}

fn by_id<V: Copy>(readings: &Readings<V>) -> BTreeMap<String, V> {
    let rows = (0..).map_while(|row| readings.row(row));
    let by_id: BTreeMap<_, _> = rows.map(|(id, value)| (id.to_owned(), *value)).collect();
    assert_eq!(by_id.len(), readings.values().len(), "an id twice");
    by_id
}

/// The result of `read` for the pieces, which must be the same as for all of them in one.
fn in_any_pieces<T: Debug + PartialEq>(
    pieces: &Pieces<'_>,
    read: impl Fn(&Pieces<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let whole = read(&[pieces.concat().as_slice()]);
    if let Err(DecodeError(words)) = &whole {
        assert!(is_plain(words), "{words}");
    }
    assert_eq!(whole, read(pieces));
    whole
}

/// Decodes as the client does, but after each piece.
fn read<R: Decoder>(mut decoder: R, pieces: &Pieces<'_>) -> Result<R::Output, DecodeError> {
    // Nothing is allocated for less than this.
    const MIN_ALLOCATION: usize = 1 << 12;
    // An entry of a few bytes, `{},`, is a few hundred in memory when lists have just grown.
    const MAX_FACTOR: usize = 64;

    let mut arrived = 0;
    for piece in pieces {
        let announced = decoder.heap_size_with(piece.len());
        decoder.push(piece);
        arrived += piece.len();
        assert!(decoder.heap_size_with(0) <= announced + MIN_ALLOCATION);
        assert!(decoder.buffered() <= arrived);
        decoder.advance()?;
        let held = decoder.heap_size_with(0);
        assert!(
            held <= MIN_ALLOCATION + MAX_FACTOR * arrived,
            "{held} for {arrived}"
        );
    }
    decoder.finish()
}

type Rejected = (
    Vec<(&'static str, u64)>,
    Vec<(super::RejectionReason, String)>,
);

fn rejected(rejections: &Rejections) -> Rejected {
    let counts = rejections.counts().map(|it| (it.0.name(), it.1)).collect();
    for (_, id) in rejections.named() {
        assert!(id.len() <= 64);
    }
    (counts, rejections.named().to_vec())
}

fn is_non_negative(it: f64) -> bool {
    it.is_finite() && it.is_sign_positive()
}

/// Whether it is one of the decoder's own messages, with nothing of the answer in it.
fn is_plain(words: &str) -> bool {
    const MESSAGES: [&str; 8] = [
        "it ends in the middle (byte #)",
        "it is an error's text, though its status is a success",
        "it is neither a map nor a list",
        "it is not JSON (byte #)",
        "it is not a token's JSON (line #, column #)",
        "it has no access_token that can be sent",
        "it is one page of several (`next`), and v3 is documented not to page",
        "it wraps neither a map nor a list",
    ];
    let mut plain = String::new();
    for letter in words
        .chars()
        .filter(|it| *it != 'v' || !words.contains("v3"))
    {
        match letter.is_ascii_digit() {
            false => plain.push(letter),
            true if plain.ends_with('#') => {}
            true => plain.push('#'),
        }
    }
    MESSAGES.contains(&words) || MESSAGES.contains(&plain.as_str())
}

/// A clock that always shows the same time.
#[derive(Debug)]
struct FixedClock(SystemTime);

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant::new(Duration::from_secs(1_000_000))
    }

    fn wall(&self) -> SystemTime {
        self.0
    }
}

/// How long calls pause after a 429 with that header.
pub(crate) fn pause_after(header: &[u8], wall: SystemTime) {
    let Ok(value) = HeaderValue::from_bytes(header) else {
        return;
    };
    let wait = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), wall);
    let digits = header.trim_ascii();
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        assert!(wait.is_some(), "seconds are not understood");
    }
    let kind = ErrorKind::RateLimited { retry_after: wait };
    assert_eq!(kind.retry_after(), wait);
    assert!(!kind.to_string().is_empty());
    let configured = config::Budget::default();
    let budget = Budget::new(
        "api.test".to_owned(),
        configured,
        Arc::new(FixedClock(wall)),
    );
    budget.rate_limited(wait);
    let pause = budget.status().pause;
    let bounds = Duration::from_secs(1)..=Duration::from_secs(3600);
    assert!(pause.is_some_and(|it| bounds.contains(&it)), "{pause:?}");
}
