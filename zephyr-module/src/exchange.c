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
	size_t data_len;
	size_t leftover_len;
	uint32_t content_length;
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
		.wants_body = request->http_cb != NULL && (request->http_cb->on_body != NULL ||
							   request->http_cb->on_message_complete != NULL),
	};
}

bool zws_has_callbacks(const struct websocket_request *request)
{
	return request->cb != NULL || request->http_cb != NULL || request->optional_headers_cb != NULL;
}

/* Stands where the stock client has a function of its own. Nobody has a reason to call it. */
static int ignore_response(struct http_response *response, enum http_final_call final_call, void *user_data)
{
	ARG_UNUSED(response);
	ARG_UNUSED(final_call);
	ARG_UNUSED(user_data);

	return 0;
}

static void fill(struct http_request *http, const struct zws_exchange *exchange)
{
	const struct websocket_request *const request = exchange->request;
	/* Its result depends on the version of Zephyr. */
	const http_response_cb_t response_cb = (http_response_cb_t)(void (*)(void))ignore_response;

	*http = (struct http_request){
		.method = HTTP_GET,
		.response = response_cb,
		.url = request->url,
		.host = request->host,
		.protocol = "HTTP/1.1",
		.optional_headers_cb = request->optional_headers_cb,
		.optional_headers = request->optional_headers,
		.http_cb = &http->internal.parser_settings,
		.recv_buf = request->tmp_buf,
		.recv_buf_len = request->tmp_buf_len,
	};
	http->internal.sock = exchange->real_sock;
	http->internal.user_data = exchange->user_data;
	http->internal.response.http_cb = http->http_cb;
	http->internal.response.cb = response_cb;
	http->internal.response.recv_buf = request->tmp_buf;
	http->internal.response.recv_buf_len = request->tmp_buf_len;
	if (request->http_cb != NULL) {
		http->internal.parser_settings = *request->http_cb;
	}
}

static void fill_head(struct http_request *http, const struct zws_exchange *exchange)
{
	struct http_parser *const parser = &http->internal.parser;
	struct http_response *const response = &http->internal.response;
	const bool has_length = exchange->content_length != UINT32_MAX;

	parser->type = HTTP_RESPONSE;
	parser->http_major = 1;
	parser->http_minor = 1;
	parser->status_code = exchange->status_code;
	parser->upgrade = exchange->status_code == 101;
	parser->content_length = has_length ? exchange->content_length : UINT64_MAX;
	response->http_status_code = exchange->status_code;
	response->content_length = has_length ? exchange->content_length : 0;
	memcpy(response->http_status, exchange->status, sizeof(exchange->status));
}

static void fill_end(struct http_request *http, const struct zws_exchange *exchange)
{
#if defined(ZWS_HTTP_REQUEST_HAS_DATA_LEN)
	http->data_len = exchange->leftover_len;
#endif
	http->internal.response.data_len = exchange->data_len;
	http->internal.response.message_complete = 1;
}

int zws_exchange_optional_headers(struct zws_exchange *exchange)
{
	return exchange->request->optional_headers_cb(exchange->real_sock, exchange->http, exchange->user_data);
}

static void keep_reason(struct zws_exchange *exchange, const uint8_t *at, size_t len)
{
	/* The last octet stays the terminating one. */
	const size_t kept = MIN(len, sizeof(exchange->status) - 1 - exchange->status_len);

	memcpy(&exchange->status[exchange->status_len], at, kept);
	exchange->status_len += kept;
}

void zws_exchange_observe(struct zws_exchange *exchange, uint8_t seen, uint32_t number, const uint8_t *at, size_t len)
{
	const struct http_parser_settings *const settings = exchange->request->http_cb;
	struct http_request *const http = exchange->http;
	http_data_cb data_callback = NULL;
	http_cb callback = NULL;

	if (seen == ZWS_SEEN_MESSAGE_BEGIN) {
		exchange->status_code = number;
	} else if (seen == ZWS_SEEN_STATUS) {
		keep_reason(exchange, at, len);
	} else if (seen == ZWS_SEEN_HEADERS_COMPLETE) {
		exchange->content_length = number;
	}
	if (http != NULL) {
		fill_head(http, exchange);
	}
	if (settings == NULL) {
		return;
	}
	switch (seen) {
	case ZWS_SEEN_MESSAGE_BEGIN:
		callback = settings->on_message_begin;
		break;
	case ZWS_SEEN_STATUS:
		data_callback = settings->on_status;
		break;
	case ZWS_SEEN_HEADER_FIELD:
		data_callback = settings->on_header_field;
		break;
	case ZWS_SEEN_HEADER_VALUE:
		data_callback = settings->on_header_value;
		break;
	case ZWS_SEEN_HEADERS_COMPLETE:
		callback = settings->on_headers_complete;
		break;
	case ZWS_SEEN_BODY:
		http->internal.response.body_found = 1;
		http->internal.response.processed += len;
		data_callback = settings->on_body;
		break;
	default:
		fill_end(http, exchange);
		callback = settings->on_message_complete;
		break;
	}
	/* Results are ignored, as the stock client does. */
	if (data_callback != NULL) {
		(void)data_callback(&http->internal.parser, (const char *)at, len);
	}
	if (callback != NULL) {
		(void)callback(&http->internal.parser);
	}
}

void zws_exchange_opened(struct zws_exchange *exchange, size_t consumed, size_t leftover_len)
{
	exchange->data_len = consumed;
	exchange->leftover_len = leftover_len;
	if (exchange->http != NULL) {
		fill_end(exchange->http, exchange);
	}
	zws_exchange_observe(exchange, ZWS_SEEN_MESSAGE_COMPLETE, 0, NULL, 0);
}

/*
 * The callback of a connection that was not observed. Not inlined, like the next: the request is large, and is on the
 * stack only where it is needed.
 */
static __attribute__((noinline)) int connected_unobserved(const struct zws_exchange *exchange, int ws_sock)
{
	struct http_request http;

	fill(&http, exchange);
	fill_head(&http, exchange);
	fill_end(&http, exchange);

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
		.content_length = UINT32_MAX,
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
