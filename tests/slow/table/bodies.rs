//! Bodies of every size (wagi.md Response, tens of megabytes work).

use super::case::{Case, case};

/// The largest body that `dev` reads, in bytes.
const LARGEST: usize = 64 << 20;

/// The rows.
pub fn rows() -> Vec<Case> {
    let rule = "wagi.md Response, output and bodies of tens of megabytes work";
    let mut rows: Vec<Case> = [1, 4095, 4096, 65_535, 65_536, 65_537, 1_000_000, LARGEST]
        .into_iter()
        .map(|size| {
            let body = pattern(size);
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n");
            case(rule, "POST /echo").body("a/b", body.clone()).answered([head.into_bytes(), body].concat())
        })
        .collect();
    // Python reads 64 MiB, and writes 64 MiB.
    let body = pattern(LARGEST);
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    let line = format!("{LARGEST} {}\n", crc.sum());
    let answer = |line: &str, size: usize| {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", line.len() + size);
        [head.as_bytes(), line.as_bytes(), &vec![b'x'; size]].concat()
    };
    rows.push(case(rule, "POST /large?0").body("a/b", body).answered(answer(&line, 0)));
    rows.push(case(rule, "GET /large?64").answered(answer("0 0\n", LARGEST)));
    rows
}

/// Bytes of every value, that do not repeat in step with any buffer.
fn pattern(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}
