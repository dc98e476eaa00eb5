// SPDX-License-Identifier: Apache-2.0
//! Checks one prelinked object: its symbols, sections, relocations and instructions, and measures its sections.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::table::Target;
use crate::switches::Configuration;
use crate::{library, paths, process, symbols};

/// What only libgcc's 64-bit arithmetic is needed for, on x86 with 32 bits.
const LIBGCC: [&str; 4] = ["__udivdi3", "__umoddi3", "__divdi3", "__moddi3"];

/// Octets of the object that an image gets.
#[derive(Default)]
pub(super) struct Sizes {
    pub(super) text: u64,
    pub(super) rodata: u64,
    /// What of text and rodata is Rust's own memcpy and kin.
    pub(super) builtins: u64,
    /// Initialised and zeroed data.
    pub(super) data: u64,
}

impl Sizes {
    /// Code and constants.
    pub(super) fn octets(&self) -> u64 {
        self.text + self.rodata
    }
}

/// The listings that the checks read.
pub(super) struct Listings {
    pub(super) symbols: String,
    pub(super) sections: String,
    pub(super) relocations: String,
    /// Empty where every instruction is allowed.
    pub(super) instructions: String,
}

impl Listings {
    /// Runs LLVM's tools on the object.
    ///
    /// # Errors
    /// A tool's own message.
    pub(super) fn of(object: &Path, target: &Target) -> Result<Self> {
        let tool = |program: &str, words: &[&str]| {
            process::build(Command::new(program).args(words).arg(object))
        };
        Ok(Self {
            symbols: tool("llvm-nm", &["-P"])?,
            sections: tool("llvm-readelf", &["--section-headers", "--wide"])?,
            relocations: tool("llvm-objdump", &["--reloc"])?,
            instructions: if target.integer_only {
                tool("llvm-objdump", &["--disassemble", "--no-show-raw-insn"])?
            } else {
                String::new()
            },
        })
    }

    /// Every deviation, in words; none when all is well.
    ///
    /// # Errors
    /// A list of names that cannot be read.
    pub(super) fn deviations(
        &self,
        target: &Target,
        configuration: Option<&Configuration>,
    ) -> Result<Vec<String>> {
        let exports = fs::read_to_string(library::exports()).context("exports.txt")?;
        let glue = fs::read_to_string(paths::source("include/zws/glue.h")).context("glue.h")?;
        let exports = symbols::exported(&exports, configuration);
        // Then the glue has the names of the ABI for memcpy and its kin.
        let own_memcpy = configuration.is_none_or(|all| all.has("OWN_MEMCPY"));
        let linkable = self.linkable(target, own_memcpy);
        let mut found = symbols::deviations(&linkable, &exports, &glue);
        found.extend(self.further_symbols());
        found.extend(self.position_independent());
        found.extend(self.floating_point());
        Ok(found)
    }

    /// The symbols but for those that this target may have from libgcc or the glue, and the labels in debug information.
    fn linkable(&self, target: &Target, own_memcpy: bool) -> String {
        let counts = |line: &&str| {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            let is_libgccs = target.libgcc && LIBGCC.contains(&name);
            let is_glues = !own_memcpy && name.starts_with("__aeabi_mem");
            match words.next() {
                Some("U") => !is_libgccs && !is_glues,
                Some("N") => false,
                _ => true,
            }
        };
        let lines = self.symbols.lines().filter(counts);
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// What a panic or a position-independent object needs; and bcmp, which not every C library has.
    fn further_symbols(&self) -> Vec<String> {
        let names = self
            .symbols
            .lines()
            .filter_map(|line| line.split(' ').next());
        names
            .filter(|name| ["zws_panic", "bcmp", "_GLOBAL_OFFSET_TABLE_"].contains(name))
            .map(|name| format!("must not be needed: {name}"))
            .collect()
    }

    /// Sections and relocations of a global offset table or of thread-local storage.
    fn position_independent(&self) -> Vec<String> {
        let mut found = Vec::new();
        for section in sections(&self.sections) {
            let name = section.name;
            if [".got", ".plt", ".tdata", ".tbss"]
                .iter()
                .any(|start| name.starts_with(start))
            {
                found.push(format!("must not be there: section {name}"));
            }
        }
        for (section, kind, symbol) in relocations(&self.relocations) {
            let word = |word: &str| kind.contains(word);
            // Those the final link makes direct.
            let is_relaxed = kind.ends_with("_GOTPCRELX");
            if (word("GOT") && !is_relaxed) || word("TLS") || word("TPOFF") || word("TPREL") {
                found.push(format!(
                    "must not be there: {kind} of {symbol} in {section}"
                ));
            }
        }
        found
    }

    /// Instructions on registers that the kernel does not save.
    fn floating_point(&self) -> Vec<String> {
        let forbidden = |line: &&str| {
            let Some((address, instruction)) = line.split_once(':') else {
                return false;
            };
            let hexadecimal = address.trim().chars().all(|c| c.is_ascii_hexdigit());
            // After this sign come names of symbols.
            let words = instruction.split(['<', '#']).next().unwrap_or_default();
            let mnemonic = words.split_whitespace().next().unwrap_or_default();
            let register = |name: &str| words.contains(name);
            hexadecimal
                && (mnemonic.starts_with('f')
                    || ["%xmm", "%ymm", "%zmm", "%mm", "%st"]
                        .into_iter()
                        .any(register))
        };
        let lines = self.instructions.lines().filter(forbidden);
        lines
            .take(5)
            .map(|line| format!("SSE or x87: {}", line.trim()))
            .collect()
    }

    /// How large the object is.
    pub(super) fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::default();
        for section in sections(&self.sections).filter(|section| section.flags.contains('A')) {
            let part = match (section.name, section.flags) {
                (_, flags) if flags.contains('X') => &mut sizes.text,
                (_, flags) if flags.contains('W') => &mut sizes.data,
                _ => &mut sizes.rodata,
            };
            *part += section.size;
            if is_builtin(section.name) && !section.flags.contains('W') {
                sizes.builtins += section.size;
            }
        }
        sizes
    }

    /// How many symbols the object needs.
    pub(super) fn needed(&self) -> usize {
        let lines = self.symbols.lines();
        lines
            .filter(|line| line.split_whitespace().nth(1) == Some("U"))
            .count()
    }
}

/// Whether a section is of compiler_builtins: memcpy and kin, `__aeabi_*`.
fn is_builtin(section: &str) -> bool {
    let name = function(section);
    name.contains("17compiler_builtins")
        || name.starts_with("__")
        || ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"].contains(&name)
}

/// The function whose code a section holds; the section's own name where it holds no code.
pub(super) fn function(section: &str) -> &str {
    let name = section.strip_prefix(".text.").unwrap_or(section);
    ["unlikely.", "hot."]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

struct Section<'a> {
    name: &'a str,
    size: u64,
    flags: &'a str,
}

/// The sections in the output of `llvm-readelf --section-headers`.
fn sections(listing: &str) -> impl Iterator<Item = Section<'_>> {
    listing.lines().filter_map(|line| {
        let (number, rest) = line.trim_start().strip_prefix('[')?.split_once(']')?;
        number.trim().parse::<usize>().ok()?;
        let words: Vec<_> = rest.split_whitespace().collect();
        // Name, type, address, offset, size, entry size, flags where there are any, link, information, alignment.
        let flags = if words.len() == 10 { words[6] } else { "" };
        Some(Section {
            name: words.first()?,
            size: u64::from_str_radix(words.get(4)?, 16).ok()?,
            flags,
        })
    })
}

/// Section, kind and symbol of every relocation of an image's sections in the output of `llvm-objdump --reloc`.
pub(super) fn relocations(listing: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut section = "";
    listing.lines().filter_map(move |line| {
        if let Some(rest) = line.strip_prefix("RELOCATION RECORDS FOR [") {
            section = rest.trim_end_matches("]:");
            return None;
        }
        let mut words = line.split_whitespace();
        let (_, kind, symbol) = (words.next()?, words.next()?, words.next()?);
        let in_image = !section.starts_with(".debug") && section != ".stack_sizes";
        (in_image && kind.starts_with("R_")).then(|| {
            let end = symbol.find(['+']).unwrap_or(symbol.len());
            let symbol = &symbol[..end];
            (section, kind, symbol.split("-0x").next().unwrap_or(symbol))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::Listings;

    const SECTIONS: &str = "\
  [Nr] Name  Type  Address  Off    Size   ES Flg Lk Inf Al
  [ 0]       NULL  00000000 000000 000000 00      0   0  0
  [ 1] .text.websocket_init PROGBITS 00000000 000034 000010 00  AX  0   0  2
  [ 2] .text.memcpy PROGBITS 00000000 000034 000008 00  AX  0   0  2
  [ 3] .rodata.x PROGBITS 00000000 000034 000004 00   A  0   0  2
  [ 4] .bss.y NOBITS 00000000 000034 000002 00  WA  0   0  2
  [ 5] .debug_info PROGBITS 00000000 000034 001000 00      0   0  2
";

    fn listings(sections: &str, relocations: &str, instructions: &str) -> Listings {
        Listings {
            symbols: String::new(),
            sections: sections.to_owned(),
            relocations: relocations.to_owned(),
            instructions: instructions.to_owned(),
        }
    }

    #[test]
    fn sections_of_the_image_are_added_up() {
        let sizes = listings(SECTIONS, "", "").sizes();
        let all = [sizes.text, sizes.rodata, sizes.builtins, sizes.data];
        assert_eq!(all, [0x18, 4, 8, 2]);
    }

    #[test]
    fn offset_tables_are_found() {
        let relocation = "RELOCATION RECORDS FOR [.text.f]:\nOFFSET TYPE VALUE\n";
        for kind in ["R_386_PC32", "R_X86_64_GOTPCRELX", "R_X86_64_REX_GOTPCRELX"] {
            let good = format!("{relocation}00000002 {kind} g\n");
            let found = listings(SECTIONS, &good, "").position_independent();
            assert!(found.is_empty(), "{found:?}");
        }
        for kind in [
            "R_386_GOT32X",
            "R_X86_64_GOTPCREL",
            "R_ARM_TLS_LE32",
            "R_RISCV_TPREL_HI20",
        ] {
            let bad = format!("{relocation}00000002 {kind} g+0x4\n");
            let found = listings(SECTIONS, &bad, "").position_independent();
            assert_eq!(
                found,
                [format!("must not be there: {kind} of g in .text.f")]
            );
        }
        let sections = "  [ 1] .got PROGBITS 00000000 000034 000010 00  WA  0   0  2\n";
        assert_eq!(listings(sections, "", "").position_independent().len(), 1);
    }

    #[test]
    fn floating_point_is_found() {
        let good = "00000000 <f>:\n       0: movl %eax, %ecx\n       2: calll 0x3 <fxmm+0x1>\n";
        assert!(listings("", "", good).floating_point().is_empty());
        for bad in ["  a: fldl (%eax)\n", "  a: movups %xmm0, (%eax)\n"] {
            assert_eq!(listings("", "", bad).floating_point().len(), 1, "{bad}");
        }
    }
}
