// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask zephyr --differential`: the same random sequences of calls on the stock client and on this module; every
//! difference has its row in docs/compatibility.md.

mod difference;
mod images;
mod lines;
mod model;
mod rules;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use difference::{Found, differences};
use images::{Images, Pair};

/// Sequences in one run of the images.
const CHUNK: u32 = 500;
const STEPS: u32 = 16;

/// All sequences of one kind of difference.
struct Kind {
    row: Option<&'static str>,
    sequences: u32,
    /// The shortest up to the difference.
    seed: u32,
    at: usize,
}

/// Compares and prints the table.
///
/// # Errors
/// What does not build, and differences without a row.
pub(super) fn compare(base: &Path, count: u32) -> Result<()> {
    let images = Images::build(base)?;
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    let mut first = 0;
    let mut compared = 0;
    let mut steps = 0;
    while first < count {
        for (seed, pair) in images.run(first, CHUNK.min(count - first), 0)? {
            compared += 1;
            steps += pair.ours.len();
            add(&mut kinds, seed, &differences(&pair));
        }
        first += CHUNK;
        println!(
            "differential: {compared} of {count} sequences, {} kinds of differences",
            kinds.len()
        );
    }
    print_table(&images, &kinds)?;
    println!(
        "\n{compared} sequences, {steps} steps, {} kinds of differences",
        kinds.len()
    );
    let without = kinds.values().filter(|kind| kind.row.is_none()).count();
    if without > 0 {
        bail!(
            "{without} kinds of differences have no row in docs/compatibility.md; one of them: cargo xtask zephyr --differential --seed N"
        );
    }
    Ok(())
}

/// One sequence, side by side.
///
/// # Errors
/// What does not build, and a difference without a row.
pub(super) fn show(base: &Path, seed: u32) -> Result<()> {
    let images = Images::build(base)?;
    let pair = one(&images, seed, 0)?;
    let found = differences(&pair);
    print_pair(&pair, &found, pair.ours.len().max(pair.stock.len()));
    if found.iter().any(|found| found.row.is_none()) {
        bail!("sequence {seed} has a difference without a row in docs/compatibility.md");
    }
    Ok(())
}

fn one(images: &Images, seed: u32, left_out: u32) -> Result<Pair> {
    images
        .run(seed, 1, left_out)?
        .remove(&seed)
        .context("the images did not play it")
}

fn add(kinds: &mut BTreeMap<String, Kind>, seed: u32, found: &[Found]) {
    let mut counted: Vec<&str> = Vec::new();
    for one in found {
        let kind = kinds.entry(one.kind.clone()).or_insert(Kind {
            row: one.row,
            sequences: 0,
            seed,
            at: one.at,
        });
        if one.at < kind.at {
            (kind.seed, kind.at) = (seed, one.at);
        }
        if !counted.contains(&one.kind.as_str()) {
            counted.push(&one.kind);
            kind.sequences += 1;
        }
    }
}

/// Leaves steps out for as long as the same difference is found; what is left, up to it.
fn shrunk(images: &Images, seed: u32, kind: &str) -> Result<Option<(Pair, Vec<Found>)>> {
    let has_it = |pair: &Pair| differences(pair).iter().any(|found| found.kind == kind);
    let mut smallest = one(images, seed, 0)?;
    // It needs the sequences before it.
    if !has_it(&smallest) {
        return Ok(None);
    }
    let mut left_out = 0;
    loop {
        let before = left_out;
        for step in (1..STEPS).rev() {
            let fewer = left_out | 1 << step;
            if fewer != left_out {
                let pair = one(images, seed, fewer)?;
                if has_it(&pair) {
                    (smallest, left_out) = (pair, fewer);
                }
            }
        }
        if left_out == before {
            break;
        }
    }
    let found = differences(&smallest);
    Ok(Some((smallest, found)))
}

fn print_table(images: &Images, kinds: &BTreeMap<String, Kind>) -> Result<()> {
    let mut rows: Vec<_> = kinds.iter().collect();
    rows.sort_by_key(|(_, kind)| (kind.row.is_some(), kind.row, kind.seed));
    println!("\n| sequences | row | difference | seed |\n|---:|---|---|---:|");
    for (name, kind) in &rows {
        let row = kind.row.unwrap_or("**none**");
        println!("| {} | {row} | {name} | {} |", kind.sequences, kind.seed);
    }
    for (name, kind) in &rows {
        println!(
            "\n{} {name}, --seed {}:",
            kind.row.unwrap_or("NO ROW"),
            kind.seed
        );
        match shrunk(images, kind.seed, name)? {
            Some((pair, found)) => {
                let at = found.iter().find(|found| found.kind == **name);
                print_pair(&pair, &found, at.map_or(0, |found| found.at + 1));
            }
            None => println!("  only behind the sequences before it"),
        }
    }
    Ok(())
}

fn print_pair(pair: &Pair, found: &[Found], steps: usize) {
    for at in 0..steps {
        let (stock, ours) = (pair.stock.get(at), pair.ours.get(at));
        let call = ours.or(stock).map_or("", |step| &step.call);
        let shown =
            |step: Option<&lines::Step>| step.map_or("(none)".to_owned(), lines::Step::shown);
        let (stock, ours) = (shown(stock), shown(ours));
        if stock == ours {
            println!("  {call}{}{ours}", if ours.is_empty() { "" } else { " = " });
        } else {
            println!("  {call}\n      stock {stock}\n      ours  {ours}");
        }
        for found in found.iter().filter(|found| found.at == at) {
            println!("      {} {}", found.row.unwrap_or("NO ROW"), found.kind);
        }
    }
}
