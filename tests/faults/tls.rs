//! HTTP/2 over TLS: the right way, with certificates that nobody should believe, and with a server that
//! goes away.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, openssl};
use crate::process::Folder;
use crate::server::{Shared, Wrong};

/// How a server ends an HTTP/2 connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// GOAWAY with this error code instead of the answer, as if the request had not been seen.
    Instead(u32),
    /// The same, but the request is among those that were seen.
    AfterAll(u32),
    /// GOAWAY as soon as there is a connection.
    AtOnce,
    /// The request alone is refused: RST_STREAM with REFUSED_STREAM.
    StreamRefused,
}

/// Certificates for `localhost`, good and bad, and what the server does with them.
pub struct Certificates {
    pub folder: Folder,
    acceptors: BTreeMap<&'static str, TlsAcceptor>,
}

impl Certificates {
    pub fn new() -> Arc<Self> {
        // Fails only when one is installed already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = Folder::new();
        let authority = Authority::new(folder.path(), "authority");
        authority.issue("good", "DNS:localhost");
        authority.issue_expired("expired", "DNS:localhost");
        authority.issue("other-host", "DNS:api.density.example");
        openssl(
            folder.path(),
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 10 -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost -keyout self-signed.key -out self-signed.pem",
        );
        let names = ["good", "expired", "other-host", "self-signed"];
        let acceptor = |name: &'static str| {
            let path = |kind: &str| folder.path().join(format!("{name}.{kind}"));
            let chain = CertificateDer::pem_file_iter(path("pem")).unwrap();
            let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
            let key = PrivateKeyDer::from_pem_file(path("key")).unwrap();
            let mut config = rustls::ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .unwrap();
            config.alpn_protocols = vec![b"h2".to_vec()];
            (name, TlsAcceptor::from(Arc::new(config)))
        };
        let acceptors = names.map(acceptor).into();
        Arc::new(Self { folder, acceptors })
    }

    /// What the exporter is to trust.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }
}

pub(crate) async fn serve(
    shared: &Arc<Shared>,
    certificates: &Certificates,
    wrong: Option<Wrong>,
    stream: TcpStream,
) -> io::Result<()> {
    let name = match wrong {
        Some(Wrong::Certificate(name)) => name,
        _ => "good",
    };
    if wrong.is_some() {
        shared.count_wrong();
    }
    let stream = certificates.acceptors[name].accept(stream).await?;
    match wrong {
        Some(Wrong::Away(away)) => go_away(shared, stream, away).await,
        _ => http2(shared, stream).await,
    }
}

async fn http2(shared: &Arc<Shared>, stream: TlsStream<TcpStream>) -> io::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = shared.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let (_, answer) = shared.answer(Request::from_parts(head, body)).await;
            Ok::<_, hyper::Error>(answer.map(Full::<Bytes>::new))
        }
    });
    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

/// The frames of HTTP/2 that are looked at or sent.
mod frame {
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const GOAWAY: u8 = 7;

    pub const REFUSED_STREAM: u32 = 7;

    /// A frame without flags.
    pub fn of(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let stream = stream.to_be_bytes();
        [&length[1..], &[kind, 0], &stream, payload].concat()
    }

    pub fn goaway(last_stream: u32, code: u32) -> Vec<u8> {
        let payload = [last_stream.to_be_bytes(), code.to_be_bytes()].concat();
        of(GOAWAY, 0, &payload)
    }
}

/// Takes a connection, and ends it in that way.
async fn go_away(shared: &Shared, mut stream: TlsStream<TcpStream>, away: Away) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    stream
        .write_all(&frame::of(frame::SETTINGS, 0, &[]))
        .await?;
    if away == Away::AtOnce {
        stream.write_all(&frame::goaway(0, 0)).await?;
        return linger(&mut stream).await;
    }
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] != frame::HEADERS {
            continue;
        }
        shared.count("other");
        match away {
            Away::StreamRefused => {
                let code = frame::REFUSED_STREAM.to_be_bytes();
                stream
                    .write_all(&frame::of(frame::RST_STREAM, id, &code))
                    .await?;
            }
            Away::Instead(code) => {
                stream.write_all(&frame::goaway(0, code)).await?;
                return linger(&mut stream).await;
            }
            Away::AfterAll(code) => {
                stream.write_all(&frame::goaway(id, code)).await?;
                return linger(&mut stream).await;
            }
            Away::AtOnce => unreachable!("it has gone"),
        }
    }
}

/// The end of a connection of which what was sent still arrives.
async fn linger(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    let _ = tokio::time::timeout(Duration::from_millis(100), read).await;
    Ok(())
}
