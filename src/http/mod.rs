//! Routes, limits and the server: requests in, pages out. Nothing here knows the Density API.

mod body;
mod encoding;
mod exporter;
mod landing;
mod metrics_page;
mod scrape_timeout;
mod selection;
mod server;

pub use body::Body;
pub use exporter::{Exporter, Parts, Settings};
pub use server::{ListenError, Listeners, serve};
