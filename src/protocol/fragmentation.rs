// SPDX-License-Identifier: Apache-2.0
//! Which data frame may follow which: a message is one frame, or a first frame and its continuations (RFC 6455 §5.4).

use super::{Opcode, ProtocolError};

/// The message that is under way in one direction. All-zero is its start.
#[derive(Clone, Copy, Default)]
pub struct Fragmentation {
    /// The opcode of the first frame of the message that is open; a continuation: none is.
    open: Opcode,
}

impl Fragmentation {
    /// Between two messages.
    pub const fn new() -> Self {
        Self {
            open: Opcode::Continuation,
        }
    }

    /// Takes the next frame into account and returns the type of the message it belongs to: `Text` or `Binary`
    /// for data, the opcode itself for a control frame, which may come between fragments.
    pub fn next(&mut self, opcode: Opcode, fin: bool) -> Result<Opcode, ProtocolError> {
        if opcode.is_control() {
            return Ok(opcode);
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.4>
        let message = match (opcode, self.open) {
            (Opcode::Continuation, Opcode::Continuation) => {
                return Err(ProtocolError::UnexpectedContinuation);
            }
            (Opcode::Continuation, message) => message,
            (first, Opcode::Continuation) => first,
            _ => return Err(ProtocolError::ExpectedContinuation),
        };
        self.open = if fin { Opcode::Continuation } else { message };
        Ok(message)
    }

    /// The type of the message that is open.
    pub fn message(self) -> Option<Opcode> {
        match self.open {
            Opcode::Continuation => None,
            open => Some(open),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_be_interleaved_with_control_frames_only() {
        let mut sequence = Fragmentation::new();
        assert_eq!(sequence.next(Opcode::Text, false), Ok(Opcode::Text));
        assert_eq!(sequence.next(Opcode::Ping, true), Ok(Opcode::Ping));
        assert_eq!(sequence.next(Opcode::Continuation, false), Ok(Opcode::Text));
        assert_eq!(
            sequence.next(Opcode::Binary, true),
            Err(ProtocolError::ExpectedContinuation)
        );
        assert_eq!(sequence.next(Opcode::Continuation, true), Ok(Opcode::Text));
        assert_eq!(
            sequence.next(Opcode::Continuation, true),
            Err(ProtocolError::UnexpectedContinuation)
        );
        assert_eq!(sequence.next(Opcode::Binary, true), Ok(Opcode::Binary));
    }
}
