/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the agent can be told to do: see the table in README.md.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What /fragment cuts its replies into. */
#define FRAGMENT_LEN 1000

static const char ping_payload[] = "are you there";

/* ------------------------------------------------------------------------------------------ echo */

static void compare(size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (incoming[i] != outgoing[i]) {
			fail("octet %zu of %zu came back as %02x, not %02x", i, len, incoming[i], outgoing[i]);
		}
	}
}

/* Sends one message of one frame and compares what comes back. */
static void echo(size_t len, bool is_text, bool is_fragmenting)
{
	struct arrival arrival;

	fill(outgoing, len, is_text);
	send_frame(outgoing, len, is_text ? WEBSOCKET_OPCODE_DATA_TEXT : WEBSOCKET_OPCODE_DATA_BINARY, true);
	receive_message(&arrival);
	CHECK(arrival.type == (is_text ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY));
	if (arrival.len != len) {
		fail("a message of %zu octets came back with %zu", len, arrival.len);
	}
	compare(len);
	CHECK(is_fragmenting || arrival.frames == 1);
	/* A server may end with an empty frame. */
	CHECK(!is_fragmenting || arrival.frames >= len / FRAGMENT_LEN);
}

static void echo_stream(size_t len)
{
	fill(outgoing, len, true);
	send_stream(outgoing, len);
	receive_stream(len);
	compare(len);
}

/* As echo(), with a server that cuts what it reads into text messages of its own. */
static void echo_in_pieces(size_t len)
{
	size_t received = 0;

	while (received < len) {
		struct arrival arrival;

		receive_message(&arrival);
		CHECK(arrival.type == WEBSOCKET_FLAG_TEXT && arrival.frames == 1);
		CHECK(arrival.len <= len - received);
		if (memcmp(incoming, &outgoing[received], arrival.len) != 0) {
			fail("what came back behind octet %zu of %zu differs", received, len);
		}
		received += arrival.len;
	}
}

static void sizes(const struct order *order, bool is_fragmenting)
{
	static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, MESSAGE_MAX};
	const bool is_in_pieces = strcmp(order->argument, "pieces") == 0;

	open_websocket(order);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (order->is_stream) {
			/* An empty message is nothing that recv() could report. */
			if (lengths[i] > 0) {
				echo_stream(lengths[i]);
			}
		} else if (is_in_pieces && lengths[i] > 0) {
			fill(outgoing, lengths[i], true);
			send_frame(outgoing, lengths[i], WEBSOCKET_OPCODE_DATA_TEXT, true);
			echo_in_pieces(lengths[i]);
		} else {
			if (!is_in_pieces) {
				echo(lengths[i], false, is_fragmenting);
			}
			echo(lengths[i], true, is_fragmenting);
		}
	}
	close_websocket(order);
}

static void echo_sizes(const struct order *order)
{
	sizes(order, false);
}

static void echo_fragmenting_server(const struct order *order)
{
	sizes(order, true);
}

/* --------------------------------------------------------------------- fragments and pings of the client */

/* Sends a message in so many frames, with an empty one among them. */
static void send_fragments(size_t len, size_t frames, enum websocket_opcode opcode)
{
	const size_t piece = len / frames;

	fill(outgoing, len, opcode == WEBSOCKET_OPCODE_DATA_TEXT);
	for (size_t i = 0; i < frames; i++) {
		const size_t start = i * piece;

		send_frame(&outgoing[start], i + 1 == frames ? len - start : piece,
			   i == 0 ? opcode : WEBSOCKET_OPCODE_CONTINUE, i + 1 == frames);
		if (i == 0) {
			send_frame(outgoing, 0, WEBSOCKET_OPCODE_CONTINUE, false);
		}
	}
}

static void echo_fragments(size_t len, size_t frames, enum websocket_opcode opcode)
{
	struct arrival arrival;

	send_fragments(len, frames, opcode);
	receive_message(&arrival);
	CHECK(arrival.type ==
	      (opcode == WEBSOCKET_OPCODE_DATA_TEXT ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY));
	CHECK(arrival.len == len);
	compare(len);
}

/* Wants one pong with this payload: before the message that came, or before another one behind the ping. */
static void want_pong(struct arrival *arrival, const void *payload, size_t len)
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

/* Three frames, a ping between them, and a cut inside of a character; then many frames. */
static void client_fragments(const struct order *order)
{
	static const char message[] = "three frames, and a ping between them: \xE2\x82\xAC";
	const size_t cuts[] = {0, 5, sizeof(message) - 3, sizeof(message) - 1};
	struct arrival arrival;

	open_websocket(order);
	if (strcmp(order->argument, "pieces") == 0) {
		send_fragments(1000, 100, WEBSOCKET_OPCODE_DATA_TEXT);
		echo_in_pieces(1000);
		close_websocket(order);
		return;
	}
	send_frame(message, cuts[1], WEBSOCKET_OPCODE_DATA_TEXT, false);
	send_frame("ping", 4, WEBSOCKET_OPCODE_PING, true);
	send_frame(&message[cuts[1]], cuts[2] - cuts[1], WEBSOCKET_OPCODE_CONTINUE, false);
	send_frame(&message[cuts[2]], cuts[3] - cuts[2], WEBSOCKET_OPCODE_CONTINUE, true);
	receive_message(&arrival);
	CHECK(arrival.type == WEBSOCKET_FLAG_TEXT);
	CHECK(arrival.len == cuts[3] && memcmp(incoming, message, cuts[3]) == 0);
	want_pong(&arrival, "ping", 4);
	echo_fragments(1000, 100, WEBSOCKET_OPCODE_DATA_TEXT);
	echo_fragments(MESSAGE_MAX, 15, WEBSOCKET_OPCODE_DATA_BINARY);
	close_websocket(order);
}

static void client_pings(const struct order *order)
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

/* ---------------------------------------------------------------------------- pings of the server */

static void want_ping(const struct arrival *arrival)
{
	CHECK(arrival->pings == 1);
	CHECK(arrival->control_len == sizeof(ping_payload) - 1);
	CHECK(memcmp(arrival->control, ping_payload, sizeof(ping_payload) - 1) == 0);
}

/* 1 MiB in two frames, the second of which the server holds back until its ping is answered. */
static void ping_inside_message(const struct order *order)
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
static void ping_before_message(const struct order *order)
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
static void ping_while_idle(const struct order *order)
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

/* ---------------------------------------------------------------------------------------- closing */

/* Sends a Close frame with a code and a reason, and wants the same code back. */
static void client_close(const struct order *order)
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
static void disconnect(const struct order *order)
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

static void server_close_on_go(const struct order *order)
{
	server_close(order, "go");
}

/* libwebsockets' test server closes when it is told so. */
static void server_close_on_closeme(const struct order *order)
{
	server_close(order, "closeme\n");
}

/* --------------------------------------------------------------------------------------- the rest */

/* libwebsockets' counter: a text message with the next number every 50 ms; "reset" starts it anew. */
static void counting(const struct order *order)
{
	char expected[16];

	open_websocket(order);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5; i++) {
			struct arrival arrival = {.type = WEBSOCKET_FLAG_TEXT, .frames = 1};

			snprintf(expected, sizeof(expected), "%d", i);
			if (order->is_stream) {
				arrival.len = strlen(expected);
				receive_stream(arrival.len);
			} else {
				receive_message(&arrival);
			}
			/* Numbers that were on their way when "reset" was sent. */
			if (round == 1 && i == 0 && arrival.len == 1 && incoming[0] >= '5') {
				i--;
				continue;
			}
			CHECK(arrival.type == WEBSOCKET_FLAG_TEXT && arrival.frames == 1);
			CHECK(arrival.len == strlen(expected) && memcmp(incoming, expected, arrival.len) == 0);
		}
		send_frame("reset\n", 6, WEBSOCKET_OPCODE_DATA_TEXT, true);
	}
	close_websocket(order);
}

/* The server answers with this status: no connection, and the application sees why. */
static void refused(const struct order *order)
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

static const struct {
	const char *name;
	void (*run)(const struct order *order);
} orders[] = {
	{"echo", echo_sizes},
	{"client-fragments", client_fragments},
	{"server-fragments", echo_fragmenting_server},
	{"client-pings", client_pings},
	{"ping-inside-message", ping_inside_message},
	{"ping-before-message", ping_before_message},
	{"ping-while-idle", ping_while_idle},
	{"disconnect", disconnect},
	{"client-close", client_close},
	{"server-close", server_close_on_go},
	{"closeme", server_close_on_closeme},
	{"counting", counting},
	{"refused", refused},
};

void carry_out(const struct order *order)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		if (strcmp(orders[i].name, order->name) == 0) {
			orders[i].run(order);
			return;
		}
	}
	fail("no such order: %s", order->name);
}
