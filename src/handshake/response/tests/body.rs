// SPDX-License-Identifier: Apache-2.0
//! The body of a refusal, in every framing (RFC 9112 §6.3, §7.1).

use super::*;

const LISTENER: Request = Request {
    wants_body: true,
    ..REQUEST
};

/// The outcome of a refusal with these headers and this body, then an octet that is not its own.
#[track_caller]
fn refused(request: Request, start: &str, headers: &str, body: &[u8]) -> Record {
    let head = format!("{start}\r\n{headers}\r\n");
    let (verdict, seen) = outcome_of(request, &[head.as_bytes(), body].concat());
    let status = start.split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(verdict, Err(Failure::Status(status)));
    assert_eq!(seen.complete, 1);
    seen
}

const START: &str = "HTTP/1.1 401 Unauthorized";

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_body_with_a_length_is_read_whoever_listens() {
    for request in [REQUEST, LISTENER] {
        for headers in [
            "Content-Length: 12\r\n",
            "content-length:12 \r\n",
            "Content-Length: 12\r\nContent-Length: 12\r\n",
            "Content-Length: 12, 12\r\n",
            "Content-Length: 012\r\n",
        ] {
            let seen = refused(request, START, headers, b"Unauthorized");
            assert_eq!((seen.length, seen.message_complete), (12, 1), "{headers}");
            assert_eq!(seen.body, b"Unauthorized");
            // What follows is not its own.
            let seen = refused(request, START, headers, b"UnauthorizedHTTP/1.1 101 ");
            assert_eq!(
                (seen.body.as_slice(), seen.message_complete),
                (&b"Unauthorized"[..], 1)
            );
            let seen = refused(request, START, headers, b"Unauthorize");
            assert_eq!(
                (seen.body.as_slice(), seen.message_complete),
                (&b"Unauthorize"[..], 0)
            );
        }
        let seen = refused(request, START, "Content-Length: 0\r\n", b"");
        assert_eq!((seen.length, seen.message_complete), (0, 1));
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn chunks_are_put_together() {
    for body in [
        "5\r\nUnaut\r\n7\r\nhorized\r\n0\r\n\r\n",
        "00C\r\nUnauthorized\r\n000\r\n\r\n",
        "c;name=value\r\nUnauthorized\r\n0;x\r\n\r\n",
        "c \t\r\nUnauthorized\r\n0\r\nX: y\r\n z\r\nContent-Length: 3\r\n\r\n",
    ] {
        for headers in [
            "Transfer-Encoding: chunked\r\n",
            "transfer-encoding: gzip,\tChunked\r\n",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
            // It beats a length.
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
        ] {
            let seen = refused(REQUEST, START, headers, body.as_bytes());
            assert_eq!(seen.body, b"Unauthorized", "{headers}{body}");
            assert_eq!((seen.length, seen.message_complete), (u32::MAX, 1));
            let cut = &body.as_bytes()[..body.len() - 1];
            assert_eq!(refused(REQUEST, START, headers, cut).message_complete, 0);
        }
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_trailer_is_seen_and_decides_nothing() {
    let body = b"0\r\nSec-WebSocket-Protocol: x\r\nTransfer-Encoding: gzip\r\nX: a\r\n b\r\n\r\n";
    let seen = refused(REQUEST, START, "Transfer-Encoding: chunked\r\n", body);
    assert_eq!((seen.headers.len(), seen.message_complete), (4, 1));
    assert_eq!(seen.headers[3].1, b"a b");
    assert!(seen.protocols.is_empty());
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn broken_chunks_end_the_body_and_not_the_refusal() {
    for body in [
        "x\r\n",
        "\r\n",
        ";x\r\n",
        "-1\r\n",
        "5 5\0\r\n",
        "5\nUnaut",
        "5\r\nUnautX",
        "5\r\nUnaut\n",
        "5\r\nUnaut\rX",
        "100000000\r\nx",
        "ffffffffffffffffffff\r\nx",
        "0\r\nX : a\r\n",
        "0\r\n folded\r\n",
    ] {
        let seen = refused(
            LISTENER,
            START,
            "Transfer-Encoding: chunked\r\n",
            body.as_bytes(),
        );
        assert_eq!(seen.message_complete, 0, "{body:?}");
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn without_a_length_the_end_of_the_stream_is_the_bodys() {
    for (start, headers) in [
        (START, ""),
        (START, "Content-Length: x\r\n"),
        (START, "Content-Length:\r\n"),
        (START, "Content-Length: +5\r\n"),
        (START, "Content-Length: 5 5\r\n"),
        (START, "Content-Length: 5,\r\n"),
        (START, "Content-Length: 99999999999999999999\r\n"),
        (START, "Content-Length: 5\r\nContent-Length: 6\r\n"),
        (
            START,
            "Content-Length: 5\r\nContent-Length: x\r\nContent-Length: 5\r\n",
        ),
        (START, "Transfer-Encoding: gzip\r\n"),
        (
            START,
            "Transfer-Encoding: chunked, gzip\r\nContent-Length: 5\r\n",
        ),
        // <https://www.rfc-editor.org/rfc/rfc9112#section-6.1>: HTTP/1.0 has no transfer codings.
        (
            "HTTP/1.0 401 x",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        ),
    ] {
        let seen = refused(LISTENER, start, headers, b"Unauthorized");
        assert_eq!(seen.body, b"Unauthorized", "{headers}");
        assert_eq!(
            (seen.length, seen.message_complete),
            (u32::MAX, 1),
            "{headers}"
        );
        // Nobody waits for it when nobody wants it.
        let seen = refused(REQUEST, start, headers, b"Unauthorized");
        assert_eq!(
            (seen.body.len(), seen.message_complete),
            (0, 0),
            "{headers}"
        );
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn some_have_no_body_whatever_they_say() {
    for start in ["HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified"] {
        for headers in [
            "",
            "Content-Length: 600\r\n",
            "Transfer-Encoding: chunked\r\n",
        ] {
            let seen = refused(LISTENER, start, headers, b"HTTP/1.1");
            assert_eq!(
                (seen.body.len(), seen.message_complete),
                (0, 1),
                "{headers}"
            );
        }
    }
    // 101 has none either: what follows are frames.
    let response = EXAMPLE.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n");
    let (verdict, seen) = outcome(format!("{response}frames").as_bytes());
    assert_eq!(verdict, Ok(Some(response.len())));
    assert_eq!(
        (seen.length, seen.body.len(), seen.message_complete),
        (5, 0, 0)
    );
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_body_has_a_limit() {
    let most = MAX_BODY_LEN as usize;
    let body = vec![b'x'; most + 1];
    let refuse = |request, headers: &str, len: usize| {
        let head = format!("{START}\r\n{headers}\r\n");
        let stream = [head.as_bytes(), &body[..len]].concat();
        let whole = feed_to(request, [stream.as_slice()]);
        for piece_len in [1, 7, 1460] {
            assert_eq!(feed_to(request, stream.chunks(piece_len)), whole);
        }
        assert_eq!(whole.0, Err(Failure::Status(401)));
        (whole.1.body.len(), whole.1.message_complete)
    };
    let fits = format!("Content-Length: {most}\r\n");
    let too_long = format!("Content-Length: {}\r\n", most + 1);
    for request in [REQUEST, LISTENER] {
        assert_eq!(refuse(request, &fits, most), (most, 1));
    }
    // One that cannot be read to its end is not read when nobody wants it.
    assert_eq!(refuse(REQUEST, &too_long, most + 1), (0, 0));
    assert_eq!(refuse(LISTENER, &too_long, most + 1), (most, 0));
    assert_eq!(refuse(LISTENER, &too_long, 5), (5, 0));
    assert_eq!(refuse(LISTENER, "", most), (most, 1));
    assert_eq!(refuse(LISTENER, "", most + 1), (most, 0));
    // Chunks of nothing but framing.
    let endless = [
        format!("{START}\r\nTransfer-Encoding: chunked\r\n\r\n1;").into_bytes(),
        body,
    ]
    .concat();
    assert_eq!(feed([endless.as_slice()]).0, Err(Failure::Status(401)));
}
