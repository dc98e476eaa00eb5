// SPDX-License-Identifier: Apache-2.0
//! Stack frames of one object: the largest, and the deepest chain of calls below each export.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::object;
use crate::{library, process, symbols};

/// Octets of stack; what C functions take that are called on the way is not in it.
pub(super) struct Frames {
    /// The largest frames, with the function's name as the sources have it.
    pub(super) largest: Vec<(String, u64)>,
    /// Export, octets of the deepest chain below it, and the functions of that chain.
    pub(super) chains: Vec<(String, u64, Vec<String>)>,
}

impl Frames {
    /// Reads the frames that the compiler noted, and the calls from the relocations.
    ///
    /// # Errors
    /// A tool's own message, or that there are no frames.
    pub(super) fn of(path: &Path, relocations: &str) -> Result<Self> {
        let listing = process::build(Command::new("llvm-readelf").arg("--stack-sizes").arg(path))?;
        let frames = frames(&listing);
        ensure!(!frames.is_empty(), "the object has no stack sizes");
        let exports = fs::read_to_string(library::exports()).context("exports.txt")?;
        let mut graph = Graph::new(frames, relocations);
        let mut chains = Vec::new();
        for name in symbols::exported(&exports, None) {
            let (octets, chain) = graph.deepest(name);
            chains.push((name.to_owned(), octets, readable(&chain)?));
        }
        chains.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        let mut largest: Vec<_> = graph.frames.into_iter().collect();
        largest.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        largest.truncate(5);
        let names: Vec<_> = largest.iter().map(|(name, _)| name.clone()).collect();
        let sizes = largest.into_iter().map(|(_, octets)| octets);
        Ok(Self {
            largest: readable(&names)?.into_iter().zip(sizes).collect(),
            chains,
        })
    }
}

/// Function and octets from the output of `llvm-readelf --stack-sizes`.
fn frames(listing: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let octets = words.next()?.parse().ok()?;
        Some((words.next()?.to_owned(), octets))
    };
    listing.lines().filter_map(line).collect()
}

/// Which function refers to which: a reference counts as a call, also one by way of a table in read-only data.
struct Graph {
    frames: BTreeMap<String, u64>,
    references: BTreeMap<String, BTreeSet<String>>,
    known: BTreeMap<String, (u64, Vec<String>)>,
}

impl Graph {
    fn new(frames: BTreeMap<String, u64>, relocations: &str) -> Self {
        let mut references: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (section, _, symbol) in object::relocations(relocations) {
            let (from, to) = (object::function(section), object::function(symbol));
            references
                .entry(from.to_owned())
                .or_default()
                .insert(to.to_owned());
        }
        Self {
            frames,
            references,
            known: BTreeMap::new(),
        }
    }

    /// Octets and functions of the deepest chain that begins with this function. A call back to a function of the
    /// chain counts as nothing: tables of jumps refer to their own function.
    fn deepest(&mut self, name: &str) -> (u64, Vec<String>) {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        self.known.insert(name.to_owned(), (0, Vec::new()));
        let next = self.references.get(name).cloned().unwrap_or_default();
        let (mut octets, mut chain) = next
            .iter()
            .map(|callee| self.deepest(callee))
            .max_by_key(|(octets, _)| *octets)
            .unwrap_or_default();
        if let Some(own) = self.frames.get(name) {
            octets += own;
            chain.insert(0, name.to_owned());
        }
        self.known.insert(name.to_owned(), (octets, chain.clone()));
        (octets, chain)
    }
}

/// Names as the sources have them, without the crate, type arguments and hashes.
fn readable(names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let output = process::build(Command::new("llvm-cxxfilt").args(names))?;
    Ok(output.lines().map(shortened).collect())
}

/// `<crate::a::B<x>>::f::<y>` is `a::B::f`.
fn shortened(name: &str) -> String {
    let name = name.replace("zephyr_websocket::", "");
    // What `as` brings in before its trait is the type; the trait is left out.
    let mut text = String::new();
    let mut depth = 0_u32;
    let leading = name.starts_with('<');
    for (index, letter) in name.char_indices() {
        match letter {
            '<' if leading && index == 0 => {}
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            '>' => {}
            _ if depth == 0 => text.push(letter),
            _ => {}
        }
    }
    let parts: Vec<_> = text.split("::").filter(|part| !part.is_empty()).collect();
    let is_hash = |part: &&str| part.len() == 17 && part.starts_with('h');
    let parts: Vec<_> = parts.into_iter().filter(|part| !is_hash(part)).collect();
    parts.join("::")
}

#[cfg(test)]
mod tests {
    use super::{Graph, frames, shortened};

    #[test]
    fn deepest_chain_is_found() {
        let frames = frames("Stack Sizes:\n  Size Functions\n  8 a\n  16 b\n  100 c\n 24 d\n");
        let relocations = "RELOCATION RECORDS FOR [.text.a]:\n0 R_386_PC32 b\n4 R_386_32 .rodata.a\n\
            RELOCATION RECORDS FOR [.rodata.a]:\n0 R_386_32 .text.a+0x4\n4 R_386_32 .text.d\n\
            RELOCATION RECORDS FOR [.text.unlikely.b]:\n0 R_386_PC32 zws_lock\n\
            RELOCATION RECORDS FOR [.stack_sizes]:\n0 R_386_32 .text.c\n";
        let (octets, chain) = Graph::new(frames, relocations).deepest("a");
        assert_eq!((octets, chain.join(" ")), (32, "a d".to_owned()));
    }

    #[test]
    fn names_are_short() {
        for (long, short) in [
            ("zws_stream_send", "zws_stream_send"),
            ("zephyr_websocket::abi::connect::run", "abi::connect::run"),
            (
                "<zephyr_websocket::connection::send::Sender>::send::<zephyr_websocket::platform::Slot>",
                "connection::send::Sender::send",
            ),
            ("zephyr_websocket::abi::run::h0123456789abcdef", "abi::run"),
        ] {
            assert_eq!(shortened(long), short);
        }
    }
}
