# SPDX-License-Identifier: Apache-2.0
"""Lays out the pages written by hand, and a page for every file or folder of the repository that they link to."""

import os
import pathlib
import re

LINK = re.compile(r"(\[[^\]]*\]\()([^()\s]+)(\))")
LANGUAGES = {".c": "c", ".h": "c", ".rs": "rust", ".py": "python", ".cmake": "cmake", ".toml": "toml", ".yml": "yaml", ".json": "json"}
# What an address begins with.
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")
FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
# Cross-references that only Zephyr's own documentation resolves.
ZEPHYR_REFERENCE = re.compile(r":(?:ref|zephyr:[a-z-]+):`(?:([^`<]*?) *<[^`]*>|([^`]*))`")


def page_of(root, path):
    """The page for a file or folder of the repository, from the root of the site, without the ending of a page."""
    name = path.relative_to(root).as_posix()
    return f"source/{name}/index" if path.is_dir() else f"source/{name}"


class Layout:
    """What has been laid out, and what is still to be."""

    def __init__(self, root, directory):
        self.root = root
        self.directory = directory
        self.by_hand = set()
        self.linked = set()

    def place(self, page, target):
        """The link's target as it is called in the site."""
        name, _, anchor = target.partition("#")
        if not name or ELSEWHERE.match(target):
            return target
        path = ((self.root / page).parent / name).resolve()
        if not path.exists():
            raise SystemExit(f"{page}: link to {target}: there is no such file")
        if path.suffix == ".md":
            self.by_hand.add(path.relative_to(self.root).as_posix())
            return target
        self.linked.add(path)
        here = pathlib.PurePath(page).parent
        to = os.path.relpath(page_of(self.root, path) + ".md", here)
        return f"{to}#{anchor}" if anchor else to

    def rewritten(self, page, text):
        """The text with links that lead to pages of the site; what stands in a block of code is left alone."""
        lines = []
        fence = None
        for line in text.splitlines():
            mark = FENCE.match(line)
            if fence:
                fence = None if mark and line.strip() == fence else fence
            elif mark:
                fence = mark[1]
            else:
                line = LINK.sub(lambda match: match[1] + self.place(page, match[2]) + match[3], line)
            lines.append(line)
        return "\n".join(lines) + "\n"

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def source_page(root, path):
    """A file as a page."""
    text = path.read_text()
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = LANGUAGES.get(path.suffix, "none")
    code = f"{fence}{{code-block}} {language}\n:force:\n:linenos:\n\n{text.rstrip()}\n{fence}\n"
    return f"---\norphan: true\n---\n# `{path.relative_to(root).as_posix()}`\n\n{code}"


def folder_page(layout, path):
    """The names in a folder; those that have a page of their own are links."""
    lines = [f"---\norphan: true\n---\n# `{path.relative_to(layout.root).as_posix()}/`\n"]
    for entry in sorted(path.iterdir()):
        name = entry.name + ("/" if entry.is_dir() else "")
        if entry.name in ("target", "node_modules", "__pycache__") or entry.name.startswith("."):
            continue
        if entry in layout.linked:
            to = os.path.relpath(page_of(layout.root, entry) + ".md", f"source/{path.relative_to(layout.root)}")
            name = f"[`{name}`]({to})"
        else:
            name = f"`{name}`"
        lines.append(f"- {name}")
    return "\n".join(lines) + "\n"


def write(root, directory, pages):
    """Writes `pages`, and what they link to, however far that goes."""
    layout = Layout(root, directory)
    layout.by_hand.update(pages)
    done = set()
    while todo := layout.by_hand - done:
        page = todo.pop()
        done.add(page)
        text = (root / page).read_text()
        if page.endswith(".rst"):
            layout.write(page, ZEPHYR_REFERENCE.sub(lambda match: match[1] or match[2], text))
            continue
        text = layout.rewritten(page, text)
        # Reached through a link only.
        head = "" if page in pages else "---\norphan: true\n---\n"
        layout.write(page, head + text)
    for path in layout.linked:
        page = folder_page(layout, path) if path.is_dir() else source_page(root, path)
        layout.write(page_of(root, path) + ".md", page)
