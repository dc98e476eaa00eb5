// SPDX-License-Identifier: Apache-2.0
//! nginx as a proxy in front of a WebSocket server, with paths that it answers itself.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context, Result};

use crate::debian;
use crate::paths;
use crate::server::Server;

/// What nginx asks for on /guarded.
pub(crate) const REALM: &str = "peers";
/// Where it sends who asks for /moved.
pub(crate) const LOCATION: &str = "/echo";

/// A port of 127.0.0.1 on which nothing listens.
///
/// # Errors
/// There is none.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Starts nginx in front of the server on this port.
///
/// # Errors
/// It cannot be installed or does not start.
pub(crate) fn start(upstream: u16) -> Result<Server> {
    let mut command = debian::program("nginx")?;
    let directory = paths::target("peers/nginx");
    fs::create_dir_all(&directory)?;
    let port = free_port()?;
    // Nobody knows the password of nobody.
    fs::write(directory.join("passwords"), "nobody:*\n")?;
    fs::write(
        directory.join("nginx.conf"),
        configuration(port, upstream, free_port()?),
    )?;
    command
        .arg("-p")
        .arg(&directory)
        .args(["-c", "nginx.conf", "-e", "error.log"]);
    Server::start_on(&mut debian::bounded(&command), port)
        .with_context(|| format!("see {}", paths::shown(&directory.join("error.log"))))
}

fn configuration(port: u16, upstream: u16, nobody: u16) -> String {
    format!(
        r#"# Written by cargo xtask peers.
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        absolute_redirect off;
        location / {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header Host $host;
        }}
        location = /guarded {{
            auth_basic "{REALM}";
            auth_basic_user_file passwords;
            proxy_pass http://127.0.0.1:{upstream};
        }}
        location = /missing {{ root .; }}
        location = /moved {{ return 302 {LOCATION}; }}
        location = /forbidden {{ deny all; }}
        location = /gone {{ proxy_pass http://127.0.0.1:{nobody}; }}
        location = /plain {{ return 200 "no WebSocket here\n"; }}
        location = /unproxied {{ proxy_pass http://127.0.0.1:{upstream}/echo; }}
    }}
}}
"#
    )
}
