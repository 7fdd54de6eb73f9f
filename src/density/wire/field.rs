//! One field of an entry: present, null, missing, or of the wrong type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::rejection::RejectionReason;

/// A field whose type is checked by the code that uses it, so that a wrong type has a reason of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) enum Field<'a> {
    /// The field is missing.
    #[default]
    Missing,
    /// The field is null.
    Null,
    Boolean(bool),
    Number(f64),
    /// Borrowed when it has no escapes.
    Text(Cow<'a, str>),
    /// A list or an object.
    Other,
}

impl Field<'_> {
    /// Whether the field is present, possibly as null.
    pub(super) fn is_present(&self) -> bool {
        *self != Field::Missing
    }

    /// Text; none when it is missing or null.
    pub(super) fn text(&self) -> Result<Option<&str>, RejectionReason> {
        match self {
            Field::Missing | Field::Null => Ok(None),
            Field::Text(text) => Ok(Some(text)),
            _ => Err(RejectionReason::WrongType),
        }
    }

    /// Text; empty when it is missing or null.
    pub(super) fn text_or_empty(&self) -> Result<&str, RejectionReason> {
        self.text().map(Option::unwrap_or_default)
    }

    /// A boolean; none when it is missing or null.
    pub(super) fn boolean(&self) -> Result<Option<bool>, RejectionReason> {
        match self {
            Field::Missing | Field::Null => Ok(None),
            Field::Boolean(value) => Ok(Some(*value)),
            _ => Err(RejectionReason::WrongType),
        }
    }

    /// A number that is finite and not negative; none when it is missing or null.
    pub(super) fn non_negative(&self) -> Result<Option<f64>, RejectionReason> {
        match self {
            Field::Missing | Field::Null => Ok(None),
            // It may be a negative zero, which is shown as zero.
            Field::Number(number) if number.is_finite() && *number >= 0.0 => Ok(Some(number + 0.0)),
            Field::Number(_) => Err(RejectionReason::InvalidNumber),
            _ => Err(RejectionReason::WrongType),
        }
    }

    /// An id: text that is not empty.
    pub(super) fn id(&self) -> Result<Option<&str>, RejectionReason> {
        self.text().map(|it| it.filter(|id| !id.is_empty()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Field<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Field::Boolean(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Field::Number(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Field::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Field::Number(value))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Field::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Field::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Field::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                skip_list(list).map(|()| Field::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                skip_map(map).map(|()| Field::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// A nested list or object, or why there is none.
#[derive(Clone, Debug, Default)]
pub(super) enum Nested<T> {
    /// It is missing or null.
    #[default]
    Missing,
    Present(T),
    /// It has another type.
    WrongType,
}

impl<T> Nested<T> {
    /// The list or object; none when it is missing or null.
    pub(super) fn get(&self) -> Result<Option<&T>, RejectionReason> {
        match self {
            Nested::Missing => Ok(None),
            Nested::Present(it) => Ok(Some(it)),
            Nested::WrongType => Err(RejectionReason::WrongType),
        }
    }
}

/// An object whose fields are those of `T`.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<T>(pub(super) Nested<T>);

/// A list of `T`.
#[derive(Clone, Debug, Default)]
pub(super) struct List<T>(pub(super) Nested<Vec<T>>);

impl List<Field<'_>> {
    /// The ids in the list, without nulls and empty ones.
    pub(super) fn ids(&self) -> Result<Vec<&str>, RejectionReason> {
        let list = self.0.get()?.map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .filter_map(|it| it.id().transpose())
            .collect::<Result<Vec<&str>, RejectionReason>>()
    }
}

/// Visits what should be a list (`LIST`) or an object; anything else is skipped.
struct Visit<T, const LIST: bool>(PhantomData<T>);

macro_rules! other_types {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Nested::WrongType)
        })+

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Nested::Missing)
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list or an object")
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T, true> {
    type Value = Nested<Vec<T>>;

    other_types!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Nested::Present(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_map(map).map(|()| Nested::WrongType)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T, false> {
    type Value = Nested<T>;

    other_types!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        skip_list(list).map(|()| Nested::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Nested::Present)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visit: Visit<T, true> = Visit(PhantomData);
        deserializer.deserialize_any(visit).map(Self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visit: Visit<T, false> = Visit(PhantomData);
        deserializer.deserialize_any(visit).map(Self)
    }
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
