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

/// 64 MB of failures in plain text, JSON and a traceback, with other times, identifiers and durations in each.
fn failures() -> String {
    let mut text = String::new();
    for number in 0.. {
        let (second, id) = (number % 60, number * 7919 % 1_000_003);
        let _ = match number % 4 {
            0 => writeln!(
                text,
                "2026-11-20 10:02:{second:02},123 ERROR app.files [{id:08x}-7425-40de-944b-e07fc1f90ae7] \
                 botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \
                 \"https://bond-files-{}.s3.us-west-2.amazonaws.com/{id}\"",
                number % 20
            ),
            1 => writeln!(
                text,
                "{{\"time\":\"2026-11-20T10:02:{second:02}Z\",\"level\":\"error\",\"item\":{id},\"err\":{{\"message\":\
                 \"connect ETIMEDOUT 10.0.3.{}:443\",\"code\":\"ETIMEDOUT\"}}}}",
                number % 50
            ),
            2 => writeln!(
                text,
                "2026-11-20T10:02:{second:02}.123Z level=error request_id={id:016x} err=\"Post \\\"https://api.vendor.example/v1\\\": \
                 dial tcp 203.0.113.{}:443: i/o timeout\" took={id}ms",
                number % 10
            ),
            _ => writeln!(
                text,
                "2026-11-20 10:02:{second:02},456 ERROR app.orders request {id} failed\nTraceback (most recent call last):\n  \
                 File \"/app/orders.py\", line 41, in load\n    connection = psycopg.connect(url)\npsycopg.OperationalError: \
                 connection to server at \"db.internal.example.com\", port 5432 failed: Connection timed out"
            ),
        };
        if text.len() > 64 << 20 {
            break;
        }
    }
    text
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_64_mb_of_failures(bencher: divan::Bencher<'_, '_>) {
    let text = failures();
    let bytes = BytesCount::new(text.len());
    bencher.counter(bytes).bench_local(|| assert!(read_log(text.as_bytes()).unwrap().findings.len() > 50));
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
