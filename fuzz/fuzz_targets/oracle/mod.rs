// SPDX-License-Identifier: Apache-2.0
//! Frames taken apart in the plainest way, octet by octet: what the connection target compares with.

/// A frame as it was on the wire, unmasked.
#[derive(PartialEq, Eq, Debug)]
pub struct WireFrame {
    pub opcode: u8,
    pub fin: bool,
    pub payload: Vec<u8>,
}

/// The whole frames of a sender, which has to be strict, and how many octets follow the last of them.
pub fn parse(mut octets: &[u8], masked: bool) -> (Vec<WireFrame>, usize) {
    let mut frames = Vec::new();
    while let Some(header) = Header::read(octets) {
        assert_eq!(header.reserved, 0, "reserved bits are sent");
        assert_eq!(header.key.is_some(), masked, "masking is not the role's");
        assert!(
            matches!(header.opcode, 0..=2 | 8..=10),
            "opcode {}",
            header.opcode
        );
        assert!(header.is_minimal, "the length is not minimal");
        assert!(
            header.opcode < 8 || (header.fin && header.payload_len <= 125),
            "a control frame too large or cut"
        );
        let Some(payload) = octets
            .get(header.len..)
            .and_then(|rest| rest.get(..header.payload_len))
        else {
            break;
        };
        frames.push(WireFrame {
            opcode: header.opcode,
            fin: header.fin,
            payload: header.unmask(payload),
        });
        octets = &octets[header.len + header.payload_len..];
    }
    (frames, octets.len())
}

/// The frames of a peer, for as long as they can be read, and whether all of each is there.
pub fn frames(mut octets: &[u8]) -> Vec<(WireFrame, bool)> {
    let mut frames = Vec::new();
    while let Some(header) = Header::read(octets) {
        if !matches!(header.opcode, 0..=2 | 8..=10) {
            break;
        }
        let rest = &octets[header.len..];
        let (payload, behind) = rest.split_at(header.payload_len.min(rest.len()));
        let frame = WireFrame {
            opcode: header.opcode,
            fin: header.fin,
            payload: header.unmask(payload),
        };
        frames.push((frame, payload.len() == header.payload_len));
        octets = behind;
    }
    frames
}

/// The data octets that a peer sends, those of a cut frame included.
pub fn data(octets: &[u8]) -> Vec<u8> {
    let data = frames(octets)
        .into_iter()
        .filter(|(frame, _)| frame.opcode < 8);
    data.flat_map(|(frame, _)| frame.payload).collect()
}

/// Every frame that was accepted is among the sent ones, whole, once and in order; what else there is are answers to
/// `pings`, in their order, and one Close at the end. Returns the latest answer's payload.
pub fn check_sent<'a>(
    sent: &'a [WireFrame],
    accepted: &[WireFrame],
    pings: &[Vec<u8>],
) -> Option<&'a [u8]> {
    let mut accepted = accepted.iter().peekable();
    let mut pings = pings.iter();
    let mut answer = None;
    for (at, frame) in sent.iter().enumerate() {
        if frame.opcode == CLOSE {
            assert_eq!(at + 1, sent.len(), "something follows a Close");
        }
        if accepted.next_if_eq(&frame).is_some() || frame.opcode == CLOSE {
            continue;
        }
        assert_eq!(frame.opcode, PONG, "a frame was sent and not accepted");
        assert!(
            pings.any(|ping| *ping == frame.payload),
            "a Pong answers no ping, or an earlier one"
        );
        answer = Some(frame.payload.as_slice());
    }
    assert!(accepted.next().is_none(), "an accepted frame was not sent");
    answer
}

/// What was received as frames are the peer's, all but the last one whole; with `all`, every one that is whole.
pub fn check_received(received: &[WireFrame], peer: &[(WireFrame, bool)], all: bool) {
    assert!(received.len() <= peer.len(), "a frame that was not sent");
    for (at, (frame, (sent, _))) in received.iter().zip(peer).enumerate() {
        assert_eq!((frame.opcode, frame.fin), (sent.opcode, sent.fin));
        if at + 1 == received.len() {
            assert!(sent.payload.starts_with(&frame.payload));
        } else {
            assert_eq!(sent.payload, frame.payload);
        }
    }
    let whole = peer.iter().filter(|(_, is_whole)| *is_whole).count();
    assert!(!all || received.len() >= whole, "a frame was lost");
}

pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

struct Header {
    len: usize,
    reserved: u8,
    opcode: u8,
    fin: bool,
    key: Option<[u8; 4]>,
    payload_len: usize,
    is_minimal: bool,
}

impl Header {
    fn read(octets: &[u8]) -> Option<Self> {
        let first = *octets.first()?;
        let second = *octets.get(1)?;
        let length_octets = match second & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mut payload_len = u64::from(second & 0x7F);
        if length_octets > 0 {
            let octets = octets.get(2..2 + length_octets)?;
            payload_len = octets
                .iter()
                .fold(0, |len, octet| len << 8 | u64::from(*octet));
        }
        let is_minimal = match length_octets {
            2 => payload_len > 125,
            8 => payload_len > 0xFFFF,
            _ => true,
        };
        let mut len = 2 + length_octets;
        let mut key = None;
        if second & 0x80 != 0 {
            key = Some(octets.get(len..len + 4)?.try_into().ok()?);
            len += 4;
        }
        Some(Self {
            len,
            reserved: first & 0x70,
            opcode: first & 0x0F,
            fin: first & 0x80 != 0,
            key,
            payload_len: usize::try_from(payload_len).unwrap_or(usize::MAX),
            is_minimal,
        })
    }

    fn unmask(&self, payload: &[u8]) -> Vec<u8> {
        let key = self.key.unwrap_or_default();
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(octet, key)| octet ^ key)
            .collect()
    }
}
