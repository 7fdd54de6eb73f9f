//! `static-page FILE PORT`: answers with the bytes of a file that is gzip already. No exporter on the
//! same server can be faster than this.

use std::process::ExitCode;

use bytes::Bytes;
use peers::server::{Body, serve};
use peers::{Result, peer};

fn main() -> ExitCode {
    peer::end("static-page", run())
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(port)) = (arguments.next(), arguments.next()) else {
        return Err("usage: static-page FILE PORT".into());
    };
    let bytes = Bytes::from(std::fs::read(file)?);
    serve(port.parse()?, move |_| Body {
        bytes: bytes.clone(),
        gzip: true,
    })
}
