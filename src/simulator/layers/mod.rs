//! What every request of the API passes on its way to its handler, one layer a file.

mod add_canary;
mod count_requests;
mod inject_faults;
mod limit_rate;
mod mix_malformed;
mod wrap_lists;

pub(super) use add_canary::add_canary;
pub(super) use count_requests::count_requests;
pub(super) use inject_faults::inject_faults;
pub(super) use limit_rate::limit_rate;
pub(super) use mix_malformed::mix_malformed;
pub(super) use wrap_lists::wrap_lists;
