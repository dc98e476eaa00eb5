# SPDX-License-Identifier: Apache-2.0
"""How Sphinx reads the pages that build.py has laid out."""

import os

project = "zephyr-websocket"
project_copyright = "The zephyr-websocket contributors"
release = os.environ["SITE_VERSION"]

extensions = ["myst_parser"]
# As GitHub makes anchors of headings, so that links work in both.
myst_heading_anchors = 6
# A cell of a table, or a line of a shell, is in no language.
highlight_language = "none"

html_theme = "furo"
html_title = f"zephyr-websocket {release}"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["pages.css"]
# Nothing is fetched from elsewhere.
html_use_opensearch = ""
