// SPDX-License-Identifier: Apache-2.0
//! What is fixed for the life of a connection: its role and the image's policy.

use crate::protocol::Rules;

/// Which end of the connection this is (RFC 6455 §1.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Sends masked frames, expects unmasked ones.
    Client,
    /// Sends unmasked frames, expects masked ones.
    Server,
}

/// Role and policy. The policy is the image's (Kconfig).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// This end.
    pub role: Role,
    /// RSV bits, minimal lengths and the peer's masking are enforced.
    pub strict: bool,
    /// Text messages and Close reasons are validated.
    pub utf8: bool,
    /// Pings are answered by the library.
    pub auto_pong: bool,
    /// Pings and pongs are not delivered, even where frames are.
    pub swallow_control: bool,
    /// Masked and unmasked frames are both accepted.
    pub any_masking: bool,
    /// The socket remembers octets that it refused and has to be given the same ones next (a TLS record that is
    /// already encrypted).
    pub sticky_sends: bool,
    /// A message of more payload octets than this fails the connection with 1009; 0: no limit.
    pub max_message_len: u32,
}

impl Settings {
    /// The defaults of Kconfig.
    pub const fn new(role: Role) -> Self {
        Self {
            role,
            strict: true,
            utf8: true,
            auto_pong: true,
            swallow_control: false,
            any_masking: false,
            sticky_sends: false,
            max_message_len: 0,
        }
    }

    /// What is expected of the peer's frames.
    pub fn rules(&self) -> Rules {
        let checked = self.strict && !self.any_masking;
        Rules {
            masked: checked.then_some(self.role == Role::Server),
            strict: self.strict,
        }
    }

    /// Whether frames of this end are masked (RFC 6455 §5.1).
    pub fn masks(&self) -> bool {
        self.role == Role::Client
    }

    /// Whether text is validated: not in an image without the validator.
    pub fn checks_text(&self) -> bool {
        cfg!(switch = "utf8") && self.utf8
    }
}
