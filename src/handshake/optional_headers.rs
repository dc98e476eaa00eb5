// SPDX-License-Identifier: Apache-2.0
//! The application's own header lines: whether they are whole, and which sub-protocols they offer (RFC 6455 §4.1, 10).

/// Appends the values of Sec-WebSocket-Protocol in `lines`, without white space, to the `len` octets that `offer` has, each with a comma
/// behind it, and returns the new length: [`usize::MAX`] where there is no room.
///
/// `None`: `lines` are not complete header lines, so that what follows would not start a line of its own, or an empty
/// line ends the header block early.
pub fn append_offer(lines: &[u8], offer: &mut [u8], mut len: usize) -> Option<usize> {
    let mut rest = lines;
    while !rest.is_empty() {
        let end = rest.iter().position(|octet| *octet == b'\n')?;
        let (line, behind) = rest.split_at_checked(end)?;
        let line = line.strip_suffix(b"\r").filter(|line| !line.is_empty())?;
        if let Some((name, value)) = line.split_at_checked(NAME.len())
            && name.eq_ignore_ascii_case(NAME)
        {
            for octet in value.iter().chain(b",") {
                if matches!(octet, b' ' | b'\t') {
                    continue;
                }
                if let Some(target) = offer.get_mut(len) {
                    *target = *octet;
                    len = len.wrapping_add(1);
                } else {
                    len = usize::MAX;
                }
            }
        }
        rest = behind.get(1..).unwrap_or(&[]);
    }
    Some(len)
}

const NAME: &[u8] = b"sec-websocket-protocol:";

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lines: &str) -> Option<String> {
        let mut offer = [0; 64];
        let len = append_offer(lines.as_bytes(), &mut offer, 0)?;
        Some(String::from_utf8(offer[..len].to_vec()).unwrap())
    }

    #[test]
    fn offers_are_found_in_one_line_and_in_several() {
        for (lines, offer) in [
            ("Sec-WebSocket-Protocol: mqtt\r\n", "mqtt,"),
            (
                "Origin: x\r\nsec-websocket-PROTOCOL:ocpp1.6,\tocpp2\r\nSec-WebSocket-Protocol: c\r\n",
                "ocpp1.6,ocpp2,c,",
            ),
            ("", ""),
            ("Origin: x\r\n", ""),
            ("Sec-WebSocket-Protocol:\r\n", ","),
            ("Sec-WebSocket-Protocol2: a\r\n", ""),
            ("X-Sec-WebSocket-Protocol: a\r\n", ""),
            ("X: Sec-WebSocket-Protocol: a\r\n", ""),
        ] {
            assert_eq!(offered(lines).as_deref(), Some(offer), "{lines:?}");
        }
    }

    #[test]
    fn offers_are_appended_while_there_is_room() {
        let lines = b"Sec-WebSocket-Protocol:a\r\n";
        let mut offer = [0; 4];
        assert_eq!(append_offer(lines, &mut offer, 0), Some(2));
        assert_eq!(append_offer(lines, &mut offer, 2), Some(4));
        assert_eq!(&offer, b"a,a,");
        assert_eq!(append_offer(lines, &mut offer, 3), Some(usize::MAX));
        assert_eq!(
            append_offer(lines, &mut offer, usize::MAX),
            Some(usize::MAX)
        );
    }

    #[test]
    fn an_optional_header_ends_its_line_and_only_its_line() {
        assert!(offered("A: b\r\n").is_some());
        assert!(offered("A: b\r\nC: d\r\n").is_some());
        for incomplete in [
            "A: b",
            "A: b\n",
            "A: b\r",
            "\r\n",
            "\n",
            "A: b\nC: d\r\n",
            "A: b\r\nC: d",
            "A: b\r\n\r\n",
            "A: b\r\n\r\nC: d\r\n",
        ] {
            assert_eq!(offered(incomplete), None, "{incomplete:?}");
        }
    }
}
