// SPDX-License-Identifier: Apache-2.0
//! Lets the C compiler prove the contract: prototypes against the API's header, headers alone, files of tests/abi, and the glue
//! without each switch of Kconfig.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::switches::Configuration;
use crate::{host_build, paths, process};

/// Compiles everything that asserts something about the ABI; returns one line that says what.
///
/// # Errors
/// The compiler's messages.
pub(crate) fn check() -> Result<String> {
    let mut sources = vec![paths::source("zephyr-module/src/abi_check.c")];
    let assertions = paths::files("tests/abi", "c")?;
    sources.extend(assertions.iter().cloned());
    let headers = paths::files("include/zws", "h")?;
    for header in &headers {
        sources.push(alone(header)?);
    }
    for source in &sources {
        process::build(host_build::compiler().arg("-fsyntax-only").arg(source))?;
    }
    let configurations = Configuration::every()?;
    for configuration in &configurations {
        process::build(
            host_build::compiler()
                .arg("-include")
                .arg(configuration.header()?)
                .arg("-fsyntax-only")
                .args(paths::files("zephyr-module/src", "c")?),
        )
        .with_context(|| configuration.name.clone())?;
    }
    Ok(format!(
        "prototypes agree with <zephyr/net/websocket.h>, {} headers alone, {} files of tests/abi, the glue in {} configurations",
        headers.len(),
        assertions.len(),
        configurations.len()
    ))
}

/// A file that includes one header and nothing else.
fn alone(header: &std::path::Path) -> Result<PathBuf> {
    let directory = paths::target("pc/abi");
    fs::create_dir_all(&directory)?;
    let name = header.file_stem().unwrap_or_default();
    let source = directory.join(name).with_extension("c");
    fs::write(&source, format!("#include \"{}\"\n", header.display()))?;
    Ok(source)
}
