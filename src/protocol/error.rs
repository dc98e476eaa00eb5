// SPDX-License-Identifier: Apache-2.0
//! The rules a peer can break, one variant each, and the status code that fails the connection.

use super::CloseCode;

/// Names, numbers (for the log) and sentences come from one table, so they cannot drift apart.
macro_rules! protocol_errors {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:ident;)*) => {
        /// A rule of RFC 6455 that the peer broke. The discriminant is the number written to the log.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum ProtocolError {
            $($(#[$doc])* $name = $number,)*
        }

        impl ProtocolError {
            /// The status code of the Close frame that _Fails the WebSocket Connection_ (RFC 6455 §7.1.7, §7.4.1).
            pub const fn close_code(self) -> CloseCode {
                match self {
                    $(Self::$name => CloseCode::$code,)*
                }
            }
        }
    };
}

protocol_errors! {
    /// [§5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2): RSV1–3 without a negotiated extension.
    ReservedBits = 1, PROTOCOL_ERROR;
    /// [§5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2): opcodes 3–7 and B–F.
    ReservedOpcode = 2, PROTOCOL_ERROR;
    /// [§5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.1): a server frame that is masked.
    MaskedServerFrame = 3, PROTOCOL_ERROR;
    /// [§5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.1): a client frame that is not masked.
    UnmaskedClientFrame = 4, PROTOCOL_ERROR;
    /// [§5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2): not the minimal number of length octets.
    LengthNotMinimal = 5, PROTOCOL_ERROR;
    /// [§5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2): the most significant bit of a 64-bit length.
    LengthTooLarge = 6, PROTOCOL_ERROR;
    /// [§5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5): a control frame of more than 125 octets.
    ControlTooLong = 7, PROTOCOL_ERROR;
    /// [§5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5): a fragmented control frame.
    FragmentedControl = 8, PROTOCOL_ERROR;
    /// [§5.4](https://www.rfc-editor.org/rfc/rfc6455#section-5.4): a continuation without a message.
    UnexpectedContinuation = 9, PROTOCOL_ERROR;
    /// [§5.4](https://www.rfc-editor.org/rfc/rfc6455#section-5.4): a new message inside a fragmented one.
    ExpectedContinuation = 10, PROTOCOL_ERROR;
    /// [§8.1](https://www.rfc-editor.org/rfc/rfc6455#section-8.1): a text message that is not UTF-8.
    InvalidUtf8 = 11, INVALID_PAYLOAD;
    /// [§5.5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1): a Close payload of one octet.
    ClosePayloadLength = 12, PROTOCOL_ERROR;
    /// [§7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4): a status code that must not be sent.
    InvalidCloseCode = 13, PROTOCOL_ERROR;
    /// [§5.5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1): a Close reason that is not UTF-8.
    InvalidCloseReason = 14, INVALID_PAYLOAD;
    /// [§10.4](https://www.rfc-editor.org/rfc/rfc6455#section-10.4): a message longer than this end takes.
    MessageTooBig = 15, MESSAGE_TOO_BIG;
}
