#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a Rust static library into one object that defines the exports and nothing else.

A plain Rust archive takes over memcpy and friends for the whole image and clashes with any other Rust library in it.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

# Tables for unwinding and for tools: no image has a use for them, and the personality routine does not exist.
DROPPED_SECTIONS = [
    ".eh_frame*",
    ".gcc_except_table*",
    ".data.DW.ref.*",
    ".data.rel.local.DW.ref.*",
    ".llvmbc",
    ".llvmcmd",
    ".debug_gdb_scripts",
    ".ARM.exidx*",
    ".ARM.extab*",
]


def run(*command):
    """Runs a tool and ends with its message when it fails."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"prelink: {' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def exports_of(path, dotconfig):
    """The names in an exports file: one a line, behind `if` the switches that it needs; # starts a comment."""
    lines = (line.split("#", 1)[0].split() for line in path.read_text().splitlines())
    configuration = None if dotconfig is None else dotconfig.read_text().splitlines()
    is_on = lambda switch: configuration is None or f"CONFIG_WEBSOCKET_RUST_{switch}=y" in configuration
    return [line[0] for line in lines if line and all(map(is_on, line[2:]))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=pathlib.Path, required=True, help="the static library that cargo built")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the object to write (.o), or an archive (.a)")
    parser.add_argument("--exports", type=pathlib.Path, required=True, help="the list of global symbols")
    parser.add_argument("--dotconfig", type=pathlib.Path, help="the image's .config; without it every switch is on")
    parser.add_argument("--ld", default="ld")
    parser.add_argument("--ld-flag", action="append", default=[], help="a further flag for ld, such as -melf_i386")
    parser.add_argument("--objcopy", default="objcopy")
    parser.add_argument("--ar", default="ar")
    parser.add_argument("--drop-compiler-builtins", action="store_true", help="memcpy and friends come from the C library")
    parser.add_argument("--strip", action="store_true", help="leave out debug information and local symbols")
    options = parser.parse_args()

    exports = exports_of(options.exports, options.dotconfig)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        archive = scratch / "library.a"
        archive.write_bytes(options.archive.read_bytes())
        if options.drop_compiler_builtins:
            members = [name for name in run(options.ar, "t", archive).split() if "compiler_builtins" in name]
            if members:
                run(options.ar, "d", archive, *members)

        linked = scratch / "linked.o"
        wanted = [flag for name in exports for flag in ("-u", name)]
        run(options.ld, *options.ld_flag, "-r", "--gc-sections", *wanted, "-o", linked, archive)

        keep = scratch / "exports"
        keep.write_text("\n".join(exports) + "\n")
        remove = [f"--remove-section={section}" for section in DROPPED_SECTIONS]
        remove += [f"--remove-section=.rel{infix}{section}" for infix in ("", "a") for section in DROPPED_SECTIONS[:2]]
        strip = ["--strip-unneeded", "--strip-debug"] if options.strip else []
        final = scratch / "zephyr_websocket.o"
        run(options.objcopy, *remove, linked, final)
        run(options.objcopy, f"--keep-global-symbols={keep}", *strip, final)

        if options.output.suffix == ".a":
            options.output.unlink(missing_ok=True)
            run(options.ar, "crs", options.output, final)
        else:
            options.output.write_bytes(final.read_bytes())


if __name__ == "__main__":
    main()
