//! Why the program ends with an error.

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The user can fix it on the command line or in the configuration.
    #[error("{0}")]
    Usage(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}
