//! What handlers extract from requests, with the errors of the API as rejections.

mod caller;
mod json;
mod path;

pub(crate) use caller::{Caller, OAuthCaller, identify};
pub(crate) use json::{InvalidJson, Json, OptionalJson};
pub(crate) use path::Path;
