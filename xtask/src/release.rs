// SPDX-License-Identifier: Apache-2.0
//! The places that say the version say the same: VERSION, Cargo.toml, CHANGELOG.md and what west spdx says of the module.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::paths;

/// Where a version stands, for messages, and which.
type Place = (&'static str, String);

/// Compares the places.
///
/// # Errors
/// One cannot be read, says nothing, or says another version than VERSION.
pub(crate) fn check() -> Result<String> {
    let read = |file: &'static str| fs::read_to_string(paths::source(file)).context(file);
    let module = read("zephyr/module.yml")?;
    let places = [
        ("VERSION", of_version_file(&read("VERSION")?)),
        ("Cargo.toml", of_cargo(&read("Cargo.toml")?)),
        ("CHANGELOG.md", of_changelog(&read("CHANGELOG.md")?)),
        ("zephyr/module.yml, cpe", of_cpe(&module)),
        ("zephyr/module.yml, purl", of_purl(&module)),
    ];
    let mut found = Vec::new();
    for (place, version) in places {
        let version = version.with_context(|| {
            format!("{place} says no version: docs/releasing.md has the form of each place")
        })?;
        found.push((place, version));
    }
    agree(&found)
}

fn agree(places: &[Place]) -> Result<String> {
    let Some(((_, version), others)) = places.split_first() else {
        bail!("no place was read");
    };
    let differing: Vec<_> = others
        .iter()
        .filter(|(_, other)| other != version)
        .map(|(place, other)| format!("{place} says {other}"))
        .collect();
    if differing.is_empty() {
        return Ok(format!("{version} in {} places", places.len()));
    }
    let differing = differing.join(", ");
    bail!("VERSION says {version}, {differing}: docs/releasing.md names the places to change")
}

/// As Zephyr writes it: a name and a number a line.
fn of_version_file(text: &str) -> Option<String> {
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines
            .find(|(found, _)| found.trim() == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    let numbers = ["VERSION_MAJOR", "VERSION_MINOR", "PATCHLEVEL"].map(value);
    let numbers: Vec<_> = numbers.into_iter().collect::<Option<_>>()?;
    let version = numbers.join(".");
    Some(match value("EXTRAVERSION") {
        Some(extra) if !extra.is_empty() => format!("{version}-{extra}"),
        _ => version,
    })
}

/// The version that all of the workspace has.
fn of_cargo(text: &str) -> Option<String> {
    let (_, section) = text.split_once("[workspace.package]")?;
    let section = section.split("\n[").next()?;
    let mut lines = section.lines();
    let value = lines.find_map(|line| line.strip_prefix("version = \""))?;
    Some(value.trim_end_matches('"').to_owned())
}

/// The newest heading with a number: above it may be what is not released yet.
fn of_changelog(text: &str) -> Option<String> {
    let mut headings = text.lines().filter_map(|line| line.strip_prefix("## ["));
    let heading = headings.find(|heading| !heading.starts_with("Unreleased]"))?;
    Some(heading.split_once(']')?.0.to_owned())
}

fn of_cpe(text: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("- cpe:2.3:a:"))
        .and_then(|reference| reference.split(':').nth(2))
        .map(str::to_owned)
}

fn of_purl(text: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("- pkg:"))
        .and_then(|reference| reference.split_once('@'))
        .map(|(_, version)| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{agree, of_cargo, of_changelog, of_cpe, of_purl, of_version_file};

    #[test]
    fn every_place_is_read_in_its_form() {
        let version = "VERSION_MAJOR = 1\nVERSION_MINOR = 2\nPATCHLEVEL = 3\nEXTRAVERSION =\n";
        assert_eq!(of_version_file(version).as_deref(), Some("1.2.3"));
        let candidate = version.replace("EXTRAVERSION =", "EXTRAVERSION = rc1");
        assert_eq!(of_version_file(&candidate).as_deref(), Some("1.2.3-rc1"));
        let cargo = "[a]\nversion = \"9\"\n[workspace.package]\nversion = \"1.2.3\"\n";
        assert_eq!(of_cargo(cargo).as_deref(), Some("1.2.3"));
        let changelog = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n\n## [1.2.2]\n";
        assert_eq!(of_changelog(changelog).as_deref(), Some("1.2.3"));
        let module = "    - cpe:2.3:a:them:it:1.2.3:*:*\n    - pkg:generic/it@1.2.3\n";
        assert_eq!(of_cpe(module).as_deref(), Some("1.2.3"));
        assert_eq!(of_purl(module).as_deref(), Some("1.2.3"));
    }

    #[test]
    fn a_place_that_says_nothing_is_no_version() {
        assert_eq!(of_version_file("VERSION_MAJOR = 1\n"), None);
        assert_eq!(of_cargo("[package]\nversion = \"1\"\n"), None);
        assert_eq!(of_changelog("## [Unreleased]\n"), None);
        assert_eq!(of_cpe("- pkg:generic/it@1\n"), None);
        assert_eq!(of_purl("- cpe:2.3:a:b:c:1\n"), None);
    }

    #[test]
    fn the_place_that_differs_is_named() {
        let place = |version: &str| ("VERSION", version.to_owned());
        let other = ("CHANGELOG.md", "1.2.2".to_owned());
        assert!(agree(&[place("1.2.3"), place("1.2.3")]).is_ok());
        let message = agree(&[place("1.2.3"), other]).unwrap_err().to_string();
        assert!(message.contains("VERSION says 1.2.3, CHANGELOG.md says 1.2.2"));
    }
}
