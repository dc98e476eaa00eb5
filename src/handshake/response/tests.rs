// SPDX-License-Identifier: Apache-2.0
//! Responses of all kinds, each cut everywhere.

mod body;
mod interim;
mod sub_protocol;

use super::*;
use crate::handshake::SecWebSocketKey;
use proptest::prelude::*;

const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// <https://www.rfc-editor.org/rfc/rfc6455#section-1.2>
const EXAMPLE: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\n\
    \r\n";

/// What an observer saw, pieces put together.
#[derive(Default, PartialEq, Eq, Debug, Clone)]
struct Record {
    begun: u32,
    status: u32,
    reason: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    value_follows: bool,
    complete: u32,
    length: u32,
    body: Vec<u8>,
    message_complete: u32,
    protocols: Vec<Option<Vec<u8>>>,
    /// Set by the test.
    wants_body: bool,
}

impl Observer for Record {
    fn observe(&mut self, seen: Seen, octets: &[u8], number: u32) {
        match seen {
            Seen::MessageBegin => {
                self.begun += 1;
                self.status = number;
            }
            Seen::Status => self.reason.extend(octets),
            Seen::HeaderField => {
                assert!(!octets.is_empty());
                if self.value_follows || self.headers.is_empty() {
                    self.headers.push(Default::default());
                }
                self.value_follows = false;
                self.headers.last_mut().unwrap().0.extend(octets);
            }
            Seen::HeaderValue => {
                assert!(
                    !octets.is_empty() || !self.value_follows,
                    "an empty value is one empty piece"
                );
                self.value_follows = true;
                self.headers.last_mut().unwrap().1.extend(octets);
            }
            Seen::HeadersComplete => {
                self.complete += 1;
                self.length = number;
            }
            Seen::Body => {
                assert!(!octets.is_empty());
                self.body.extend(octets);
            }
            Seen::MessageComplete => self.message_complete += 1,
        }
    }

    fn sub_protocol(&mut self, name: Option<&[u8]>) {
        self.protocols.push(name.map(<[u8]>::to_vec));
    }

    fn wants_body(&self) -> bool {
        self.wants_body
    }
}

/// The verdict, the total that was consumed, and what was seen.
type Outcome = (Result<Option<usize>, Failure>, Record);

/// What a test may vary of a handshake, beside the response.
#[derive(Clone, Copy)]
struct Request {
    offer: Option<&'static [u8]>,
    text_len: usize,
    wants_body: bool,
}

const REQUEST: Request = Request {
    offer: Some(b"superchat,chat,"),
    text_len: MIN_TEXT_LEN,
    wants_body: false,
};

fn feed_to<'a>(request: Request, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut record = Record {
        wants_body: request.wants_body,
        ..Record::default()
    };
    let mut text = vec![0; request.text_len];
    let accept = SecWebSocketKey::new(*b"the sample nonce").accept();
    let mut parser = ResponseParser::new(&accept, request.offer, &mut text);
    let mut before = 0;
    for piece in pieces {
        match parser.push(piece, &mut record) {
            Ok(Progress::NeedMore) => before += piece.len(),
            Ok(Progress::Done { consumed }) => {
                assert_eq!(parser.refusal(), None);
                assert_eq!(
                    parser.push(b"frames", &mut record),
                    Ok(Progress::Done { consumed: 0 })
                );
                return (Ok(Some(before + consumed)), record);
            }
            Err(failure) => {
                return (Err(failure), record);
            }
        }
    }
    parser.end(&mut record);
    // A refusal is known before its body has come to an end.
    (parser.refusal().map_or(Ok(None), Err), record)
}

fn feed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    feed_to(REQUEST, pieces)
}

/// Feeds the whole, each two pieces, and single octets: the outcome is the same.
#[track_caller]
fn outcome_of(request: Request, response: &[u8]) -> Outcome {
    let whole = feed_to(request, [response]);
    for cut in 0..=response.len() {
        let (first, second) = response.split_at(cut);
        let pieces = feed_to(request, [first, second]);
        assert_eq!(pieces, whole, "cut at {cut}");
    }
    assert_eq!(feed_to(request, response.chunks(1)), whole);
    whole
}

#[track_caller]
fn outcome(response: &[u8]) -> Outcome {
    outcome_of(REQUEST, response)
}

#[track_caller]
fn verdict(response: &str) -> Result<(), Failure> {
    match outcome(response.as_bytes()).0 {
        Ok(None) => panic!("incomplete: {response:?}"),
        Ok(Some(consumed)) => {
            assert_eq!(consumed, response.len());
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// The example with one of its lines replaced.
#[track_caller]
fn with(line: &str, replacement: &str) -> Result<(), Failure> {
    let position = EXAMPLE.find(line).expect("a line of the example");
    let end = position + EXAMPLE[position..].find("\r\n").unwrap() + 2;
    verdict(&format!(
        "{}{replacement}{}",
        &EXAMPLE[..position],
        &EXAMPLE[end..]
    ))
}

#[test]
fn the_state_is_small() {
    assert!(
        size_of::<ResponseParser<'_>>() <= 104,
        "{}",
        size_of::<ResponseParser<'_>>()
    );
    assert!(size_of::<Failure>() <= 4);
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn the_example_of_section_1_2_opens_the_connection() {
    let (verdict, seen) = outcome(EXAMPLE.as_bytes());
    assert_eq!(verdict, Ok(Some(EXAMPLE.len())));
    assert_eq!((seen.begun, seen.status, seen.complete), (1, 101, 1));
    assert_eq!((seen.length, seen.message_complete), (u32::MAX, 0));
    assert_eq!(seen.protocols, [Some(b"chat".to_vec())]);
    assert_eq!(seen.reason, b"Switching Protocols");
    let names: Vec<&[u8]> = seen.headers.iter().map(|(name, _)| &name[..]).collect();
    assert_eq!(
        names,
        [
            &b"Upgrade"[..],
            b"Connection",
            b"Sec-WebSocket-Accept",
            b"Sec-WebSocket-Protocol"
        ]
    );
    assert_eq!(seen.headers[2].1, ACCEPT.as_bytes());
    assert_eq!(seen.headers[3].1, b"chat");
}

#[test]
fn what_follows_the_response_is_left_for_the_frames() {
    let mut octets = EXAMPLE.as_bytes().to_vec();
    octets.extend(b"\x81\x05Hello\x89\x00");
    let (verdict, _) = outcome(&octets);
    assert_eq!(verdict, Ok(Some(EXAMPLE.len())));
}

#[test]
fn every_start_of_the_example_needs_more() {
    for len in 0..EXAMPLE.len() {
        assert_eq!(feed([&EXAMPLE.as_bytes()[..len]]).0, Ok(None));
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn another_status_fails_behind_the_headers() {
    for (status, reason) in [
        (200, "OK"),
        (302, "Found"),
        (401, "Unauthorized"),
        (404, "Not Found"),
        (0, ""),
    ] {
        let response = format!(
            "HTTP/1.1 {status:03} {reason}\r\nWWW-Authenticate: Basic\r\nLocation: /x\r\n\r\nbody"
        );
        let (verdict, seen) = outcome(response.as_bytes());
        assert_eq!(verdict, Err(Failure::Status(status)));
        assert_eq!(
            (seen.status, seen.headers.len(), seen.complete),
            (u32::from(status), 2, 1)
        );
        assert_eq!(seen.reason, reason.as_bytes());
    }
    // The right accept value does not help.
    assert_eq!(
        with("HTTP", "HTTP/1.1 200 OK\r\n"),
        Err(Failure::Status(200))
    );
}

#[test]
fn the_status_is_reported_without_a_reason_too() {
    for line in ["HTTP/1.1 101\r\n", "HTTP/1.1 101 \r\n"] {
        assert_eq!(with("HTTP", line), Ok(()));
        let (_, seen) = outcome(format!("{line}\r\n").as_bytes());
        assert_eq!((seen.status, seen.reason.len()), (101, 0));
    }
}

#[test]
fn the_version_is_http_1_1_or_later_1_x() {
    assert_eq!(with("HTTP", "HTTP/1.2 101 X\r\n"), Ok(()));
    assert_eq!(
        with("HTTP", "HTTP/1.0 101 X\r\n"),
        Err(Failure::HttpVersion)
    );
    assert_eq!(
        with("HTTP", "HTTP/1.0 404 X\r\n"),
        Err(Failure::Status(404))
    );
    for line in [
        "HTTP/2.0 101 X\r\n",
        "HTTP/1.10 101 X\r\n",
        "http/1.1 101 X\r\n",
        "HTTP/1.1 1O1 X\r\n",
        "HTTP/1.1 10 X\r\n",
        "HTTP/1.1 1010 X\r\n",
        "HTTP/1.1  101 X\r\n",
        "HTTP/1.1\t101 X\r\n",
        "HTTP/1.x 101 X\r\n",
        "HTTP/1 101 X\r\n",
        " HTTP/1.1 101 X\r\n",
        "GET / HTTP/1.1\r\n",
        "HTTP/1.1 101-X\r\n",
        "SSH-2.0-x\r\n",
    ] {
        assert_eq!(with("HTTP", line), Err(Failure::StatusLine), "{line:?}");
    }
}

#[test]
fn upgrade_is_websocket() {
    for value in ["websocket", "WebSocket", "WEBSOCKET", "  websocket\t "] {
        assert_eq!(with("Upgrade", &format!("Upgrade: {value}\r\n")), Ok(()));
    }
    assert_eq!(with("Upgrade", "uPGRADE:websocket\r\n"), Ok(()));
    assert_eq!(
        with("Upgrade", "Upgrade: websocket\r\nupgrade: WebSocket\r\n"),
        Ok(())
    );
    assert_eq!(with("Upgrade", ""), Err(Failure::UpgradeMissing));
    assert_eq!(
        with("Upgrade", "Upgrades: websocket\r\n"),
        Err(Failure::UpgradeMissing)
    );
    assert_eq!(
        with("Upgrade", "Upgrad: websocket\r\n"),
        Err(Failure::UpgradeMissing)
    );
    for value in [
        "",
        " ",
        "websocke",
        "websockets",
        "web socket",
        "h2c",
        "websocket, h2c",
        "websocket/13",
        "websocket websocket",
    ] {
        assert_eq!(
            with("Upgrade", &format!("Upgrade: {value}\r\n")),
            Err(Failure::UpgradeDiffers),
            "{value:?}"
        );
    }
    for lines in [
        "Upgrade: h2c\r\nUpgrade: websocket\r\n",
        "Upgrade: websocket\r\nUpgrade: h2c\r\n",
    ] {
        assert_eq!(with("Upgrade", lines), Err(Failure::UpgradeDiffers));
    }
}

#[test]
fn connection_has_the_token_upgrade() {
    for value in [
        "upgrade",
        "UPGRADE",
        "keep-alive, Upgrade",
        "Upgrade,keep-alive",
        "a,\t upgrade \t,b",
        ",,upgrade,,",
        "keep-alive\r\nConnection: upgrade",
        "upgrade\r\nConnection: keep-alive",
        "\r\nconnection:Upgrade",
    ] {
        assert_eq!(
            with("Connection", &format!("Connection: {value}\r\n")),
            Ok(()),
            "{value:?}"
        );
    }
    assert_eq!(with("Connection", ""), Err(Failure::ConnectionDiffers));
    for value in [
        "",
        "keep-alive",
        "upgrades",
        "upgrad",
        "no upgrade",
        "upgrade no",
        "up,grade",
        "\"upgrade\"",
        "upgrade;q=1",
        "up grade",
    ] {
        assert_eq!(
            with("Connection", &format!("Connection: {value}\r\n")),
            Err(Failure::ConnectionDiffers),
            "{value:?}"
        );
    }
}

#[test]
fn accept_is_exact() {
    let accept = |value: &str| {
        with(
            "Sec-WebSocket-Accept",
            &format!("Sec-WebSocket-Accept:{value}\r\n"),
        )
    };
    for value in [
        ACCEPT.to_owned(),
        format!("  \t{ACCEPT}"),
        format!(" {ACCEPT} \t"),
    ] {
        assert_eq!(accept(&value), Ok(()), "{value:?}");
    }
    assert_eq!(
        with(
            "Sec-WebSocket-Accept",
            &format!("SEC-websocket-ACCEPT: {ACCEPT}\r\n")
        ),
        Ok(())
    );
    for (position, octet) in ACCEPT.char_indices() {
        let other = if octet.is_ascii_alphabetic() {
            char::from(octet as u8 ^ 0x20)
        } else {
            'A'
        };
        let value = format!(" {}{other}{}", &ACCEPT[..position], &ACCEPT[position + 1..]);
        assert_eq!(accept(&value), Err(Failure::AcceptDiffers), "{value}");
        assert_eq!(
            accept(&format!(" {}", &ACCEPT[..position])),
            Err(Failure::AcceptDiffers)
        );
        assert_eq!(
            accept(&format!(" {} {}", &ACCEPT[..position], &ACCEPT[position..])).is_ok(),
            position == 0
        );
    }
    for value in [
        "",
        " ",
        "=",
        &format!(" {ACCEPT}x"),
        &format!(" {ACCEPT} x"),
        &format!(" {ACCEPT},{ACCEPT}"),
        &format!("\"{ACCEPT}\""),
    ] {
        assert_eq!(accept(value), Err(Failure::AcceptDiffers), "{value:?}");
    }
}

#[test]
fn accept_stands_once_under_its_own_name() {
    let line = |name: &str, value: &str| format!("{name}: {value}\r\n");
    let accept = line("Sec-WebSocket-Accept", ACCEPT);
    assert_eq!(
        with("Sec-WebSocket-Accept", ""),
        Err(Failure::AcceptMissing)
    );
    for other in ["x", ACCEPT, ""] {
        let other = line("sec-websocket-accept", other);
        assert_eq!(
            with("Sec-WebSocket-Accept", &format!("{accept}{other}")),
            Err(Failure::AcceptRepeated)
        );
        assert_eq!(
            with("Sec-WebSocket-Accept", &format!("{other}{accept}")),
            Err(Failure::AcceptRepeated)
        );
        assert_eq!(
            with("Sec-WebSocket-Accept", &format!("{accept}{accept}{other}")),
            Err(Failure::AcceptRepeated)
        );
    }
    for name in [
        "Sec-WebSocket-Accept-X",
        "Sec-WebSocket-Accep",
        "X-Sec-WebSocket-Accept",
        "Sec_WebSocket_Accept",
        "Sec-WebSocket-Acceptt",
    ] {
        assert_eq!(
            with("Sec-WebSocket-Accept", &line(name, ACCEPT)),
            Err(Failure::AcceptMissing),
            "{name}"
        );
    }
    let long = line(&format!("{}Sec-WebSocket-Accept", "x".repeat(256)), ACCEPT);
    assert_eq!(
        with("Sec-WebSocket-Accept", &long),
        Err(Failure::AcceptMissing)
    );
}

#[test]
fn an_extension_was_not_offered() {
    for (value, verdict) in [
        ("permessage-deflate", Err(Failure::ExtensionNotOffered)),
        ("x", Err(Failure::ExtensionNotOffered)),
        (", ,x", Err(Failure::ExtensionNotOffered)),
        (&"x".repeat(300), Err(Failure::ExtensionNotOffered)),
        (
            "x\r\nSec-WebSocket-Extensions: ",
            Err(Failure::ExtensionNotOffered),
        ),
        ("", Ok(())),
        (" \t ", Ok(())),
        (" , ,, ", Ok(())),
    ] {
        let lines = format!("Sec-WebSocket-Extensions:{value}\r\n");
        assert_eq!(with("Sec-WebSocket-Protocol", &lines), verdict, "{value:?}");
    }
    assert_eq!(
        with("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions2: x\r\n"),
        Ok(())
    );
}

#[test]
fn malformed_lines_fail() {
    let cases: [(&str, Failure); 24] = [
        (" folded\r\n", Failure::Folding),
        ("\tfolded\r\n", Failure::Folding),
        ("no colon\r\n", Failure::HeaderName),
        ("nocolon\r\n", Failure::HeaderName),
        ("nocolon\n", Failure::HeaderName),
        (": empty\r\n", Failure::HeaderName),
        ("X : a\r\n", Failure::HeaderName),
        ("X\t: a\r\n", Failure::HeaderName),
        ("X(: a\r\n", Failure::HeaderName),
        ("X\0: a\r\n", Failure::HeaderName),
        ("\0\r\n", Failure::HeaderName),
        ("\n", Failure::HeaderName),
        ("\u{FC}: a\r\n", Failure::HeaderName),
        ("X: a\n", Failure::LineEnding),
        ("X: \n", Failure::LineEnding),
        ("X: a\ra\r\n", Failure::LineEnding),
        ("X: a\r\r\n", Failure::LineEnding),
        ("X:\r\r\n", Failure::LineEnding),
        ("\rX: a\r\n", Failure::LineEnding),
        ("X: a\0\r\n", Failure::HeaderValue),
        ("X: \0\r\n", Failure::HeaderValue),
        ("X: a\u{7F}\r\n", Failure::HeaderValue),
        ("X: a\u{1B}[2J\r\n", Failure::HeaderValue),
        ("X: a\u{0C}\r\n", Failure::HeaderValue),
    ];
    for (lines, failure) in cases {
        assert_eq!(
            with("Sec-WebSocket-Protocol", lines),
            Err(failure),
            "{lines:?}"
        );
        // At once, not at the end of the header block.
        let octets = format!("HTTP/1.1 200 OK\r\n{lines}");
        assert_eq!(outcome(octets.as_bytes()).0, Err(failure), "{lines:?}");
    }
    assert_eq!(outcome(b"HTTP/1.1 101 a\0").0, Err(Failure::HeaderValue));
    assert_eq!(outcome(b"HTTP/1.1 101 a\n").0, Err(Failure::LineEnding));
    assert_eq!(outcome(b"HTTP/1.1 101\n").0, Err(Failure::StatusLine));
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_header_that_decides_nothing_may_be_folded() {
    for (lines, value) in [
        ("Content-Security-Policy: a;\r\n b\r\n", "a; b"),
        ("X: a\r\n\tb\r\n", "a b"),
        ("X: a\r\n   b\r\n \tc\r\n", "a   b \tc"),
        ("X:\r\n b\r\n", " b"),
        ("X: a\r\n \r\n", "a "),
        ("X: a\r\n Upgrade: h2c\r\n", "a Upgrade: h2c"),
    ] {
        assert_eq!(with("Sec-WebSocket-Protocol", lines), Ok(()), "{lines:?}");
        let (_, seen) = outcome(format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes());
        assert_eq!(seen.headers.len(), 1);
        assert_eq!(String::from_utf8_lossy(&seen.headers[0].1), value);
    }
    assert_eq!(
        with("Sec-WebSocket-Protocol", "X: a\r\n b\0\r\n"),
        Err(Failure::HeaderValue)
    );
}

#[test]
fn a_fold_is_refused_in_every_header_that_decides() {
    for position in EXAMPLE
        .match_indices(": ")
        .map(|(position, _)| position + 1)
    {
        let end = position + EXAMPLE[position..].find("\r\n").unwrap();
        for fold in position..=end {
            let (before, behind) = EXAMPLE.split_at(fold);
            for space in ["\r\n ", "\r\n\t"] {
                let folded = format!("{before}{space}{behind}");
                assert_eq!(verdict(&folded), Err(Failure::Folding), "{folded}");
            }
        }
    }
    for header in [
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        "Sec-WebSocket-Extensions:",
    ] {
        let lines = format!("{header}\r\n \r\n");
        assert_eq!(
            with("Sec-WebSocket-Protocol", &lines),
            Err(Failure::Folding)
        );
    }
    // Behind the status line there is nothing that could go on.
    assert_eq!(with("Upgrade", " x\r\n"), Err(Failure::Folding));
}

#[test]
fn empty_lines_before_the_response_are_passed_over() {
    for lines in ["\r\n", "\r\n\r\n"] {
        assert_eq!(verdict(&format!("{lines}{EXAMPLE}")), Ok(()));
    }
    for (start, failure) in [
        ("\n", Failure::StatusLine),
        ("\r", Failure::LineEnding),
        (" \r\n", Failure::StatusLine),
    ] {
        assert_eq!(verdict(&format!("{start}{EXAMPLE}")), Err(failure));
    }
    assert_eq!(
        feed(std::iter::repeat_n(&b"\r\n"[..], 10_000)).0,
        Err(Failure::HeaderTooLarge)
    );
}

#[test]
fn unusual_lines_are_accepted() {
    for lines in [
        "X:\r\n",
        "X: \t \r\n",
        "X:a\r\n",
        "X: a b\tc \r\n",
        "!#$%&'*+-.^_`|~09azAZ: x\r\n",
        "X: \u{FC}:,;\"\r\n",
        "X: :\r\n",
    ] {
        assert_eq!(with("Sec-WebSocket-Protocol", lines), Ok(()), "{lines:?}");
    }
    assert_eq!(
        with("HTTP", "HTTP/1.1 101 Prot\u{F6}kolle \t wechseln\r\n"),
        Ok(())
    );
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn an_observer_sees_values_as_http_parser_reports_them() {
    let (_, seen) = outcome(b"HTTP/1.1 200  O K \r\nA:\r\nB: \t \r\nC: \tx y \t\r\nD:d\r\n\r\n");
    assert_eq!(seen.reason, b" O K ");
    let values: Vec<&[u8]> = seen.headers.iter().map(|(_, value)| &value[..]).collect();
    assert_eq!(values, [&b""[..], b"", b"x y \t", b"d"]);
}

#[test]
fn the_header_block_has_a_limit() {
    let limit = MAX_HEADER_LEN as usize;
    let rest = &EXAMPLE[EXAMPLE.find("Upgrade").unwrap()..];
    let response = |len: usize| {
        let first = "HTTP/1.1 101 X\r\nX: ";
        let padding = len - first.len() - rest.len() - 2;
        format!("{first}{}\r\n{rest}", "x".repeat(padding)).into_bytes()
    };
    for cut in [0, 1, limit - 1, limit] {
        let fits = response(limit);
        assert_eq!(
            feed([&fits[..cut], &fits[cut..], b"frames"]).0,
            Ok(Some(limit))
        );
        let too_large = response(limit + 1);
        assert_eq!(
            feed([&too_large[..cut], &too_large[cut..]]).0,
            Err(Failure::HeaderTooLarge)
        );
    }
    let endless = [b'x'; 100];
    let pieces = [&EXAMPLE.as_bytes()[..20]]
        .into_iter()
        .chain(std::iter::repeat_n(&endless[..], 1000));
    assert_eq!(feed(pieces).0, Err(Failure::HeaderTooLarge));
}

#[test]
fn each_failure_has_its_own_number() {
    let all = [
        Failure::StatusLine,
        Failure::HeaderName,
        Failure::HeaderValue,
        Failure::LineEnding,
        Failure::Folding,
        Failure::HeaderTooLarge,
        Failure::Status(404),
        Failure::HttpVersion,
        Failure::UpgradeMissing,
        Failure::UpgradeDiffers,
        Failure::ConnectionDiffers,
        Failure::AcceptMissing,
        Failure::AcceptRepeated,
        Failure::AcceptDiffers,
        Failure::ExtensionNotOffered,
        Failure::SubProtocolNotOffered,
    ];
    let numbers: Vec<u8> = all.iter().map(|failure| failure.number()).collect();
    assert_eq!(numbers, (1..=16).collect::<Vec<u8>>());
    assert_eq!(
        all.iter().filter(|failure| failure.is_malformed()).count(),
        5
    );
}

proptest! {
    #[test]
    fn random_octets_get_one_verdict(
        octets in proptest::collection::vec(any::<u8>(), 0..64),
        cuts in proptest::collection::vec(0usize..16, 0..8),
    ) {
        check_cuts(&octets, &cuts);
        let mut behind_a_status = b"HTTP/1.1 101 X\r\n".to_vec();
        behind_a_status.extend(&octets);
        check_cuts(&behind_a_status, &cuts);
    }

    #[test]
    fn a_changed_example_gets_one_verdict(
        changes in proptest::collection::vec(
            (0..EXAMPLE.len(), prop_oneof![any::<u8>(), Just(b' '), Just(b'\r'), Just(b'\n'), Just(b':'), Just(b',')]), 0..4),
        removed in 0..EXAMPLE.len(),
        cuts in proptest::collection::vec(0usize..60, 0..10),
    ) {
        let mut octets = EXAMPLE.as_bytes().to_vec();
        for (position, octet) in changes {
            octets[position] = octet;
        }
        check_cuts(&octets, &cuts);
        octets.remove(removed);
        check_cuts(&octets, &cuts);
    }

    #[test]
    fn only_the_right_accept_value_opens(value in "[ -~]{0,30}") {
        let lines = format!("Sec-WebSocket-Accept: {value}\r\n");
        prop_assert_eq!(with("Sec-WebSocket-Accept", &lines).is_ok(), value.trim() == ACCEPT);
    }
}

fn check_cuts(octets: &[u8], cuts: &[usize]) {
    let whole = feed([octets]);
    let mut pieces = Vec::new();
    let mut rest = octets;
    for cut in cuts {
        let (piece, behind) = rest.split_at((*cut).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    assert_eq!(feed(pieces).0, whole.0);
    assert_eq!(feed(octets.chunks(1)).0, whole.0);
    if let Ok(Some(consumed)) = whole.0 {
        assert!(octets[..consumed].ends_with(b"\r\n\r\n"));
    }
}
