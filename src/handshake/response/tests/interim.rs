// SPDX-License-Identifier: Apache-2.0
//! Interim responses before the final one (RFC 9110 §15.2).

use super::*;

const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n";

#[test]
fn interim_responses_are_passed_over_and_not_seen() {
    let (_, alone) = outcome(EXAMPLE.as_bytes());
    for interim in [
        EARLY_HINTS,
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102\r\n\r\n",
        "HTTP/1.1 199 \r\nX: a\r\n b\r\n\r\n",
        "\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n",
        // What it says decides nothing.
        "HTTP/1.1 100 Continue\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: x\r\nSec-WebSocket-Extensions: x\r\n\
         Sec-WebSocket-Protocol: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        &format!("{EARLY_HINTS}HTTP/1.1 100 Continue\r\n\r\n{EARLY_HINTS}"),
    ] {
        let response = format!("{interim}{EXAMPLE}");
        let (verdict, seen) = outcome(response.as_bytes());
        assert_eq!(verdict, Ok(Some(response.len())), "{interim:?}");
        assert_eq!(seen, alone, "{interim:?}");
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_refusal_may_have_one_before_it() {
    let (verdict, seen) = outcome(
        format!("{EARLY_HINTS}HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno").as_bytes(),
    );
    assert_eq!(verdict, Err(Failure::Status(401)));
    assert_eq!(
        (seen.begun, seen.status, seen.message_complete),
        (1, 401, 1)
    );
    assert_eq!(seen.body, b"no");
}

#[test]
fn an_interim_response_alone_is_not_the_response() {
    assert_eq!(
        outcome(EARLY_HINTS.as_bytes()),
        (Ok(None), Record::default())
    );
    // Right in all but the status.
    let interim = EXAMPLE.replace("101", "100");
    assert_eq!(outcome(interim.as_bytes()), (Ok(None), Record::default()));
}

#[test]
fn what_is_malformed_is_so_in_an_interim_response_too() {
    for (lines, failure) in [
        ("X : a\r\n", Failure::HeaderName),
        ("X: \0\r\n", Failure::HeaderValue),
        ("X: a\n", Failure::LineEnding),
        (" folded\r\n", Failure::Folding),
    ] {
        let response = format!("HTTP/1.1 100 Continue\r\n{lines}\r\n{EXAMPLE}");
        assert_eq!(outcome(response.as_bytes()).0, Err(failure), "{lines:?}");
    }
}

#[test]
fn their_number_and_their_octets_have_a_limit() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let most = usize::from(MAX_INTERIMS);
    let fits = format!("{}{EXAMPLE}", interim.repeat(most));
    assert_eq!(outcome(fits.as_bytes()).0, Ok(Some(fits.len())));
    let many = format!("{}{EXAMPLE}", interim.repeat(most + 1));
    assert_eq!(outcome(many.as_bytes()).0, Err(Failure::HeaderTooLarge));

    let long = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: {}\r\n\r\n",
        "x".repeat(MAX_HEADER_LEN as usize / 2)
    );
    let one = format!("{long}{EXAMPLE}");
    assert_eq!(feed([one.as_bytes()]).0, Ok(Some(one.len())));
    let two = format!("{long}{long}{EXAMPLE}");
    assert_eq!(feed([two.as_bytes()]).0, Err(Failure::HeaderTooLarge));
    assert_eq!(
        feed(two.as_bytes().chunks(7)).0,
        Err(Failure::HeaderTooLarge)
    );
}
