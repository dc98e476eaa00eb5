# SPDX-License-Identifier: Apache-2.0
"""Follows every link of the pages: to a page, a file and an anchor. Addresses elsewhere are counted, not asked."""

import html.parser
import urllib.parse


class Page(html.parser.HTMLParser):
    """What a page offers and where it points."""

    def __init__(self, text):
        super().__init__()
        self.anchors = {""}
        self.targets = []
        self.fetched = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := attributes.get(name)))
        if tag == "a" and attributes.get("href"):
            self.targets.append(attributes["href"])
        loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        if loaded:
            self.fetched.append(loaded)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)


def is_elsewhere(target):
    parts = urllib.parse.urlsplit(target)
    return bool(parts.scheme or parts.netloc)


def problem(pages, directory, path, target):
    """Why a link leads nowhere, or None."""
    parts = urllib.parse.urlsplit(target)
    file = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
    if not file.is_relative_to(directory):
        return "leaves the site"
    if not file.is_file():
        return "there is no such file"
    anchor = urllib.parse.unquote(parts.fragment)
    if file in pages and anchor not in pages[file].anchors:
        return "there is no such anchor"
    return None


def check(directory):
    """Prints what is broken and a line that closes; the exit code."""
    directory = directory.resolve()
    pages = {path: Page(path.read_text()) for path in sorted(directory.rglob("*.html"))}
    broken = []
    followed = elsewhere = 0
    for path, page in pages.items():
        name = path.relative_to(directory)
        for target in page.targets + page.fetched:
            if is_elsewhere(target):
                elsewhere += 1
                # What a browser would load by itself: the pages are to work without a network.
                if target in page.fetched and not target.startswith("data:"):
                    broken.append(f"{name}: loads {target}")
                continue
            followed += 1
            reason = problem(pages, directory, path, target)
            if reason:
                broken.append(f"{name}: {target}: {reason}")
    for line in broken:
        print(f"FAILED: {line}")
    print(f"{len(pages)} pages, {followed} links followed, {len(broken)} broken; {elsewhere} lead elsewhere and were not asked")
    return 1 if broken or not pages or not followed else 0
