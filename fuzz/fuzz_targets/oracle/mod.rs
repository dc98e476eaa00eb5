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

/// The data octets that a peer sends, for as long as its frames can be read, cut ones included.
pub fn data(mut octets: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(header) = Header::read(octets) {
        if !matches!(header.opcode, 0..=2 | 8..=10) {
            break;
        }
        let rest = &octets[header.len..];
        let (payload, behind) = rest.split_at(header.payload_len.min(rest.len()));
        if header.opcode < 8 {
            all.extend(header.unmask(payload));
        }
        octets = behind;
    }
    all
}

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
