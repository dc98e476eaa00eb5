#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows every row of docs/rfc6455.md: file and function, tests, sections, cases; and no binding section is left out."""

import pathlib
import json
import re
import sys

from check_links import CODE, ROOT, Report, cells, names_of_tests

# Another document, to prove that the checker fails, may be named.
TABLE = "docs/rfc6455.md"
EXPECTED = ROOT / "tests/conformance/expected.json"

# The sections with requirements that bind a client, or a server after the handshake.
SECTIONS = """3 4.1 4.2 4.4 5.1 5.2 5.3 5.4 5.5 5.5.1 5.5.2 5.5.3 5.6 5.8 6.1 6.2 7.1.1 7.1.2 7.1.5 7.1.7 7.2.1 7.2.2
7.2.3 7.4.1 7.4.2 8.1 9 9.1 10.1 10.2 10.3 10.4 10.6 10.7 11.3.1 11.3.3 11.3.4 11.3.5""".split()

ROW = re.compile(r"^\| *(\d+(?:\.\d+)*) *\|")
LEVEL = re.compile(r"^(MUST|MUST NOT|SHOULD|SHOULD NOT)(, (MUST|MUST NOT|SHOULD|SHOULD NOT))*( \(\d+\))?: ")
# A requirement that no function of ours fulfils says whose it is.
ELSEWHERE = ("application: ", "below: ", "does not apply: ", "not done: ")
PLACE = re.compile(r"^([\w./-]+\.(?:rs|c|h))::(\w+)$")
AUTOBAHN = re.compile(r"Autobahn ([\d.]*\d)")
# 301 cases in sections 1 to 10, 216 of compression in 12 and 13.
CASE = re.compile(r"^([1-7]|9|10|12|13)(\.\d{1,2}){1,2}$")
NONE = "—"


def is_expected(case):
    """Whether a rule is for this case: by its number, or by a pattern as "6.*"."""
    rules = json.loads(EXPECTED.read_text())["verdicts"]
    patterns = [pattern for rule in rules for pattern in rule["cases"]]
    return any(case == pattern or pattern.endswith("*") and case.startswith(pattern[:-1]) for pattern in patterns)


def defines(path, function):
    """Whether a file defines a function, not only calls it."""
    text = path.read_text()
    if path.suffix == ".rs":
        return re.search(rf"\bfn {function}\b", text) is not None
    # In C a definition begins in the first column and is not a prototype.
    return re.search(rf"^\w[^;\n]*\b{function}\([^;{{]*\)\s*\{{", text, re.MULTILINE) is not None


def check_row(report, where, row, tests):
    section, requirement, place, evidence = row
    report.check(section in SECTIONS, f"{where}: section {section} of RFC 6455 binds nobody here, or does not exist")
    report.check(LEVEL.match(requirement), f"{where}: the requirement does not begin with MUST, MUST NOT, SHOULD …")
    places = [match for match in map(PLACE.match, CODE.findall(place)) if match]
    report.check(places or place.startswith(ELSEWHERE), f"{where}: neither file::function nor whose it is")
    for file, function in (match.groups() for match in places):
        path = ROOT / file
        report.check(path.is_file(), f"{where}: there is no file {file}")
        if path.is_file():
            report.check(defines(path, function), f"{where}: {file} defines no {function}")
    for code in CODE.findall(place):
        report.check(PLACE.match(code) or "::" not in code, f"{where}: {code} is no file::function")
    named = CODE.findall(evidence)
    cases = AUTOBAHN.findall(evidence)
    rest = AUTOBAHN.sub("", CODE.sub("", evidence)).strip(" ,")
    report.check(rest in ("", NONE), f"{where}: {rest!r} is neither a test nor a case")
    if place.startswith(ELSEWHERE):
        report.check(named or cases or rest == NONE, f"{where}: an empty cell")
    else:
        report.check(named or cases, f"{where}: what we do ourselves is shown by nothing")
    for name in named:
        report.check(name in tests, f"{where}: no test is called {name}")
    for case in cases:
        report.check(CASE.match(case), f"{where}: Autobahn has no case {case}")
        if EXPECTED.is_file():
            report.check(is_expected(case), f"{where}: {EXPECTED.name} has no case {case}")


# A good row, and what makes it a bad one.
GOOD = "| 5.3 | MUST: a key. | `src/connection/send.rs::begin` | `keys_differ_from_frame_to_frame`, Autobahn 5.3 |"
BROKEN = {
    "| 5.3 |": "| 5.33 |",
    "MUST: ": "must ",
    "send.rs::": "sent.rs::",
    "::begin": "::begins",
    "`src/connection/send.rs::begin`": "somewhere",
    "keys_differ_": "keys_are_",
    "Autobahn 5.3": "Autobahn 8.3",
    "`keys_differ_from_frame_to_frame`, Autobahn 5.3": NONE,
}


def check_itself(report, tests):
    """A check that cannot fail shows nothing: each broken row has to be found, and the good one is good."""

    def failures(line):
        silent = Report()
        silent.check = lambda is_good, _: setattr(silent, "failed", silent.failed + (not is_good))
        check_row(silent, "", cells(line), tests)
        return silent.failed

    report.check(failures(GOOD) == 0, "the checker refuses a good row")
    for part, instead in BROKEN.items():
        report.check(failures(GOOD.replace(part, instead)) > 0, f"the checker takes a row with {instead!r}")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else TABLE
    report = Report()
    tests = names_of_tests()
    check_itself(report, tests)
    covered = set()
    order = []
    for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
        if not line.startswith("|") or line.startswith(("|---", "| section |")):
            continue
        where = f"{pathlib.Path(name).name}:{number}"
        row = cells(line)
        is_row = ROW.match(line) and len(row) == 4 and all(row)
        report.check(is_row, f"{where}: not four cells that begin with a section's number")
        if is_row:
            covered.add(row[0])
            order.append(row[0])
            check_row(report, where, row, tests)
    for section in SECTIONS:
        report.check(section in covered, f"{name}: section {section} has no row")
    print(f"{len(order)} requirements: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not order else 0


if __name__ == "__main__":
    sys.exit(main())
