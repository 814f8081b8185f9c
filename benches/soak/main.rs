//! Good and hostile clients by the thousand against one `dev`: `cargo bench --bench soak`, or with a number of requests
//! after `--`.
//!
//! Prints how many requests of each kind were sent and how they ended, and the memory and descriptors of `dev` before and
//! after. `dev` is warmed up first, by the same clients. Meanwhile a native program (`python3`) writes to the database of
//! one of the scripts. Ends with an error if a good request is answered wrongly, if the database is damaged or lacks what
//! was written, if memory grows by more than a tenth and what recordings may have, if descriptors stay open, or if it takes
//! longer than ten minutes.
//!
//! Then half as many requests are recorded and replayed, on Python 3.12 and 3.11: it is an error if one differs.
//!
//! With a limit of the size of files, as containers and CI have one, nothing can be saved that is larger, and requests are
//! slower: `cargo bench --bench soak --no-run && (ulimit -f 2000; cargo bench --bench soak -- 1000)`.

#[allow(dead_code, reason = "the other benches use the rest")]
#[path = "../support/mod.rs"]
mod support;

mod clients;
mod database;
mod replays;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clients::{Client, DATABASE, KINDS, Outcome};
use database::NativeWriter;
use support::{App, Dev, Result};

/// Requests, unless the command line says how many.
const REQUESTS: usize = 20_000;

/// Clients at the same time.
const CLIENTS: u64 = 8;

/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(600);

/// How long connections may take to be closed when all clients have left.
const SETTLING: Duration = Duration::from_secs(20);

/// Requests that are made before memory is measured, so that each thread's heap has reached the size that it keeps.
const WARM_UP: usize = KINDS.len() * 200;

/// What memory may grow by, in percent, and in bytes: by as much as the recordings of the last requests may have, which are
/// other ones each time.
const MAX_GROWTH: u64 = 10;
const RECORDINGS: u64 = 32 << 20;

/// How the requests of one kind ended.
#[derive(Default)]
struct Tally {
    sent: usize,
    answered: usize,
    closed: usize,
    failures: Vec<String>,
}

fn main() -> Result<()> {
    // `cargo bench` passes `--bench`, as to the standard harness.
    let requests = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(REQUESTS);
    let app = App::prepare()?;
    clients::add_routes(&app)?;
    let writer = NativeWriter::start(&app)?;
    let dev = Dev::start(&app, &["--config", clients::MANIFEST])?;
    let warm_up = run(dev.address, WARM_UP, Instant::now() + LONGEST)?;
    let before = settled(&dev, None);
    let clock = Instant::now();
    let tallies = run(dev.address, requests, clock + LONGEST)?;
    let took = clock.elapsed();
    let after = settled(&dev, before);

    let sent: usize = tallies.values().map(|t| t.sent).sum();
    println!("{sent} requests by {CLIENTS} clients in {:.1} s", took.as_secs_f64());
    println!("{:<32} {:>8} {:>9} {:>8} {:>7}", "kind", "sent", "answered", "closed", "wrong");
    for (kind, tally) in &tallies {
        let Tally { sent, answered, closed, failures } = tally;
        println!("{kind:<32} {sent:>8} {answered:>9} {closed:>8} {:>7}", failures.len());
    }
    for (kind, failure) in tallies.iter().flat_map(|(kind, t)| t.failures.iter().take(5).map(move |f| (kind, f))) {
        println!("wrong: {kind}: {failure}");
    }
    if let (Some((memory, descriptors)), Some((memory_after, descriptors_after))) = (before, after) {
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        println!("memory       {:>8.1} MiB before {:>8.1} MiB after", mebibytes(memory), mebibytes(memory_after));
        println!("descriptors  {descriptors:>8} before     {descriptors_after:>8} after");
        if memory_after > memory + memory * MAX_GROWTH / 100 + RECORDINGS {
            return Err("memory was not given back".into());
        }
        if descriptors_after > descriptors {
            return Err("descriptors were not given back".into());
        }
    }
    let wrong: usize = tallies.values().map(|t| t.failures.len()).sum();
    if wrong > 0 {
        return Err(format!("{wrong} good requests were answered wrongly").into());
    }
    let counted = |tallies: &BTreeMap<_, Tally>| tallies.get(DATABASE).map_or(0, |tally| tally.answered);
    let by_native = writer.finish(counted(&warm_up) + counted(&tallies))?;
    println!("a native program wrote to the database of the requests {by_native} times; it is whole");
    if sent < requests {
        return Err(format!("only {sent} of {requests} requests were made in {} s", LONGEST.as_secs()).into());
    }
    replays::run(&app, requests / 2)
}

/// Has the clients make `requests` requests; returns how those of each kind ended.
fn run(address: SocketAddr, requests: usize, deadline: Instant) -> Result<BTreeMap<&'static str, Tally>> {
    let next = AtomicUsize::new(0);
    let client = |seed| {
        let mut client = Client::new(address, seed);
        let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests || Instant::now() > deadline {
                return tallies;
            }
            let (kind, outcome) = client.request(number);
            let tally = tallies.entry(kind).or_default();
            tally.sent += 1;
            match outcome {
                Outcome::Answered => tally.answered += 1,
                Outcome::Closed => tally.closed += 1,
                Outcome::Wrong(why) => tally.failures.push(why),
            }
        }
    };
    let mut all: BTreeMap<&'static str, Tally> = BTreeMap::new();
    std::thread::scope(|scope| -> Result<()> {
        let running: Vec<_> = (0..CLIENTS).map(|seed| scope.spawn(move || client(seed + 1))).collect();
        for thread in running {
            for (kind, tally) in thread.join().map_err(|_| "a client panicked")? {
                let sum = all.entry(kind).or_default();
                sum.sent += tally.sent;
                sum.answered += tally.answered;
                sum.closed += tally.closed;
                sum.failures.extend(tally.failures);
            }
        }
        Ok(())
    })?;
    Ok(all)
}

/// Memory and descriptors once all connections are closed and their threads have ended: three seconds after the
/// descriptors are no more than `before`, or ten after they changed last.
fn settled(dev: &Dev, before: Option<(u64, usize)>) -> Option<(u64, usize)> {
    let deadline = Instant::now() + SETTLING;
    let mut last = dev.usage()?;
    let mut since = Instant::now();
    while Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
        let now = dev.usage()?;
        if now.1 != last.1 {
            since = Instant::now();
        }
        last = now;
        let enough = before.is_none_or(|(_, descriptors)| last.1 <= descriptors);
        if since.elapsed() > Duration::from_secs(if enough { 3 } else { 10 }) {
            break;
        }
    }
    Some(last)
}
