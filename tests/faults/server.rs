//! A server that answers as the simulated API does, and misbehaves when it is told to: at one endpoint, or
//! at its door.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use density_exporter::clock::SystemClock;
use density_exporter::density::Endpoint;
use density_exporter::simulator::{Options, Simulator};
use http::Request;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::script::{After, Right, Step, play};
use crate::tls::{self, Away, Certificates};

/// What makes the script of a right answer.
pub type Spoil = Arc<dyn Fn(&Right) -> Vec<Step> + Send + Sync>;

/// What is wrong.
#[derive(Clone)]
pub enum Wrong {
    /// Answers of this endpoint.
    Answers(Endpoint, Spoil),
    /// Nobody listens.
    Refused,
    /// Connections are neither taken nor refused, as behind a firewall that drops them.
    Full,
    /// The certificate of this name is shown.
    Certificate(&'static str),
    /// HTTP/2 connections are ended by the server.
    Away(Away),
}

pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    door: mpsc::UnboundedSender<(Door, oneshot::Sender<()>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    Shut,
    Full,
}

pub(crate) struct Shared {
    pub(crate) simulator: Arc<Simulator>,
    pub(crate) certificates: Option<Arc<Certificates>>,
    wrong: Mutex<Option<Wrong>>,
    /// Every connection ends when it changes, which it does while `wrong` is held.
    era: watch::Sender<u64>,
    calls: Mutex<Calls>,
    /// What is said of tokens: that they last for a second.
    short_tokens: AtomicBool,
}

#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Requests that arrived, by endpoint; those that were answered wrongly are among them.
    pub by_endpoint: BTreeMap<&'static str, u64>,
    /// Wrong answers, handshakes and connections.
    pub wrong: u64,
}

impl Calls {
    pub fn of(&self, endpoint: Endpoint) -> u64 {
        self.by_endpoint.get(endpoint.name()).copied().unwrap_or(0)
    }

    pub fn total(&self) -> u64 {
        self.by_endpoint.values().sum()
    }
}

impl Server {
    /// A server on `runtime`; with certificates it speaks HTTP/2 over TLS.
    pub fn start(
        runtime: &Handle,
        options: Options,
        certificates: Option<Arc<Certificates>>,
    ) -> Self {
        let shared = Arc::new(Shared {
            simulator: Simulator::new(options, SystemClock::shared()),
            certificates,
            wrong: Mutex::default(),
            era: watch::Sender::new(0),
            calls: Mutex::default(),
            short_tokens: AtomicBool::new(false),
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (door, orders) = mpsc::unbounded_channel();
        runtime.spawn(listen(shared.clone(), listener, orders));
        Self {
            address,
            shared,
            door,
        }
    }

    pub fn begin(&self, wrong: Wrong) {
        let door = match wrong {
            Wrong::Answers(..) => None,
            Wrong::Refused => Some(Door::Shut),
            Wrong::Full => Some(Door::Full),
            Wrong::Certificate(_) | Wrong::Away(_) => Some(Door::Open),
        };
        if let Some(door) = door {
            self.turn(door);
        }
        self.shared.become_wrong(Some(wrong));
    }

    pub fn end(&self) {
        self.shared.become_wrong(None);
        self.turn(Door::Open);
    }

    fn turn(&self, door: Door) {
        let (done, is_done) = oneshot::channel();
        self.door.send((door, done)).unwrap();
        is_done.blocking_recv().unwrap();
    }

    /// Whether tokens are said to last for a second only, from now on. They last longer.
    pub fn say_that_tokens_are_short(&self, short: bool) {
        self.shared.short_tokens.store(short, Ordering::Relaxed);
    }

    pub fn calls(&self) -> Calls {
        self.shared.calls.lock().unwrap().clone()
    }

    pub fn simulator(&self) -> &Simulator {
        &self.shared.simulator
    }
}

impl Shared {
    /// What hangs goes on hanging; but what was let in by another door does not stay.
    fn become_wrong(&self, wrong: Option<Wrong>) {
        let is_at_the_door = |it: &Option<Wrong>| {
            it.as_ref()
                .is_some_and(|it| !matches!(it, Wrong::Answers(..)))
        };
        let mut held = self.wrong.lock().unwrap();
        if is_at_the_door(&wrong) || is_at_the_door(&held) {
            self.era.send_modify(|it| *it += 1);
        }
        *held = wrong;
    }

    /// What is wrong, and what ends when that changes.
    fn enter(&self) -> (Option<Wrong>, watch::Receiver<u64>) {
        let held = self.wrong.lock().unwrap();
        (held.clone(), self.era.subscribe())
    }

    pub(crate) fn count(&self, name: &'static str) {
        let mut calls = self.calls.lock().unwrap();
        *calls.by_endpoint.entry(name).or_default() += 1;
    }

    pub(crate) fn count_wrong(&self) {
        self.calls.lock().unwrap().wrong += 1;
    }

    /// What the simulated API answers, counted.
    pub(crate) async fn answer(
        &self,
        request: Request<Bytes>,
    ) -> (Option<Endpoint>, http::Response<Bytes>) {
        let path = request.uri().path();
        let endpoint = Endpoint::ALL.into_iter().find(|it| it.path() == path);
        self.count(endpoint.map_or("other", Endpoint::name));
        let (mut head, body) = self.simulator.handle(request).await.into_parts();
        // Whoever sends it says how long it is.
        head.headers.remove(http::header::CONTENT_LENGTH);
        let mut body = body.collect().await.unwrap().to_bytes();
        if endpoint == Some(Endpoint::Token) && self.short_tokens.load(Ordering::Relaxed) {
            let text = String::from_utf8(body.to_vec()).unwrap();
            body = text.replace("\"86400\"", "\"1\"").into();
        }
        (endpoint, http::Response::from_parts(head, body))
    }
}

async fn listen(
    shared: Arc<Shared>,
    listener: TcpListener,
    mut orders: mpsc::UnboundedReceiver<(Door, oneshot::Sender<()>)>,
) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    // Holds the port while nobody listens there.
    let mut shut: Option<TcpSocket> = None;
    let mut full = Vec::new();
    loop {
        let accept = async {
            match &listener {
                Some(listener) if full.is_empty() => listener.accept().await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            order = orders.recv() => {
                let Some((door, done)) = order else { return };
                if door != Door::Open || !full.is_empty() {
                    full.clear();
                    drop(listener.take());
                    shut = Some(hold(address).await);
                }
                if door == Door::Full {
                    listener = Some(shut.take().unwrap().listen(0).unwrap());
                    full = fill(address).await;
                }
                if door == Door::Open && let Some(socket) = shut.take() {
                    listener = Some(socket.listen(1024).unwrap());
                }
                done.send(()).unwrap();
            }
            accepted = accept => {
                let (stream, _) = accepted.unwrap();
                stream.set_nodelay(true).unwrap();
                tokio::spawn(connection(shared.clone(), stream));
            }
        }
    }
}

/// Takes a port at which somebody listened. A process that is just being started may do so still, until
/// it is the other program.
async fn hold(address: SocketAddr) -> TcpSocket {
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        match socket.bind(address) {
            Ok(()) => return socket,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Connections that nobody takes, as many as there is room for.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let mut held = Vec::new();
    let moment = Duration::from_millis(200);
    while let Ok(stream) = tokio::time::timeout(moment, TcpStream::connect(address)).await {
        held.push(stream.unwrap());
        assert!(held.len() < 100, "there is room without end");
    }
    held
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    let (wrong, mut era) = shared.enter();
    let served = async {
        match &shared.certificates {
            None => plain(&shared, stream).await,
            Some(certificates) => tls::serve(&shared, certificates, wrong, stream).await,
        }
    };
    tokio::select! {
        _ = era.changed() => {}
        // However it ends: what the exporter made of it is looked at there.
        _ = served => {}
    }
}

/// HTTP/1.1 by hand, so that anything can be wrong with it.
async fn plain(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    let mut arrived = Vec::new();
    while let Some(request) = request(&mut stream, &mut arrived).await? {
        let (endpoint, answer) = shared.answer(request).await;
        let (head, body) = answer.into_parts();
        let wrong = shared.wrong.lock().unwrap().clone();
        match (wrong, endpoint) {
            (Some(Wrong::Answers(spoilt, spoil)), Some(endpoint)) if spoilt == endpoint => {
                shared.count_wrong();
                let right = Right {
                    endpoint,
                    body: body.to_vec(),
                };
                if play(spoil(&right), &mut stream).await? == After::Gone {
                    return Ok(());
                }
            }
            _ => {
                let mut headers = String::new();
                for (name, value) in &head.headers {
                    headers += &format!("{name}: {}\r\n", value.to_str().unwrap());
                }
                let answer = crate::script::whole(head.status.as_str(), &headers, &body);
                stream.write_all(&answer).await?;
            }
        }
    }
    Ok(())
}

/// The next request, its body read whole; nothing at the end of the connection.
async fn request(
    stream: &mut TcpStream,
    arrived: &mut Vec<u8>,
) -> io::Result<Option<Request<Bytes>>> {
    let end = loop {
        if let Some(at) = arrived.windows(4).position(|it| it == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(arrived).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8(arrived[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let mut request = Request::builder()
        .method(first.next().unwrap())
        .uri(first.next().unwrap());
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
        request = request.header(name, value);
    }
    while arrived.len() < end + length {
        if stream.read_buf(arrived).await? == 0 {
            return Ok(None);
        }
    }
    let body = Bytes::copy_from_slice(&arrived[end..end + length]);
    arrived.drain(..end + length);
    Ok(Some(request.body(body).unwrap()))
}
