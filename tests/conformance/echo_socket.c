/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The echo over poll(), recv() and send().
 *
 * SWITCH OVER HERE: recv() says neither which type data has nor where a message ends, and send() makes one TEXT
 * message of what it is given. So one recv() is echoed by one send(), and the cases that need more are listed in
 * expected.json as not expressible. When the socket options for the opcode and recvmsg()'s ancillary data are there,
 * receive() and send_message() use them and that list goes.
 */
#include "agent.h"

#include <errno.h>

#include <zephyr/net/socket.h>

static ssize_t receive(int websocket)
{
	struct zsock_pollfd entry = {.fd = websocket, .events = ZSOCK_POLLIN};
	const int ready = zsock_poll(&entry, 1, TIMEOUT_MS);
	ssize_t len;

	if (ready <= 0) {
		return ready < 0 ? -errno : -ETIMEDOUT;
	}
	/* A frame that is smaller than the buffer is returned as a whole. */
	len = zsock_recv(websocket, whole_message, sizeof(whole_message), 0);

	return len < 0 ? -errno : len;
}

static int send_message(int websocket, size_t len)
{
	const ssize_t sent = zsock_send(websocket, whole_message, len, 0);

	if (sent < 0) {
		return -errno;
	}

	return (size_t)sent == len ? 0 : -EIO;
}

int echo_socket(int websocket, struct tally *tally)
{
	while (true) {
		const ssize_t len = receive(websocket);
		int result;

		/* The library has told the server of its error. */
		if (len == 0 || len == -EPROTO) {
			return 0;
		}
		if (len < 0) {
			return (int)len;
		}
		sum_add(&tally->received, whole_message, (size_t)len);
		result = send_message(websocket, (size_t)len);
		if (result < 0) {
			return result;
		}
		sum_add(&tally->sent, whole_message, (size_t)len);
	}
}
