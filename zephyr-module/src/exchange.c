/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The application's side of the opening handshake: a `struct http_request` filled as the stock client fills it, and
 * the application's callbacks, called as http_parser calls them.
 */
#include <string.h>

#include <zephyr/net/http/client.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/websocket.h>

#include "slot.h"

struct zws_exchange {
	const struct websocket_request *request;
	struct http_request http;
	void *user_data;
	int real_sock;
	size_t status_len;
};

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

int zws_exchange_run(const struct websocket_request *request, int real_sock, void *user_data,
		     int (*body)(void *context, struct zws_exchange *exchange), void *context)
{
	struct zws_exchange exchange = {
		.request = request,
		.user_data = user_data,
		.real_sock = real_sock,
	};
	struct http_request *const http = &exchange.http;

	http->method = HTTP_GET;
	http->url = request->url;
	http->host = request->host;
	http->protocol = "HTTP/1.1";
	http->optional_headers_cb = request->optional_headers_cb;
	http->optional_headers = request->optional_headers;
	http->http_cb = request->http_cb;
	http->recv_buf = request->tmp_buf;
	http->recv_buf_len = request->tmp_buf_len;
	http->internal.sock = real_sock;
	http->internal.user_data = user_data;
	http->internal.response.http_cb = request->http_cb;
	http->internal.response.recv_buf = request->tmp_buf;
	http->internal.response.recv_buf_len = request->tmp_buf_len;
	if (request->http_cb != NULL) {
		http->internal.parser_settings = *request->http_cb;
	}

	return body(context, &exchange);
}

int zws_exchange_optional_headers(struct zws_exchange *exchange)
{
	return exchange->request->optional_headers_cb(exchange->real_sock, &exchange->http, exchange->user_data);
}

/* Calls one of the application's callbacks, where there is one; its result is ignored as the stock client does. */
#define NOTIFY(exchange, callback, ...)                                                                                \
	do {                                                                                                           \
		const struct http_parser_settings *const settings = (exchange)->request->http_cb;                      \
                                                                                                                       \
		if (settings != NULL && settings->callback != NULL) {                                                  \
			(void)settings->callback(&(exchange)->http.internal.parser, ##__VA_ARGS__);                    \
		}                                                                                                      \
	} while (false)

void zws_exchange_message_begin(struct zws_exchange *exchange)
{
	NOTIFY(exchange, on_message_begin);
}

void zws_exchange_status(struct zws_exchange *exchange, uint16_t code, const uint8_t *at, size_t len)
{
	struct http_response *const response = &exchange->http.internal.response;
	const size_t room = sizeof(response->http_status) - 1 - exchange->status_len;
	const size_t kept = MIN(len, room);

	exchange->http.internal.parser.http_major = 1;
	exchange->http.internal.parser.http_minor = 1;
	exchange->http.internal.parser.status_code = code;
	response->http_status_code = code;
	memcpy(&response->http_status[exchange->status_len], at, kept);
	exchange->status_len += kept;
	response->http_status[exchange->status_len] = '\0';
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
	exchange->http.internal.parser.upgrade = exchange->http.internal.response.http_status_code == 101;
	NOTIFY(exchange, on_headers_complete);
}

void zws_exchange_message_complete(struct zws_exchange *exchange, size_t leftover_len)
{
#if defined(ZWS_HTTP_REQUEST_HAS_DATA_LEN)
	exchange->http.data_len = leftover_len;
#else
	ARG_UNUSED(leftover_len);
#endif
	exchange->http.internal.response.message_complete = 1;
	NOTIFY(exchange, on_message_complete);
}

int zws_exchange_connected(struct zws_exchange *exchange, int ws_sock)
{
	if (exchange->request->cb == NULL) {
		return 0;
	}

	return exchange->request->cb(ws_sock, &exchange->http, exchange->user_data);
}
