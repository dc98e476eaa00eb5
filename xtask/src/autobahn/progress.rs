// SPDX-License-Identifier: Apache-2.0
//! How far the runs are: one line that is rewritten on a terminal, a line now and then in a log.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write, stdout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Api;

const TERMINAL_INTERVAL: Duration = Duration::from_millis(200);
const LOG_INTERVAL: Duration = Duration::from_secs(15);

/// Of one run.
pub(super) struct Progress {
    name: String,
    total: AtomicUsize,
    done: AtomicUsize,
    case: Mutex<String>,
}

impl Progress {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            case: Mutex::default(),
        }
    }

    pub(super) fn begin(&self, total: usize) {
        self.total.store(total, Relaxed);
    }

    pub(super) fn case(&self, case: &str) {
        case.clone_into(&mut self.case.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn done(&self) {
        self.done.fetch_add(1, Relaxed);
    }

    fn words(&self) -> String {
        let case = self.case.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, total) = (self.done.load(Relaxed), self.total.load(Relaxed));
        format!("{} {done} of {total} ({})", self.name, *case)
    }
}

/// Shows all until they are over.
pub(super) fn show(all: &BTreeMap<Api, Progress>, is_over: impl Fn() -> bool) {
    let is_terminal = stdout().is_terminal();
    let mut shown = Instant::now();
    let mut print = |end: bool| {
        let words: Vec<_> = all.values().map(Progress::words).collect();
        let line = words.join(", ");
        if is_terminal {
            print!("\r{line:<78}");
            if end {
                println!();
            }
            let _ = stdout().flush();
        } else if end || shown.elapsed() >= LOG_INTERVAL {
            println!("  {line}");
            shown = Instant::now();
        }
    };
    while !is_over() {
        print(false);
        std::thread::sleep(TERMINAL_INTERVAL);
    }
    print(true);
}
