//! The PC port: the part of Zephyr's API that the glue and the samples use, on POSIX.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! C calls everything here through the headers in `host/include`; those say what a function does. The functions
//! take references where the C caller must pass a valid, non-null object, which is the caller's promise as it is
//! to the kernel. Everything shared between threads is guarded by pthread locks, not by those of `std`, so that
//! ThreadSanitizer sees the synchronisation although this code is not instrumented.

#![warn(clippy::all)]

pub mod addresses;
pub mod clock;
pub mod condition_variable;
pub mod configuration;
pub mod descriptor_io;
pub mod descriptor_table;
pub mod errno;
pub mod event_poll;
pub mod host_io;
pub mod host_methods;
pub mod host_options;
pub mod host_readiness;
pub mod host_socket;
pub mod log_sink;
pub mod mutex;
pub mod native;
pub mod random;
pub mod select;
pub mod semaphore;
pub mod socket_calls;
pub mod socket_poll;
pub mod thread;
pub mod tls_configuration;
pub mod tls_credentials;
pub mod tls_io;
pub mod tls_options;
pub mod tls_readiness;
pub mod tls_session;
pub mod tls_socket;
pub mod vtable;
pub mod work;
