// SPDX-License-Identifier: Apache-2.0
//! The life of a connection's place in the table: who may use it, and when it is somebody else's.
//!
//! The same code runs on Zephyr, on the PC port, and under loom, which tries every order in which threads can meet
//! (`cargo xtask test --only loom`), and under shuttle, which tries many random ones of more threads (`--only shuttle`).
#![forbid(unsafe_code)]

mod atomic;
mod life;
mod locks;

pub use life::{Close, Life};
pub use locks::{Direction, Locks};

#[cfg(all(test, loom))]
mod lock_models;
#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, shuttle))]
mod random_models;
