// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask zephyr --switches`: what an image for Cortex-M3 saves without each switch of Kconfig, and without all, written to
//! docs/building.md. That each of them links is what the command proves.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::boards::BOARDS;
use super::image::Image;
use super::measure::{BOARD, flash_of};
use super::version;
use crate::switches::Configuration;
use crate::{paths, tools};

const BEGIN: &str = "<!-- switches:begin -->";
const END: &str = "<!-- switches:end -->";

/// Builds tests/zephyr/measure_size in every configuration.
///
/// # Errors
/// What does not build.
pub(super) fn measure(base: &Path) -> Result<()> {
    let board = BOARDS
        .iter()
        .find(|board| board.name == BOARD)
        .context(BOARD)?;
    board.install()?;
    tools::programs(&super::BUILD_TOOLS)?;
    let source = paths::source("tests/zephyr/measure_size");
    let version = version(base)?;
    let directory = paths::target("zephyr-measure").join(&version);
    let flash = |name: &str, options: &[String]| -> Result<u64> {
        println!("switches: building measure_size, {name} …");
        let build = directory.join(format!("switches-{name}"));
        let mut image = Image::new(board, &source, &build, true)?;
        let on = ["-DCONFIG_WEBSOCKET_CLIENT=y", OFFLOADED];
        image.configure.args(on).args(options);
        image.make(&[])?;
        flash_of(&build.join("zephyr/zephyr.elf"))
    };
    let all = flash("all-on", &[])?;
    let mut table = format!(
        "Zephyr {version}, {BOARD}; octets that an image is smaller, of those of all switches together.\n\n\
         | off | saves |\n|---|---:|\n"
    );
    for configuration in Configuration::every()? {
        let mut options: Vec<_> = configuration.options().collect();
        if options.is_empty() {
            // The log is Zephyr's switch, and off here.
            continue;
        }
        options.sort();
        let octets = flash(&configuration.name, &options)?;
        let name = configuration.name.replace("no-", "");
        writeln!(table, "| {name} | {} |", all.saturating_sub(octets))?;
    }
    println!("\n{table}");
    write_document(&table)
}

/// On by default only where Zephyr has offloaded sockets.
const OFFLOADED: &str = "-DCONFIG_WEBSOCKET_RUST_OFFLOADED_SOCKETS=y";

fn write_document(table: &str) -> Result<()> {
    let path = paths::source("docs/building.md");
    let text = fs::read_to_string(&path).context("docs/building.md")?;
    let (Some((before, _)), Some((_, after))) = (text.split_once(BEGIN), text.split_once(END))
    else {
        bail!("docs/building.md has no marks for the table of switches");
    };
    fs::write(&path, format!("{before}{BEGIN}\n{table}{END}{after}"))
        .context("docs/building.md")?;
    println!("docs/building.md is written.");
    Ok(())
}
