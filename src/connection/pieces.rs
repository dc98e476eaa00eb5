// SPDX-License-Identifier: Apache-2.0
//! Memory of the caller in several pieces: what `sendmsg()` gathers from and `recvmsg()` scatters to.

/// Octets to send that lie in several places.
pub trait Pieces {
    /// The piece of this index; `None` behind the last one.
    fn piece(&self, index: usize) -> Option<&[u8]>;
}

/// Room for octets in several places.
pub trait PiecesMut {
    /// The piece of this index; `None` behind the last one.
    fn piece(&mut self, index: usize) -> Option<&mut [u8]>;
}

impl<const N: usize> Pieces for [&[u8]; N] {
    fn piece(&self, index: usize) -> Option<&[u8]> {
        self.get(index).copied()
    }
}

impl<const N: usize> PiecesMut for [&mut [u8]; N] {
    fn piece(&mut self, index: usize) -> Option<&mut [u8]> {
        self.get_mut(index).map(|piece| &mut **piece)
    }
}

/// A payload in one place: nothing follows the first piece.
pub const NO_MORE: &[&[u8]; 0] = &[];

/// Where a payload of several pieces has been read up to.
pub(crate) struct Gather<'a> {
    /// What is left of the current piece.
    rest: &'a [u8],
    more: &'a dyn Pieces,
    next: usize,
    /// What is left of all pieces.
    left: usize,
}

impl<'a> Gather<'a> {
    /// From the start of `first`, which the pieces of `more` follow: `len` octets in all.
    pub(crate) fn new(first: &'a [u8], more: &'a dyn Pieces, len: usize) -> Self {
        Self {
            rest: first,
            more,
            next: 0,
            left: len,
        }
    }

    /// Octets that have not been taken.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Takes the next octets that lie together: at most `limit`, none at the end.
    pub(crate) fn take(&mut self, limit: usize) -> &'a [u8] {
        // Asked first: at the end of a payload in one piece nobody has to be asked for another.
        if self.left == 0 {
            return &[];
        }
        while self.rest.is_empty() {
            match self.more.piece(self.next) {
                Some(piece) => self.rest = piece,
                None => return &[],
            }
            self.next = self.next.wrapping_add(1);
        }
        let len = self.rest.len().min(limit).min(self.left);
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.left = self.left.wrapping_sub(len);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_taken_in_order_and_empty_ones_left_out() {
        let more: [&[u8]; 4] = [b"", b"cde", b"", b"f"];
        let mut gather = Gather::new(b"ab", &more, 6);
        assert_eq!(gather.take(1), b"a");
        assert_eq!(gather.take(9), b"b");
        assert_eq!(gather.take(2), b"cd");
        assert_eq!(gather.left(), 2);
        assert_eq!(gather.take(2), b"e");
        assert_eq!(gather.take(2), b"f");
        assert_eq!((gather.left(), gather.take(2)), (0, &b""[..]));
    }
}
