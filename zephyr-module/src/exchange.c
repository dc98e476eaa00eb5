/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The application's side of the opening handshake: a `struct http_request` filled as the stock client fills it, and
 * the application's callbacks, called as http_parser calls them.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <zephyr/net/http/client.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/websocket.h>

#include "slot.h"

struct zws_exchange {
	const struct websocket_request *request;
	void *user_data;
	/* What callbacks of the handshake see. NULL without any: it is large, and the network stack comes on top. */
	struct http_request *http;
	size_t leftover_len;
	int real_sock;
	uint16_t status_code;
	uint8_t status_len;
	char status[HTTP_STATUS_STR_SIZE];
};

BUILD_ASSERT(HTTP_STATUS_STR_SIZE <= UINT8_MAX, "status_len counts in 8 bits");

void zws_connect_request_read(const struct websocket_request *request, struct zws_connect_request *fields)
{
	*fields = (struct zws_connect_request){
		.host = request->host,
		.url = request->url,
		.optional_headers = request->optional_headers,
		.tmp_buf = request->tmp_buf,
		.tmp_buf_len = request->tmp_buf_len,
		.has_header_callback = request->optional_headers_cb != NULL,
	};
}

static void fill(struct http_request *http, const struct zws_exchange *exchange)
{
	const struct websocket_request *const request = exchange->request;

	*http = (struct http_request){
		.method = HTTP_GET,
		.url = request->url,
		.host = request->host,
		.protocol = "HTTP/1.1",
		.optional_headers_cb = request->optional_headers_cb,
		.optional_headers = request->optional_headers,
		.http_cb = request->http_cb,
		.recv_buf = request->tmp_buf,
		.recv_buf_len = request->tmp_buf_len,
	};
	http->internal.sock = exchange->real_sock;
	http->internal.user_data = exchange->user_data;
	http->internal.response.http_cb = request->http_cb;
	http->internal.response.recv_buf = request->tmp_buf;
	http->internal.response.recv_buf_len = request->tmp_buf_len;
	if (request->http_cb != NULL) {
		http->internal.parser_settings = *request->http_cb;
	}
}

static void fill_status(struct http_request *http, const struct zws_exchange *exchange)
{
	http->internal.parser.http_major = 1;
	http->internal.parser.http_minor = 1;
	http->internal.parser.status_code = exchange->status_code;
	http->internal.response.http_status_code = exchange->status_code;
	memcpy(http->internal.response.http_status, exchange->status, sizeof(exchange->status));
}

static void fill_end(struct http_request *http, const struct zws_exchange *exchange)
{
#if defined(ZWS_HTTP_REQUEST_HAS_DATA_LEN)
	http->data_len = exchange->leftover_len;
#endif
	http->internal.response.message_complete = 1;
}

static bool is_upgrade(const struct zws_exchange *exchange)
{
	return exchange->status_code == 101;
}

int zws_exchange_optional_headers(struct zws_exchange *exchange)
{
	return exchange->request->optional_headers_cb(exchange->real_sock, exchange->http, exchange->user_data);
}

/* Calls one of the application's callbacks, where there is one; its result is ignored as the stock client does. */
#define NOTIFY(exchange, callback, ...)                                                                                \
	do {                                                                                                           \
		const struct http_parser_settings *const settings = (exchange)->request->http_cb;                      \
                                                                                                                       \
		if (settings != NULL && settings->callback != NULL) {                                                  \
			(void)settings->callback(&(exchange)->http->internal.parser, ##__VA_ARGS__);                    \
		}                                                                                                      \
	} while (false)

void zws_exchange_message_begin(struct zws_exchange *exchange)
{
	NOTIFY(exchange, on_message_begin);
}

void zws_exchange_status(struct zws_exchange *exchange, uint16_t code, const uint8_t *at, size_t len)
{
	/* The last octet stays the terminating one. */
	const size_t room = sizeof(exchange->status) - 1 - exchange->status_len;
	const size_t kept = MIN(len, room);

	exchange->status_code = code;
	memcpy(&exchange->status[exchange->status_len], at, kept);
	exchange->status_len += kept;
	if (exchange->http != NULL) {
		fill_status(exchange->http, exchange);
	}
	NOTIFY(exchange, on_status, (const char *)at, len);
}

void zws_exchange_header_field(struct zws_exchange *exchange, const uint8_t *at, size_t len)
{
	NOTIFY(exchange, on_header_field, (const char *)at, len);
}

void zws_exchange_header_value(struct zws_exchange *exchange, const uint8_t *at, size_t len)
{
	NOTIFY(exchange, on_header_value, (const char *)at, len);
}

void zws_exchange_headers_complete(struct zws_exchange *exchange)
{
	if (exchange->http != NULL) {
		exchange->http->internal.parser.upgrade = is_upgrade(exchange);
	}
	NOTIFY(exchange, on_headers_complete);
}

void zws_exchange_message_complete(struct zws_exchange *exchange, size_t leftover_len)
{
	exchange->leftover_len = leftover_len;
	if (exchange->http != NULL) {
		fill_end(exchange->http, exchange);
	}
	NOTIFY(exchange, on_message_complete);
}

/*
 * The callback of a connection that was not observed. Not inlined, like the next: the request is large, and is on the
 * stack only where it is needed.
 */
static __attribute__((noinline)) int connected_unobserved(const struct zws_exchange *exchange, int ws_sock)
{
	struct http_request http;

	fill(&http, exchange);
	fill_status(&http, exchange);
	fill_end(&http, exchange);
	http.internal.parser.upgrade = is_upgrade(exchange);

	return exchange->request->cb(ws_sock, &http, exchange->user_data);
}

static __attribute__((noinline)) int run_observed(struct zws_exchange *exchange,
				   int (*body)(void *context, struct zws_exchange *exchange), void *context,
				   int *verdict)
{
	struct http_request http;
	int ws_sock;

	fill(&http, exchange);
	exchange->http = &http;
	ws_sock = body(context, exchange);
	if (ws_sock >= 0 && exchange->request->cb != NULL) {
		*verdict = exchange->request->cb(ws_sock, &http, exchange->user_data);
	}

	return ws_sock;
}

int zws_exchange_run(const struct websocket_request *request, struct zws_slot *slot, int real_sock, void *user_data,
		     int (*body)(void *context, struct zws_exchange *exchange), void *context)
{
	struct zws_exchange exchange = {
		.request = request,
		.user_data = user_data,
		.real_sock = real_sock,
	};
	const uint32_t generation = zws_slot_generation(slot);
	int verdict = 0;
	int ws_sock;

	if (request->http_cb != NULL || request->optional_headers_cb != NULL) {
		ws_sock = run_observed(&exchange, body, context, &verdict);
	} else {
		ws_sock = body(context, &exchange);
		if (ws_sock >= 0 && request->cb != NULL) {
			verdict = connected_unobserved(&exchange, ws_sock);
		}
	}
	if (verdict >= 0) {
		return ws_sock;
	}
	/* The callback may have closed it: then it is not this slot's any more. */
	zws_slot_close(slot, generation, ws_sock);

	return zws_fail(ZWS_STATUS_OS, verdict == INT_MIN ? EIO : -verdict);
}
