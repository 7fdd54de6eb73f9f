//! What every request passes on its way to its handler, one layer a file.

mod access;
mod authenticate;
mod count_request;
mod limit_rate;
mod limit_scrapes;
mod negotiate_encoding;
mod set_scrape_deadline;
mod token_bucket;
mod web_headers;

pub(super) use access::Access;
pub(super) use authenticate::authenticate;
pub(super) use count_request::count_request;
pub(super) use limit_rate::limit_rate;
pub(super) use limit_scrapes::limit_scrapes;
pub(super) use negotiate_encoding::negotiate_encoding;
pub(super) use set_scrape_deadline::{ScrapeDeadline, set_scrape_deadline};
pub(super) use web_headers::add_web_headers;
