// SPDX-License-Identifier: Apache-2.0
//! A cursor over the caller's receive buffer: unread octets stay where they are.

/// Copies as much as there is room for; how much that was. Unlike `copy_from_slice()` it cannot panic, whatever the optimizer
/// makes of it.
pub(crate) fn copy(source: &[u8], target: &mut [u8]) -> usize {
    let len = source.len().min(target.len());
    for (target, octet) in target.iter_mut().zip(source) {
        *target = *octet;
    }
    len
}

/// Which octets of the buffer are unread. The buffer itself is the caller's `tmp_buf`, given with every call.
/// All-zero is empty.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Cursor {
    start: usize,
    end: usize,
}

impl Cursor {
    /// The unread octets are `start..end`.
    pub(crate) fn over(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// How many octets are unread.
    pub(crate) fn len(self) -> usize {
        self.end.wrapping_sub(self.start)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The unread octets.
    pub(crate) fn unread(self, buffer: &[u8]) -> &[u8] {
        buffer.get(self.start..self.end).unwrap_or(&[])
    }

    /// The unread octets, to change in place.
    pub(crate) fn unread_mut(self, buffer: &mut [u8]) -> &mut [u8] {
        buffer.get_mut(self.start..self.end).unwrap_or(&mut [])
    }

    /// Octets of the buffer that end `behind` octets after the first unread one.
    pub(crate) fn ending(self, behind: usize, len: usize, buffer: &[u8]) -> &[u8] {
        let end = self.start.wrapping_add(behind);
        buffer.get(end.wrapping_sub(len)..end).unwrap_or(&[])
    }

    /// Marks `len` of the unread octets as read.
    pub(crate) fn consume(&mut self, len: usize) {
        self.start = self.start.wrapping_add(len);
    }

    /// Where to put more: all of the buffer when nothing is unread, else what is behind it. Nothing is moved.
    pub(crate) fn room(&mut self, buffer_len: usize) -> core::ops::Range<usize> {
        if self.is_empty() {
            *self = Self::default();
        }
        self.end..buffer_len
    }

    /// Says that `len` octets were put there.
    pub(crate) fn filled(&mut self, len: usize) {
        self.end = self.end.wrapping_add(len);
    }

    /// Moves the unread octets to the front: only for a control frame that lies across the buffer's end, and once
    /// after the handshake.
    pub(crate) fn move_to_front(&mut self, buffer: &mut [u8]) {
        let unread = self.len();
        for at in 0..unread {
            let octet = buffer.get(self.start.wrapping_add(at)).copied();
            if let (Some(octet), Some(target)) = (octet, buffer.get_mut(at)) {
                *target = octet;
            }
        }
        *self = Self::over(0, unread);
    }
}
