//! One handler an endpoint, each in the file that is named by what it serves. Faults, the
//! rate limit and the wrapping of lists are layers, of which handlers know nothing.

pub(super) mod analytics;
mod current_count;
mod data_status;
mod hello_world;
mod period;
pub(super) mod presence;
mod resolution;
mod selection;
mod sensor_health;
mod sensor_health_history;
mod sensors;
mod spaces;
mod streams;
pub(super) mod token;
pub(super) mod users;

pub(super) use current_count::current_count;
pub(super) use data_status::data_status;
pub(super) use hello_world::hello_world;
pub(super) use sensor_health::sensor_health;
pub(super) use sensor_health_history::sensor_health_history;
pub(super) use sensors::sensors;
pub(super) use spaces::spaces;
pub(super) use streams::open_stream;
