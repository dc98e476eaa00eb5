/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The echo over websocket_recv_msg() and websocket_send_msg(): messages of any length through one small buffer.
 */
#include "agent.h"

#include <errno.h>

#include <zephyr/net/websocket.h>

#define TYPE_FLAGS                                                                                 \
	(WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_CLOSE |                      \
	 WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG)

/* A message that is longer goes back in fragments of this size, while its rest is still coming. */
static uint8_t fragment[16 * 1024];

static int send_fragment(int websocket, size_t len, enum websocket_opcode opcode, bool is_last, struct tally *tally)
{
	const int sent = websocket_send_msg(websocket, fragment, len, opcode, true, is_last, TIMEOUT_MS);

	if (sent < 0) {
		return sent;
	}
	if ((size_t)sent != len) {
		return -EIO;
	}
	sum_add(&tally->sent, fragment, len);

	return 0;
}

int echo_message(int websocket, struct tally *tally)
{
	bool is_first = true;
	size_t len = 0;

	while (true) {
		uint64_t remaining = 0;
		uint32_t type = 0;
		enum websocket_opcode opcode;
		bool is_last;
		int result = websocket_recv_msg(websocket, &fragment[len], sizeof(fragment) - len, &type,
						&remaining, TIMEOUT_MS);

		if (result == -EPROTO) {
			/* The server broke the protocol, which most cases are about: the library has told it. */
			return 0;
		}
		if (result < 0) {
			return result;
		}
		switch (type & TYPE_FLAGS) {
		case WEBSOCKET_FLAG_CLOSE:
			/* The library has answered it. */
			if (remaining == 0) {
				return 0;
			}
			continue;
		case WEBSOCKET_FLAG_PING:
		case WEBSOCKET_FLAG_PONG:
			/* So it has a ping; the next frame takes the payload's place. */
			continue;
		case WEBSOCKET_FLAG_TEXT:
			opcode = WEBSOCKET_OPCODE_DATA_TEXT;
			break;
		case WEBSOCKET_FLAG_BINARY:
			opcode = WEBSOCKET_OPCODE_DATA_BINARY;
			break;
		default:
			return -EBADMSG;
		}

		sum_add(&tally->received, &fragment[len], (size_t)result);
		len += (size_t)result;
		is_last = (type & WEBSOCKET_FLAG_FINAL) != 0 && remaining == 0;
		if (!is_last && len < sizeof(fragment)) {
			continue;
		}
		result = send_fragment(websocket, len, is_first ? opcode : WEBSOCKET_OPCODE_CONTINUE, is_last, tally);
		if (result < 0) {
			return result;
		}
		is_first = is_last;
		len = 0;
	}
}
