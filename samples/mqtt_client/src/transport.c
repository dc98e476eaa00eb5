/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The calls of Zephyr's own MQTT transport (mqtt_transport_websocket.c) to the WebSocket library, one for one.
 */
#include "transport.h"

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/websocket.h>

static int connect_tcp(const struct broker *broker)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(broker->port)};
	const int no_delay = 1;
	int sock;

	if (zsock_inet_pton(AF_INET, broker->address, &address.sin_addr) != 1) {
		return -EINVAL;
	}
	sock = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (sock < 0) {
		return -errno;
	}
	if (zsock_connect(sock, (struct sockaddr *)&address, sizeof(address)) < 0) {
		const int error = errno;

		zsock_close(sock);
		return -error;
	}
	/* A packet leaves in several frames: TCP shall not wait for acknowledgements between them. */
	(void)zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));

	return sock;
}

int transport_connect(struct transport *transport, const struct broker *broker, int32_t timeout_ms)
{
	/* Without it, brokers refuse or take the client for one of another protocol. */
	const char *headers[] = {"Sec-WebSocket-Protocol: mqtt\r\n", NULL};
	struct websocket_request request = {
		.host = broker->address,
		.url = broker->path,
		.optional_headers = headers,
		.tmp_buf = transport->buffer,
		.tmp_buf_len = sizeof(transport->buffer),
	};

	transport->socket = connect_tcp(broker);
	if (transport->socket < 0) {
		return transport->socket;
	}
	transport->websocket = websocket_connect(transport->socket, &request, timeout_ms, NULL);
	if (transport->websocket < 0) {
		zsock_close(transport->socket);
		return transport->websocket;
	}

	return 0;
}

int transport_write(struct transport *transport, const uint8_t *data, size_t len)
{
	size_t sent = 0;

	while (sent < len) {
		const int ret = websocket_send_msg(transport->websocket, &data[sent], len - sent,
						   WEBSOCKET_OPCODE_DATA_BINARY, true, true, SYS_FOREVER_MS);

		if (ret < 0) {
			return -errno;
		}
		sent += ret;
	}

	return 0;
}

int transport_write_parts(struct transport *transport, const struct msghdr *parts)
{
	enum websocket_opcode opcode = WEBSOCKET_OPCODE_DATA_BINARY;
	int sent = 0;

	for (size_t i = 0; i < parts->msg_iovlen; i++) {
		const bool is_last = i + 1 == parts->msg_iovlen;
		const int ret = websocket_send_msg(transport->websocket, parts->msg_iov[i].iov_base,
						   parts->msg_iov[i].iov_len, opcode, true, is_last, SYS_FOREVER_MS);

		if (ret < 0) {
			return ret;
		}
		opcode = WEBSOCKET_OPCODE_CONTINUE;
		sent += ret;
	}

	return sent;
}

int transport_read(struct transport *transport, uint8_t *data, size_t len, bool wait)
{
	uint32_t type = 0;
	const int ret =
		websocket_recv_msg(transport->websocket, data, len, &type, NULL, wait ? SYS_FOREVER_MS : 0);

	if (ret == -ENOTCONN) {
		return 0;
	}
	if (ret >= 0 && type > 0) {
		if (type & WEBSOCKET_FLAG_CLOSE) {
			return 0;
		}
		if (ret == 0 || !(type & WEBSOCKET_FLAG_BINARY)) {
			return -EAGAIN;
		}
	}

	return ret;
}

int transport_poll(struct transport *transport, int timeout_ms)
{
	struct zsock_pollfd entry = {.fd = transport->websocket, .events = ZSOCK_POLLIN};
	const int ready = zsock_poll(&entry, 1, timeout_ms);

	return ready < 0 ? -errno : ready;
}

void transport_disconnect(struct transport *transport)
{
	/* Fails where the broker is gone; the descriptor is closed all the same. */
	(void)websocket_disconnect(transport->websocket);
	zsock_close(transport->socket);
	transport->websocket = -1;
	transport->socket = -1;
}
