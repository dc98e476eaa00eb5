/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One line for each call: cycles of the system's timer, and sends, receives and polls of the socket below.
 */
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#include "peer_handshake.h"
#include "wire.h"

#define SEGMENT 1460
#define SENDS 16
#define FRAMES 64
#define POLLED_SIZE 50

static uint8_t tmp[SEGMENT];
static uint8_t data[4096];
static uint8_t stream[8400];
static int ws;

static uint32_t begin_cycles;
/* What others than the library did between begin() and end(). */
static uint32_t foreign_cycles;

static void begin(void)
{
	memset(&wire_counts, 0, sizeof(wire_counts));
	foreign_cycles = 0;
	begin_cycles = k_cycle_get_32();
}

static void end(const char *name, int calls)
{
	const uint32_t cycles = k_cycle_get_32() - begin_cycles - foreign_cycles;

	printk("MEASURE %s cycles=%u sends=%u receives=%u polls=%u calls=%d\n", name, cycles, wire_counts.sends,
	       wire_counts.receives, wire_counts.polls, calls);
}

static void answer(const char *request)
{
	static char response[256];
	const uint32_t start = k_cycle_get_32();
	const size_t len = handshake_response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
					      "Connection: Upgrade\r\nSec-WebSocket-Accept: $A\r\n\r\n",
					      handshake_find_key(request), response, sizeof(response));

	wire_lay_out(response, len, len);
	foreign_cycles += k_cycle_get_32() - start;
}

/* Unmasked frames, one behind the other: their octets. */
static size_t frames(uint8_t first, size_t len, int count)
{
	size_t at = 0;

	for (int i = 0; i < count; i++) {
		stream[at++] = first;
		if (len < 126) {
			stream[at++] = (uint8_t)len;
		} else {
			stream[at++] = 126;
			stream[at++] = (uint8_t)(len >> 8);
			stream[at++] = (uint8_t)len;
		}
		memset(&stream[at], 'x', len);
		at += len;
	}

	return at;
}

static bool is_right(const char *name, int result, int wanted)
{
	if (result != wanted) {
		printk("MEASURE_WRONG %s: %d in place of %d\n", name, result, wanted);
	}

	return result == wanted;
}

static void measure_send(const char *name, size_t len)
{
	begin();
	for (int i = 0; i < SENDS; i++) {
		const int sent = websocket_send_msg(ws, data, len, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 1000);

		if (!is_right(name, sent, (int)len)) {
			return;
		}
	}
	end(name, SENDS);
}

static void measure_receive(const char *name, uint8_t first, size_t len, int count, size_t size)
{
	const size_t octets = frames(first, len, count);
	size_t received = 0;
	uint32_t type;
	uint64_t remaining;

	wire_lay_out(stream, octets, SEGMENT);
	begin();
	while (received < len * count) {
		const int got = websocket_recv_msg(ws, data, size, &type, &remaining, 1000);

		if (got < 0) {
			(void)is_right(name, got, (int)len);
			return;
		}
		received += (size_t)got;
	}
	end(name, count);
}

/* One frame, or as many octets of plain TCP, in each segment, as most applications receive them. */
static void measure_polled(const char *name, int sock, bool is_polled)
{
	struct zsock_pollfd entry = {.fd = sock, .events = ZSOCK_POLLIN};
	const bool is_websocket = sock == ws;
	const int wanted = is_websocket ? POLLED_SIZE : POLLED_SIZE + 2;
	uint32_t type;
	uint64_t remaining;

	wire_lay_out(stream, frames(0x82, POLLED_SIZE, FRAMES), POLLED_SIZE + 2);
	begin();
	for (int i = 0; i < FRAMES; i++) {
		int got;

		if (is_polled) {
			(void)zsock_poll(&entry, 1, 100);
		}
		if (is_polled && is_websocket) {
			got = websocket_recv_msg(sock, data, 1024, &type, &remaining, 0);
		} else {
			got = (int)zsock_recv(sock, data, 1024, 0);
		}
		if (!is_right(name, got, wanted)) {
			return;
		}
	}
	end(name, FRAMES);
}

static void measure_stream_send(const char *name, int sock)
{
	begin();
	for (int i = 0; i < FRAMES; i++) {
		if (!is_right(name, (int)zsock_send(sock, data, POLLED_SIZE, 0), POLLED_SIZE)) {
			return;
		}
	}
	end(name, FRAMES);
}

int main(void)
{
	struct websocket_request request = {
		.host = "h", .url = "/", .tmp_buf = tmp, .tmp_buf_len = sizeof(tmp),
	};
	const int sock = wire_open();

	wire_on_first_receive(answer);
	begin();
	ws = websocket_connect(sock, &request, 3000, NULL);
	end("connect", 1);
	if (ws < 0) {
		printk("MEASURE_WRONG connect: %d\n", ws);
		return 1;
	}
	measure_send("send_msg_16", 16);
	measure_send("send_msg_125", 125);
	measure_send("send_msg_400", 400);
	measure_send("send_msg_1024", 1024);
	measure_send("send_msg_4096", 4096);
	measure_receive("recv_msg_16", 0x82, 16, FRAMES, 1024);
	measure_receive("recv_msg_125", 0x82, 125, FRAMES, 1024);
	measure_receive("recv_msg_1024", 0x82, 1024, 8, 1024);
	measure_receive("recv_msg_8000", 0x82, 8000, 1, 4096);
	measure_receive("recv_msg_ping", 0x89, 16, FRAMES, 1024);
	measure_polled("poll_recv_msg", ws, true);
	measure_polled("recv", ws, false);
	measure_stream_send("send", ws);
	begin();
	(void)is_right("disconnect", websocket_disconnect(ws), 0);
	end("disconnect", 1);
	ws = -1;
	measure_polled("tcp_poll_recv", sock, true);
	measure_polled("tcp_recv", sock, false);
	printk("MEASURE done\n");

	return 0;
}
