/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP/1.1 request without a body, and what of it matters to a server of files and a websocket.
 */
#ifndef SERVER_PAGE_HTTP_REQUEST_H_
#define SERVER_PAGE_HTTP_REQUEST_H_

#include <stdbool.h>
#include <stddef.h>

#define HTTP_TARGET_SIZE 128
#define HTTP_HOST_SIZE 128
#define HTTP_KEY_LEN 24

struct http_header_counts {
	unsigned int host;
	unsigned int key;
	unsigned int version;
	unsigned int origin;
};

struct http_get {
	char target[HTTP_TARGET_SIZE];
	char host[HTTP_HOST_SIZE];
	/** As the client wrote it, with its scheme; empty without one. */
	char origin[HTTP_HOST_SIZE + sizeof("https://")];
	/** Upgrade: websocket and Connection: Upgrade. */
	bool has_upgrade;
	bool has_connection;
	/** Sec-WebSocket-Version: 13. */
	bool is_version_13;
	/** Sec-WebSocket-Key, once and of the right form; else empty. */
	char key[HTTP_KEY_LEN + 1];
	struct http_header_counts counts;
};

/**
 * Parses the header of a request.
 * @return its length, 0 where the end of it has not come, or the negative status of the answer: -400, -405, -414, -431,
 *         -501, -505.
 */
int http_get_parse(const char *octets, size_t len, struct http_get *request);

#endif /* SERVER_PAGE_HTTP_REQUEST_H_ */
