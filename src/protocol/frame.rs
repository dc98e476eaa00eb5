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
            for (octet, value) in target
                .iter_mut()
                .skip(2)
                .zip(self.payload_len.to_be_bytes())
            {
                *octet = value;
            }
            10
        };
        let Some(key) = self.masking_key else {
            return length_end;
        };
        for (octet, value) in target.iter_mut().skip(length_end).zip(key.bytes()) {
            *octet = value;
        }
        length_end.wrapping_add(4)
    }
}

/// What is expected of the peer's frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// `Some(true)`: every frame is masked (the peer is a client), `Some(false)`: none is, `None`: not checked.
    pub masked: Option<bool>,
    /// RSV bits and minimal lengths are checked.
    pub strict: bool,
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
    /// Header octets read so far; [`IN_PAYLOAD`] after the last one.
    stage: u8,
}

const IN_PAYLOAD: u8 = 0xFF;

impl FrameDecoder {
    /// At the start of a frame.
    pub const fn new() -> Self {
        Self {
            remaining: 0,
            masking_key: [0; 4],
            first: 0,
            second: 0,
            stage: 0,
        }
    }

    /// Reads header octets from `input` and returns how many, and whether the header is complete.
    ///
    /// # Errors
    /// The rule that the header breaks, as soon as the octet that breaks it is read.
    pub fn header(&mut self, input: &[u8], rules: Rules) -> Result<(usize, bool), ProtocolError> {
        if self.stage == 0
            && let [first, second, rest @ ..] = input
        {
            self.first_octet(*first, rules)?;
            self.second_octet(*second, rules)?;
            if self.length_octets() == 0 {
                if *second & MASK == 0 {
                    self.complete(rules)?;
                    return Ok((2, true));
                }
                if let Some(key) = rest.first_chunk() {
                    self.masking_key = *key;
                    self.complete(rules)?;
                    return Ok((6, true));
                }
            }
            self.stage = 2;
            let (taken, done) = self.octets(rest, rules)?;
            return Ok((taken.wrapping_add(2), done));
        }
        self.octets(input, rules)
    }

    /// One octet at a time: long lengths, and headers that are cut.
    fn octets(&mut self, input: &[u8], rules: Rules) -> Result<(usize, bool), ProtocolError> {
        let mut taken: usize = 0;
        for octet in input.iter().copied() {
            taken = taken.wrapping_add(1);
            let index = self.stage;
            self.stage = index.wrapping_add(1);
            match index {
                0 => self.first_octet(octet, rules)?,
                1 => self.second_octet(octet, rules)?,
                _ => self.later_octet(index.wrapping_sub(2), octet),
            }
            if self.stage >= 2 && self.stage == self.header_len() {
                self.complete(rules)?;
                return Ok((taken, true));
            }
        }
        Ok((taken, false))
    }

    fn first_octet(&mut self, octet: u8, rules: Rules) -> Result<(), ProtocolError> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>: "MUST be 0 unless an extension is negotiated".
        if rules.strict && octet & RSV != 0 {
            return Err(ProtocolError::ReservedBits);
        }
        let opcode = Opcode::from_u8(octet & OPCODE).ok_or(ProtocolError::ReservedOpcode)?;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>: control frames "MUST NOT be fragmented".
        if opcode.is_control() && octet & FIN == 0 {
            return Err(ProtocolError::FragmentedControl);
        }
        self.first = octet;
        Ok(())
    }

    fn second_octet(&mut self, octet: u8, rules: Rules) -> Result<(), ProtocolError> {
        let masked = octet & MASK != 0;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.1>
        match rules.masked {
            Some(true) if !masked => return Err(ProtocolError::UnmaskedClientFrame),
            Some(false) if masked => return Err(ProtocolError::MaskedServerFrame),
            _ => {}
        }
        let length = octet & LENGTH;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>: "a payload length of 125 bytes or less".
        if self.opcode().is_control() && u64::from(length) > SHORT_PAYLOAD_MAX {
            return Err(ProtocolError::ControlTooLong);
        }
        self.second = octet;
        self.masking_key = [0; 4];
        self.remaining = match length {
            LENGTH_16 | LENGTH_64 => 0,
            short => u64::from(short),
        };
        Ok(())
    }

    fn later_octet(&mut self, index: u8, octet: u8) {
        match index.checked_sub(self.length_octets()) {
            None => self.remaining = self.remaining << 8 | u64::from(octet),
            Some(index) => {
                if let Some(key) = self.masking_key.get_mut(usize::from(index)) {
                    *key = octet;
                }
            }
        }
    }

    fn complete(&mut self, rules: Rules) -> Result<(), ProtocolError> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>: "the most significant bit MUST be 0".
        if self.remaining >> 63 != 0 {
            return Err(ProtocolError::LengthTooLarge);
        }
        let minimal = match self.length_octets() {
            0 => true,
            2 => self.remaining > SHORT_PAYLOAD_MAX,
            _ => self.remaining > u64::from(u16::MAX),
        };
        if rules.strict && !minimal {
            return Err(ProtocolError::LengthNotMinimal);
        }
        self.stage = IN_PAYLOAD;
        Ok(())
    }

    const fn length_octets(&self) -> u8 {
        match self.second & LENGTH {
            LENGTH_16 => 2,
            LENGTH_64 => 8,
            _ => 0,
        }
    }

    const fn header_len(&self) -> u8 {
        let key = if self.is_masked() { 6 } else { 2 };
        self.length_octets().wrapping_add(key)
    }

    /// The header is complete and the frame has not been [ended](Self::end).
    pub const fn in_payload(&self) -> bool {
        self.stage == IN_PAYLOAD
    }

    /// Nothing of the next frame has been read.
    pub const fn at_start(&self) -> bool {
        self.stage == 0
    }

    /// Payload octets that have not been [taken](Self::take).
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Of the current frame, once its first octet is read.
    pub fn opcode(&self) -> Opcode {
        Opcode::from_u8(self.first & OPCODE).unwrap_or(Opcode::Continuation)
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
