//! What the programs of the Rust libraries have in common: their command line.

use std::path::Path;
use std::process::ExitCode;

use crate::server::{self, Body};
use crate::{Result, rounds};

/// A library's registry that holds the series of a page.
pub trait Peer: Sized + Send + Sync + 'static {
    /// The library.
    const NAME: &'static str;

    /// A registry with the gauges and counters of the page at `path`.
    ///
    /// # Errors
    /// When the page can't be read, or the library refuses a series.
    fn load(path: &Path) -> Result<Self>;

    /// Appends all series to `page`, in the way that the library means it to be done on a scrape.
    ///
    /// # Errors
    /// When the library fails.
    fn render(&self, page: &mut String) -> Result<()>;
}

/// The whole program: `serve FILE PORT` or `render FILE ROUNDS`.
pub fn main<P: Peer>() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve", file, port] => serve::<P>(file, port),
        ["render", file, rounds] => render::<P>(file, rounds),
        _ => Err("usage: serve FILE PORT | render FILE ROUNDS".into()),
    };
    end(P::NAME, done)
}

/// The exit status of a program that ends with `done`, with its error on standard error.
pub fn end(name: &str, done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve<P: Peer>(file: &str, port: &str) -> Result<()> {
    let port = port.parse()?;
    let peer = P::load(file.as_ref())?;
    server::serve(port, move |gzip| {
        body(&peer, gzip).unwrap_or_else(|error| {
            // A page without series fails the comparison of pages, so this can't pass for a fast answer.
            eprintln!("{}: {error}", P::NAME);
            Body {
                bytes: "# failed\n".into(),
                gzip: false,
            }
        })
    })
}

fn body(peer: &impl Peer, gzip: bool) -> Result<Body> {
    let mut page = String::new();
    peer.render(&mut page)?;
    let bytes = if gzip {
        server::gzip(page.as_bytes(), Vec::new())?.into()
    } else {
        page.into()
    };
    Ok(Body { bytes, gzip })
}

fn render<P: Peer>(file: &str, rounds: &str) -> Result<()> {
    let peer = P::load(file.as_ref())?;
    rounds::report(P::NAME, rounds.parse()?, |page| peer.render(page))
}
