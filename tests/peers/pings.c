/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pings and pongs, of the client and of the server.
 */
#include "agent.h"

#include <string.h>

static const char ping_payload[] = "are you there";

/* Wants one pong with this payload: before the message that came, or before another one behind the ping. */
void want_pong(struct arrival *arrival, const void *payload, size_t len)
{
	if (arrival->pongs == 0) {
		/* A server may answer the ping after the message: the next one is behind it for certain. */
		send_frame("x", 1, WEBSOCKET_OPCODE_DATA_TEXT, true);
		receive_message(arrival);
	}
	if (arrival->pongs != 1) {
		fail("%u pongs to a ping of %zu octets", arrival->pongs, len);
	}
	CHECK(arrival->control_len == len && memcmp(arrival->control, payload, len) == 0);
}

void client_pings(const struct order *order)
{
	static const size_t lengths[] = {0, 1, CONTROL_MAX};
	uint8_t payload[CONTROL_MAX];

	open_websocket(order);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct arrival arrival = {0};

		fill(payload, lengths[i], false);
		send_frame(payload, lengths[i], WEBSOCKET_OPCODE_PING, true);
		/* A pong that nobody asked for is no more than noise. */
		send_frame("unasked", 7, WEBSOCKET_OPCODE_PONG, true);
		want_pong(&arrival, payload, lengths[i]);
	}
	close_websocket(order);
}

static void want_ping(const struct arrival *arrival)
{
	CHECK(arrival->pings == 1);
	CHECK(arrival->control_len == sizeof(ping_payload) - 1);
	CHECK(memcmp(arrival->control, ping_payload, sizeof(ping_payload) - 1) == 0);
}

/* 1 MiB in two frames, the second of which the server holds back until its ping is answered. */
void ping_inside_message(const struct order *order)
{
	struct arrival arrival = {.len = MESSAGE_MAX};

	open_websocket(order);
	if (order->is_stream) {
		send_stream("go", 2);
		receive_stream(MESSAGE_MAX);
	} else {
		send_frame("go", 2, WEBSOCKET_OPCODE_DATA_TEXT, true);
		receive_message(&arrival);
		CHECK(arrival.type == WEBSOCKET_FLAG_BINARY);
		CHECK(arrival.frames >= 2);
		want_ping(&arrival);
	}
	CHECK(arrival.len == MESSAGE_MAX);
	for (size_t i = 0; i < arrival.len; i++) {
		CHECK(incoming[i] == i % 251);
	}
	close_websocket(order);
}

/* A ping, and a message that the server holds back until it is answered. */
void ping_before_message(const struct order *order)
{
	static const char message[] = "answered";
	struct arrival arrival;

	open_websocket(order);
	if (order->is_stream) {
		send_stream("go", 2);
		receive_stream(sizeof(message) - 1);
	} else {
		send_frame("go", 2, WEBSOCKET_OPCODE_DATA_TEXT, true);
		receive_message(&arrival);
		want_ping(&arrival);
		CHECK(arrival.len == sizeof(message) - 1);
	}
	CHECK(memcmp(incoming, message, sizeof(message) - 1) == 0);
	close_websocket(order);
}

/* The server pings by itself while nothing is sent; the connection works on. */
void ping_while_idle(const struct order *order)
{
	uint8_t payload[CONTROL_MAX];
	uint64_t remaining = 0;
	uint32_t type = 0;

	open_websocket(order);
	for (int i = 0; i < 2; i++) {
		const int ret = websocket_recv_msg(connection.websocket, payload, sizeof(payload), &type, &remaining,
						   TIMEOUT_MS);

		if (ret < 0 || type != (WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_FINAL)) {
			fail("ping %d: websocket_recv_msg(): %d, type 0x%x", i, ret, type);
		}
	}
	echo(1, true, false);
	close_websocket(order);
}
