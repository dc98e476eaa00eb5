/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The stream below the websocket, plain or TLS: only here do the two differ.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

/* How long the server may take to end the stream after both Close frames. */
#define END_MS 5000

/* The websocket's receive buffer: a device's, not a PC's. */
static uint8_t tmp_buf[1024];

static int stream_socket(const struct server *server)
{
	if (server->authority != NULL) {
		errno = EPROTONOSUPPORT;
		return -1;
	}

	return zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
}

int connection_open(const struct server *server)
{
	const struct zsock_addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *address = NULL;
	int result;
	int sock;

	if (zsock_getaddrinfo(server->host, server->port, &hints, &address) != 0 || address == NULL) {
		return -EHOSTUNREACH;
	}
	sock = stream_socket(server);
	if (sock < 0) {
		result = -errno;
	} else if (zsock_connect(sock, address->ai_addr, address->ai_addrlen) != 0) {
		result = -errno;
		(void)zsock_close(sock);
	} else {
		result = sock;
	}
	zsock_freeaddrinfo(address);

	return result;
}

int connection_upgrade(int sock, const struct server *server, const char *path)
{
	/* The server compares the port with its own. */
	char host[64];
	struct websocket_request request = {
		.host = host,
		.url = path,
		.tmp_buf = tmp_buf,
		.tmp_buf_len = sizeof(tmp_buf),
	};

	snprintf(host, sizeof(host), "%s:%s", server->host, server->port);

	return websocket_connect(sock, &request, TIMEOUT_MS, NULL);
}

int connection_finish(int sock)
{
	struct zsock_pollfd entry = {.fd = sock, .events = ZSOCK_POLLIN};
	const int64_t end = k_uptime_get() + END_MS;
	uint8_t ignored[1024];
	int64_t left = END_MS;
	ssize_t len = 1;

	while (len > 0 && left > 0 && zsock_poll(&entry, 1, (int)left) == 1) {
		len = zsock_recv(sock, ignored, sizeof(ignored), ZSOCK_MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN) {
			len = 1;
		}
		left = end - k_uptime_get();
	}
	if (zsock_close(sock) != 0) {
		return -errno;
	}

	/* A reset is an end too: the server may drop what it did not read. */
	return len > 0 ? -ETIMEDOUT : 0;
}
