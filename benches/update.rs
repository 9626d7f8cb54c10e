//! One pod event among 1,000 and among 50,000 pods: taken into the world, and its release read again. The cost must not grow with what exists.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

mod support;

use flightdeck::engines;
use flightdeck::objects::{Kind, Object, SourceId, World, WorldEvent};
use support::{PODS_EACH, line, median, pod, workload};

fn main() {
    let small = one_event(1_000);
    let large = one_event(50_000);
    line(
        "update: one pod event among 50,000 pods",
        &format!("{large:.1?}"),
        &format!("among 1,000 {small:.1?}"),
        large.as_secs_f64() / small.as_secs_f64(),
        "about 1",
    );
}

fn one_event(pods: usize) -> std::time::Duration {
    let mut world = World::default();
    let sources = [(Kind::Deployment, SourceId(1)), (Kind::ReplicaSet, SourceId(2)), (Kind::Pod, SourceId(3))];
    for (kind, id) in sources {
        world.open(id, kind, None);
    }
    let decode = |kind, value: &serde_json::Value| Object::decode(kind, &serde_json::to_vec(value).unwrap()).unwrap();
    let owners: Vec<[serde_json::Value; 2]> = (0..pods / PODS_EACH).map(|w| workload(w, PODS_EACH)).collect();
    world.apply(SourceId(1), WorldEvent::Replace(Kind::Deployment, owners.iter().map(|o| decode(Kind::Deployment, &o[0])).collect()));
    world.apply(SourceId(2), WorldEvent::Replace(Kind::ReplicaSet, owners.iter().map(|o| decode(Kind::ReplicaSet, &o[1])).collect()));
    world.apply(SourceId(3), WorldEvent::Replace(Kind::Pod, (0..pods).map(|n| decode(Kind::Pod, &pod(n / PODS_EACH, n))).collect()));

    let mut changed = pod(3, 3 * PODS_EACH);
    let mut turn = 0;
    median(201, || {
        turn += 1;
        changed["status"]["containerStatuses"][0]["restartCount"] = turn.into();
        let touched = world.apply(SourceId(3), WorldEvent::Apply(decode(Kind::Pod, &changed)));
        assert_eq!(touched.len(), 1);
        touched.iter().filter_map(|release| engines::read(&world, release)).count()
    })
}
