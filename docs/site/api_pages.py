# SPDX-License-Identifier: Apache-2.0
"""Writes the pages of the C API from the comments of the headers, which come from src/abi: a page for each function."""

import re

import headers

# Functions of Zephyr's API, and internal ones; only the first are for readers.
STOCK = "include/zws/library.h"
OURS = "include/zephyr/net/websocket_socket.h"
STOCK_HEADER = "<zephyr/net/websocket.h>"
# Declared in a header of Zephyr that is not for applications.
INTERNAL = {"websocket_context_foreach": "websocket_internal.h, which only Zephyr's own code includes"}

CODE = re.compile(r"(`[^`]*`)")
WORD = re.compile(
    r"(?<![\w`])(-?E[A-Z]{2}[A-Z0-9]+|(?:CONFIG|WEBSOCKET|SOL|SO|SYS|ZSOCK)_\w+|INT_MAX|NULL|POLLIN|[a-z]\w*\(\))(?!\w)"
)
# An error, and when, where the text says so behind it.
ERROR = re.compile(r"(?<![\w-])(-?E[A-Z]{2}[A-Z0-9]+)\b(?: \(((?:[^()]|\([^()]*\))*)\))?")
RULES = "[Rules of all calls](../docs/api.md#rules-of-all-calls)"
RULES_PAGE = "docs/api.md"


class Names:
    """Where each name has its page."""

    def __init__(self):
        self.pages = {}

    def marked(self, text, here):
        """The text with names in code, and as links where there is a page for them."""

        def word(match):
            name = match[1]
            bare = name.removesuffix("()")
            if name.startswith("CONFIG_WEBSOCKET_RUST"):
                return f"[`{name}`](../kconfig.md#{name.lower()})"
            page = self.pages.get(bare)
            return f"[`{name}`]({page})" if page and page != here else f"`{name}`"

        pieces = CODE.split(text)
        return "".join(piece if piece.startswith("`") else WORD.sub(word, piece) for piece in pieces)


def sections(comment):
    """Text and what the caller has to see to, which Rust calls safety."""
    text, _, safety = comment.partition("# Safety")
    return text.strip(), safety.strip()


def errors(text):
    """The errors that a text names, each with its reason, or with none where it has one of several."""
    found = {}
    for name, reason in ERROR.findall(re.sub(r"\s+", " ", text)):
        found[name] = found.get(name) or reason
    return found


def units(declaration):
    """Of the arguments, as their names say."""
    parameters = re.findall(r"(\w+)(?=[,)])", declaration)
    for one in parameters:
        if one.endswith("_len"):
            yield f"`{one}`: octets"
        elif one == "timeout":
            yield "`timeout`: milliseconds; 0 does not wait, `SYS_FOREVER_MS` waits without limit"


def threads(root, name):
    """Who may call a function, and when, as the table of the rules says."""
    rows = [line for line in (root / RULES_PAGE).read_text().splitlines() if line.startswith("| `") and f"`{name}()`" in line]
    if len(rows) != 1:
        raise SystemExit(f"{RULES_PAGE}: {len(rows)} rows of the table of threads name {name}(), not 1")
    return rows[0].split("|")[2].strip()


def function_page(root, one, header, names):
    page = f"{one.name}.md"
    text, safety = sections(one.comment)
    parts = [f"# `{one.name}()`\n", f"Declared in `{header}`.\n", f"```{{c:function}} {one.declaration}\n```\n", names.marked(text, page)]
    if measures := "\n".join(f"- {unit}" for unit in units(one.declaration)):
        parts.append(f"\n## Units\n\n{measures}")
    if found := errors(text):
        rows = "\n".join(f"| `{name}` | {names.marked(reason, page) or 'see above'} |" for name, reason in found.items())
        parts.append(f"\n## Errors\n\n| | |\n|---|---|\n{rows}")
    who = threads(root, one.name)
    parts.append(f"\n## Threads\n\n{who[0].upper()}{names.marked(who[1:], page)}. See {RULES}.\n")
    if safety:
        parts.append(f"\n## Memory\n\n{names.marked(safety, page)}\n")
    return "\n".join(parts)


def described(one, names, here):
    body = names.marked(one.comment, here)
    members = [f"```{{c:member}} {member.declaration}\n{names.marked(member.comment, here)}\n```" for member in one.members]
    # A fence that is longer than those inside.
    fence = "`````"
    return "\n".join([f"{fence}{{c:{one.kind}}} {one.declaration}", body, "", *members, fence, ""])


def first_sentence(comment):
    text = sections(comment)[0]
    return re.sub(r"\s+", " ", re.split(r"(?<=[.;:])\s", text, maxsplit=1)[0]).rstrip(";:") if text else ""


def row(one, names):
    return f"| [`{one.name}()`]({one.name}.md) | {names.marked(first_sentence(one.comment), '')} |"


def index(stock, ours, names):
    table = ["| function | |", "|---|---|"]
    pages = "\n".join([*(one.name for one in [*stock, *ours]), "options", "structures"])
    return "\n".join(
        [
            "# C API\n",
            f"Everything of `{STOCK_HEADER}`, with the signatures and results of Zephyr's own client, and what this module adds in",
            "`<zephyr/net/websocket_socket.h>`. What is said here stands as comments in the sources; how the calls work together is",
            "in [Using the API](../docs/api.md), what `send()`, `recv()` and `poll()` do in",
            "[Compatibility](../docs/compatibility.md#socket-calls-on-a-websockets-descriptor).\n",
            "## Zephyr's functions\n",
            *table,
            *(row(one, names) for one in stock),
            "\n## This module's own\n",
            *table,
            *(row(one, names) for one in ours),
            "\nand the [socket options](options.md) with their [structures](structures.md).\n",
            f"```{{toctree}}\n:hidden:\n\n{pages}\n```\n",
        ]
    )


def write(root, directory):
    """Writes api/."""
    stock = [one for one in headers.items(root / STOCK) if one.kind == "function" and one.name.startswith("websocket_")]
    added = headers.items(root / OURS)
    missing = headers.without_comment(root / STOCK, stock) + headers.without_comment(root / OURS, added)
    if missing or not stock or not added:
        raise SystemExit(f"no comment for {', '.join(missing) or 'anything'}: write it in src/abi and run cargo xtask bindings")
    ours = [one for one in added if one.kind == "function"]
    macros = [one for one in added if one.kind == "macro"]
    structures = [one for one in added if one.kind == "struct"]
    names = Names()
    names.pages.update({one.name: f"{one.name}.md" for one in [*stock, *ours]})
    names.pages.update({one.name: "options.md" for one in macros})
    folder = directory / "api"
    folder.mkdir()
    header = OURS.removeprefix("include/")
    for one in stock:
        (folder / f"{one.name}.md").write_text(function_page(root, one, INTERNAL.get(one.name, STOCK_HEADER), names))
    for one in ours:
        (folder / f"{one.name}.md").write_text(function_page(root, one, f"<{header}>", names))
    options = "\n".join(described(one, names, "options.md") for one in macros)
    (folder / "options.md").write_text(f"# Socket options\n\nDeclared in `<{header}>`.\n\n{options}\nUnits, and which threads may call what: {RULES}.\n")
    bodies = "\n".join(described(one, names, "structures.md") for one in structures)
    (folder / "structures.md").write_text(f"# Structures\n\nDeclared in `<{header}>`.\n\n{bodies}")
    (folder / "index.md").write_text(index(stock, ours, names))
