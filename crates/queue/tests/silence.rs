//! A peer that takes connections and never says a word. Alone in its file, because it counts the threads of its process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests say what went wrong by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use queue::{Error, Settings};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

/// The threads on which lapin reads and writes.
fn lapin_threads() -> usize {
    let names = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = names.flat_map(|task| std::fs::read_to_string(task.path().join("comm")));
    names.filter(|name| name.starts_with("lapin")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_to_reach_a_silent_broker_leave_nothing_behind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://{}", listener.local_addr().unwrap());
    let attempts = Arc::new(AtomicU32::new(0));
    tokio::spawn({
        let attempts = Arc::clone(&attempts);
        async move {
            let mut held = Vec::new();
            while let Ok((peer, _)) = listener.accept().await {
                attempts.fetch_add(1, Ordering::SeqCst);
                held.push(peer);
            }
        }
    });
    let settings =
        Settings { url: Some(url.into()), connect: Duration::from_millis(100), ..Settings::default() };
    let broker = queue::connect(&settings).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while attempts.load(Ordering::SeqCst) < 6 || lapin_threads() > 1 {
        let (attempts, threads) = (attempts.load(Ordering::SeqCst), lapin_threads());
        assert!(Instant::now() < deadline, "{attempts} attempts, {threads} threads");
        sleep(Duration::from_millis(10)).await;
    }
    assert!(matches!(broker.ping().await, Err(Error::Unavailable(_))));
}
