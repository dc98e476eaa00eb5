#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the documentation's pages: lays out what Sphinx reads, runs it, and follows every link in what it wrote.

Started by `cargo xtask site` with Python of an environment that has requirements.txt.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import api_pages
import kconfig_page
import links
import sources

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent

# The pages that are written by hand, in the order of the contents; what they link to follows by itself.
GUIDES = {
    "First steps": ["README.md", "docs/api.md", "docs/migration.md", "docs/building.md"],
    "What it does": ["docs/compatibility.md", "docs/rfc6455.md", "docs/performance.md", "docs/peers.md", "docs/autobahn.md"],
    "Inside": ["docs/architecture.md", "docs/porting.md", "host/README.md", "docs/releasing.md", "CONTRIBUTING.md"],
    "Project": ["CHANGELOG.md", "SECURITY.md", "docs/zephyr-external-module.rst"],
}
REFERENCE = ["api/index.md", "kconfig.md"]
# Pages that are called otherwise in the contents than in their title, which is the project's name.
TITLES = {"README.md": "Overview", "docs/zephyr-external-module.rst": "For Zephyr's documentation"}


def version():
    """As VERSION says it, in the form that Zephyr gave it."""
    lines = (line.split("=") for line in (ROOT / "VERSION").read_text().splitlines() if "=" in line)
    values = {name.strip(): value.strip() for name, value in lines}
    numbers = ".".join(values[name] for name in ("VERSION_MAJOR", "VERSION_MINOR", "PATCHLEVEL"))
    return numbers + (f"-{values['EXTRAVERSION']}" if values.get("EXTRAVERSION") else "")


def entry(page):
    name = str(pathlib.PurePath(page).with_suffix(""))
    return f"{TITLES[page]} <{name}>" if page in TITLES else name


def contents(caption, pages):
    names = "\n".join(entry(page) for page in pages)
    return f"```{{toctree}}\n:caption: {caption}\n:maxdepth: 1\n\n{names}\n```\n"


def index():
    """The first page."""
    parts = ["# zephyr-websocket\n\nA WebSocket library for Zephyr, written in Rust behind Zephyr's own C API.\n"]
    (first, pages), *others = GUIDES.items()
    parts.append(contents(first, pages))
    parts.append(contents("Reference", REFERENCE))
    parts.extend(contents(caption, pages) for caption, pages in others)
    return "\n".join(parts)


def lay_out(directory):
    """Writes everything that Sphinx reads."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    shutil.copy(HERE / "conf.py", directory)
    (directory / "static").mkdir()
    shutil.copy(HERE / "pages.css", directory / "static")
    (directory / "index.md").write_text(index())
    pages = [page for group in GUIDES.values() for page in group]
    api_pages.write(ROOT, directory)
    kconfig_page.write(ROOT, directory)
    sources.write(ROOT, directory, pages)


def main():
    output = pathlib.Path(sys.argv[1])
    laid_out = output.with_name("site-source")
    lay_out(laid_out)
    shutil.rmtree(output, ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "-E", "-d", str(output.with_name("site-doctrees"))]
    environment = {**os.environ, "SITE_VERSION": version()}
    result = subprocess.run([*sphinx, "-b", "html", str(laid_out), str(output)], env=environment, check=False)
    if result.returncode != 0:
        return result.returncode
    return links.check(output)


if __name__ == "__main__":
    sys.exit(main())
