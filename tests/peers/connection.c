/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The agent's connections: TCP, the handshake and what its callbacks saw of the response, the end.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "websocket_internal.h"

/* On a board it is another machine's. */
#ifndef AGENT_HOST
#define AGENT_HOST "127.0.0.1"
#endif

static uint8_t tmp_buf[1024];

static void append(char *text, size_t size, const char *at, size_t len)
{
	const size_t used = strlen(text);

	if (used + len < size) {
		memcpy(&text[used], at, len);
		text[used + len] = '\0';
	}
}

static int on_header_field(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);
	connection.response.field[0] = '\0';
	append(connection.response.field, sizeof(connection.response.field), at, length);

	return 0;
}

static int on_header_value(struct http_parser *parser, const char *at, size_t length)
{
	struct response *response = &connection.response;

	ARG_UNUSED(parser);
	if (strcasecmp(response->field, "Sec-WebSocket-Protocol") == 0) {
		append(response->protocol, sizeof(response->protocol), at, length);
	} else if (strcasecmp(response->field, "Location") == 0) {
		append(response->location, sizeof(response->location), at, length);
	} else if (strcasecmp(response->field, "WWW-Authenticate") == 0) {
		append(response->authenticate, sizeof(response->authenticate), at, length);
	}

	return 0;
}

static int on_headers_complete(struct http_parser *parser)
{
	connection.response.status = parser->status_code;

	return 0;
}

static void connect_tcp(const char *port)
{
	/* The lowest free numbers are given: a later connection with others means that something was left open. */
	static int first_sock = -1;
	const struct zsock_addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *address = NULL;
	int ret;

	CHECK(zsock_getaddrinfo(AGENT_HOST, port, &hints, &address) == 0 && address != NULL);
	connection.sock = zsock_socket(address->ai_family, SOCK_STREAM, IPPROTO_TCP);
	ret = connection.sock < 0 ? -1 : zsock_connect(connection.sock, address->ai_addr, address->ai_addrlen);
	zsock_freeaddrinfo(address);
	if (ret != 0) {
		fail("no TCP connection to port %s: errno %d", port, errno);
	}
	if (first_sock < 0) {
		first_sock = connection.sock;
	}
	if (connection.sock != first_sock) {
		fail("the socket's number is %d, that of the first was %d", connection.sock, first_sock);
	}
}

/* Connects and returns the result of websocket_connect(). */
int connect_websocket(const struct order *order)
{
	static char host[32];
	static char protocol_line[96];
	const char *headers[] = {order->protocol != NULL ? protocol_line : NULL, NULL};
	const struct http_parser_settings callbacks = {
		.on_header_field = on_header_field,
		.on_header_value = on_header_value,
		.on_headers_complete = on_headers_complete,
	};
	struct websocket_request request = {
		.host = host,
		.url = order->path,
		.optional_headers = headers,
		.http_cb = &callbacks,
		.tmp_buf = tmp_buf,
		.tmp_buf_len = sizeof(tmp_buf),
	};

	snprintf(host, sizeof(host), "%s:%s", AGENT_HOST, order->port);
	snprintf(protocol_line, sizeof(protocol_line), "Sec-WebSocket-Protocol: %s\r\n",
		 order->protocol != NULL ? order->protocol : "");
	connection.response = (struct response){0};
	connect_tcp(order->port);
	connection.websocket = websocket_connect(connection.sock, &request, TIMEOUT_MS, NULL);

	return connection.websocket;
}

/* Connects and wants success, and the sub-protocol that was offered. */
void open_websocket(const struct order *order)
{
	const int ret = connect_websocket(order);

	if (ret < 0) {
		fail("websocket_connect(): %d, errno %d, status %u", ret, errno, connection.response.status);
	}
	CHECK(connection.response.status == 101);
	if (strcmp(connection.response.protocol, order->protocol != NULL ? order->protocol : "") != 0) {
		fail("the sub-protocol is '%s'", connection.response.protocol);
	}
}

/* Closes in the way of the API that is in use, and wants the server to end the TCP connection. */
void close_websocket(const struct order *order)
{
	const int websocket = connection.websocket;

	connection.websocket = -1;
	if (order->is_stream) {
		CHECK(zsock_close(websocket) == 0);
	} else {
		CHECK(websocket_disconnect(websocket) == 0);
	}
	wait_for_end();
}

/* Waits for the server to end the TCP connection, and closes the socket. */
void wait_for_end(void)
{
	struct zsock_pollfd poll = {.fd = connection.sock, .events = ZSOCK_POLLIN};
	bool is_ended = false;
	int sock = connection.sock;

	while (!is_ended && zsock_poll(&poll, 1, TIMEOUT_MS) == 1) {
		is_ended = zsock_recv(sock, incoming, sizeof(incoming), ZSOCK_MSG_DONTWAIT) <= 0;
	}
	if (!is_ended) {
		fail("the server did not end the TCP connection within %d ms", TIMEOUT_MS);
	}
	connection.sock = -1;
	CHECK(zsock_close(sock) == 0);
}

static void count(struct websocket_context *context, void *user_data)
{
	ARG_UNUSED(context);
	(*(unsigned int *)user_data)++;
}

/* How many connections the library holds. */
unsigned int contexts_in_use(void)
{
	unsigned int number = 0;

	websocket_context_foreach(count, &number);

	return number;
}

/* Ends what a failed order has left. */
void abandon(void)
{
	if (connection.websocket >= 0) {
		(void)websocket_disconnect(connection.websocket);
	}
	if (connection.sock >= 0) {
		(void)zsock_close(connection.sock);
	}
	connection.websocket = -1;
	connection.sock = -1;
}
