/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Clients that do it wrong, each in its own way. The harness must fail them: `cargo xtask autobahn --prove`.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/net/socket.h>

/* Opens with the library, then says nothing and answers nothing. Cases that expect no message call that OK. */
int flawed_mute(int sock, const struct server *server, const char *path)
{
	const int websocket = connection_upgrade(sock, server, path);
	struct zsock_pollfd entry = {.fd = sock, .events = ZSOCK_POLLIN};
	uint8_t ignored[4096];

	if (websocket < 0) {
		return websocket;
	}
	while (zsock_poll(&entry, 1, TIMEOUT_MS) == 1) {
		if (zsock_recv(sock, ignored, sizeof(ignored), 0) <= 0) {
			break;
		}
	}

	/* The server has ended the stream: the Close frame of this call goes nowhere. */
	(void)zsock_close(websocket);

	return 0;
}

static bool receive_all(int sock, uint8_t *data, size_t len)
{
	while (len > 0) {
		const ssize_t received = zsock_recv(sock, data, len, 0);

		if (received <= 0) {
			return false;
		}
		data += received;
		len -= (size_t)received;
	}

	return true;
}

static bool send_all(int sock, const uint8_t *data, size_t len)
{
	while (len > 0) {
		const ssize_t sent = zsock_send(sock, data, len, 0);

		if (sent <= 0) {
			return false;
		}
		data += sent;
		len -= (size_t)sent;
	}

	return true;
}

static bool naive_upgrade(int sock, const struct server *server, const char *path)
{
	char request[512];
	char last[5] = "";
	const int len = snprintf(request, sizeof(request),
				 "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
				 path, server->host, server->port);

	if (!send_all(sock, (const uint8_t *)request, (size_t)len)) {
		return false;
	}
	while (strcmp(last, "\r\n\r\n") != 0) {
		memmove(last, &last[1], 3);
		if (!receive_all(sock, (uint8_t *)&last[3], 1)) {
			return false;
		}
	}

	return true;
}

static bool naive_send(int sock, uint8_t opcode, uint8_t *payload, size_t len)
{
	/* A masking key of zeros leaves the payload as it is. */
	uint8_t header[14] = {0x80 | opcode};
	size_t header_len = 2;

	if (len < 126) {
		header[1] = (uint8_t)len;
	} else {
		const size_t octets = len < 65536 ? 2 : 8;

		header[1] = octets == 2 ? 126 : 127;
		for (size_t i = 0; i < octets; i++) {
			header[2 + i] = (uint8_t)((uint64_t)len >> 8 * (octets - 1 - i));
		}
		header_len += octets;
	}
	header[1] |= 0x80;

	return send_all(sock, header, header_len + 4) && send_all(sock, payload, len);
}

/* Believes every octet of the server's: no rule of RFC 6455 is checked, no text is validated. */
int flawed_naive(int sock, const struct server *server, const char *path, bool corrupts, struct tally *tally)
{
	uint8_t message_opcode = 0;
	size_t message_len = 0;

	if (!naive_upgrade(sock, server, path)) {
		return -ECONNABORTED;
	}
	while (true) {
		uint8_t header[10];
		uint8_t *payload = &whole_message[message_len];
		uint64_t len;
		uint8_t opcode;

		if (!receive_all(sock, header, 2)) {
			return 0;
		}
		opcode = header[0] & 0x0F;
		len = header[1] & 0x7F;
		if (len >= 126) {
			const size_t octets = len == 126 ? 2 : 8;

			len = 0;
			if (!receive_all(sock, &header[2], octets)) {
				return 0;
			}
			for (size_t i = 0; i < octets; i++) {
				len = len << 8 | header[2 + i];
			}
		}
		if (len > sizeof(whole_message) - message_len || !receive_all(sock, payload, (size_t)len)) {
			return 0;
		}
		if (opcode >= 8) {
			/* The naive way to answer a control frame: a ping with a pong, all others with the same. */
			if (!naive_send(sock, opcode == 9 ? 10 : opcode, payload, (size_t)len) || opcode == 8) {
				return 0;
			}
			continue;
		}
		sum_add(&tally->received, payload, (size_t)len);
		message_len += (size_t)len;
		message_opcode = opcode != 0 ? opcode : message_opcode;
		if (header[0] & 0x80) {
			if (corrupts && message_len > 0) {
				whole_message[message_len / 2] ^= 1;
			}
			if (!naive_send(sock, message_opcode, whole_message, message_len)) {
				return 0;
			}
			sum_add(&tally->sent, whole_message, message_len);
			message_len = 0;
		}
	}
}
