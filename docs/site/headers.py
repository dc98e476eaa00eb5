# SPDX-License-Identifier: Apache-2.0
"""Reads headers as cbindgen writes them: declarations, each with the comment above it."""

import dataclasses
import re

# A comment for readers, and what follows it: a definition of the preprocessor, a structure, or a function.
ITEM = re.compile(
    r"/\*\*\n(?P<comment>(?:[ ]*\*(?!/)[^\n]*\n)*)[ ]*\*/\n"
    r"(?:#define (?P<macro>\w+) (?P<value>[^\n]+)"
    r"|struct (?P<struct>\w+) \{\n(?P<body>.*?)^\};"
    r"|(?P<function>[a-z][^;{}#]*?\b(?P<name>\w+)\([^;{}#]*\));)",
    re.MULTILINE | re.DOTALL,
)
MEMBER = re.compile(r"/\*\*\n(?P<comment>(?:[ ]*\*(?!/)[^\n]*\n)*)[ ]*\*/\n[ ]*(?P<declaration>[^;]+);")
# Links that rustdoc follows and nobody else.
RUST_LINK = re.compile(r"\[(`[^`]+`)\]")


@dataclasses.dataclass
class Item:
    kind: str
    name: str
    declaration: str
    comment: str
    members: list = dataclasses.field(default_factory=list)


def text_of(comment):
    """The comment without what makes it one."""
    lines = [re.sub(r"^[ ]*\* ?", "", line).rstrip() for line in comment.splitlines()]
    return RUST_LINK.sub(r"\1", "\n".join(lines)).strip()


def one_line(declaration):
    return re.sub(r"\s+", " ", declaration).replace("( ", "(").strip()


def item(match):
    comment = text_of(match["comment"])
    if match["macro"]:
        return Item("macro", match["macro"], match["macro"], f"Its value is {match['value'].strip()}.\n\n{comment}")
    if match["struct"]:
        members = [
            Item("member", re.search(r"(\w+)$", found["declaration"])[1], one_line(found["declaration"]), text_of(found["comment"]))
            for found in MEMBER.finditer(match["body"])
        ]
        return Item("struct", match["struct"], match["struct"], comment, members)
    return Item("function", match["name"], one_line(match["function"]), comment)


def items(path):
    """What a header declares, in its order."""
    return [item(match) for match in ITEM.finditer(path.read_text())]


def without_comment(path, found):
    """Public functions of a header that the reader did not find, which is to say that nothing is written about them."""
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    declared = set(re.findall(r"\b(websocket_\w+)\(", code))
    return sorted(declared - {one.name for one in found})
