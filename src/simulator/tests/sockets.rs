//! The same over real sockets. These run in real time, but wait for nothing that is not sent.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::*;

struct Served {
    address: std::net::SocketAddr,
    simulator: Arc<Simulator>,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn serve() -> Served {
    let simulator = simulator(Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let until = async move {
        let _ = stopped.await;
    };
    let task = tokio::spawn(Arc::clone(&simulator).serve(listener, until));
    Served {
        address,
        simulator,
        stop,
        task,
    }
}

/// Everything that comes back until the connection is closed.
async fn fetch(served: &Served, path: &str) -> String {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let asked = format!(
        "GET {path} HTTP/1.1\r\nHost: simulated\r\nAuthorization: Bearer {DEFAULT_TOKEN}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that is reset has sent what it has sent.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn answers_faults_and_the_end_over_a_socket() {
    let served = serve().await;
    let right = fetch(&served, "/v3/spaces").await;
    assert!(right.starts_with("HTTP/1.1 200 OK\r\n"), "{right}");
    let (_, body) = right.split_once("\r\n\r\n").unwrap();
    assert!(serde_json::from_str::<Value>(body).unwrap().is_array());

    served
        .simulator
        .inject("*=truncate,times=1".parse().unwrap());
    let cut = fetch(&served, "/v3/spaces").await;
    let (head, half) = cut.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    assert!(
        body.starts_with(half) && half.len() == body.len() / 2,
        "{}",
        half.len()
    );

    served.simulator.inject("*=reset,times=1".parse().unwrap());
    assert_eq!(fetch(&served, "/v3/spaces").await, "");

    served
        .simulator
        .inject("*=huge:1000000,times=1".parse().unwrap());
    let huge = fetch(&served, "/v3/spaces").await;
    assert!(huge.contains("transfer-encoding: chunked") && huge.len() > 1_000_000);
    assert!(
        fetch(&served, "/simulator")
            .await
            .contains("/simulator/truth")
    );

    // A request that hangs does not keep the server.
    served.simulator.inject("*=hang".parse().unwrap());
    let mut hanging = TcpStream::connect(served.address).await.unwrap();
    hanging
        .write_all(b"GET /v3/spaces HTTP/1.1\r\nHost: simulated\r\n\r\n")
        .await
        .unwrap();
    while served.simulator.calls().of(EndpointName::Spaces) < 5 {
        tokio::task::yield_now().await;
    }
    served.stop.send(()).unwrap();
    served.task.await.unwrap().unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}
