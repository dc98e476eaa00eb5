/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the agent sends and receives, through either API.
 */
#include "agent.h"

#include <errno.h>
#include <string.h>

void fill(uint8_t *data, size_t len, bool is_text)
{
	for (size_t i = 0; i < len; i++) {
		const uint8_t octet = (uint8_t)((i * 2654435761U) >> 20);

		data[i] = is_text ? 'a' + octet % 26 : octet;
	}
}

void send_frame(const void *data, size_t len, enum websocket_opcode opcode, bool final)
{
	const int ret = websocket_send_msg(connection.websocket, data, len, opcode, true, final, TIMEOUT_MS);

	if (ret != (int)len) {
		fail("websocket_send_msg() of %zu octets: %d", len, ret);
	}
}

void send_stream(const void *data, size_t len)
{
	const ssize_t ret = zsock_send(connection.websocket, data, len, 0);

	if (ret != (ssize_t)len) {
		fail("send() of %zu octets: %zd, errno %d", len, ret, errno);
	}
}

/* Receives one data message into `incoming`. */
void receive_message(struct arrival *arrival)
{
	bool is_first = true;
	uint32_t type = 0;

	*arrival = (struct arrival){0};
	while (is_first || !(type & WEBSOCKET_FLAG_FINAL)) {
		uint8_t first[CONTROL_MAX];
		uint64_t remaining = 0;
		size_t frame_len = 0;
		uint32_t flag;

		/* The type is known only after the first piece, which a control frame's payload is no longer than. */
		do {
			const size_t room = sizeof(incoming) - arrival->len;
			uint8_t *place = frame_len == 0 ? first : &incoming[arrival->len];
			const int ret = websocket_recv_msg(connection.websocket, place,
							   frame_len == 0 ? sizeof(first) : room, &type,
							   &remaining, TIMEOUT_MS);

			if (ret < 0) {
				fail("websocket_recv_msg() after %zu octets: %d", arrival->len, ret);
			}
			flag = type & TYPE_FLAGS;
			if (flag == WEBSOCKET_FLAG_PING || flag == WEBSOCKET_FLAG_PONG) {
				memcpy(arrival->control, first, (size_t)ret);
				arrival->control_len = (size_t)ret;
				break;
			}
			if (flag == WEBSOCKET_FLAG_CLOSE) {
				fail("the server closed after %zu octets with code %d", arrival->len,
				     ret < 2 ? 1005 : first[0] * 256 + first[1]);
			}
			if ((size_t)ret > room) {
				fail("the message is longer than %zu octets", sizeof(incoming));
			}
			if (frame_len == 0) {
				memcpy(&incoming[arrival->len], first, (size_t)ret);
			}
			arrival->len += (size_t)ret;
			frame_len += (size_t)ret;
		} while (remaining > 0);

		if (flag == WEBSOCKET_FLAG_PING || flag == WEBSOCKET_FLAG_PONG) {
			arrival->pings += flag == WEBSOCKET_FLAG_PING;
			arrival->pongs += flag == WEBSOCKET_FLAG_PONG;
			/* Its FINAL flag is not the message's. */
			type = 0;
			continue;
		}
		CHECK(flag == WEBSOCKET_FLAG_TEXT || flag == WEBSOCKET_FLAG_BINARY);
		CHECK(is_first || flag == arrival->type);
		is_first = false;
		arrival->type = flag;
		arrival->frames++;
	}
}

/* Receives a Close frame, passing over what comes before it; returns the length of its payload. */
size_t receive_close(uint8_t *payload, size_t size)
{
	uint64_t remaining = 1;
	uint32_t type = 0;
	int ret;

	do {
		ret = websocket_recv_msg(connection.websocket, payload, size, &type, &remaining, TIMEOUT_MS);
		if (ret < 0) {
			fail("websocket_recv_msg() instead of a Close frame: %d", ret);
		}
	} while (!(type & WEBSOCKET_FLAG_CLOSE));
	CHECK(type == (WEBSOCKET_FLAG_CLOSE | WEBSOCKET_FLAG_FINAL) && remaining == 0);

	return (size_t)ret;
}

/* Receives so many octets with recv() into `incoming`. */
void receive_stream(size_t len)
{
	size_t received = 0;

	while (received < len) {
		const ssize_t ret = zsock_recv(connection.websocket, &incoming[received], len - received, 0);

		if (ret <= 0) {
			fail("recv() after %zu of %zu octets: %zd, errno %d", received, len, ret, errno);
		}
		received += (size_t)ret;
	}
}
