/*
 * The structures of the HTTP parser; the PC port has no parser, only what its callers and callbacks see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_HTTP_PARSER_H_
#define ZEPHYR_HOST_NET_HTTP_PARSER_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <zephyr/net/http/method.h>
#include <zephyr/net/http/parser_url.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct http_parser;

/** `at` is not terminated. */
typedef int (*http_data_cb)(struct http_parser *parser, const char *at, size_t length);
typedef int (*http_cb)(struct http_parser *parser);

enum http_parser_type {
	HTTP_REQUEST,
	HTTP_RESPONSE,
	HTTP_BOTH
};

enum http_errno {
	HPE_OK,
};

struct http_content_range {
	uint64_t start;
	uint64_t end;
	uint64_t total;
};

struct http_parser {
	unsigned int type : 2;
	unsigned int flags : 8;
	unsigned int state : 7;
	unsigned int header_state : 7;
	unsigned int index : 7;
	unsigned int lenient_http_headers : 1;
	uint32_t nread;
	uint64_t content_length;
	bool content_range_present;
	struct http_content_range content_range;
	unsigned short http_major;
	unsigned short http_minor;
	unsigned int status_code : 16;
	unsigned int method : 8;
	unsigned int http_errno : 7;
	unsigned int upgrade : 1;
	void *data;
	const struct sockaddr *addr;
};

struct http_parser_settings {
	http_cb on_message_begin;
	http_data_cb on_url;
	http_data_cb on_status;
	http_data_cb on_header_field;
	http_data_cb on_header_value;
	http_cb on_headers_complete;
	http_data_cb on_body;
	http_cb on_message_complete;
	http_cb on_chunk_header;
	http_cb on_chunk_complete;
};

#define HTTP_PARSER_ERRNO(parser) ((enum http_errno)(parser)->http_errno)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_HTTP_PARSER_H_ */
