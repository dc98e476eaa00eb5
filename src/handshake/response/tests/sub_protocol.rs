// SPDX-License-Identifier: Apache-2.0
//! Which sub-protocol a response may select (RFC 6455 §4.1, 6).

use super::*;

#[track_caller]
fn select(
    offer: Option<&'static [u8]>,
    lines: &str,
) -> (Result<(), Failure>, Vec<Option<Vec<u8>>>) {
    let response = EXAMPLE.replace("Sec-WebSocket-Protocol: chat\r\n", lines);
    let request = Request { offer, ..REQUEST };
    let (verdict, seen) = outcome_of(request, response.as_bytes());
    (
        verdict.map(|consumed| assert_eq!(consumed, Some(response.len()))),
        seen.protocols,
    )
}

const REFUSED: Result<(), Failure> = Err(Failure::SubProtocolNotOffered);

#[test]
fn one_that_was_offered_is_accepted_and_no_other() {
    let offer = Some(b"chat,ocpp1.6,chatroom,".as_slice());
    for name in ["chat", "ocpp1.6", "chatroom"] {
        for value in [name.to_owned(), format!(" \t{name} \t")] {
            let selected = select(offer, &format!("Sec-WebSocket-Protocol:{value}\r\n"));
            assert_eq!(selected, (Ok(()), vec![Some(name.as_bytes().to_vec())]));
        }
    }
    for name in [
        "xmpp",
        "Chat",
        "cha",
        "chatr",
        "chat room",
        "ocpp1.6,",
        "chat,ocpp1.6",
        "chat, chat",
        ",",
        "\"chat\"",
        "ocpp1.6chat",
    ] {
        let lines = format!("sec-websocket-protocol: {name}\r\n");
        assert_eq!(select(offer, &lines).0, REFUSED, "{name}");
    }
}

#[test]
fn none_is_accepted_when_none_was_offered() {
    for name in ["xmpp", ",", "x".repeat(300).as_str()] {
        let lines = format!("Sec-WebSocket-Protocol: {name}\r\n");
        assert_eq!(select(Some(b""), &lines).0, REFUSED, "{name}");
    }
}

#[test]
fn an_empty_value_is_none() {
    for offer in [None, Some(b"".as_slice()), Some(b"chat,")] {
        for value in ["", " ", " \t "] {
            let lines = format!("Sec-WebSocket-Protocol:{value}\r\n");
            assert_eq!(select(offer, &lines), (Ok(()), vec![]));
        }
        assert_eq!(select(offer, ""), (Ok(()), vec![]));
    }
}

#[test]
fn a_second_one_is_refused() {
    let lines = "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n";
    assert_eq!(select(Some(b"chat,"), lines).0, REFUSED);
    let lines = "Sec-WebSocket-Protocol: \r\nSec-WebSocket-Protocol: chat\r\n";
    assert_eq!(select(Some(b"chat,"), lines).0, Ok(()));
}

#[test]
fn where_the_offer_is_not_known_any_is_accepted_and_the_last_counts() {
    let lines = "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b,c\r\n";
    let seen = vec![Some(b"a".to_vec()), Some(b"b,c".to_vec())];
    assert_eq!(select(None, lines), (Ok(()), seen));
    let lines = format!(
        "Sec-WebSocket-Protocol: {}\r\n",
        "x".repeat(MIN_TEXT_LEN + 1)
    );
    assert_eq!(select(None, &lines), (Ok(()), vec![None]));
}

#[test]
fn white_space_behind_a_value_needs_no_room() {
    let name = "x".repeat(MIN_TEXT_LEN);
    let lines = format!("Sec-WebSocket-Protocol: {name}  \r\n");
    assert_eq!(
        select(None, &lines),
        (Ok(()), vec![Some(name.clone().into_bytes())])
    );
    let lines = format!("Sec-WebSocket-Protocol: {name}  x\r\n");
    assert_eq!(select(None, &lines), (Ok(()), vec![None]));
}
