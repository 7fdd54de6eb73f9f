//! Measures how a server on the loopback address answers:
//!
//!     load URL [--connections N] (--seconds S | --requests N) [--timeout S] [--save FILE]
//!     load --until-answered URL [--rounds N] -- COMMAND…
//!
//! The first asks again and again, on each connection for itself; with `--save` it asks once more before
//! that, unmeasured, and writes the body to a file. The second starts a command that listens at the URL,
//! measures until the first good answer, and ends it. A status other than 200 is a failure. Both print one
//! line of `name=value`, times in seconds.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use peers::client::{Connection, Target};
use peers::rounds::quantile;
use peers::{Result, peer};

/// Nothing here goes on for longer, whatever is asked for.
const LONGEST: Duration = Duration::from_secs(600);
/// How long a command may take to answer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Between tries to connect; far below what a start takes.
const POLL: Duration = Duration::from_micros(200);

fn main() -> ExitCode {
    peer::end("load", run(std::env::args().skip(1)))
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--connections" => options.connections = value()?.parse()?,
            "--seconds" => options.seconds = Some(value()?.parse()?),
            "--requests" => options.requests = Some(value()?.parse()?),
            "--timeout" => options.timeout = value()?.parse()?,
            "--save" => options.save = Some(value()?),
            "--rounds" => options.rounds = value()?.parse()?,
            "--until-answered" => {
                options.until_answered = true;
                options.url = value()?;
            }
            "--" => options.command.extend(arguments.by_ref()),
            url if !url.starts_with('-') => options.url = url.to_owned(),
            _ => return Err(format!("{argument} is unknown").into()),
        }
    }
    let target = Target::parse(&options.url)?;
    if options.until_answered {
        start(&target, &options)
    } else {
        load(&target, &options)
    }
}

struct Options {
    url: String,
    connections: usize,
    seconds: Option<f64>,
    requests: Option<usize>,
    timeout: f64,
    save: Option<String>,
    until_answered: bool,
    rounds: usize,
    command: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: String::new(),
            connections: 1,
            seconds: None,
            requests: None,
            timeout: 10.0,
            save: None,
            until_answered: false,
            rounds: 5,
            command: Vec::new(),
        }
    }
}

/// What one connection has done.
#[derive(Default)]
struct Done {
    times: Vec<Duration>,
    body: u64,
}

fn load(target: &Target, options: &Options) -> Result<()> {
    let (requests, duration) = match (options.requests, options.seconds) {
        (Some(requests), None) => (requests, LONGEST),
        (None, Some(seconds)) => (
            usize::MAX,
            Duration::try_from_secs_f64(seconds)?.min(LONGEST),
        ),
        _ => return Err("one of --seconds and --requests is needed".into()),
    };
    if !(1..=1000).contains(&options.connections) {
        return Err("--connections is 1 to 1000".into());
    }
    if let Some(file) = &options.save {
        let mut file = BufWriter::new(File::create(file)?);
        Connection::open(target, options.timeout)?.get(&mut file)?;
        file.flush()?;
    }
    let connections: Vec<_> = (0..options.connections)
        .map(|_| Connection::open(target, options.timeout))
        .collect::<Result<_>>()?;
    let start = Instant::now();
    let threads: Vec<_> = connections
        .into_iter()
        .map(|it| thread::spawn(move || repeat(it, requests, start + duration)))
        .collect();
    let mut times = Vec::new();
    let mut body = 0;
    for thread in threads {
        let done = thread.join().map_err(|_| "a thread panicked")??;
        times.extend(done.times);
        body = done.body;
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = times.len();
    println!(
        "requests={count} connections={} seconds={seconds:.6} per_second={:.3} \
         median_seconds={:.9} p99_seconds={:.9} body_bytes={body}",
        options.connections,
        count as f64 / seconds,
        quantile(&mut times, 0.5).as_secs_f64(),
        quantile(&mut times, 0.99).as_secs_f64(),
    );
    Ok(())
}

/// Asks `requests` times, or until `end`.
fn repeat(mut connection: Connection, requests: usize, end: Instant) -> Result<Done> {
    let mut done = Done::default();
    let mut last = Instant::now();
    while done.times.len() < requests && last < end {
        done.body = connection.get(&mut io::sink())?;
        let now = Instant::now();
        done.times.push(now - last);
        last = now;
    }
    Ok(done)
}

fn start(target: &Target, options: &Options) -> Result<()> {
    let [program, arguments @ ..] = options.command.as_slice() else {
        return Err("the command is missing".into());
    };
    let mut times = Vec::new();
    for _ in 0..options.rounds {
        if Connection::open(target, options.timeout).is_ok() {
            return Err("somebody listens there already".into());
        }
        let begun = Instant::now();
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut child = Ended(child);
        while !answers(target, options.timeout) {
            if let Some(status) = child.0.try_wait()? {
                return Err(format!("{program} ended before it answered: {status}").into());
            }
            if begun.elapsed() > START_LIMIT {
                return Err(format!("{program} does not answer").into());
            }
            thread::sleep(POLL);
        }
        times.push(begun.elapsed());
    }
    println!(
        "rounds={} median_seconds={:.9}",
        times.len(),
        quantile(&mut times, 0.5).as_secs_f64()
    );
    Ok(())
}

fn answers(target: &Target, timeout: f64) -> bool {
    Connection::open(target, timeout)
        .and_then(|mut it| it.get(&mut io::sink()))
        .is_ok()
}

/// A process that doesn't outlive this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Both fail only when it is gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
