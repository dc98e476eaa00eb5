// SPDX-License-Identifier: Apache-2.0
//! The frame header: encoded into a small array, decoded from input that may be cut at any octet (RFC 6455 §5.2).

use super::{MaskingKey, Opcode, ProtocolError};

const FIN: u8 = 0x80;
const RSV: u8 = 0x70;
const OPCODE: u8 = 0x0F;
const MASK: u8 = 0x80;
const LENGTH: u8 = 0x7F;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// The longest payload of a control frame, and of any frame whose length stands in the second octet.
pub const SHORT_PAYLOAD_MAX: u64 = 125;

/// One frame's header. RSV1–3 are always 0: no extension is negotiated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// Last frame of its message.
    pub fin: bool,
    /// What the payload is.
    pub opcode: Opcode,
    /// Present in every frame of a client.
    pub masking_key: Option<MaskingKey>,
    /// Octets of payload.
    pub payload_len: u64,
}

impl FrameHeader {
    /// The longest header: 2 octets, 8 of length, 4 of masking key.
    pub(crate) const MAX_LEN: usize = 14;

    /// Writes the header to the front of `target` and returns its length.
    pub fn encode(&self, target: &mut [u8; Self::MAX_LEN]) -> usize {
        let mask = if self.masking_key.is_some() { MASK } else { 0 };
        target[0] = (if self.fin { FIN } else { 0 }) | self.opcode as u8;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>: "the minimal number of bytes MUST be used".
        let length_end = if self.payload_len <= SHORT_PAYLOAD_MAX {
            target[1] = mask | (self.payload_len as u8 & LENGTH);
            2
        } else if let Ok(length) = u16::try_from(self.payload_len) {
            target[1] = mask | LENGTH_16;
            [target[2], target[3]] = length.to_be_bytes();
            4
        } else {
            target[1] = mask | LENGTH_64;
            let [_, _, length @ ..] = target;
            if let Some(octets) = length.first_chunk_mut() {
                *octets = self.payload_len.to_be_bytes();
            }
            10
        };
        let Some(key) = self.masking_key else {
            return length_end;
        };
        let behind = target.get_mut(length_end..).unwrap_or(&mut []);
        if let Some(octets) = behind.first_chunk_mut() {
            *octets = key.bytes();
        }
        length_end.wrapping_add(4)
    }
}

/// Writes the header of a control frame (RFC 6455 §5.5) to `target` and returns its length.
pub(crate) fn encode_control(
    opcode: Opcode,
    masking_key: Option<MaskingKey>,
    payload_len: u8,
    target: &mut [u8; CONTROL_MAX_LEN],
) -> usize {
    let first = FIN | opcode as u8;
    let Some(key) = masking_key else {
        [target[0], target[1]] = [first, payload_len];
        return 2;
    };
    let [a, b, c, d] = key.bytes();
    *target = [first, MASK | payload_len, a, b, c, d];
    CONTROL_MAX_LEN
}

/// The longest header of a control frame: two octets and the masking key.
pub(crate) const CONTROL_MAX_LEN: usize = 6;

/// What is expected of the peer's frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules(u8);

impl Rules {
    const STRICT: u8 = 0x01;
    const NO_MASKED: u8 = 0x02;
    const NO_UNMASKED: u8 = 0x04;

    /// `masked`: `Some(true)`: every frame is masked (the peer is a client), `Some(false)`: none is, `None`: not checked.
    /// `strict`: RSV bits and minimal lengths are checked.
    pub const fn new(masked: Option<bool>, strict: bool) -> Self {
        let of_masks = match masked {
            Some(true) => Self::NO_UNMASKED,
            Some(false) => Self::NO_MASKED,
            None => 0,
        };
        Self(of_masks | if strict { Self::STRICT } else { 0 })
    }

    /// RSV bits and minimal lengths are checked.
    pub const fn is_strict(self) -> bool {
        self.is_set(Self::STRICT)
    }

    const fn is_set(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// Reads frame headers and counts payload. It keeps what it has read of a header, so input may end anywhere.
///
/// All-zero is the start of a frame, which lets C clear the storage it gives.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct FrameDecoder {
    /// Payload octets that are still to come; while the header is read, the length as far as it is known.
    remaining: u64,
    masking_key: [u8; 4],
    first: u8,
    second: u8,
    /// 0: at the start; 1: the first octet is read; from [`IN_PAYLOAD`] on: so many more header octets are to come.
    stage: u8,
    opcode: Opcode,
}

const IN_PAYLOAD: u8 = 2;

impl FrameDecoder {
    /// At the start of a frame.
    pub const fn new() -> Self {
        Self {
            remaining: 0,
            masking_key: [0; 4],
            first: 0,
            second: 0,
            stage: 0,
            opcode: Opcode::Continuation,
        }
    }

    /// Reads header octets from `input` and returns how many; the header is complete when the decoder is
    /// [in the payload](Self::in_payload) then.
    ///
    /// # Errors
    /// The rule that the header breaks, as soon as the octet that breaks it is read.
    pub fn header(&mut self, input: &[u8], rules: Rules) -> Result<usize, ProtocolError> {
        let mut octets = input.iter();
        let missing = Ok(input.len());
        if self.stage == 0 {
            let Some(octet) = octets.next() else {
                return missing;
            };
            self.first_octet(*octet, rules)?;
        }
        if self.stage == 1 {
            let Some(octet) = octets.next() else {
                return missing;
            };
            self.second_octet(*octet, rules)?;
        }
        while self.stage != IN_PAYLOAD {
            let Some(octet) = octets.next() else {
                return missing;
            };
            self.later_octet(*octet);
        }
        self.complete(rules)?;
        Ok(input.len().wrapping_sub(octets.len()))
    }

    fn first_octet(&mut self, octet: u8, rules: Rules) -> Result<(), ProtocolError> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>: "MUST be 0 unless an extension is negotiated".
        if rules.is_strict() && octet & RSV != 0 {
            return Err(ProtocolError::ReservedBits);
        }
        let opcode = Opcode::from_u8(octet & OPCODE).ok_or(ProtocolError::ReservedOpcode)?;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>: control frames "MUST NOT be fragmented".
        if opcode.is_control() && octet & FIN == 0 {
            return Err(ProtocolError::FragmentedControl);
        }
        self.first = octet;
        self.opcode = opcode;
        self.stage = 1;
        Ok(())
    }

    fn second_octet(&mut self, octet: u8, rules: Rules) -> Result<(), ProtocolError> {
        let masked = octet & MASK != 0;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.1>
        if masked && rules.is_set(Rules::NO_MASKED) {
            return Err(ProtocolError::MaskedServerFrame);
        }
        if !masked && rules.is_set(Rules::NO_UNMASKED) {
            return Err(ProtocolError::UnmaskedClientFrame);
        }
        let length = octet & LENGTH;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>: "a payload length of 125 bytes or less".
        if self.opcode.is_control() && u64::from(length) > SHORT_PAYLOAD_MAX {
            return Err(ProtocolError::ControlTooLong);
        }
        self.second = octet;
        self.masking_key = [0; 4];
        let (known, length_octets) = match length {
            LENGTH_16 => (0, 2),
            LENGTH_64 => (0, 8),
            short => (short, 0),
        };
        self.remaining = u64::from(known);
        let key_octets = if masked { 4 } else { 0 };
        self.stage = IN_PAYLOAD
            .wrapping_add(length_octets)
            .wrapping_add(key_octets);
        Ok(())
    }

    fn later_octet(&mut self, octet: u8) {
        // The last four are the key's.
        let last = usize::from(IN_PAYLOAD.wrapping_add(4).wrapping_sub(self.stage));
        self.stage = self.stage.wrapping_sub(1);
        match self.masking_key.get_mut(last) {
            Some(key) if self.second & MASK != 0 => *key = octet,
            _ => self.remaining = self.remaining << 8 | u64::from(octet),
        }
    }

    fn complete(&mut self, rules: Rules) -> Result<(), ProtocolError> {
        let minimum = match self.second & LENGTH {
            LENGTH_16 => SHORT_PAYLOAD_MAX,
            LENGTH_64 => u64::from(u16::MAX),
            _ => return Ok(()),
        };
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>: "the most significant bit MUST be 0".
        let broken = if self.remaining >> 63 != 0 {
            ProtocolError::LengthTooLarge
        } else if rules.is_strict() && self.remaining <= minimum {
            ProtocolError::LengthNotMinimal
        } else {
            return Ok(());
        };
        Err(broken)
    }

    /// The header is complete and the frame has not been [ended](Self::end).
    pub const fn in_payload(&self) -> bool {
        self.stage == IN_PAYLOAD
    }

    /// A part of a header has been read.
    pub const fn is_in_header(&self) -> bool {
        self.stage != 0 && self.stage != IN_PAYLOAD
    }

    /// Payload octets that have not been [taken](Self::take).
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Of the current frame, once its first octet is read.
    pub const fn opcode(&self) -> Opcode {
        self.opcode
    }

    /// Of the current frame, once its first octet is read.
    pub const fn fin(&self) -> bool {
        self.first & FIN != 0
    }

    /// Of the current frame, once its second octet is read.
    pub const fn is_masked(&self) -> bool {
        self.second & MASK != 0
    }

    /// The key as it applies to the next payload octet.
    pub const fn masking_key(&self) -> MaskingKey {
        MaskingKey::new(self.masking_key)
    }

    /// Counts `len` octets of payload as delivered; `key` is what masking returned for what follows them.
    pub fn take(&mut self, len: usize, key: MaskingKey) {
        self.remaining = self.remaining.saturating_sub(len as u64);
        self.masking_key = key.bytes();
    }

    /// Ends the frame: the next octet is the first of another one.
    pub const fn end(&mut self) {
        self.stage = 0;
    }
}

#[cfg(test)]
mod tests;
