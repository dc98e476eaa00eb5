/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The files of the page, as the build put them into the image.
 */
#ifndef SERVER_PAGE_PAGE_H_
#define SERVER_PAGE_PAGE_H_

#include <stddef.h>
#include <stdint.h>

struct page_file {
	const char *path;
	const char *type;
	const uint8_t *octets;
	size_t len;
};

enum page_index {
	PAGE_HTML,
	PAGE_CSS,
	PAGE_JS,
	PAGE_FILES
};

extern const struct page_file page_files[PAGE_FILES];

/** Where the page opens its websocket. */
#define PAGE_WEBSOCKET_PATH "/ws"

#endif /* SERVER_PAGE_PAGE_H_ */
