// SPDX-License-Identifier: Apache-2.0
//! Whether a port is open to this machine only.

use std::fs;

use anyhow::{Context, Result, bail};

/// The kernel's name for a socket that listens.
const LISTENS: &str = "0A";
/// 127.0.0.1, and the same as an IPv6 address, as the kernel of a little-endian machine writes them.
const LOCAL: [&str; 2] = ["0100007F", "0000000000000000FFFF00000100007F"];

/// Fails where something listens on this port at another address than 127.0.0.1.
///
/// # Errors
/// The address, or nothing listens.
pub(crate) fn require(port: u16) -> Result<()> {
    let mut is_found = false;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        // A machine without IPv6 has one table.
        let text = fs::read_to_string(table).unwrap_or_default();
        for address in listeners(&text, port) {
            if !LOCAL.contains(&address) {
                bail!("the server listens on port {port} at {address}, not at 127.0.0.1 only");
            }
            is_found = true;
        }
    }
    is_found
        .then_some(())
        .with_context(|| format!("nothing listens on port {port}"))
}

/// The addresses at which something listens on this port.
fn listeners(table: &str, port: u16) -> impl Iterator<Item = &str> {
    table.lines().filter_map(move |line| {
        let mut words = line.split_whitespace().skip(1);
        let (address, found) = words.next()?.split_once(':')?;
        let is_wanted = u16::from_str_radix(found, 16).is_ok_and(|found| found == port);
        (is_wanted && words.nth(1)? == LISTENS).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::{listeners, require};
    use std::net::TcpListener;

    #[test]
    fn a_port_that_is_open_to_others_is_refused() {
        let open = TcpListener::bind("0.0.0.0:0").unwrap();
        let local = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(require(open.local_addr().unwrap().port()).is_err());
        assert!(require(local.local_addr().unwrap().port()).is_ok());
    }

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table =
            "sl local rem st\n 0: 0100007F:1F90 00000000:0000 0A x\n 1: 00000000:1F90 0:0 01 x\n";
        assert_eq!(listeners(table, 8080).collect::<Vec<_>>(), ["0100007F"]);
        assert_eq!(listeners(table, 8081).count(), 0);
    }
}
