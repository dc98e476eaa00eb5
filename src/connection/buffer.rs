// SPDX-License-Identifier: Apache-2.0
//! A cursor over the caller's receive buffer: unread octets stay where they are.

/// Which octets of the buffer are unread. The buffer itself is the caller's `tmp_buf`, given with every call.
/// All-zero is empty.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Cursor {
    start: u32,
    end: u32,
}

impl Cursor {
    /// The unread octets are `start..end`.
    pub(crate) fn over(start: usize, end: usize) -> Self {
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    /// How many octets are unread.
    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The unread octets.
    pub(crate) fn unread(self, buffer: &[u8]) -> &[u8] {
        buffer
            .get(self.start as usize..self.end as usize)
            .unwrap_or(&[])
    }

    /// Marks `len` octets as read.
    pub(crate) fn consume(&mut self, len: usize) {
        let start = self.start as usize;
        *self = Self::over(
            start.saturating_add(len).min(self.end as usize),
            self.end as usize,
        );
    }

    /// Where to put more: all of the buffer when nothing is unread, else what is behind it. Nothing is moved.
    pub(crate) fn room(&mut self, buffer_len: usize) -> core::ops::Range<usize> {
        if self.is_empty() {
            *self = Self::default();
        }
        self.end as usize..buffer_len
    }

    /// Says that `len` octets were put there.
    pub(crate) fn filled(&mut self, len: usize) {
        *self = Self::over(self.start as usize, (self.end as usize).saturating_add(len));
    }

    /// Moves the unread octets to the front: only for a control frame that lies across the buffer's end, and once
    /// after the handshake.
    pub(crate) fn move_to_front(&mut self, buffer: &mut [u8]) {
        let unread = self.len();
        let start = self.start as usize;
        let mut at: usize = 0;
        while at < unread {
            let octet = buffer.get(start.wrapping_add(at)).copied();
            let (Some(octet), Some(target)) = (octet, buffer.get_mut(at)) else {
                break;
            };
            *target = octet;
            at = at.wrapping_add(1);
        }
        *self = Self::over(0, unread);
    }
}
