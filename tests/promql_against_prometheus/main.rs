//! Every expression the embedded Prometheus evaluates, held against a real one that holds the same samples.
//! Compares answers over HTTP only: labels, values, moments, and the kind of every error.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod compare;
mod expressions;
mod history;
mod mistakes;
#[path = "../prometheus/mod.rs"]
mod prometheus;
mod real;
mod requests;
mod stale;

use std::sync::{Arc, Mutex};

use flightdeck::demo::prometheus::{Source, Store, router};
use prometheus::speak;
use tokio::net::TcpListener;

/// The time both are asked about, seconds since 1970: not a multiple of a minute, nor of most steps.
const START: i64 = 1_700_000_003;

struct Fixed(Arc<Mutex<Store>>);

impl Source for Fixed {
    fn with(&self, look: &mut dyn FnMut(&Store, i64)) {
        look(&self.0.lock().unwrap(), (START + 3_600) * 1000);
    }
}

/// Serves `store`; the address to ask.
async fn embedded(store: Arc<Mutex<Store>>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(Arc::new(Fixed(store)));
    tokio::spawn(async { axum::serve(listener, router).await });
    address
}

/// What the embedded Prometheus promises to evaluate.
const PROMISED: &[&str] = &[
    "=\"",
    "!=\"",
    "=~\"",
    "!~\"",
    " offset ",
    "rate(",
    "irate(",
    "increase(",
    "delta(",
    "sum by (",
    "avg by (",
    "min by (",
    "max by (",
    "count by (",
    "topk by (",
    "sum without (",
    "avg without (",
    "min without (",
    "max without (",
    "count without (",
    "topk without (",
    "histogram_quantile(",
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " ^ ",
    "== bool ",
    "!= bool ",
    "> bool ",
    "< bool ",
    ">= bool ",
    "<= bool ",
    " and ",
    " or ",
    " unless ",
    " on (",
    " ignoring (",
    "group_left",
    "group_right",
    "label_replace(",
    "clamp_min(",
    "clamp_max(",
    "absent(",
    "vector(",
    "scalar(",
    "time()",
    "[10m:30s]",
];

#[test]
fn everything_promised_is_on_the_list() {
    let all = expressions::all();
    let missing: Vec<_> = PROMISED.iter().filter(|word| !all.iter().any(|expression| expression.contains(**word))).collect();
    assert!(missing.is_empty(), "not compared: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real Prometheus: Debian's prometheus and promtool"]
async fn the_embedded_prometheus_answers_as_the_real_one() {
    let history = history::made();
    let real = real::Prometheus::holding(&history::open_metrics(&history)).await;
    let store = Arc::new(Mutex::new(history::stored(&history)));
    let embedded = embedded(store.clone()).await;
    let mut asked = 0;
    let mut wrong = Vec::new();
    // What is told later must not be there yet: a real one lists the names of its newest samples whatever time is asked about.
    for (told, paths) in [(false, requests::paths()), (true, stale::paths())] {
        if told {
            stale::told(real.address, &store).await;
        }
        for path in paths {
            let (ours, theirs) = (speak::get(embedded, &path).await, speak::get(real.address, &path).await);
            asked += 1;
            if let Err(why) = compare::same(&path, &ours, &theirs) {
                let why: String = why.chars().take(600).collect();
                wrong.push(format!("{}\n  {why}", speak::readable(&path)));
            }
        }
    }
    println!("{} expressions, {asked} answers compared, {} differ", expressions::all().len(), wrong.len());
    assert!(expressions::all().len() >= 150 && asked > 1_000, "the list shrank");
    assert!(wrong.is_empty(), "{} of {asked} differ:\n{}", wrong.len(), wrong[..wrong.len().min(100)].join("\n"));
}
