# SPDX-License-Identifier: Apache-2.0
"""Writes the page of the module's options from its Kconfig."""

import os
import re

import kconfiglib

PREFIX = "WEBSOCKET_RUST"
NAME = re.compile(r"(?<![\w`])((?:CONFIG_)?WEBSOCKET_RUST\w*|CONFIG_\w+)(?!\w)")
INTRODUCTION = f"""# Options

Everything is under one switch, [`CONFIG_{PREFIX}`](#config_{PREFIX.lower()}). Zephyr's own `CONFIG_WEBSOCKET_MAX_CONTEXTS` is the
number of connections, `CONFIG_NET_WEBSOCKET_LOG_LEVEL` the log level. What each switch saves is in
[Building](docs/building.md#what-is-in-the-image).
"""


def is_own(node):
    return isinstance(node.item, kconfiglib.Symbol) and node.item.name.startswith(PREFIX)


def condition(expression, outer):
    """An expression for readers; nothing where it is what all options have."""
    parts = [part for part in kconfiglib.split_expr(expression, kconfiglib.AND) if part not in outer]
    words = [kconfiglib.expr_str(part, symbol_name) for part in parts]
    return " && ".join(word for word in words if word not in ("y", "`CONFIG_y`", "`y`"))


def symbol_name(symbol):
    if symbol.is_constant or symbol.name in ("y", "n"):
        return symbol.name
    return symbol.name if re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", symbol.name) else f"CONFIG_{symbol.name}"


def if_it_is(expression, outer):
    found = condition(expression, outer)
    return f" if `{found}`" if found else ""


def linked(text):
    """Names of this module's options as links."""

    def link(match):
        name = match[1] if match[1].startswith("CONFIG_") else f"CONFIG_{match[1]}"
        return f"[`{name}`](#{name.lower()})" if name.startswith(f"CONFIG_{PREFIX}") else f"`{name}`"

    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece.startswith("`") else NAME.sub(link, piece) for piece in pieces)


def rows(symbol, node, outer):
    yield "type", f"`{kconfiglib.TYPE_TO_STR[symbol.orig_type]}`"
    for value, when in symbol.orig_defaults:
        said = kconfiglib.expr_str(value, symbol_name)
        # A value that is itself a condition says when the option is y.
        yield "default", f"`{said}`{if_it_is(when, outer)}"
    if not symbol.orig_defaults and symbol.orig_type == kconfiglib.BOOL:
        yield "default", "`n`"
    for low, high, when in symbol.orig_ranges:
        yield "range", f"`{low.name}` to `{high.name}`{if_it_is(when, outer)}"
    depends = condition(node.dep, outer)
    if depends:
        yield "depends on", f"`{depends}`"
    if node.prompt is None:
        yield "set by", "its default only"
    elif (asked := condition(node.prompt[1], [*outer, *kconfiglib.split_expr(node.dep, kconfiglib.AND)])):
        yield "can be changed", f"if `{asked}`"


def section(node, outer):
    symbol = node.item
    prompt = f"{node.prompt[0]}.\n" if node.prompt else ""
    table = "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows(symbol, node, outer))])
    help_text = linked(node.help.strip()) if node.help else ""
    return f"## `CONFIG_{symbol.name}`\n\n{linked(prompt)}\n{table}\n\n{help_text}\n"


def nodes(node):
    while node:
        if is_own(node):
            yield node
        yield from nodes(node.list)
        node = node.next


def write(root, directory):
    """Writes kconfig.md."""
    os.environ["srctree"] = str(root)
    # What Zephyr defines is not here: only what this file says is of interest.
    kconfig = kconfiglib.Kconfig("Kconfig", warn=False)
    found = list(nodes(kconfig.top_node.list))
    silent = [one.item.name for one in found if one.prompt and not one.help]
    if silent or not found:
        raise SystemExit(f"Kconfig: no help for {', '.join(silent) or 'anything'}")
    switch = kconfig.syms[PREFIX]
    # What holds of every option, and is said once.
    outer = [switch, *kconfiglib.split_expr(found[0].dep, kconfiglib.AND)]
    first, *others = found
    parts = [INTRODUCTION, section(first, []), *(section(node, outer) for node in others)]
    (directory / "kconfig.md").write_text("\n".join(parts))
