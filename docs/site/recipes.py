#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes the pieces of C out of docs/api.md, each into a file of its own with what all of them include."""

import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/api.md"
C_BLOCK = re.compile(r"^```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    directory = pathlib.Path(sys.argv[1])
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    text = PAGE.read_text()
    blocks = list(C_BLOCK.finditer(text))
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 2
        # The compiler names the page's own lines.
        (directory / f"line_{line}.c").write_text(f'#line {line} "docs/api.md"\n{block[1]}')
    print(f"{len(blocks)} recipes")
    return 0 if blocks else "docs/api.md has no piece of C"


if __name__ == "__main__":
    sys.exit(main())
