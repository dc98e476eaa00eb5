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

/* Octets of a message, or a negative errno: -ENOTCONN at the end of the stream. */
static ssize_t receive(int websocket, struct websocket_message *told, size_t offset, int flags)
{
	union {
		struct cmsghdr header;
		uint8_t room[CMSG_SPACE(sizeof(struct websocket_message))];
	} control;
	struct iovec piece = {.iov_base = &whole_message[offset], .iov_len = sizeof(whole_message) - offset};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const ssize_t len = zsock_recvmsg(websocket, &message, flags);

	if (len < 0) {
		return -errno;
	}
	if (len == 0 && message.msg_controllen == 0) {
		return -ENOTCONN;
	}
	if (message.msg_controllen < CMSG_LEN(sizeof(*told)) || control.header.cmsg_level != SOL_WEBSOCKET ||
	    control.header.cmsg_type != WEBSOCKET_CMSG_MESSAGE) {
		return -EBADMSG;
	}
	memcpy(told, CMSG_DATA(&control.header), sizeof(*told));

	return len;
}

/* Reads first and polls then: by the receives the library knows that ends of messages are worth a wake-up. */
static ssize_t receive_message(int websocket, uint32_t *type)
{
	struct zsock_pollfd entry = {.fd = websocket, .events = ZSOCK_POLLIN};
	struct websocket_message told = {0};
	int flags = ZSOCK_MSG_DONTWAIT;
	size_t len = 0;

	do {
		const ssize_t more = receive(websocket, &told, len, ZSOCK_MSG_WAITALL | flags);

		if (more == -EAGAIN && flags != 0) {
			if (zsock_poll(&entry, 1, TIMEOUT_MS) <= 0) {
				return -ETIMEDOUT;
			}
		} else if (more < 0) {
			return more;
		} else {
			len += (size_t)more;
		}
		flags = 0;
	} while ((told.message_type & WEBSOCKET_FLAG_FINAL) == 0 || told.remaining > 0);
	*type = told.message_type;

	return (ssize_t)len;
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
		const ssize_t len = receive_message(websocket, &type);
		int result;

		/* The end; or the library has told the server of its error. */
		if (len == -ENOTCONN || len == -EPROTO) {
			return 0;
		}
		if (len < 0) {
			return (int)len;
		}
		sum_add(&tally->received, whole_message, (size_t)len);
		result = send_message(websocket, (size_t)len, type);
		if (result < 0) {
			return result;
		}
		sum_add(&tally->sent, whole_message, (size_t)len);
	}
}
