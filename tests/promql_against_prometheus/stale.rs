//! A series that ends and comes back. Text formats can't carry the marker of an end, so the real one is told by remote write.

use std::{net::SocketAddr, sync::Mutex};

use flightdeck::demo::prometheus::{Labels, Store};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::START;
use super::prometheus::speak;

const STALE: u64 = 0x7ff0_0000_0000_0002;

/// After the blocks: 20 samples, the end, four minutes of nothing, 20 samples, the end; and the same without any end.
fn samples(ends: bool) -> Vec<(i64, f64)> {
    let moment = |n: i64| (START + 6_000 + n * 15) * 1000;
    let live = (0..20).chain(37..57).map(|n| (moment(n), n as f64));
    let mut all: Vec<_> = live.chain([20, 57].into_iter().filter(|_| ends).map(|n| (moment(n), f64::from_bits(STALE)))).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

/// Puts both series into both.
pub async fn told(real: SocketAddr, store: &Mutex<Store>) {
    let mut request = Vec::new();
    for kind in ["ends", "goes quiet"] {
        let samples = samples(kind == "ends");
        let mut store = store.lock().unwrap();
        let id = store.series(Labels::of(&[("__name__", "mortal"), ("kind", kind)]));
        let mut series = [("__name__", "mortal"), ("kind", kind)].map(|(name, value)| {
            let pair = [field(1, name.as_bytes()), field(2, value.as_bytes())].concat();
            field(1, &pair)
        });
        let mut message = series.iter_mut().flat_map(std::mem::take).collect::<Vec<u8>>();
        for (at, value) in samples {
            let stored = if value.to_bits() == STALE { store.stale(id, at) } else { store.append(id, at, value) };
            assert!(stored);
            // The value as a fixed 64-bit field, the time as a varint.
            let sample = [&[0x09][..], &value.to_le_bytes(), &[0x10], &varint(at as u64)].concat();
            message.extend(field(2, &sample));
        }
        request.extend(field(1, &message));
    }
    // Snappy without any compression: the length, then one literal.
    let literal = (request.len() as u16 - 1).to_le_bytes();
    let body = [&varint(request.len() as u64)[..], &[61 << 2], &literal, &request].concat();
    let mut stream = TcpStream::connect(real).await.unwrap();
    let head = format!("POST /api/v1/write HTTP/1.0\r\nContent-Encoding: snappy\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.split(' ').nth(1) == Some("204"), "{reply}");
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(bytes.len() as u64), bytes].concat()
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

/// Around both ends, and with a parameter that only later versions know.
pub fn paths() -> Vec<String> {
    let expressions = [
        "mortal",
        "count(mortal)",
        "mortal offset 1m",
        "rate(mortal[2m])",
        "count_over_time(mortal[3m])",
        "mortal[10m]",
        "last_over_time(mortal[1m])",
        "absent(mortal{kind=\"ends\"})",
        "timestamp(mortal)",
        "avg_over_time(mortal[5m:15s])",
        "changes(mortal[10m])",
        "mortal @ end()",
        "present_over_time(mortal[2m])",
    ];
    let mut paths = Vec::new();
    for expression in expressions.map(speak::escaped) {
        for after in [285, 299, 300, 301, 315, 540, 555, 700, 855, 856, 1_000, 1_140, 1_141] {
            let time = START + 6_000 + after;
            paths.push(format!("/api/v1/query?query={expression}&time={time}"));
            paths.push(format!("/api/v1/query?query={expression}&time={time}&lookback_delta=1m"));
        }
        for step in ["7", "1m"] {
            paths.push(format!("/api/v1/query_range?query={expression}&start={}&end={}&step={step}", START + 5_900, START + 7_300));
        }
    }
    paths
}
