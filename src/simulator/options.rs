//! The options of a simulated API: its size, its credentials, its limits and its deviations.
//!
//! Plain data with defaults. It must never read a file or the environment: that is for the caller.

use std::time::Duration;

use secrecy::SecretString;

use super::fault::Fault;

/// The static token that [`Access::default`] accepts.
pub const DEFAULT_TOKEN: &str = "tok_simulated";
/// The client id that [`Access::default`] accepts.
pub const DEFAULT_CLIENT_ID: &str = "simulated-client";
/// The client secret that [`Access::default`] accepts.
pub const DEFAULT_CLIENT_SECRET: &str = "simulated-secret";

/// The options of a simulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// The same seed and the same sizes give the same portfolio.
    pub seed: u64,
    /// The name of the portfolio, as it is shown.
    pub organization: String,
    /// How many buildings; at least one is built unless `spaces` leaves no room for it.
    pub buildings: usize,
    /// How many campuses the buildings are on, at most 15; without it as many as there are buildings.
    pub campuses: Option<usize>,
    /// How many sensors, exactly.
    pub sensors: usize,
    /// How many spaces of all types together, exactly; without it about 1.5 rooms a sensor.
    pub spaces: Option<usize>,
    /// Where `children` holds objects.
    pub nesting: Nesting,
    /// Nothing happens by itself: people stay where they are and every sensor is healthy until an
    /// event says otherwise.
    pub steady: bool,
    /// The rate that the API allows, in requests a second; not above 0 or not finite: no limit.
    pub requests_per_second: f64,
    /// How many requests it allows at once after a pause.
    pub burst: u32,
    /// Whether a 429 of the rate limit says with `Retry-After` how long to wait.
    pub retry_after: bool,
    /// The credentials that are accepted.
    pub access: Access,
    /// How lists and maps are wrapped at the start.
    pub wrapping: Wrapping,
    /// The faults that are active from the start.
    pub faults: Vec<Fault>,
    /// A person's name that is planted wherever the API may hold one: users, messages of errors,
    /// fields beyond the documented ones. Clients must never show it.
    pub canary: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            organization: "Simulated Industries".to_owned(),
            buildings: 3,
            campuses: None,
            sensors: 60,
            spaces: None,
            nesting: Nesting::default(),
            steady: false,
            requests_per_second: 15.0,
            burst: 100,
            retry_after: true,
            access: Access::default(),
            wrapping: Wrapping::default(),
            faults: Vec::new(),
            canary: None,
        }
    }
}

/// The credentials that are accepted.
#[derive(Clone, Debug)]
pub struct Access {
    /// The static token, if there is one.
    pub token: Option<SecretString>,
    /// The OAuth client, if there is one.
    pub client: Option<Client>,
    /// How long an OAuth token is accepted.
    pub token_lifetime: Duration,
    /// How `expires_in` is written.
    pub expires_in: ExpiresIn,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            token: Some(DEFAULT_TOKEN.into()),
            client: Some(Client {
                id: DEFAULT_CLIENT_ID.to_owned(),
                secret: DEFAULT_CLIENT_SECRET.into(),
            }),
            token_lifetime: Duration::from_secs(24 * 3600),
            expires_in: ExpiresIn::default(),
        }
    }
}

/// An OAuth client that may ask for tokens.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// How `expires_in` is written in the response of the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpiresIn {
    /// `"86400"`, as the reference shows it.
    #[default]
    Text,
    /// `86400`, as OAuth servers usually do.
    Number,
}

/// How lists and maps are wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrapping {
    /// As the reference shows: bare, but sensor health and short-term presence under `data`.
    #[default]
    Reference,
    /// Every list and map bare.
    Bare,
    /// Every list and map under `data`.
    Data,
    /// Every list and map under `results`, with a `next` that is null.
    Results,
}

impl std::str::FromStr for Wrapping {
    type Err = String;

    /// `reference`, `bare`, `data` or `results`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "reference" => Ok(Self::Reference),
            "bare" => Ok(Self::Bare),
            "data" => Ok(Self::Data),
            "results" => Ok(Self::Results),
            other => Err(format!(
                "unknown wrapping {other:?}: expected reference, bare, data or results"
            )),
        }
    }
}

/// Where `children` holds objects; `children_ids` is always complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nesting {
    /// Nowhere: the list has every space.
    Flat,
    /// Everywhere: the list has only the root.
    Nested,
    /// Below every other building; the list has every space all the same.
    #[default]
    Mixed,
}

impl std::str::FromStr for Nesting {
    type Err = String;

    /// `flat`, `nested` or `mixed`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "flat" => Ok(Self::Flat),
            "nested" => Ok(Self::Nested),
            "mixed" => Ok(Self::Mixed),
            other => Err(format!(
                "unknown nesting {other:?}: expected flat, nested or mixed"
            )),
        }
    }
}
