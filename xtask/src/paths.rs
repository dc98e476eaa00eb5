// SPDX-License-Identifier: Apache-2.0
//! Where things are in the source tree and in target/.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A path in the source tree.
pub(crate) fn source(path: &str) -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join(path)
}

/// A path in the target directory, whichever directory other builds use.
pub(crate) fn target(path: &str) -> PathBuf {
    source("target").join(path)
}

/// A path as messages name it: from the root of the source tree.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(source("")).unwrap_or(path);
    path.display().to_string()
}

/// The files of a directory with this extension, sorted; none where there is no such directory.
pub(crate) fn files(directory: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let directory = source(directory);
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in directory.read_dir().with_context(|| shown(&directory))? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
