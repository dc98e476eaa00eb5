/*
 * The structures of the HTTP client that WebSocket callbacks see; the PC port has no client.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_HTTP_CLIENT_H_
#define ZEPHYR_HOST_NET_HTTP_CLIENT_H_

#include <zephyr/kernel.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/net_ip.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HTTP_CRLF "\r\n"
#define HTTP_STATUS_STR_SIZE 32

enum http_final_call {
	HTTP_DATA_MORE = 0,
	HTTP_DATA_FINAL = 1,
};

struct http_request;
struct http_response;

typedef int (*http_payload_cb_t)(int sock, struct http_request *req, void *user_data);
typedef int (*http_header_cb_t)(int sock, struct http_request *req, void *user_data);
typedef int (*http_response_cb_t)(struct http_response *rsp, enum http_final_call final_data,
				  void *user_data);

struct http_response {
	const struct http_parser_settings *http_cb;
	http_response_cb_t cb;
	uint8_t *body_frag_start;
	size_t body_frag_len;
	uint8_t *recv_buf;
	size_t recv_buf_len;
	size_t data_len;
	size_t content_length;
	size_t processed;
	char http_status[HTTP_STATUS_STR_SIZE];
	uint16_t http_status_code;
	struct http_content_range content_range;
	uint8_t cl_present : 1;
	uint8_t body_found : 1;
	uint8_t message_complete : 1;
	uint8_t cr_present : 1;
};

struct http_client_internal_data {
	struct http_parser parser;
	struct http_parser_settings parser_settings;
	struct http_response response;
	void *user_data;
	int sock;
};

struct http_request {
	struct http_client_internal_data internal;
	enum http_method method;
	http_response_cb_t response;
	const struct http_parser_settings *http_cb;
	uint8_t *recv_buf;
	size_t recv_buf_len;
	size_t data_len;
	const char *url;
	const char *protocol;
	const char *const *header_fields;
	const char *content_type_value;
	const char *host;
	const char *port;
	http_payload_cb_t payload_cb;
	const char *payload;
	size_t payload_len;
	http_header_cb_t optional_headers_cb;
	const char **optional_headers;
};

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_HTTP_CLIENT_H_ */
