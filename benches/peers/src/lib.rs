//! Baselines for density-exporter: small servers that show the same series by means of well-known
//! libraries, which write every series anew on every scrape; one that sends bytes that are ready; and
//! a client that measures them all.

pub mod client;
pub mod page;
pub mod peer;
pub mod rounds;
pub mod server;

/// Whatever went wrong; programs print it and end.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result of these programs.
pub type Result<T> = std::result::Result<T, Error>;
