//! The Kconfig values of the program this library is linked into.
//!
//! SPDX-License-Identifier: Apache-2.0

use core::ffi::c_int;

/// `struct port_configuration` of `configuration.c`, which the program compiles with its own `autoconf.h`.
#[repr(C)]
struct PortConfiguration {
    open_max: c_int,
    poll_max: c_int,
    connect_timeout_ms: c_int,
    max_send_wait_ms: c_int,
    tls_content_len: c_int,
}

unsafe extern "C" {
    safe static port_configuration: PortConfiguration;
}

/// Most descriptors the table can hold, whatever the configuration asks for.
pub const DESCRIPTOR_CAPACITY: usize = 1024;

/// `CONFIG_ZVFS_OPEN_MAX`: number of descriptors.
pub fn open_max() -> usize {
    positive(port_configuration.open_max).min(DESCRIPTOR_CAPACITY)
}

/// `CONFIG_ZVFS_POLL_MAX`: number of events one `zvfs_poll()` can wait for.
pub fn poll_max() -> usize {
    positive(port_configuration.poll_max)
}

/// `CONFIG_NET_SOCKETS_CONNECT_TIMEOUT` in milliseconds.
pub fn connect_timeout_ms() -> u64 {
    positive(port_configuration.connect_timeout_ms) as u64
}

/// `CONFIG_NET_SOCKET_MAX_SEND_WAIT` in milliseconds.
pub fn max_send_wait_ms() -> u64 {
    positive(port_configuration.max_send_wait_ms) as u64
}

/// `CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN`: the most octets that a record of a TLS socket carries.
pub fn tls_content_len() -> usize {
    positive(port_configuration.tls_content_len)
}

fn positive(value: c_int) -> usize {
    usize::try_from(value).unwrap_or(0)
}
