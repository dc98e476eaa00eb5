/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The files of page/, which the build turns into lists of octets.
 */
#include "page.h"

static const uint8_t html[] = {
#include "index.html.inc"
};
static const uint8_t css[] = {
#include "page.css.inc"
};
static const uint8_t js[] = {
#include "page.js.inc"
};

const struct page_file page_files[PAGE_FILES] = {
	[PAGE_HTML] = {"/", "text/html; charset=utf-8", html, sizeof(html)},
	[PAGE_CSS] = {"/page.css", "text/css; charset=utf-8", css, sizeof(css)},
	[PAGE_JS] = {"/page.js", "text/javascript; charset=utf-8", js, sizeof(js)},
};
