// SPDX-License-Identifier: Apache-2.0
//! The one table of what checks need of the system: how it is looked for, its package, what for, and which checks.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::{process, targets};

/// Something that a package of Debian has.
pub(crate) struct Need {
    /// Its name in messages; of a program, the one in `PATH`.
    pub(crate) name: &'static str,
    /// The package; `VERSION` in it is that of gcc.
    package: &'static str,
    pub(crate) purpose: &'static str,
    /// The checks that need it; none named is all.
    pub(crate) checks: &'static [&'static str],
    look: Look,
}

/// How it is looked for.
enum Look {
    Program,
    File(&'static str),
    With(fn() -> bool),
}

impl Need {
    pub(crate) fn is_there(&self) -> bool {
        match self.look {
            Look::Program => is_program(self.name),
            Look::File(path) => Path::new(path).exists(),
            Look::With(look) => look(),
        }
    }

    pub(crate) fn package(&self) -> String {
        of_gcc(self.package).unwrap_or_else(|_| self.package.to_owned())
    }

    pub(crate) fn is_of(&self, check: &str) -> bool {
        self.checks.is_empty() || self.checks.contains(&check)
    }
}

const fn program(
    name: &'static str,
    package: &'static str,
    purpose: &'static str,
    checks: &'static [&'static str],
) -> Need {
    let look = Look::Program;
    Need {
        name,
        package,
        purpose,
        checks,
        look,
    }
}

const fn file(
    path: &'static str,
    package: &'static str,
    purpose: &'static str,
    checks: &'static [&'static str],
) -> Need {
    let look = Look::File(path);
    Need {
        name: path,
        package,
        purpose,
        checks,
        look,
    }
}

const ALL_CHECKS: &[&str] = &[];
const PAGE: &[&str] = &["page", "page-sanitized"];
const AUTOBAHN: &[&str] = &["autobahn", "autobahn-prove"];
const NPM_CHECKS: &[&str] = &["page", "page-sanitized", "peers", "mqtt"];
const PYTHON_CHECKS: &[&str] = &[
    "peers",
    "mqtt",
    "mqtt-sanitized",
    "autobahn",
    "autobahn-prove",
    "workflows",
    "reuse",
    "manifest",
    "site",
];
const TARGETS: &[&str] = &["targets"];

/// A C compiler with its C library, and Python.
pub(crate) const COMPILER: &[Need] = &[
    program("cc", "gcc", "C compiler", ALL_CHECKS),
    program("ld", "binutils", "linker", ALL_CHECKS),
    program("python3", "python3", "prelink, servers", ALL_CHECKS),
    file(
        "/usr/include/stdlib.h",
        "libc6-dev",
        "C library",
        ALL_CHECKS,
    ),
];

pub(crate) const LIBCLANG: &[Need] = &[Need {
    name: "libclang (libclang.so, libclang-*.so or libclang.so.*)",
    package: "libclang-dev",
    purpose: "bindgen reads C with it",
    checks: &["bindings"],
    // bindgen's own look. A libclang-cpp is not what it loads.
    look: Look::With(|| clang_sys::load().is_ok()),
}];

pub(crate) const PYTHON_ENVIRONMENTS: &[Need] = &[Need {
    name: "venv and ensurepip of Python",
    package: "python3-venv",
    purpose: "environments in target/",
    checks: PYTHON_CHECKS,
    look: Look::With(|| {
        let import = ["-c", "import ensurepip, venv"];
        let result = Command::new("python3").args(import).output();
        result.is_ok_and(|result| result.status.success())
    }),
}];

pub(crate) const NPM: &[Need] = &[
    program("node", "nodejs", "servers, test of the page", NPM_CHECKS),
    program("npm", "npm", "servers, test of the page", NPM_CHECKS),
];

pub(crate) const BROWSER: &[Need] = &[program("chromium", "chromium", "uses the page", PAGE)];

pub(crate) const FUZZ: &[Need] = &[program("c++", "g++", "libFuzzer is C++", &["fuzz"])];

pub(crate) const BENCH: &[Need] = &[program(
    "valgrind",
    "valgrind",
    "counts instructions",
    &["bench"],
)];

/// Who signs an older Debian's Python 2.7.
pub(crate) const KEYRING_FILE: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
pub(crate) const KEYRING: &[Need] = &[file(
    KEYRING_FILE,
    "debian-archive-keyring",
    "Python 2.7 for the Autobahn suite",
    AUTOBAHN,
)];

/// LLVM's tools know every target; CMake evaluates rust_target.cmake.
pub(crate) const TARGET_TOOLS: &[Need] = &[
    program("cmake", "cmake", "finds a target's flags", TARGETS),
    program("ld.lld", "lld", "links every target", TARGETS),
    Need {
        name: "LLVM's binary tools",
        package: "llvm",
        purpose: "read every target's objects",
        checks: TARGETS,
        look: Look::With(|| {
            let tools = ["ar", "nm", "objcopy", "objdump", "readelf"];
            tools.iter().all(|tool| is_program(&format!("llvm-{tool}")))
        }),
    },
];

/// Debian's compiler and the core library's source, which are of one version.
pub(crate) const DEBIAN_RUST: &[Need] = &[
    debian_rust("rustc-web", || is_file_of_rust("/usr/bin/rustc")),
    debian_rust("cargo-web", || is_file_of_rust("/usr/bin/cargo")),
    debian_rust("rust-web-src", || {
        is_file_of_rust("/usr/lib/rustlib/src/rust/library/core")
    }),
];

const fn debian_rust(package: &'static str, look: fn() -> bool) -> Need {
    Need {
        name: package,
        package,
        purpose: "core library of targets that rustup has not installed",
        checks: TARGETS,
        look: Look::With(look),
    }
}

/// Nothing of it is needed where rustup has every target.
fn is_file_of_rust(path: &str) -> bool {
    Path::new(path).exists() || targets::rustup_has_all()
}

/// For programs of 32 bits. Not `gcc-multilib`: with it, Debian removes the compilers for other machines.
pub(crate) const MULTILIB: &str = "gcc-VERSION-multilib";
pub(crate) const I686: &[Need] = &[file(
    "/usr/lib32/crt1.o",
    MULTILIB,
    "unit tests in 32 bits",
    TARGETS,
)];

pub(crate) const S390X: &[Need] = &[
    program(
        "s390x-linux-gnu-gcc",
        "gcc-s390x-linux-gnu",
        "big-endian unit tests",
        TARGETS,
    ),
    file(
        "/usr/s390x-linux-gnu/lib/crt1.o",
        "libc6-dev-s390x-cross",
        "big-endian unit tests",
        TARGETS,
    ),
    program(
        "qemu-s390x",
        "qemu-user",
        "runs other machines' tests",
        TARGETS,
    ),
];

pub(crate) const ARM: &[Need] = &[
    program(
        "arm-linux-gnueabihf-gcc",
        "gcc-arm-linux-gnueabihf",
        "unit tests in Thumb-2",
        TARGETS,
    ),
    file(
        "/usr/arm-linux-gnueabihf/lib/crt1.o",
        "libc6-dev-armhf-cross",
        "unit tests in Thumb-2",
        TARGETS,
    ),
    program(
        "qemu-arm",
        "qemu-user",
        "runs other machines' tests",
        TARGETS,
    ),
];

/// All of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Need> {
    [
        COMPILER,
        LIBCLANG,
        PYTHON_ENVIRONMENTS,
        NPM,
        BROWSER,
        FUZZ,
        BENCH,
        KEYRING,
        TARGET_TOOLS,
        DEBIAN_RUST,
        I686,
        S390X,
        ARM,
    ]
    .into_iter()
    .flatten()
}

/// A package with gcc's `VERSION` in its name.
///
/// # Errors
/// There is no gcc.
pub(crate) fn of_gcc(package: &str) -> Result<String> {
    if !package.contains("VERSION") {
        return Ok(package.to_owned());
    }
    let version = process::build(Command::new("gcc").arg("-dumpversion"))?;
    Ok(package.replace("VERSION", version.trim()))
}

/// Whether `PATH` has a program of this name.
pub(crate) fn is_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(name).is_file())
}
