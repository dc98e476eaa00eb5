/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The echo over poll(), recvmsg() and sendmsg(): a whole message in one call, its type in the ancillary data.
 */
#include "agent.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/net/websocket_socket.h>

/* A message's length, 0 at the end of the stream, or a negative errno. */
static ssize_t receive(int websocket, uint32_t *type)
{
	union {
		struct cmsghdr header;
		uint8_t room[CMSG_SPACE(sizeof(struct websocket_message))];
	} control;
	struct iovec piece = {.iov_base = whole_message, .iov_len = sizeof(whole_message)};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct zsock_pollfd entry = {.fd = websocket, .events = ZSOCK_POLLIN};
	const int ready = zsock_poll(&entry, 1, TIMEOUT_MS);
	struct websocket_message told;
	ssize_t len;

	if (ready <= 0) {
		return ready < 0 ? -errno : -ETIMEDOUT;
	}
	len = zsock_recvmsg(websocket, &message, ZSOCK_MSG_WAITALL);
	if (len <= 0) {
		return len < 0 ? -errno : 0;
	}
	if (message.msg_controllen < CMSG_LEN(sizeof(told)) || control.header.cmsg_level != SOL_WEBSOCKET ||
	    control.header.cmsg_type != WEBSOCKET_CMSG_MESSAGE) {
		return -EBADMSG;
	}
	memcpy(&told, CMSG_DATA(&control.header), sizeof(told));
	*type = told.message_type;

	return len;
}

static int send_message(int websocket, size_t len, uint32_t type)
{
	const int opcode = (type & WEBSOCKET_FLAG_BINARY) != 0 ? WEBSOCKET_OPCODE_DATA_BINARY
							       : WEBSOCKET_OPCODE_DATA_TEXT;
	/* Two pieces, so that a message is gathered. */
	struct iovec pieces[] = {
		{.iov_base = whole_message, .iov_len = len / 3},
		{.iov_base = whole_message + len / 3, .iov_len = len - len / 3},
	};
	const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
	ssize_t sent;

	if (zsock_setsockopt(websocket, SOL_WEBSOCKET, WEBSOCKET_OPT_SEND_OPCODE, &opcode, sizeof(opcode)) != 0) {
		return -errno;
	}
	sent = zsock_sendmsg(websocket, &message, 0);
	if (sent < 0) {
		return -errno;
	}

	return (size_t)sent == len ? 0 : -EIO;
}

int echo_socket(int websocket, struct tally *tally)
{
	while (true) {
		uint32_t type = 0;
		const ssize_t len = receive(websocket, &type);
		int result;

		/* The library has told the server of its error. */
		if (len == 0 || len == -EPROTO) {
			return 0;
		}
		if (len < 0) {
			return (int)len;
		}
		/* The stream ended before the message did: there is nothing to echo. */
		if ((type & WEBSOCKET_FLAG_FINAL) == 0) {
			continue;
		}
		sum_add(&tally->received, whole_message, (size_t)len);
		result = send_message(websocket, (size_t)len, type);
		if (result < 0) {
			return result;
		}
		sum_add(&tally->sent, whole_message, (size_t)len);
	}
}
