// SPDX-License-Identifier: Apache-2.0
//! Runs every case under callgrind, which counts what happens inside `bench_measured` and nothing else.
//!
//! Each case runs twice, with n and with 2n messages: the difference is n messages without set-up. One line on
//! standard output per run, in the order of callgrind's parts; `cargo xtask bench` puts the two together.

mod embedded;
mod ours;
mod pure;
mod tungstenite_peer;
mod wire;

/// One case: what is done `n` times, by whom.
pub struct Case<'a> {
    /// As the table names it.
    pub name: &'a str,
    /// Whose code runs.
    pub who: &'a str,
    /// Messages of the first run.
    pub n: usize,
}

impl Case<'_> {
    /// Runs `work`, which does `n` messages.
    pub fn run(&self, mut work: impl FnMut(usize)) {
        // With arguments, only the cases whose name has the first in it, and of whom the second names: for a look at
        // one with callgrind_annotate.
        let mut arguments = std::env::args().skip(1);
        let mut leaves_out = |text: &str| {
            arguments
                .next()
                .is_some_and(|wanted| !text.contains(&wanted))
        };
        if leaves_out(self.name) || leaves_out(self.who) {
            return;
        }
        for n in [self.n, self.n * 2] {
            bench_measured(&mut work, n);
            println!("ir\t{}\t{}\t{n}", self.name, self.who);
        }
    }

    /// Reports what was counted in the socket over `messages` messages of `payload` octets in all.
    pub fn io(&self, messages: usize, socket: &ours::Counts, payload: usize) {
        println!(
            "io\t{}\t{}\t{messages}\t{}\t{}\t{}\t{payload}",
            self.name, self.who, socket.reads, socket.sends, socket.copied
        );
    }
}

/// Where callgrind counts: the name is given to `--toggle-collect` and `--dump-after`.
#[unsafe(no_mangle)]
#[inline(never)]
fn bench_measured(work: &mut dyn FnMut(usize), n: usize) {
    work(n);
}

/// The sizes sent and received, and how many messages a run has.
pub const SIZES: [(&str, usize, usize); 4] = [
    ("16 B", 16, 1460),
    ("125 B", 125, 1460),
    ("1 KiB", 1024, 365),
    ("64 KiB", 65536, 4),
];
/// What a segment of a TCP connection over Ethernet holds, and the `tmp_buf` of the receive cases.
pub const SEGMENT: usize = 1460;
/// A small send buffer, and one as large as a segment.
pub const TX_BUFFERS: [usize; 2] = [128, SEGMENT];

fn main() {
    for (size, len, n) in SIZES {
        for tx in TX_BUFFERS {
            ours::send(
                &Case {
                    name: &format!("send {size}, TX buffer {tx}"),
                    who: "ours",
                    n,
                },
                len,
                tx,
            );
        }
        let name = format!("send {size}");
        tungstenite_peer::send(
            &Case {
                name: &name,
                who: "tungstenite",
                n,
            },
            len,
        );
        embedded::send(
            &Case {
                name: &name,
                who: "embedded-websocket",
                n,
            },
            len,
        );
    }
    tungstenite_peer::generator(&Case {
        name: "key",
        who: "tungstenite",
        n: 1000,
    });

    for stream in wire::streams() {
        let case = |who| Case {
            name: stream.name,
            who,
            n: stream.messages,
        };
        ours::receive(&case("ours"), &stream);
        tungstenite_peer::receive(&case("tungstenite"), &stream);
        embedded::receive(&case("embedded-websocket"), &stream);
    }

    pure::masking();
    pure::utf8();

    let case = |who| Case {
        name: "handshake",
        who,
        n: 50,
    };
    ours::handshake(&case("ours"));
    tungstenite_peer::handshake(&case("tungstenite"));
    embedded::handshake(&case("embedded-websocket"));
}
