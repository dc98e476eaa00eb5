/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The exercise over websocket_send_msg() and websocket_recv_msg().
 */
#include "echo_client.h"

#include <errno.h>

#include <zephyr/net/websocket.h>

#define FRAGMENTS 3
#define FRAGMENT_SIZE 300
#define PING_SIZE 16

uint8_t outgoing[MAX(LARGEST_SIZE, ROUND_SIZE_MAX)];

/* The flags that say what a frame is, without WEBSOCKET_FLAG_FINAL. */
#define TYPE_FLAGS                                                                                 \
	(WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_CLOSE |                      \
	 WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG)

int receive_message(int websocket, uint32_t flag, const struct pattern *expected, size_t len,
		    struct arrival *arrival)
{
	/* Small on purpose: a frame is delivered by as many calls as it takes. */
	uint8_t piece[512];
	uint64_t remaining = 0;
	uint32_t type = 0;
	size_t received = 0;
	size_t good;
	int ret;

	*arrival = (struct arrival){0};
	do {
		ret = websocket_recv_msg(websocket, piece, sizeof(piece), &type, &remaining,
					 TIMEOUT_MS);
		if (ret < 0) {
			printk("error: websocket_recv_msg() after %zu of %zu octets: %d\n",
			       received, len, ret);
			return -1;
		}
		if ((type & TYPE_FLAGS) == WEBSOCKET_FLAG_PING) {
			/* The library has answered it. */
			continue;
		}
		if ((type & TYPE_FLAGS) == WEBSOCKET_FLAG_CLOSE) {
			printk("error: the server closed after %zu of %zu octets\n", received, len);
			return -1;
		}
		if ((type & TYPE_FLAGS) != flag) {
			printk("error: a frame with flags 0x%x, expected 0x%x\n", type, flag);
			return -1;
		}
		good = pattern_match(expected, received, piece, (size_t)ret);
		if (good != (size_t)ret || received + good > len) {
			printk("error: octet %zu of %zu is not what was sent\n", received + good,
			       len);
			return -1;
		}
		received += good;
		arrival->calls++;
		if (remaining == 0) {
			arrival->frames++;
		}
	} while (remaining > 0 || (type & TYPE_FLAGS) != flag || !(type & WEBSOCKET_FLAG_FINAL));

	if (received != len) {
		printk("error: a message of %zu octets came back with %zu\n", len, received);
		return -1;
	}

	return 0;
}

static void print_row(const char *what, size_t len, unsigned int frames,
		      const struct arrival *arrival, uint64_t start)
{
	const uint32_t taken = (uint32_t)(now_us() - start);

	printk("  %-18s %8zu octets   sent in %u %s received in %u %s, %4u %s  %5u.%03u ms\n", what,
	       len, frames, frames == 1 ? "frame, " : "frames,", arrival->frames,
	       arrival->frames == 1 ? "frame" : "frames", arrival->calls,
	       arrival->calls == 1 ? "call " : "calls", taken / 1000, taken % 1000);
}

/* Sends a message in so many frames of the same size and waits for it to come back. */
static int exchange(int websocket, const char *what, const struct pattern *pattern, size_t len,
		    unsigned int frames, struct tally *tally)
{
	const uint32_t flag = pattern->is_text ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY;
	const size_t frame_len = len / frames;
	const uint64_t start = now_us();
	struct arrival arrival;

	for (unsigned int i = 0; i < frames; i++) {
		const enum websocket_opcode first = pattern->is_text ? WEBSOCKET_OPCODE_DATA_TEXT
								     : WEBSOCKET_OPCODE_DATA_BINARY;
		int ret;

		pattern_fill(pattern, i * frame_len, outgoing, frame_len);
		ret = websocket_send_msg(websocket, outgoing, frame_len,
					 i == 0 ? first : WEBSOCKET_OPCODE_CONTINUE, true,
					 i + 1 == frames, TIMEOUT_MS);
		if (ret != (int)frame_len) {
			printk("error: websocket_send_msg() of %zu octets: %d\n", frame_len, ret);
			return -1;
		}
	}
	if (receive_message(websocket, flag, pattern, len, &arrival) != 0) {
		return -1;
	}
	print_row(what, len, frames, &arrival, start);
	tally->messages++;
	tally->octets += len;

	return 0;
}

static int ping(int websocket)
{
	const struct pattern pattern = {.seed = 6};
	const uint64_t start = now_us();
	struct arrival arrival;
	int ret;

	pattern_fill(&pattern, 0, outgoing, PING_SIZE);
	ret = websocket_send_msg(websocket, outgoing, PING_SIZE, WEBSOCKET_OPCODE_PING, true, true,
				 TIMEOUT_MS);
	if (ret != PING_SIZE) {
		printk("error: websocket_send_msg() of a ping: %d\n", ret);
		return -1;
	}
	if (receive_message(websocket, WEBSOCKET_FLAG_PONG, &pattern, PING_SIZE, &arrival) != 0) {
		return -1;
	}
	print_row("ping, then pong", PING_SIZE, 1, &arrival, start);

	return 0;
}

static int exchange_all(int websocket, struct tally *tally)
{
	const struct pattern text = {.seed = 1, .is_text = true};
	const struct pattern binary = {.seed = 2};
	const struct pattern large = {.seed = 3};
	const struct pattern largest = {.seed = 4};
	const struct pattern fragmented = {.seed = 5, .is_text = true};

	if (exchange(websocket, "text", &text, 26, 1, tally) != 0 ||
	    exchange(websocket, "binary", &binary, 256, 1, tally) != 0 ||
	    exchange(websocket, "large binary", &large, LARGE_SIZE, 1, tally) != 0 ||
	    exchange(websocket, "largest binary", &largest, LARGEST_SIZE, 1, tally) != 0 ||
	    exchange(websocket, "fragmented text", &fragmented, FRAGMENTS * FRAGMENT_SIZE, FRAGMENTS,
		     tally) != 0) {
		return -1;
	}

	return ping(websocket);
}

int exercise_messages(const struct server *server, struct tally *tally)
{
	struct connection connection;
	int result;

	printk("\nwebsocket_send_msg(), websocket_recv_msg(), websocket_disconnect()\n");
	if (server_connect(server, &connection) != 0) {
		return -1;
	}
	result = exchange_all(connection.websocket, tally);
	if (websocket_disconnect(connection.websocket) != 0) {
		printk("error: websocket_disconnect(): errno %d\n", errno);
		result = -1;
	}
	server_leave(&connection);
	tally->connections++;

	return result;
}
