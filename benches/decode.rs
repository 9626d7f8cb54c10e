//! Decoding 10,000 pods: our structs against the full client types, in time and in memory.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

mod support;

use flightdeck::objects::{Kind, Object, SourceId, World, WorldEvent};
use k8s_openapi::api::core::v1::Pod;
use support::{line, median, pod, resident};

fn main() {
    let pods: Vec<Vec<u8>> = (0..10_000).map(|n| serde_json::to_vec(&pod(n / 50, n)).unwrap()).collect();
    let bytes: usize = pods.iter().map(Vec::len).sum();
    println!("10,000 pods, {} KB each", bytes / pods.len() / 1000);

    let before = resident("self");
    let ours: Vec<Object> = pods.iter().map(|json| Object::decode(Kind::Pod, json).unwrap()).collect();
    let ours_memory = resident("self").saturating_sub(before);
    let before = resident("self");
    let full: Vec<Pod> = pods.iter().map(|json| serde_json::from_slice(json).unwrap()).collect();
    let full_memory = resident("self").saturating_sub(before);
    drop(full);
    // The objects are there already: what is added is the index. Both together are what a shown pod costs.
    let before = resident("self");
    let mut world = World::default();
    world.open(SourceId(1), Kind::Pod, None);
    world.apply(SourceId(1), WorldEvent::Replace(Kind::Pod, ours));
    let world_memory = ours_memory + resident("self").saturating_sub(before);
    drop(world);

    let ours_time = median(5, || pods.iter().filter(|json| Object::decode(Kind::Pod, json).is_ok()).count());
    let full_time = median(5, || pods.iter().filter(|json| serde_json::from_slice::<Pod>(json).is_ok()).count());
    line(
        "decode: time",
        &format!("{ours_time:.0?}"),
        &format!("full types {full_time:.0?}"),
        ours_time.as_secs_f64() / full_time.as_secs_f64(),
        "lower is better",
    );
    line(
        "decode: resident memory",
        &format!("{} KiB", ours_memory / 1024),
        &format!("full types {} KiB", full_memory / 1024),
        ours_memory as f64 / full_memory as f64,
        "lower is better",
    );
    println!("decode: {} bytes a pod decoded", ours_memory / 10_000);
    println!("decode: {} bytes a pod held in the world, its index included (budget 1638)", world_memory / 10_000);
}
