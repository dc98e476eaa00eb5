// SPDX-License-Identifier: Apache-2.0
//! The switches of Kconfig that say what is in an image, and what a build without some of them is given: an image's
//! `.config`, and a header for the C compiler.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::paths;

const PREFIX: &str = "WEBSOCKET_RUST_";
const MENU: &str = "menu \"What is in the image\"";

/// One switch, without [`PREFIX`].
#[derive(PartialEq, Eq, Debug)]
struct Switch {
    name: String,
    /// It is off where this one is.
    needs: Option<String>,
}

/// Which switches are on.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    /// For files, and for people.
    pub(crate) name: String,
    on: Vec<String>,
    off: Vec<String>,
}

impl Configuration {
    /// One with everything but one switch, for each, and the last with nothing.
    ///
    /// # Errors
    /// Kconfig has no such menu.
    pub(crate) fn every() -> Result<Vec<Self>> {
        let switches = of(&kconfig()?)?;
        let single = switches.iter().map(|switch| {
            let name = switch.name.to_lowercase().replace('_', "-");
            Self::new(&switches, format!("no-{name}"), |other| {
                other.name == switch.name || other.needs.as_ref() == Some(&switch.name)
            })
        });
        Ok(single.chain([Self::nothing(&switches)]).collect())
    }

    /// Everything is off.
    ///
    /// # Errors
    /// As [`every`](Self::every).
    pub(crate) fn all_off() -> Result<Self> {
        Ok(Self::nothing(&of(&kconfig()?)?))
    }

    fn nothing(switches: &[Switch]) -> Self {
        Self::new(switches, "all-off".into(), |_| true)
    }

    fn new(switches: &[Switch], name: String, is_off: impl Fn(&Switch) -> bool) -> Self {
        let (off, on): (Vec<_>, Vec<_>) = switches.iter().partition(|switch| is_off(switch));
        let names = |switches: Vec<&Switch>| switches.iter().map(|s| s.name.clone()).collect();
        Self {
            name,
            on: names(on),
            off: names(off),
        }
    }

    /// Whether a switch is on.
    pub(crate) fn has(&self, switch: &str) -> bool {
        self.on.iter().any(|on| on == switch)
    }

    /// What CMake is told for a Zephyr image.
    pub(crate) fn options(&self) -> impl Iterator<Item = String> {
        let chosen = self.off.iter().filter(|switch| *switch != "LOG");
        chosen.map(|switch| format!("-DCONFIG_{PREFIX}{switch}=n"))
    }

    /// Writes the image's `.config`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn dotconfig(&self) -> Result<PathBuf> {
        let on = self
            .on
            .iter()
            .map(|name| format!("CONFIG_{PREFIX}{name}=y\n"));
        let off = self.off.iter();
        let off = off.map(|name| format!("# CONFIG_{PREFIX}{name} is not set\n"));
        self.write("config", &on.chain(off).collect::<String>())
    }

    /// Writes what a C file of the PC port includes behind the port's configuration, in which everything is on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn header(&self) -> Result<PathBuf> {
        let off = self.off.iter();
        let lines = off.map(|name| format!("#undef CONFIG_{PREFIX}{name}\n"));
        self.write("h", &lines.collect::<String>())
    }

    fn write(&self, extension: &str, text: &str) -> Result<PathBuf> {
        let directory = paths::target("switches");
        fs::create_dir_all(&directory)?;
        let file = directory.join(format!("{}.{extension}", self.name));
        // What has not changed is not built again.
        if fs::read_to_string(&file).is_ok_and(|before| before == text) {
            return Ok(file);
        }
        fs::write(&file, text).with_context(|| paths::shown(&file))?;
        Ok(file)
    }
}

fn kconfig() -> Result<String> {
    fs::read_to_string(paths::source("Kconfig")).context("Kconfig")
}

/// The switches of the menu.
fn of(kconfig: &str) -> Result<Vec<Switch>> {
    let (_, menu) = kconfig
        .split_once(MENU)
        .context("Kconfig: no menu of switches")?;
    let (menu, _) = menu.split_once("\nendmenu").unwrap_or((menu, ""));
    let word = format!("config {PREFIX}");
    let mut switches: Vec<Switch> = Vec::new();
    for line in menu.lines() {
        if let Some(name) = line.strip_prefix(&word) {
            switches.push(Switch {
                name: name.to_owned(),
                needs: None,
            });
        }
        let needs = line.trim().strip_prefix("depends on ");
        let needs = needs.and_then(|needs| needs.strip_prefix(PREFIX));
        if let (Some(needs), Some(switch)) = (needs, switches.last_mut()) {
            switch.needs = Some(needs.to_owned());
        }
    }
    ensure!(!switches.is_empty(), "Kconfig: the menu has no switches");
    Ok(switches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_takes_along_what_needs_it() {
        let text = format!(
            "config {PREFIX}OTHER\n{MENU}\n\nconfig {PREFIX}A\n\tbool \"a\"\n\nconfig {PREFIX}B\n\tdepends on {PREFIX}A\n\tdepends on ARM\n\nendmenu\n"
        );
        let switches = of(&text).unwrap();
        assert_eq!(switches.len(), 2);
        assert_eq!(switches[1].needs.as_deref(), Some("A"));
        let one = |name: &str| {
            let is_off = |s: &Switch| s.name == name || s.needs.as_deref() == Some(name);
            Configuration::new(&switches, name.to_owned(), is_off)
        };
        assert!(!one("A").has("A") && !one("A").has("B"));
        assert!(one("B").has("A") && !one("B").has("B"));
    }

    /// What build.rs does not know is on for ever.
    #[test]
    fn build_rs_and_the_exports_know_the_switches_of_kconfig() {
        let switches = of(&kconfig().unwrap()).unwrap();
        let names: Vec<_> = switches.iter().map(|switch| switch.name.as_str()).collect();
        let script = fs::read_to_string(paths::source("build.rs")).unwrap();
        let (_, list) = script.split_once("const SWITCHES").unwrap();
        let (list, _) = list.split_once("];").unwrap();
        let quoted = list.split('"').skip(1).step_by(2);
        let known: Vec<_> = quoted.map(str::to_uppercase).collect();
        assert!(known.iter().all(|name| names.contains(&name.as_str())));
        // What only C and the linker see.
        let others = ["OFFLOADED_SOCKETS", "OWN_MEMCPY"];
        for name in names.iter().filter(|name| !others.contains(name)) {
            assert!(known.iter().any(|known| known == name), "{name}");
        }
        let exports = fs::read_to_string(crate::library::exports()).unwrap();
        for line in exports.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace().skip(2);
            assert!(words.all(|word| names.contains(&word)), "{line}");
        }
    }
}
