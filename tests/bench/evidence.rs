//! Speed of reading a log and of looking up a host.
//!
//! `cargo bench --no-default-features --bench evidence`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first unexpected result"
)]

use std::fmt::Write as _;

use divan::counter::{BytesCount, ItemsCount};
use egress_doctor::evidence::{destination, read_log};
use egress_doctor::scenario::Scenario;

fn main() {
    divan::main();
}

/// 64 MB of a typical log: requests, JSON, health checks, debug output. One of `one_in` lines is a
/// failure.
fn log(one_in: usize) -> String {
    let failing = Scenario::named("isolated").unwrap().log;
    let mut text = String::new();
    for line in 0.. {
        let (second, number) = (line % 60, line * 7919 % 1_000_003);
        let _ = match line % 4 {
            0 => writeln!(
                text,
                "2026-11-20 10:02:{second:02},123 INFO     app.http GET /api/files/{number} 200 in {second} ms"
            ),
            1 => writeln!(
                text,
                "{{\"time\":\"2026-11-20T10:02:{second:02}Z\",\"level\":\"info\",\"msg\":\"request completed\",\"item\":{number},\"status\":200}}"
            ),
            2 => writeln!(
                text,
                "10.0.1.{second} - - [20/Nov/2026:10:02:{second:02} +0000] \"GET /health HTTP/1.1\" 200 {number} \"-\" \"probe\""
            ),
            _ => writeln!(
                text,
                "2026-11-20 10:02:{second:02},456 DEBUG    app.cache connected, key {number} of the token cache, response ok"
            ),
        };
        if line % one_in == 0 {
            text.push_str(failing);
        }
        if text.len() > 64 << 20 {
            break;
        }
    }
    text
}

#[divan::bench(args = [100_000, 1_000, 10], sample_count = 3, sample_size = 1)]
fn read_64_mb_with_a_failure_in_so_many_lines(bencher: divan::Bencher<'_, '_>, one_in: usize) {
    let text = log(one_in);
    let bytes = BytesCount::new(text.len());
    bencher.counter(bytes).bench_local(|| assert!(!read_log(text.as_bytes()).unwrap().findings.is_empty()));
}

#[divan::bench]
fn look_up_a_host(bencher: divan::Bencher<'_, '_>) {
    let hosts = [
        "secretsmanager.us-west-2.amazonaws.com",
        "bond-files.s3.us-west-2.amazonaws.com",
        "db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432",
        "bond.okta.com",
        "api.vendor.example",
    ];
    bencher.counter(ItemsCount::new(hosts.len())).bench(|| {
        for host in hosts {
            divan::black_box(destination(divan::black_box(host)).unwrap());
        }
    });
}
