/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The way to the server: its address, the TCP connection, the opening handshake, the end.
 */
#include "echo_client.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

/* The library keeps what it received in here for as long as the websocket exists. */
static uint8_t receive_buffer[1024];

static int copy(char *target, size_t size, const char *from, size_t len)
{
	if (len == 0 || len >= size) {
		return -EINVAL;
	}
	memcpy(target, from, len);
	target[len] = '\0';

	return 0;
}

int server_parse(const char *url, struct server *server)
{
	static const char *const schemes[] = {"ws://", "wss://"};
	const char *default_port;
	const char *host;
	const char *path;
	const char *port;
	size_t host_len;

	server->is_tls = strncmp(url, "wss:", strlen("wss:")) == 0;
	host = schemes[server->is_tls];
	if (strncmp(url, host, strlen(host)) != 0) {
		return -EINVAL;
	}
	host = url + strlen(host);
	default_port = server->is_tls ? "443" : "80";
	path = host + strcspn(host, "/?");
	port = path;
	host_len = strcspn(host, ":/?");
	if (*host == '[') {
		host++;
		host_len = strcspn(host, "]/?");
	}
	if (host[host_len] == ':' || strncmp(&host[host_len], "]:", 2) == 0) {
		port = strchr(&host[host_len], ':') + 1;
	}
	if (copy(server->host, sizeof(server->host), host, host_len) != 0 ||
	    copy(server->port, sizeof(server->port), port == path ? default_port : port,
		 port == path ? strlen(default_port) : (size_t)(path - port)) != 0) {
		return -EINVAL;
	}
	if (*path == '?' || strlen(path) >= sizeof(server->path)) {
		return -EINVAL;
	}

	return copy(server->path, sizeof(server->path), *path == '\0' ? "/" : path,
		    *path == '\0' ? 1 : strlen(path));
}

static int open_socket(const struct server *server, int family)
{
#if defined(CONFIG_ZEPHYR_HOST)
	if (server->is_tls) {
		return tls_socket(family, server->host);
	}
#else
	ARG_UNUSED(server);
#endif
	return zsock_socket(family, SOCK_STREAM, IPPROTO_TCP);
}

static int open_stream(const struct server *server)
{
	const struct zsock_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *addresses = NULL;
	int error = zsock_getaddrinfo(server->host, server->port, &hints, &addresses);
	int sock = -1;

	if (error != 0 || addresses == NULL) {
		printk("error: no address of %s (%d)\n", server->host, error);
		return -EHOSTUNREACH;
	}
	error = EHOSTUNREACH;
	for (struct zsock_addrinfo *address = addresses; address != NULL && sock < 0;
	     address = address->ai_next) {
		sock = open_socket(server, address->ai_family);
		if (sock < 0) {
			error = errno;
		} else if (zsock_connect(sock, address->ai_addr, address->ai_addrlen) < 0) {
			error = errno;
			zsock_close(sock);
			sock = -1;
		}
	}
	zsock_freeaddrinfo(addresses);
	if (sock >= 0) {
		const int no_delay = 1;

		/* A frame leaves in several sends: TCP shall not wait for acknowledgements between them. */
		(void)zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
	} else {
		printk("error: no connection to %s port %s: errno %d\n", server->host, server->port,
		       error);
		return -error;
	}

	return sock;
}

/* https://www.rfc-editor.org/rfc/rfc6455#section-4.1: the port stands there where it is not the scheme's. */
static void host_header(const struct server *server, char *host, size_t size)
{
	const bool is_ipv6 = strchr(server->host, ':') != NULL;
	const bool has_port = strcmp(server->port, server->is_tls ? "443" : "80") != 0;

	snprintk(host, size, "%s%s%s%s%s", is_ipv6 ? "[" : "", server->host, is_ipv6 ? "]" : "", has_port ? ":" : "",
		 has_port ? server->port : "");
}

int server_connect(const struct server *server, struct connection *connection)
{
	char host[sizeof(server->host) + sizeof(server->port) + sizeof("[]:")];
	const char *const scheme = server->is_tls ? "wss" : "ws";
	struct websocket_request request = {
		.host = host,
		.url = server->path,
		.tmp_buf = receive_buffer,
		.tmp_buf_len = sizeof(receive_buffer),
	};
	const uint64_t start = now_us();
	uint32_t taken;

	host_header(server, host, sizeof(host));
	connection->socket = open_stream(server);
	if (connection->socket < 0) {
		return connection->socket;
	}
	connection->websocket = websocket_connect(connection->socket, &request, TIMEOUT_MS, NULL);
	if (connection->websocket < 0) {
		printk("error: websocket_connect() to %s://%s%s: %d, errno %d\n", scheme, host, server->path,
		       connection->websocket, errno);
		zsock_close(connection->socket);
		return connection->websocket;
	}
	taken = (uint32_t)(now_us() - start);
	printk("connected to %s://%s%s in %u.%03u ms\n", scheme, host, server->path, taken / 1000,
	       taken % 1000);

	return 0;
}

void server_leave(const struct connection *connection)
{
	struct zsock_pollfd poll = {.fd = connection->socket, .events = ZSOCK_POLLIN};
	ssize_t len = 1;

	/* What comes now is the server's Close frame, then the end. */
	while (len > 0 && zsock_poll(&poll, 1, 1000) == 1) {
		len = zsock_recv(connection->socket, receive_buffer, sizeof(receive_buffer),
				 ZSOCK_MSG_DONTWAIT);
	}
	printk("closed%s\n", len == 0 ? ", and the server ended the TCP connection" : "");
	zsock_close(connection->socket);
}
