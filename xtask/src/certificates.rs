// SPDX-License-Identifier: Apache-2.0
//! Certificates for tests, new in every run: an authority, a server of this machine, and a stranger's authority.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::paths;

/// The names that the server's certificate is good for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "ws.example"];

/// PEM texts that belong together.
pub(crate) struct Certificates {
    pub(crate) authority: String,
    pub(crate) server: String,
    pub(crate) server_key: String,
    stranger: String,
    authority_der: Vec<u8>,
}

impl Certificates {
    /// Makes keys and certificates.
    ///
    /// # Errors
    /// The generator's.
    pub(crate) fn make() -> Result<Self> {
        let (authority, issuer) = authority("zephyr-websocket tests")?;
        let (stranger, _) = self::authority("somebody else")?;
        let key = KeyPair::generate()?;
        let names: Vec<_> = NAMES.iter().map(|name| (*name).to_owned()).collect();
        let server = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        Ok(Self {
            authority: authority.pem(),
            server: server.pem(),
            server_key: key.serialize_pem(),
            stranger: stranger.pem(),
            authority_der: authority.der().to_vec(),
        })
    }

    /// Writes authority.pem, server.pem and server-key.pem for programs that read files.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn write_files(&self, directory: &Path) -> Result<Files> {
        fs::create_dir_all(directory).with_context(|| paths::shown(directory))?;
        let write = |name, text: &str| -> Result<PathBuf> {
            let path = directory.join(name);
            fs::write(&path, text).with_context(|| paths::shown(&path))?;
            Ok(path)
        };
        Ok(Files {
            authority: write("authority.pem", &self.authority)?,
            server: write("server.pem", &self.server)?,
            server_key: write("server-key.pem", &self.server_key)?,
        })
    }

    /// Writes the header that the C tests include.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write_header(&self, directory: &Path) -> Result<()> {
        let mut header = String::from("/* Made by cargo xtask for this run. */\n");
        for (name, text) in [
            ("authority", &self.authority),
            ("server", &self.server),
            ("server_key", &self.server_key),
            ("stranger", &self.stranger),
        ] {
            writeln!(header, "static const char test_{name}[] =")?;
            for line in text.lines() {
                writeln!(header, "\t\"{}\\n\"", line.trim_end())?;
            }
            writeln!(header, "\t;")?;
        }
        writeln!(
            header,
            "static const unsigned char test_authority_der[] = {{"
        )?;
        for row in self.authority_der.chunks(16) {
            let octets: Vec<_> = row.iter().map(|octet| format!("{octet}")).collect();
            writeln!(header, "\t{},", octets.join(", "))?;
        }
        writeln!(header, "}};")?;
        fs::create_dir_all(directory).with_context(|| paths::shown(directory))?;
        let path = directory.join("test_certificates.h");
        fs::write(&path, header).with_context(|| paths::shown(&path))
    }
}

/// Where the files of [`Certificates::write_files`] are.
pub(crate) struct Files {
    pub(crate) authority: PathBuf,
    pub(crate) server: PathBuf,
    pub(crate) server_key: PathBuf,
}

fn authority(name: &str) -> Result<(rcgen::Certificate, Issuer<'static, KeyPair>)> {
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(Vec::<String>::new())?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key)?;
    Ok((certificate, Issuer::new(parameters, key)))
}
