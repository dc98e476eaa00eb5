// SPDX-License-Identifier: Apache-2.0
//! Checks the product's symbols: it defines the exports and nothing else, and needs the glue and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::switches::Configuration;
use crate::{library, paths, process};

/// What the compiler may call besides the glue: the C library of every image has these.
const C_LIBRARY: [&str; 6] = ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"];

/// What must not appear in any name, local ones included.
const FORBIDDEN: [&str; 6] = [
    "panicking",
    "rust_begin_unwind",
    "rust_eh_personality",
    "http_client",
    "http_parser",
    "mbedtls",
];
/// Allocators, by their whole name.
const ALLOCATORS: [&str; 8] = [
    "malloc",
    "calloc",
    "realloc",
    "free",
    "k_malloc",
    "k_calloc",
    "k_free",
    "k_heap_alloc",
];

/// Builds the product, checks it and says what was found.
///
/// # Errors
/// Every deviation, one a line.
pub(crate) fn run() -> Result<()> {
    let archive = process::step("building the library", library::build)?;
    println!("{}", check(&archive)?);
    Ok(())
}

/// Checks an archive; returns one line that says what was found.
///
/// # Errors
/// Every deviation, one a line.
pub(crate) fn check(archive: &Path) -> Result<String> {
    let listing = process::build(Command::new("nm").args(["-P"]).arg(archive))?;
    let exports = fs::read_to_string(library::exports())?;
    let glue =
        fs::read_to_string(paths::source("include/zws/glue.h")).context("include/zws/glue.h")?;
    let exports = exported(&exports, None);
    let deviations = deviations(&listing, &exports, &glue);
    if !deviations.is_empty() {
        bail!("{}:\n  {}", paths::shown(archive), deviations.join("\n  "));
    }
    let needed = symbols(&listing)
        .filter(|(_, kind)| is_undefined(*kind))
        .count();
    Ok(format!(
        "{} exports, {needed} symbols needed, no panic, no allocator, no HTTP library",
        exports.len()
    ))
}

pub(crate) fn deviations(listing: &str, exports: &BTreeSet<&str>, glue: &str) -> Vec<String> {
    let glue = declared_functions(glue);
    let defined: BTreeSet<_> = symbols(listing)
        .filter(|(_, kind)| kind.is_ascii_uppercase() && !is_undefined(*kind))
        .map(|(name, _)| name)
        .collect();
    let mut found = Vec::new();
    for name in exports.difference(&defined) {
        found.push(format!("not defined, but in exports.txt: {name}"));
    }
    for name in defined.difference(exports) {
        found.push(format!("defined, but not in exports.txt: {name}"));
    }
    for (name, kind) in symbols(listing) {
        let allowed = glue.contains(name) || C_LIBRARY.contains(&name);
        if is_undefined(kind) && !allowed {
            found.push(format!(
                "needed, but neither glue nor memcpy and its kin: {name}"
            ));
        }
        if FORBIDDEN.iter().any(|word| name.contains(word)) || ALLOCATORS.contains(&name) {
            found.push(format!("must not be there: {name}"));
        }
    }
    found
}

/// Name and kind of every symbol in the output of `nm -P`.
fn symbols(listing: &str) -> impl Iterator<Item = (&str, char)> {
    listing.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next()?, words.next()?);
        (kind.len() == 1).then(|| Some((name, kind.chars().next()?)))?
    })
}

fn is_undefined(kind: char) -> bool {
    matches!(kind, 'U' | 'w' | 'v')
}

/// The names of the list; behind `if` are the switches that a name needs. Without a configuration all are on.
pub(crate) fn exported<'a>(
    list: &'a str,
    configuration: Option<&Configuration>,
) -> BTreeSet<&'a str> {
    let is_on = |switch: &str| configuration.is_none_or(|all| all.has(switch));
    list.lines()
        .filter_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let name = words.next()?;
            words.skip(1).all(is_on).then_some(name)
        })
        .collect()
}

/// Every zws_ name that is followed by a parenthesis.
fn declared_functions(header: &str) -> BTreeSet<&str> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    header
        .match_indices("zws_")
        .filter_map(|(start, _)| {
            let rest = header.get(start..)?;
            let end = rest.find(|c| !part_of_name(c))?;
            let inside = header.get(..start)?.ends_with(part_of_name);
            (!inside && rest[end..].starts_with('(')).then_some(&rest[..end])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::exported;

    const EXPORTS: &str = "# a comment\nwebsocket_send_msg # another\nwebsocket_init\n";
    const GLUE: &str = "int zws_lock(struct zws_slot *slot);\n";
    const GOOD: &str = "lib.a[o]:\nwebsocket_send_msg T 0 8\nwebsocket_init T 8 8\nzws_lock U\nmemcpy U\nlocal t 0 1\n";

    fn deviations(listing: &str, exports: &str, glue: &str) -> Vec<String> {
        super::deviations(listing, &exported(exports, None), glue)
    }

    #[test]
    fn an_export_may_need_switches() {
        let all = BTreeSet::from(["always", "poll"]);
        assert_eq!(exported("always\npoll if A B # both\n", None), all);
    }

    #[test]
    fn good_archive_has_no_deviation() {
        assert_eq!(deviations(GOOD, EXPORTS, GLUE), Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_deviation_is_found() {
        for (line, message) in [
            ("extra T 0 8", "not in exports.txt: extra"),
            (
                "printf U",
                "needed, but neither glue nor memcpy and its kin: printf",
            ),
            ("zws_slot U", "kin: zws_slot"),
            ("k_malloc U", "must not be there: k_malloc"),
            ("_ZN4core9panicking5panic17h0E t 0 8", "must not be there"),
            ("weak w", "needed, but"),
        ] {
            let found = deviations(&format!("{GOOD}{line}\n"), EXPORTS, GLUE);
            assert!(
                found.iter().any(|found| found.contains(message)),
                "{line}: {found:?}"
            );
        }
        let found = deviations("websocket_init T 8 8\n", EXPORTS, GLUE);
        assert_eq!(
            found,
            ["not defined, but in exports.txt: websocket_send_msg"]
        );
    }
}
