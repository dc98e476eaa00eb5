/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Connections that end, by either side, and those that never begin.
 */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sends a Close frame with a code and a reason, and wants the same code back. */
void client_close(const struct order *order)
{
	const unsigned long code = strtoul(order->argument, NULL, 10);
	uint8_t sent[] = {(uint8_t)(code >> 8), (uint8_t)code, 'd', 'o', 'n', 'e'};
	uint8_t payload[CONTROL_MAX] = {0};
	size_t len;

	open_websocket(order);
	send_frame(sent, sizeof(sent), WEBSOCKET_OPCODE_CLOSE, true);
	len = receive_close(payload, sizeof(payload));
	if (len < 2 || memcmp(payload, sent, 2) != 0) {
		/* The library takes a Close frame in its shortest form only, so these are the octets. */
		fail("Close with code %lu was answered with 88 %02zX %02X %02X", code, len, payload[0], payload[1]);
	}
	close_websocket(order);
}

/* Closes as applications do. */
void disconnect(const struct order *order)
{
	open_websocket(order);
	close_websocket(order);
}

/* The argument is the status code, the second one the reason with an underscore for each space. */
static void server_close(const struct order *order, const char *trigger)
{
	const unsigned long code = strtoul(order->argument, NULL, 10);
	uint8_t expected[CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
	const size_t expected_len = 2 + strlen(order->second_argument);
	uint64_t remaining = 0;
	uint32_t type = 0;
	int ret;

	for (size_t i = 2; i < MIN(expected_len, sizeof(expected)); i++) {
		const char octet = order->second_argument[i - 2];

		expected[i] = octet == '_' ? ' ' : (uint8_t)octet;
	}
	open_websocket(order);
	if (order->is_stream) {
		send_stream(trigger, strlen(trigger));
		do {
			ret = (int)zsock_recv(connection.websocket, incoming, sizeof(incoming), 0);
		} while (ret > 0);
		if (ret != 0) {
			fail("recv() at the end: %d, errno %d", ret, errno);
		}
	} else {
		size_t len;

		send_frame(trigger, strlen(trigger), WEBSOCKET_OPCODE_DATA_TEXT, true);
		len = receive_close(incoming, sizeof(incoming));
		if (len != expected_len || memcmp(incoming, expected, len) != 0) {
			fail("the server closed with %zu octets, %02x%02x '%.*s'", len, incoming[0], incoming[1],
			     len < 2 ? 0 : (int)(len - 2), (const char *)&incoming[2]);
		}
		for (int i = 0; i < 2; i++) {
			ret = websocket_recv_msg(connection.websocket, incoming, sizeof(incoming), &type,
						 &remaining, TIMEOUT_MS);
			CHECK(ret == -ENOTCONN && errno == ENOTCONN);
		}
	}
	ret = websocket_send_msg(connection.websocket, outgoing, 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true,
				 TIMEOUT_MS);
	CHECK(ret == -ENOTCONN && errno == ENOTCONN);
	CHECK(zsock_send(connection.websocket, outgoing, 1, 0) == -1 && errno == ENOTCONN);
	close_websocket(order);
}

void server_close_on_go(const struct order *order)
{
	server_close(order, "go");
}

/* libwebsockets' test server closes when it is told so. */
void server_close_on_closeme(const struct order *order)
{
	server_close(order, "closeme\n");
}

/* The server answers with this status: no connection, and the application sees why. */
void refused(const struct order *order)
{
	const unsigned long status = strtoul(order->argument, NULL, 10);
	const int ret = connect_websocket(order);
	const int cause = errno;
	const char *detail = status == 401 ? connection.response.authenticate : connection.response.location;
	int sock = connection.sock;

	/* Status 0: the server ends the connection without an answer. */
	if (ret != -ECONNABORTED || cause != (status == 0 ? ECONNRESET : ECONNREFUSED) ||
	    connection.response.status != status) {
		fail("websocket_connect(): %d, errno %d, status %u", ret, cause, connection.response.status);
	}
	if (strstr(detail, order->second_argument) == NULL) {
		fail("status %lu came with '%s'", status, detail);
	}
	/* It is the application's, whatever became of the handshake. */
	connection.sock = -1;
	CHECK(zsock_close(sock) == 0);
}
