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

/// A set of yes-or-no decisions; the C side has the same bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy(u8);

impl Policy {
    /// RSV bits, minimal lengths and the peer's masking are enforced.
    pub const STRICT: Self = Self(0x01);
    /// Text messages and Close reasons are validated.
    pub const UTF8: Self = Self(0x02);
    /// Pings are answered by the library.
    pub const AUTO_PONG: Self = Self(0x04);
    /// Pings and pongs are not delivered, even where frames are.
    pub const SWALLOW_CONTROL: Self = Self(0x08);
    /// Continuation frames carry the type of their message.
    pub const CONTINUATION_TYPE: Self = Self(0x10);
    /// Masked and unmasked frames are both accepted.
    pub const ANY_ROLE: Self = Self(0x20);
    /// The socket remembers octets that it refused and has to be given the same ones next (a TLS record that is
    /// already encrypted).
    pub const STICKY_SENDS: Self = Self(0x40);
    /// This end is the client.
    pub const CLIENT: Self = Self(0x80);

    /// The set as the C side has it.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The same.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// All of `others` are decided with yes.
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// This set with `others` decided anew.
    #[must_use]
    pub const fn with(self, others: Self, on: bool) -> Self {
        Self(if on {
            self.0 | others.0
        } else {
            self.0 & !others.0
        })
    }
}

/// Role, policy and limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Role and policy.
    pub policy: Policy,
    /// A message of more payload octets than this fails the connection with 1009; 0: no limit.
    pub max_message_len: u32,
}

impl Settings {
    /// The defaults of Kconfig.
    pub const fn new(role: Role) -> Self {
        let image = Policy::STRICT
            .with(Policy::UTF8, true)
            .with(Policy::AUTO_PONG, true);
        Self {
            policy: image.with(Policy::CLIENT, matches!(role, Role::Client)),
            max_message_len: 0,
        }
    }

    /// What is decided with yes.
    #[inline]
    pub const fn has(&self, policy: Policy) -> bool {
        self.policy.has(policy)
    }

    /// Decides `policy` anew.
    pub const fn set(&mut self, policy: Policy, on: bool) {
        self.policy = self.policy.with(policy, on);
    }

    /// Which end this is.
    pub const fn role(&self) -> Role {
        if self.has(Policy::CLIENT) {
            Role::Client
        } else {
            Role::Server
        }
    }

    /// What is expected of the peer's frames.
    #[inline]
    pub const fn rules(&self) -> Rules {
        let is_strict = self.has(Policy::STRICT);
        if is_strict && !self.has(Policy::ANY_ROLE) {
            Rules::new(Some(!self.has(Policy::CLIENT)), true)
        } else {
            Rules::new(None, is_strict)
        }
    }

    /// Whether frames of this end are masked (RFC 6455 §5.1).
    pub const fn masks(&self) -> bool {
        self.has(Policy::CLIENT)
    }

    /// Whether text is validated: not in an image without the validator.
    pub const fn checks_text(&self) -> bool {
        cfg!(switch = "utf8") && self.has(Policy::UTF8)
    }
}
