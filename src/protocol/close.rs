// SPDX-License-Identifier: Apache-2.0
//! Status codes and the payload of a Close frame (RFC 6455 §5.5.1, §7.4).

/// Octets of a status code on the wire (RFC 6455 §5.5.1).
pub const CODE_LEN: usize = 2;

/// A status code of the closing handshake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose for which the connection was established has been fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// A server going down, or a browser having navigated away.
    pub const GOING_AWAY: Self = Self(1001);
    /// A protocol error.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A type of data that the endpoint cannot accept.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// Never on the wire: the Close frame has no status code.
    pub const NO_STATUS: Self = Self(1005);
    /// Never on the wire: the connection was closed without a Close frame.
    pub const ABNORMAL: Self = Self(1006);
    /// Data that is not consistent with the type of the message, such as text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A message that violates the endpoint's policy.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message that is too big to process.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The client needs an extension that the server did not negotiate.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// An unexpected condition prevented the server from fulfilling the request.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The service is restarted (registered with IANA).
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The service is overloaded (registered with IANA).
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// A gateway got an invalid response (registered with IANA).
    pub const BAD_GATEWAY: Self = Self(1014);
    /// Never on the wire: the TLS handshake failed.
    pub const TLS_HANDSHAKE: Self = Self(1015);

    /// Whether the code may stand in a Close frame: one that the registry has for the wire, of a library or
    /// framework (3000–3999), or private (4000–4999).
    pub const fn may_be_sent(self) -> bool {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>: 1004 is reserved; 1005, 1006 and 1015 "MUST NOT be
        // set as a status code in a Close control frame by an endpoint".
        // <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.2>: 0–999 "are not used", 1016–2999 are reserved.
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// In network byte order, as the first octets of the payload.
    pub const fn bytes(self) -> [u8; CODE_LEN] {
        self.0.to_be_bytes()
    }
}

/// What is wrong with the payload of a Close frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseError {
    /// A payload of one octet, which is no status code.
    OneByte,
    /// A status code that must not stand in a Close frame.
    InvalidCode,
    /// A reason that is not UTF-8.
    InvalidReason,
}

impl CloseError {
    /// The status code that fails the connection.
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::OneByte | Self::InvalidCode => CloseCode::PROTOCOL_ERROR,
            Self::InvalidReason => CloseCode::INVALID_PAYLOAD,
        }
    }
}

/// Takes the whole payload apart: `None` if it is empty. The reason is validated if `check_utf8`.
///
/// # Errors
/// The first rule that the payload breaks.
pub fn parse(payload: &[u8], check_utf8: bool) -> Result<Option<CloseCode>, CloseError> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "If there is a body, the first two bytes of the
        // body MUST be a 2-byte unsigned integer".
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(CloseError::OneByte)
        };
    };
    let code = CloseCode(u16::from_be_bytes(*code));
    // <https://www.rfc-editor.org/rfc/rfc6455#section-7.4>
    if !code.may_be_sent() {
        return Err(CloseError::InvalidCode);
    }
    // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "the body MAY contain UTF-8-encoded data"; §8.1.
    if check_utf8 && core::str::from_utf8(reason).is_err() {
        return Err(CloseError::InvalidReason);
    }
    Ok(Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_payload_has_no_code() {
        assert_eq!(parse(&[], true), Ok(None));
    }

    #[test]
    fn one_octet_is_no_code() {
        assert_eq!(parse(&[3], true), Err(CloseError::OneByte));
    }

    #[test]
    fn every_code_is_judged_as_the_registry_says() {
        for code in 0..=u16::MAX {
            let on_the_wire = match code {
                1004..=1006 | 1015 => false,
                1000..=1014 => true,
                3000..=4999 => true,
                _ => false,
            };
            let expected = if on_the_wire {
                Ok(Some(CloseCode(code)))
            } else {
                Err(CloseError::InvalidCode)
            };
            assert_eq!(parse(&CloseCode(code).bytes(), true), expected, "{code}");
        }
    }

    #[test]
    fn the_reason_is_text() {
        assert_eq!(
            parse(b"\x03\xE8bye \xC3\xBC", true),
            Ok(Some(CloseCode::NORMAL))
        );
        assert_eq!(
            parse(b"\x03\xE8bye \xC3", true),
            Err(CloseError::InvalidReason)
        );
        assert_eq!(
            parse(b"\x03\xE8\xED\xA0\x80", true),
            Err(CloseError::InvalidReason)
        );
        assert_eq!(
            parse(b"\x03\xE8bye \xC3", false),
            Ok(Some(CloseCode::NORMAL))
        );
        let mut longest = [b'x'; 125];
        longest[..2].copy_from_slice(&CloseCode::GOING_AWAY.bytes());
        assert_eq!(parse(&longest, true), Ok(Some(CloseCode::GOING_AWAY)));
    }

    #[test]
    fn each_error_has_the_code_that_answers_it() {
        assert_eq!(CloseError::OneByte.close_code().0, 1002);
        assert_eq!(CloseError::InvalidCode.close_code().0, 1002);
        assert_eq!(CloseError::InvalidReason.close_code().0, 1007);
    }
}
