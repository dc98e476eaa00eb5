// SPDX-License-Identifier: Apache-2.0
//! The suite's fuzzing server: its cases at the start, its verdicts at the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::agent::Sum;
use super::python2;
use crate::certificates::Files;
use crate::paths;
use crate::server::Server;

/// The server stops by itself after this time.
const LIFETIME: Duration = Duration::from_secs(1200);
/// For the suite's own reports, a file or two a case.
const REPORT_LIMIT: Duration = Duration::from_secs(120);

/// What the suite has.
#[derive(Deserialize)]
pub(super) struct Catalogue {
    pub(super) cases: Vec<Case>,
    categories: BTreeMap<String, String>,
    sub_categories: BTreeMap<String, String>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) description: String,
}

impl Catalogue {
    pub(super) fn ids(&self) -> Vec<String> {
        self.cases.iter().map(|case| case.id.clone()).collect()
    }

    /// The name of a section such as `9.1` or `3`.
    pub(super) fn name(&self, section: &str) -> String {
        let category = section.split('.').next().unwrap_or_default();
        let category = self.categories.get(category).map_or("", String::as_str);
        match self.sub_categories.get(section) {
            Some(name) => format!("{category}: {name}"),
            None => category.to_owned(),
        }
    }
}

/// What the suite says of a case.
#[derive(Deserialize, Default, Clone)]
pub(super) struct Verdict {
    pub(super) behavior: String,
    pub(super) behavior_close: String,
    pub(super) result: String,
    pub(super) result_close: String,
    /// The status code of the agent's Close frame.
    pub(super) close_code: Option<u16>,
    pub(super) milliseconds: u64,
    pub(super) sent: Sum,
    pub(super) received: Sum,
}

/// Verdicts by agent and case.
pub(super) type Verdicts = BTreeMap<String, BTreeMap<String, Verdict>>;

/// A running server.
pub(super) struct Suite {
    server: Server,
    directory: PathBuf,
}

impl Suite {
    /// Starts it with the suite's reports in this directory of target/autobahn.
    ///
    /// # Errors
    /// The suite cannot be had, or does not start.
    pub(super) fn start(name: &str, certificates: Option<&Files>) -> Result<Self> {
        let python = python2::with_suite()?;
        let directory = paths::target("autobahn").join(name);
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
        let mut command = python.command();
        command
            .arg(paths::source("tests/conformance/fuzzing_server.py"))
            .arg(&directory)
            .arg(LIFETIME.as_secs().to_string());
        if let Some(files) = certificates {
            command.args([&files.server_key, &files.server]);
        }
        let server = Server::start(&mut command).context("the Autobahn fuzzing server")?;
        Ok(Self { server, directory })
    }

    pub(super) fn port(&self) -> u16 {
        self.server.port()
    }

    pub(super) fn catalogue(&self) -> Result<Catalogue> {
        self.read("cases.json")
    }

    /// Ends the server, which writes its reports first.
    ///
    /// # Errors
    /// It does not end, or leaves no verdicts.
    pub(super) fn finish(mut self) -> Result<Verdicts> {
        self.server.finish(REPORT_LIMIT)?;
        self.read("verdicts.json")
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let file = self.directory.join(name);
        let text = fs::read_to_string(&file).with_context(|| paths::shown(&file))?;
        serde_json::from_str(&text).with_context(|| paths::shown(&file))
    }
}
