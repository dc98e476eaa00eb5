// SPDX-License-Identifier: Apache-2.0
//! Builds C programs for the PC: the shipped glue, the PC port and the program's own files, unchanged.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result};

use crate::certificates::Certificates;
use crate::switches::Configuration;
use crate::{library, paths, process};

/// What the compiler adds to watch the program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Variant {
    Plain,
    AddressUndefined,
    Thread,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::AddressUndefined => "address-undefined",
            Self::Thread => "thread",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::AddressUndefined => &[
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fno-omit-frame-pointer",
            ],
            Self::Thread => &["-fsanitize=thread"],
        }
    }
}

const FLAGS: [&str; 9] = [
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-g",
    "-O1",
    // The headers of the port are those of Zephyr 4.2: what CMakeLists.txt finds out about a tree is this.
    "-DZWS_VTABLE_HAS_CLOSE2",
    "-DZWS_HTTP_REQUEST_HAS_DATA_LEN",
    "-DZWS_CONTEXT_HAS_IS_CLIENT",
];
const INCLUDES: [&str; 4] = [
    "include",
    "host/include",
    "host/include/subsys/websocket",
    "host/include/subsys/sockets",
];
/// C files of every program, and the name of the directory of their objects.
const SHARED: [(&str, &str); 2] = [("zephyr-module/src", "glue"), ("host/src", "port")];
/// What Rust's standard library in the port needs.
const LIBRARIES: [&str; 4] = ["-lpthread", "-ldl", "-lm", "-lgcc_s"];

/// Builds programs; what they share is built once.
pub(crate) struct HostBuild {
    library: PathBuf,
    port: PathBuf,
    /// Objects of the glue and of the port's C files.
    shared: HashMap<Variant, Vec<PathBuf>>,
    /// Which switches of Kconfig are on; without it all are.
    configuration: Option<Configuration>,
}

impl HostBuild {
    /// Builds the Rust parts.
    ///
    /// # Errors
    /// The build's own message.
    pub(crate) fn new() -> Result<Self> {
        Certificates::make()?.write_header(&generated())?;
        Ok(Self {
            library: library::build()?,
            port: library::build_port()?,
            shared: HashMap::new(),
            configuration: None,
        })
    }

    /// The same with these switches of Kconfig.
    ///
    /// # Errors
    /// The build's own message.
    pub(crate) fn switched(&self, configuration: Configuration) -> Result<Self> {
        Ok(Self {
            library: library::build_with(Some(&configuration))?,
            port: self.port.clone(),
            shared: HashMap::new(),
            configuration: Some(configuration),
        })
    }

    /// The product.
    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    /// Builds a program of these files and returns its path.
    ///
    /// # Errors
    /// The compiler's messages.
    pub(crate) fn program(
        &mut self,
        name: &str,
        sources: &[PathBuf],
        variant: Variant,
    ) -> Result<PathBuf> {
        self.program_including(name, sources, None, variant)
    }

    /// The same with a directory of generated files that the program's own include.
    ///
    /// # Errors
    /// The compiler's messages.
    pub(crate) fn program_including(
        &mut self,
        name: &str,
        sources: &[PathBuf],
        generated: Option<&Path>,
        variant: Variant,
    ) -> Result<PathBuf> {
        let shared = self.shared(variant)?;
        let directory = self.directory(variant);
        let mut arguments = self.arguments()?;
        arguments.extend(generated.map(|directory| format!("-I{}", directory.display())));
        let mut objects = compile(
            sources,
            &directory.join(name).with_extension("objects"),
            variant,
            &arguments,
        )?;
        objects.extend(shared);
        let program = directory.join(name);
        self.link(&program, &objects, variant)?;
        Ok(program)
    }

    /// [`program`](Self::program) with Kconfig values of its own, in the form `CONFIG_X=1`: nothing is shared.
    ///
    /// # Errors
    /// The compiler's messages.
    pub(crate) fn configured_program(
        &self,
        name: &str,
        sources: &[PathBuf],
        variant: Variant,
        values: &[&str],
    ) -> Result<PathBuf> {
        let directory = directory(variant).join(name);
        let definitions: Vec<_> = values.iter().map(|value| format!("-D{value}")).collect();
        let compile = |sources: &[PathBuf], name| {
            compile(sources, &directory.join(name), variant, &definitions)
        };
        let mut objects = compile(sources, "objects")?;
        for (sources, name) in SHARED {
            objects.extend(compile(&paths::files(sources, "c")?, name)?);
        }
        let program = directory.join(name);
        self.link(&program, &objects, variant)?;
        Ok(program)
    }

    fn link(&self, program: &Path, objects: &[PathBuf], variant: Variant) -> Result<()> {
        process::build(
            Command::new("cc")
                .args(variant.flags())
                .args(["-g", "-o"])
                .arg(program)
                .args(objects)
                .args([&self.library, &self.port])
                .args(LIBRARIES),
        )?;
        Ok(())
    }

    fn shared(&mut self, variant: Variant) -> Result<Vec<PathBuf>> {
        if let Some(objects) = self.shared.get(&variant) {
            return Ok(objects.clone());
        }
        let mut objects = Vec::new();
        for (sources, name) in SHARED {
            let sources = paths::files(sources, "c")?;
            let directory = self.directory(variant).join(name);
            objects.extend(compile(&sources, &directory, variant, &self.arguments()?)?);
        }
        self.shared.insert(variant, objects.clone());
        Ok(objects)
    }

    /// What the compiler is told of the switches.
    fn arguments(&self) -> Result<Vec<String>> {
        let Some(configuration) = &self.configuration else {
            return Ok(Vec::new());
        };
        let header = configuration.header()?;
        Ok(vec!["-include".into(), header.display().to_string()])
    }

    fn directory(&self, variant: Variant) -> PathBuf {
        let name = self.configuration.as_ref().map_or("", |all| &all.name);
        directory(variant).join(name)
    }
}

/// A compiler call with the flags, headers and configuration of every C file here.
pub(crate) fn compiler() -> Command {
    let mut command = Command::new("cc");
    command
        .args(FLAGS)
        .arg("-include")
        .arg(paths::source("host/include/autoconf.h"));
    for include in INCLUDES {
        command.arg("-I").arg(paths::source(include));
    }
    command.arg("-I").arg(generated());
    command
}

/// Headers that are made for the tests.
fn generated() -> PathBuf {
    paths::target("pc/generated")
}

fn directory(variant: Variant) -> PathBuf {
    paths::target("pc").join(variant.name())
}

/// Compiles files, as many at a time as there are processors.
fn compile(
    sources: &[PathBuf],
    directory: &Path,
    variant: Variant,
    arguments: &[String],
) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(directory).with_context(|| paths::shown(directory))?;
    let jobs: Vec<_> = sources
        .iter()
        .map(|source| {
            let name = source.file_stem().unwrap_or_default();
            (source, directory.join(name).with_extension("o"))
        })
        .collect();
    let queue = Mutex::new(jobs.iter());
    let next = || queue.lock().ok()?.next();
    let work = || -> Result<()> {
        while let Some((source, object)) = next() {
            process::build(
                compiler()
                    .args(variant.flags())
                    .args(arguments)
                    .arg("-c")
                    .arg(source)
                    .arg("-o")
                    .arg(object),
            )?;
        }
        Ok(())
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(_) => anyhow::bail!("a compiler thread ended early"),
            })
    })?;
    Ok(jobs.into_iter().map(|(_, object)| object).collect())
}
