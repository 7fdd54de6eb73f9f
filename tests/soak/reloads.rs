//! The configuration of the soak, and how it is read again all the time.

use std::net::SocketAddr;
use std::time::Duration;

use crate::client::Connection;
use crate::ledger::Rules;
use crate::process::{Folder, Running};

pub const RULES: Rules = Rules {
    max_age: 5.0,
    shortest: [5.0, 2.0],
    refresh_limit: 6.0,
    rate: 3.0,
    burst: 8.0,
};

/// What a reload puts in the place of the configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variant {
    Same,
    /// One organization more.
    Another,
    /// Other TTLs.
    Ttls,
    /// Space ids in batches.
    Batches,
    /// One that is refused.
    Bad,
}

/// Where the APIs are, and the file.
pub struct Configuration {
    pub folder: Folder,
    pub apis: [SocketAddr; 2],
    pub good: u64,
    pub refused: u64,
}

impl Configuration {
    pub fn text(&self, variant: Variant) -> String {
        if variant == Variant::Bad {
            return "organizations: []\nbudgets: 1\n".to_owned();
        }
        let organization = |name: &str, api: SocketAddr| {
            format!(
                "  - {{ name: {name}, api_url: 'http://{api}', auth: {{ client_id: simulated-client, client_secret_env: SECRET }} }}\n"
            )
        };
        let [first, second] = self.apis;
        let another = match variant {
            Variant::Another => organization("gamma", second),
            _ => String::new(),
        };
        let batch = if variant == Variant::Batches {
            12_000
        } else {
            0
        };
        let Rules {
            max_age,
            shortest,
            rate,
            burst,
            refresh_limit,
        } = RULES;
        let (live, inventory) = match variant {
            Variant::Ttls => (shortest[1], shortest[0]),
            _ => (4.0, 20.0),
        };
        let timeout = refresh_limit / 2.0;
        format!(
            "organizations:\n{}{}{another}\
             collectors:\n  spaces: {{ ttl: {inventory}s }}\n  sensors: {{ ttl: {inventory}s }}\n  \
             current_count: {{ ttl: {live}s }}\n  presence: {{ ttl: {live}s }}\n  sensor_health: {{ ttl: {live}s }}\n\
             budget: {{ requests_per_second: {rate}, burst: {burst} }}\n\
             request: {{ timeout: {timeout}s, retries: 1, batch_size: {batch}, max_memory: 128MiB }}\n\
             stale: {{ max_age: {max_age}s }}\n",
            organization("acme", first),
            organization("beta", second),
        )
    }

    pub fn write(&self, variant: Variant) -> std::path::PathBuf {
        self.folder.write("density.yml", &self.text(variant))
    }

    /// Reads `variant`, by a signal or a request; what is wrong with the answer.
    pub fn reload(
        &mut self,
        variant: Variant,
        by_signal: bool,
        process: &Running,
        address: SocketAddr,
    ) -> Result<(), String> {
        self.write(variant);
        match variant {
            Variant::Bad => self.refused += 1,
            _ => self.good += 1,
        }
        if by_signal {
            process.signal("HUP");
            return Ok(());
        }
        let mut connection = Connection::open(address, Duration::from_secs(30))?;
        connection.send(b"POST /-/reload HTTP/1.1\r\nHost: soak\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?;
        let status = connection.head(&mut Vec::new())?.status;
        let expected = if variant == Variant::Bad { 500 } else { 200 };
        match status == expected {
            true => Ok(()),
            false => Err(format!("reload: {variant:?} answered {status}")),
        }
    }
}
