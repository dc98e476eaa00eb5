// SPDX-License-Identifier: Apache-2.0
//! One run of the matrix: every column of every server, with one agent process for all of them.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::agent::Agent;
use super::loopback;
use super::plan::{self, Cell, Column, Fault, Order};
use super::servers::{Peer, Running, Source};
use crate::host_build::{HostBuild, Variant};
use crate::process::Show;
use crate::{demo, samples};

/// How a cell ended.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// The text of the cell, and a remark.
    Passed(String, Option<&'static str>),
    /// The server has nothing for it.
    Impossible(&'static str),
    Fault(Fault),
    Failed(String),
}

/// What was seen of one server.
pub(crate) struct Row {
    pub(crate) peer: Peer,
    pub(crate) version: String,
    pub(crate) cells: Vec<(Column, Outcome)>,
    unavailable: Option<&'static str>,
}

impl Row {
    pub(crate) fn of(peer: Peer, version: &str, cells: Vec<(Column, Outcome)>) -> Self {
        let unavailable = peer.unavailable();
        Self {
            peer,
            version: version.to_owned(),
            cells,
            unavailable,
        }
    }

    pub(crate) fn skipped(&self) -> Option<String> {
        let reason = self.unavailable?;
        Some(format!("{} was not run: {reason}", self.peer.name()))
    }

    pub(crate) fn passed(&self) -> usize {
        let is_passed = |outcome: &Outcome| matches!(outcome, Outcome::Passed(..));
        self.cells
            .iter()
            .filter(|(_, outcome)| is_passed(outcome))
            .count()
    }

    /// One line for each reason, with its columns.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut reasons = Vec::<(&str, Vec<&str>)>::new();
        for (column, outcome) in &self.cells {
            let Outcome::Failed(reason) = outcome else {
                continue;
            };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, columns)) => columns.push(column.title()),
                None => reasons.push((reason, vec![column.title()])),
            }
        }
        let name = self.peer.name();
        let line = |(reason, columns): &(&str, Vec<&str>)| {
            format!("  {name}, {}: {reason}", columns.join(", "))
        };
        reasons.iter().map(line).collect()
    }
}

/// The programs of a run, and the agent while it runs.
pub(crate) struct Matrix {
    program: PathBuf,
    sample: PathBuf,
    variant: Variant,
    agent: Option<Agent>,
    /// Why servers from there cannot be had.
    missing: HashMap<Source, String>,
    is_interrupted: bool,
}

impl Matrix {
    /// Builds the programs.
    ///
    /// # Errors
    /// The compiler's messages.
    pub(crate) fn new(build: &mut HostBuild, variant: Variant) -> Result<Self> {
        Ok(Self {
            program: Agent::build(build, variant)?,
            sample: samples::echo_client(build, variant)?,
            variant,
            agent: None,
            missing: HashMap::new(),
            is_interrupted: false,
        })
    }

    /// Installs what the servers need; what cannot be had is said in their rows.
    pub(crate) fn install(&mut self, peers: &[Peer]) {
        for source in [Source::Cargo, Source::Python, Source::Npm, Source::Debian] {
            let is_needed = |peer: &&Peer| peer.source() == source && peer.unavailable().is_none();
            if peers.iter().any(|peer| is_needed(&peer))
                && let Err(error) = source.install()
            {
                println!("what comes from {source:?} is missing: {error:#}");
                self.missing
                    .insert(source, format!("not installed: {error:#}"));
            }
        }
    }

    /// Runs every column of a server, whatever becomes of the others.
    pub(crate) fn row(&mut self, peer: Peer) -> Row {
        let start = Instant::now();
        let version = peer.version().unwrap_or_else(|_| "unknown".into());
        print!("{} {version}: ", peer.name());
        let mut row = Row::of(peer, &version, Vec::new());
        if let Some(reason) = row.unavailable {
            println!("NOT RUN: {reason}");
            row.cells = Column::ALL
                .map(|column| (column, Outcome::Impossible(reason)))
                .into();
            return row;
        }
        let mut running = None;
        let mut last = None;
        for column in Column::ALL {
            let outcome = self.cell(peer, column, &mut running);
            let word = match &outcome {
                Outcome::Passed(..) => "ok".to_owned(),
                Outcome::Impossible(_) => "n/a".to_owned(),
                Outcome::Fault(fault) => format!("deviates ({})", fault.words),
                Outcome::Failed(reason) if last.as_ref() == Some(reason) => "FAILED".to_owned(),
                Outcome::Failed(reason) => {
                    last = Some(reason.clone());
                    format!("FAILED\n        {reason}\n       ")
                }
            };
            print!("{} {word}, ", column.title());
            let _ = std::io::stdout().flush();
            row.cells.push((column, outcome));
        }
        println!("{:.1} s", start.elapsed().as_secs_f64());
        row
    }

    /// Ends the agent and returns what it says of the whole run.
    ///
    /// # Errors
    /// It has kept something.
    pub(crate) fn end(self) -> Result<String> {
        let Some(agent) = self.agent else {
            return Ok("no agent ran to the end".into());
        };
        let closing = agent.end()?;
        Ok(if self.is_interrupted {
            format!("after the last start of the agent: {closing}")
        } else {
            format!("one agent process: {closing}")
        })
    }

    fn cell(&mut self, peer: Peer, column: Column, running: &mut Option<Running>) -> Outcome {
        let cell = match plan::cell(peer, column) {
            Cell::Impossible(reason) => return Outcome::Impossible(reason),
            possible => possible,
        };
        if let Some(reason) = self.missing.get(&peer.source()) {
            return Outcome::Failed(reason.clone());
        }
        let started = running.take().map_or_else(|| start(peer), Ok);
        let server = match started {
            Ok(server) => server,
            Err(error) => return Outcome::Failed(format!("the server does not start: {error:#}")),
        };
        let result = match cell {
            Cell::Orders(orders, remark) => self.orders(&orders, remark, &server),
            _ => self.sample(&server),
        };
        match result {
            Ok(outcome) => {
                *running = Some(server);
                outcome
            }
            // The server ends here: what it may still report must not be taken for the next connection.
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }

    fn orders(
        &mut self,
        orders: &[Order],
        remark: Option<&'static str>,
        server: &Running,
    ) -> Result<Outcome> {
        let mut fault = None;
        for order in orders {
            self.order(order, server).with_context(|| order.shown())?;
            fault = fault.or(order.fault);
        }
        let statuses: Vec<_> = orders.iter().filter_map(Order::status).collect();
        Ok(match fault {
            Some(fault) => Outcome::Fault(fault),
            None if statuses.is_empty() => Outcome::Passed("ok".into(), remark),
            None => Outcome::Passed(statuses.join(", "), remark),
        })
    }

    /// One connection, as both ends see it.
    fn order(&mut self, order: &Order, server: &Running) -> Result<()> {
        let agent = match self.agent.take() {
            Some(agent) => self.agent.insert(agent),
            None => self
                .agent
                .insert(Agent::start(self.program.clone(), self.variant)?),
        };
        let answer = match agent.carry_out(&order.line(server.front().port())) {
            Ok(answer) => answer,
            Err(error) => {
                self.is_interrupted = true;
                if let Some(agent) = self.agent.take() {
                    agent.abandon();
                }
                return Err(error);
            }
        };
        match (answer, order.fault) {
            (Ok(()), None) => {}
            (Err(reason), Some(fault)) if reason == fault.words => {}
            (Ok(()), Some(fault)) => {
                bail!("no longer so: {}", fault.words)
            }
            (Err(reason), _) => bail!("{reason}"),
        }
        if let Some(reporter) = server.reporter().filter(|_| order.is_reported())
            && let Some(difference) = order.difference(&reporter.report()?)
        {
            bail!("{difference}");
        }
        Ok(())
    }

    /// The sample application, through both APIs.
    fn sample(&self, server: &Running) -> Result<Outcome> {
        let url = server.front().url("/echo");
        samples::run_echo_client(self.sample.clone(), self.variant, &[&url], Show::Nothing)?;
        if let Some(reporter) = server.reporter() {
            demo::seen_by(reporter)?;
        }
        Ok(Outcome::Passed("ok".into(), None))
    }
}

/// Starts a server that nobody outside of this machine can reach.
fn start(peer: Peer) -> Result<Running> {
    let server = peer.start()?;
    loopback::require(server.front().port())?;
    Ok(server)
}
