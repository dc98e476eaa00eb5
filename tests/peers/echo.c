/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Messages that the server sends back: every size, whole and in fragments, through both APIs.
 */
#include "agent.h"

#include <string.h>

/* What /fragment cuts its replies into. */
#define FRAGMENT_LEN 1000

static void compare(size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (incoming[i] != outgoing[i]) {
			fail("octet %zu of %zu came back as %02x, not %02x", i, len, incoming[i], outgoing[i]);
		}
	}
}

/* Sends one message of one frame and compares what comes back. */
void echo(size_t len, bool is_text, bool is_fragmenting)
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

void echo_sizes(const struct order *order)
{
	sizes(order, false);
}

void echo_fragmenting_server(const struct order *order)
{
	sizes(order, true);
}

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

/* Three frames, a ping between them, and a cut inside of a character; then many frames. */
void client_fragments(const struct order *order)
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
