#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the documentation points at: tests and ids of the quirk ledger, and relative links of every .md file."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEDGER = "docs/compatibility.md"

# The ids of section I of the specification of the stock client; from 100 on, what the differential run found.
ID_RANGES = [(1, 17), (20, 40), (50, 64), (70, 81), (90, 96), (100, 106)]
IDS = [f"I-{number:02}" for first, last in ID_RANGES for number in range(first, last + 1)]

# Directories that hold what was built or fetched.
SKIPPED = {".git", "target", "build", "node_modules", "corpus", "artifacts", "__pycache__"}

# What a row without a test of ours may say instead, and nothing vaguer.
OTHER_EVIDENCE = ("not yet", "in-tree suite", "the build", "not ours", "the differential run")

ROW = re.compile(r"^\| *(I-\d+) *\|")
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
C_TEST = re.compile(r"^ZTEST(?:_[A-Z]+)?\(\s*\w+\s*,\s*(\w+)\s*\)", re.MULTILINE)
RUST_TEST = re.compile(r"#\[test\]\s*(?:#\[[^\]]*\]\s*)*fn\s+(\w+)")


class Report:
    """Counts checks and prints those that fail."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, is_good, message):
        if is_good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {message}")


def files(pattern, directory=ROOT):
    """Files below a directory, without what was built or fetched."""
    found = (path for path in directory.rglob(pattern) if path.is_file())
    return sorted(path for path in found if not SKIPPED.intersection(path.relative_to(ROOT).parts))


def names_of_tests():
    """Every ZTEST of the behaviour suite and every #[test] of the library."""
    names = set()
    for path in files("*.c", ROOT / "tests"):
        names.update(C_TEST.findall(path.read_text()))
    for path in files("*.rs", ROOT / "src"):
        names.update(RUST_TEST.findall(path.read_text()))
    return names


def cells(line):
    """The cells of a table row; a bar inside a cell is written \\|."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def check_ledger(report):
    """One row per id, five cells each; every test that the last cell names exists."""
    tests = names_of_tests()
    rows = {}
    for number, line in enumerate((ROOT / LEDGER).read_text().splitlines(), 1):
        match = ROW.match(line)
        if match:
            rows.setdefault(match[1], []).append((number, cells(line)))
    for identifier in IDS:
        found = len(rows.get(identifier, []))
        report.check(found == 1, f"{LEDGER}: {identifier} has {found} rows, not 1")
    for identifier in rows.keys() - set(IDS):
        report.check(False, f"{LEDGER}: {identifier} is no id of the specification, nor one of the differential run")
    for identifier, number, row in ((i, n, r) for i, found in rows.items() for n, r in found):
        where = f"{LEDGER}:{number}: {identifier}"
        report.check(len(row) == 5 and all(row), f"{where} has {len(row)} cells, not 5, or an empty one")
        named = CODE.findall(row[-1])
        has_evidence = named or any(word in row[-1] for word in OTHER_EVIDENCE)
        report.check(has_evidence, f"{where} names no test and does not say why")
        for name in named:
            report.check(name in tests, f"{where}: no test is called {name}")


def anchors(path):
    """The anchors that GitHub makes of a file's headings."""
    found = set()
    for line in without_code_blocks(path.read_text()).splitlines():
        if line.startswith("#"):
            text = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def without_code_blocks(text):
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


def check_links(report):
    """Every relative link leads to a file or directory, and its anchor to a heading."""
    for path in files("*.md"):
        text = without_code_blocks(path.read_text())
        for target in LINK.findall(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            name, _, anchor = target.partition("#")
            to = (path.parent / name).resolve() if name else path
            where = f"{path.relative_to(ROOT)}: link to {target}"
            report.check(to.exists(), f"{where}: there is no such file")
            if anchor and to.suffix == ".md" and to.exists():
                report.check(anchor in anchors(to), f"{where}: there is no such heading")


def main():
    report = Report()
    check_ledger(report)
    check_links(report)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
