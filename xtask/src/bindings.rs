// SPDX-License-Identifier: Apache-2.0
//! Writes both halves of the contract (the header of what Rust exports, the Rust declarations of the glue) and the
//! public header of what goes beyond the stock API.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use bindgen::{RustEdition, RustTarget};

use crate::{install, needs, paths, process};

/// Writes the generated files.
///
/// # Errors
/// A generator's message.
pub(crate) fn write() -> Result<()> {
    for (path, content) in generate()? {
        fs::write(&path, content)?;
        println!("{}", paths::shown(&path));
    }
    Ok(())
}

/// Compares the generated files with what is committed.
///
/// # Errors
/// The first line that differs.
pub(crate) fn check() -> Result<()> {
    for (path, wanted) in generate()? {
        let found = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
        if let Some((number, found, wanted)) = first_difference(&found, &wanted) {
            bail!(
                "{}:{number} is not what would be generated. `cargo xtask bindings` writes it.\n  is:     {found}\n  should: {wanted}",
                paths::shown(&path)
            );
        }
    }
    Ok(())
}

fn generate() -> Result<[(PathBuf, String); 3]> {
    Ok([
        (paths::source("include/zws/library.h"), library_header()?),
        (
            paths::source("include/zephyr/net/websocket_socket.h"),
            public_header()?,
        ),
        (
            paths::source("src/platform/zephyr/bindings.rs"),
            glue_declarations()?,
        ),
    ])
}

fn library_header() -> Result<String> {
    let configuration = paths::source("cbindgen.toml");
    let configuration = cbindgen::Config::from_file(configuration).map_err(anyhow::Error::msg)?;
    let mut header = Vec::new();
    cbindgen::generate_with_config(paths::source(""), configuration)
        .context("cbindgen")?
        .write(&mut header);
    Ok(String::from_utf8(header)?)
}

/// From one file alone: what is public stands in no other.
fn public_header() -> Result<String> {
    let configuration = paths::source("cbindgen-public.toml");
    let configuration = cbindgen::Config::from_file(configuration).map_err(anyhow::Error::msg)?;
    let mut header = Vec::new();
    cbindgen::Builder::new()
        .with_config(configuration)
        .with_src(paths::source("src/abi/websocket_socket.rs"))
        .generate()
        .context("cbindgen")?
        .write(&mut header);
    Ok(String::from_utf8(header)?)
}

fn glue_declarations() -> Result<String> {
    install::have(needs::LIBCLANG)?;
    let header = paths::source("include/zws/glue.h");
    let Ok(target) = RustTarget::stable(85, 0) else {
        bail!("bindgen does not know Rust 1.85");
    };
    // A libclang may be there without its own stdbool.h.
    let compiler = process::build(Command::new("cc").arg("-print-file-name=include"))?;
    let declarations = bindgen::builder()
        .header(header.to_string_lossy())
        .clang_args(["-idirafter", compiler.trim()])
        .use_core()
        .allowlist_item("(zws|ZWS)_.*")
        .layout_tests(false)
        .fit_macro_constants(true)
        .generate_comments(false)
        .derive_debug(false)
        .rust_target(target)
        .rust_edition(RustEdition::Edition2024)
        .raw_line("//! Written by `cargo xtask bindings` from include/zws/glue.h.")
        .raw_line("// SPDX-License-Identifier: Apache-2.0")
        .generate()
        .context("bindgen")?;
    Ok(declarations.to_string())
}

/// Number and text of the first line that is not the same.
fn first_difference<'a>(found: &'a str, wanted: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let mut found = found.lines();
    let mut wanted = wanted.lines();
    let mut number = 0;
    loop {
        number += 1;
        match (found.next(), wanted.next()) {
            (None, None) => return None,
            (left, right) if left == right => {}
            (left, right) => {
                return Some((number, left.unwrap_or("(end)"), right.unwrap_or("(end)")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn difference_is_found_wherever_it_is() {
        assert_eq!(first_difference("a\nb", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb", "a\nc"), Some((2, "b", "c")));
        assert_eq!(first_difference("a", "a\nc"), Some((2, "(end)", "c")));
        assert_eq!(first_difference("a\nb", "a"), Some((2, "b", "(end)")));
    }
}
