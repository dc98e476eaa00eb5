# SPDX-License-Identifier: Apache-2.0
"""Follows every link of the pages: to a page, a file and an anchor. Addresses elsewhere are counted, not asked."""

import html.parser
import pathlib
import tempfile
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


# A page with one link of each kind, and how many of them lead nowhere.
SAMPLE = """<h1 id="here"></h1><a href="#here"></a><a href="page.html#here"></a><a href="https://elsewhere.example/"></a>
<a href="#gone"></a><a href="gone.html"></a><a href="../page.html"></a><img src="https://elsewhere.example/x.png"/>"""
SAMPLE_BROKEN = 4


def check_itself():
    """A check that cannot fail shows nothing: the broken links of the sample have to be found, and no others."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name).resolve()
        (directory / "page.html").write_text(SAMPLE)
        broken = follow(directory)[1]
    if len(broken) != SAMPLE_BROKEN:
        raise SystemExit(f"the checker of links finds {len(broken)} broken ones of {SAMPLE_BROKEN}: {broken}")


def follow(directory):
    """The pages, what is broken, and how many links were followed and were not asked."""
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
    return pages, broken, followed, elsewhere


def check(directory):
    """Prints what is broken and a line that closes; the exit code."""
    check_itself()
    pages, broken, followed, elsewhere = follow(directory.resolve())
    for line in broken:
        print(f"FAILED: {line}")
    print(f"{len(pages)} pages, {followed} links followed, {len(broken)} broken; {elsewhere} lead elsewhere and were not asked")
    return 1 if broken or not pages or not followed else 0
