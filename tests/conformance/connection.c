/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The stream below the websocket, plain or TLS: only here do the two differ.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/net/websocket.h>

/* How long the server may take to end the stream after both Close frames. */
#define END_MS 5000

/* The websocket's receive buffer: a device's, not a PC's. */
static uint8_t tmp_buf[1024];

#define TAG 1

/* Gives the TLS layer the certificate that it trusts, once. */
static int add_authority(const char *path)
{
	static char pem[8192];
	FILE *file;
	size_t len;

	if (pem[0] != '\0') {
		return 0;
	}
	file = fopen(path, "r");
	if (file == NULL) {
		return -errno;
	}
	len = fread(pem, 1, sizeof(pem) - 1, file);
	fclose(file);

	/* PEM is told by its terminating zero. */
	return tls_credential_add(TAG, TLS_CREDENTIAL_CA_CERTIFICATE, pem, len + 1);
}

static int tls_socket(const struct server *server)
{
	static const char hostname[] = "localhost";
	const sec_tag_t tags[] = {TAG};
	const int verify = TLS_PEER_VERIFY_REQUIRED;
	const int added = add_authority(server->authority);
	int sock;

	if (added < 0) {
		return added;
	}
	sock = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TLS_1_2);
	if (sock < 0) {
		return -errno;
	}
	if (zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof(tags)) != 0 ||
	    zsock_setsockopt(sock, SOL_TLS, TLS_HOSTNAME, hostname, sizeof(hostname)) != 0 ||
	    zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &verify, sizeof(verify)) != 0) {
		const int error = errno;

		(void)zsock_close(sock);
		return -error;
	}

	return sock;
}

static int stream_socket(const struct server *server)
{
	int sock;

	if (server->authority != NULL) {
		return tls_socket(server);
	}
	sock = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	return sock < 0 ? -errno : sock;
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
		result = sock;
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
