//! A real Prometheus scrapes the pods' page, and counts what was drawn.

use std::time::Duration;

use chrono::Utc;
use flightdeck::demo::clock::ClockMode;
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::prometheus::serve::serve;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::traffic::Truth;
use flightdeck::metrics::client::Client;
use flightdeck::metrics::settings::Settings;

use super::prometheus::scraping;
use super::{CHECKOUT, versions};

/// The one value of a query to a server; `None` while there is none.
async fn ask(url: &str, query: &str) -> Option<f64> {
    let client = Client::new(&Settings::new(url).unwrap()).unwrap();
    let reply = client.instant(query, Utc::now()).await.ok()?;
    reply.data.samples().first().map(|sample| sample.point.value)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real Prometheus (Debian's), and 45 s"]
async fn a_real_prometheus_counts_what_was_drawn() {
    let start = Utc::now();
    let sim = Scenario::named("bad-canary").unwrap().build(42, start).unwrap();
    let (stable, canary) = versions(&sim);
    let cluster = Cluster::new(sim, ClockMode::Real, Options { argo_crds: false, ..Options::default() });
    let served = serve(cluster.clone(), 0, None).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (_process, url) = scraping(folder.path(), served.url.strip_prefix("http://").unwrap()).await;

    tokio::time::sleep(Duration::from_secs(40)).await;
    let truth = |hash: &str| -> Truth { cluster.read(|sim| sim.traffic.of(CHECKOUT, hash)) };
    let mut compared = 0;
    for _ in 0..20 {
        // The share that a version gets, and so what one scrape interval of its requests is.
        let weight = cluster.read(super::weight) as f64 / 100.0;
        for (hash, share) in [(&stable, 1.0 - weight), (&canary, weight)] {
            let total = format!("sum(http_requests_total{{namespace=\"payments\",pod=~\"checkout-{hash}-.*\"}})");
            let before = truth(hash);
            let got = ask(&url, &total).await.expect("it is scraped");
            let after = truth(hash);
            let interval = 150.0 * 5.0 * share;
            let slack = interval + 4.0 * interval.sqrt();
            assert!(
                got <= after.requests as f64 && got + slack >= before.requests as f64,
                "{hash}: {got} for {} to {}, {slack} in an interval",
                before.requests,
                after.requests
            );
            compared += 1;
        }
        let failed = ask(&url, &format!("sum(http_requests_total{{pod=~\"checkout-{stable}-.*\",code=\"500\"}})")).await.unwrap();
        assert!((truth(&stable).failures as f64 - failed).abs() < 10.0);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(compared, 40);
    // What the real one makes of its scrapes is what the embedded one makes of its own.
    let rate = "sum(rate(http_requests_total{namespace=\"payments\"}[30s]))";
    let (theirs, ours) = (ask(&url, rate).await.unwrap(), ask(&served.url, rate).await.unwrap());
    assert!((theirs - ours).abs() < ours * 0.08, "{theirs} {ours}");
}
