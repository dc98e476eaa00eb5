// SPDX-License-Identifier: Apache-2.0
//! The opcodes that RFC 6455 defines (§5.2, §11.8).

/// What a frame's payload is. The discriminant is the number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Opcode {
    /// The next fragment of the message that is open.
    #[default]
    Continuation = 0,
    /// A message of UTF-8 text, or its first fragment.
    Text = 1,
    /// A message of octets, or its first fragment.
    Binary = 2,
    /// The closing handshake.
    Close = 8,
    /// Asks for a Pong.
    Ping = 9,
    /// Answers a Ping, or comes unasked.
    Pong = 10,
}

impl Opcode {
    /// `None` for the reserved opcodes 3–7 and B–F and for what does not fit into four bits: the receiver
    /// "MUST _Fail the WebSocket Connection_" (<https://www.rfc-editor.org/rfc/rfc6455#section-5.2>).
    pub const fn from_u8(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Continuation),
            1 => Some(Self::Text),
            2 => Some(Self::Binary),
            8 => Some(Self::Close),
            9 => Some(Self::Ping),
            10 => Some(Self::Pong),
            _ => None,
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>: "identified by opcodes where the most significant bit
    /// of the opcode is 1".
    pub const fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_numbers_have_an_opcode_and_keep_their_number() {
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|number| Opcode::from_u8(*number).is_some())
            .collect();
        assert_eq!(known, [0, 1, 2, 8, 9, 10]);
        for number in known {
            assert_eq!(
                Opcode::from_u8(number).map(|opcode| opcode as u8),
                Some(number)
            );
        }
    }

    #[test]
    fn close_ping_and_pong_are_control_frames() {
        for opcode in [Opcode::Close, Opcode::Ping, Opcode::Pong] {
            assert!(opcode.is_control());
        }
        for opcode in [Opcode::Continuation, Opcode::Text, Opcode::Binary] {
            assert!(!opcode.is_control());
        }
    }
}
