//! The cockpit in a pseudo-terminal on a cluster of 10,000 pods where nothing happens: processor time, bytes written and resident memory
//! over two minutes, and how long a key's frame takes. The yardstick of a key is the same bytes through a pseudo-terminal and `cat`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

#[path = "../tests/pty/mod.rs"]
mod pty;
mod support;

use std::time::{Duration, Instant};

use pty::{Program, Served, command, flightdeck};
use support::{line, resident};

const WATCHED: Duration = Duration::from_secs(120);
const KEYS: usize = 300;

fn main() {
    let served = Served::start("fleet");
    let started = flightdeck().arg("-A").arg("--kubeconfig").arg(served.kubeconfig());
    let mut program = Program::start(started, 120, 40);
    program.sees("payments/checkout", Duration::from_secs(30));
    program.sees("199 steady", Duration::from_secs(30));
    // What is younger than a minute has its age told in seconds.
    std::thread::sleep(Duration::from_secs(75));
    let (begin, cpu, bytes) = (Instant::now(), ticks(program.pid()), program.bytes());
    std::thread::sleep(WATCHED);
    let share = (ticks(program.pid()) - cpu) as f64 / 100.0 / begin.elapsed().as_secs_f64();
    let written = program.bytes() - bytes;
    println!("idle: {:.2} % of a core (budget 0.2), {written} bytes in {} s (the clock's minutes)", share * 100.0, WATCHED.as_secs());
    println!("idle: {:.1} MiB resident (budget 40)", resident(&program.pid().to_string()) as f64 / 1_048_576.0);

    let ours = keys(&mut program);
    let mut cat = Program::start(command("cat"), 120, 40);
    let bare = keys(&mut cat);
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    for (name, at) in [("half of them", KEYS / 2), ("99 of 100", KEYS * 99 / 100)] {
        let what = format!("idle: a key's frame, {name}");
        line(
            &what,
            &format!("{:.2} ms", ms(ours[at])),
            &format!("cat's echo {:.2} ms", ms(bare[at])),
            ms(ours[at]) / ms(bare[at]),
            "10 ms",
        );
    }
}

/// From a key to the first byte that answers it, sorted.
fn keys(program: &mut Program) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..KEYS)
        .map(|turn| {
            // Slower than the frame rate's cap: what is measured is one frame, not a queue.
            std::thread::sleep(Duration::from_millis(23));
            let before = program.bytes();
            let begin = Instant::now();
            program.types(if turn % 2 == 0 { "j" } else { "k" });
            while program.bytes() == before {
                assert!(begin.elapsed() < Duration::from_secs(5), "a key is not answered");
                std::thread::yield_now();
            }
            begin.elapsed()
        })
        .collect();
    times.sort();
    times
}

/// Processor time of a process, in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after = text.rsplit_once(')').unwrap().1;
    after.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
}
