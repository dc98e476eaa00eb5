/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A channel over a websocket: two of them through send() and recv(), two through websocket_*_msg().
 */
#include "channel.h"

#include <errno.h>
#include <stdio.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#define TIMEOUT_MS 10000
/* Smaller than most messages: one poll() follows the other while a message is half read. */
#define PIECE_SIZE 256

#define TYPE_FLAGS                                                                                 \
	(WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_CLOSE |                      \
	 WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG)

static uint8_t piece[PIECE_SIZE];

static int send_stream(struct channel *channel)
{
	const ssize_t ret = zsock_send(channel->polled, outgoing, channel->len, 0);

	if (ret != (ssize_t)channel->len) {
		printk("error: %s: send() of %zu octets: %d, errno %d\n", channel->name, channel->len, (int)ret,
		       errno);
		return -1;
	}

	return 0;
}

static int send_message(struct channel *channel)
{
	const int ret = websocket_send_msg(channel->polled, outgoing, channel->len, WEBSOCKET_OPCODE_DATA_BINARY,
					   true, true, TIMEOUT_MS);

	if (ret != (int)channel->len) {
		printk("error: %s: websocket_send_msg() of %zu octets: %d\n", channel->name, channel->len, ret);
		return -1;
	}

	return 0;
}

/* After our Close: the TCP connection carries the server's Close frame, then its end. */
static int receive_end(struct channel *channel)
{
	const ssize_t len = zsock_recv(channel->socket, piece, sizeof(piece), ZSOCK_MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		return 0;
	}
	if (len < 0) {
		printk("error: %s: recv() after the Close: errno %d\n", channel->name, errno);
		return -1;
	}
	channel->last_ms = k_uptime_get();
	if (len == 0) {
		zsock_close(channel->socket);
		channel->polled = -1;
		channel->is_closed = true;
	}

	return 0;
}

static int receive_stream(struct channel *channel)
{
	ssize_t len;

	if (channel->is_closing) {
		return receive_end(channel);
	}
	len = zsock_recv(channel->polled, piece, sizeof(piece), ZSOCK_MSG_DONTWAIT);
	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		/* What poll() saw was a part of a frame. */
		return 0;
	}
	if (len <= 0) {
		printk("error: %s: recv(): %d, errno %d\n", channel->name, (int)len, errno);
		return -1;
	}
	if (channel_compare(channel, piece, (size_t)len) != 0) {
		return -1;
	}

	return channel->received == channel->len ? channel_next(channel, messages_wanted) : 0;
}

static int receive_message(struct channel *channel)
{
	uint64_t remaining = 0;
	uint32_t type = 0;
	int len;

	if (channel->is_closing) {
		return receive_end(channel);
	}
	len = websocket_recv_msg(channel->polled, piece, sizeof(piece), &type, &remaining, 0);
	if (len == -EAGAIN) {
		return 0;
	}
	if (len < 0) {
		printk("error: %s: websocket_recv_msg(): %d\n", channel->name, len);
		return -1;
	}
	if ((type & TYPE_FLAGS) == WEBSOCKET_FLAG_PING) {
		/* The library has answered it. */
		return 0;
	}
	if ((type & TYPE_FLAGS) != WEBSOCKET_FLAG_BINARY) {
		printk("error: %s: a frame with flags 0x%x\n", channel->name, type);
		return -1;
	}
	if (channel_compare(channel, piece, (size_t)len) != 0) {
		return -1;
	}
	if (remaining > 0 || !(type & WEBSOCKET_FLAG_FINAL)) {
		return 0;
	}
	if (channel->received != channel->len) {
		printk("error: %s: a message of %zu octets came back with %zu\n", channel->name, channel->len,
		       channel->received);
		return -1;
	}

	return channel_next(channel, messages_wanted);
}

static int idle(struct channel *channel)
{
	if (k_uptime_get() - channel->last_ms < SILENCE_MS) {
		return 0;
	}
	printk("error: %s: the server is silent, at message %u, octet %zu of %zu\n", channel->name,
	       channel->messages, channel->received, channel->len);

	return -1;
}

/* The websocket ends; the TCP socket takes its place in the poll, until the server has closed as well. */
static int finish(struct channel *channel)
{
	if (websocket_disconnect(channel->polled) != 0) {
		printk("error: %s: websocket_disconnect(): errno %d\n", channel->name, errno);
		return -1;
	}
	channel->polled = channel->socket;

	return 0;
}

static const struct channel_methods stream = {
	.send = send_stream, .receive = receive_stream, .idle = idle, .finish = finish};
static const struct channel_methods message = {
	.send = send_message, .receive = receive_message, .idle = idle, .finish = finish};

static int connect_tcp(struct channel *channel, const char *server, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	const int no_delay = 1;

	if (zsock_inet_pton(AF_INET, server, &address.sin_addr) != 1) {
		printk("error: %s is no IPv4 address\n", server);
		return -1;
	}
	channel->socket = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (channel->socket < 0 ||
	    zsock_connect(channel->socket, (struct sockaddr *)&address, sizeof(address)) != 0) {
		printk("error: %s: no connection to %s port %u: errno %d\n", channel->name, server, port, errno);
		return -1;
	}
	/* A frame leaves in several sends: TCP shall not wait for acknowledgements between them. */
	(void)zsock_setsockopt(channel->socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));

	return 0;
}

int websocket_open(struct channel *channel, const char *server, uint16_t port)
{
	/* The library keeps what it received in here for as long as the websocket exists. */
	static uint8_t receive_buffers[WEBSOCKETS][512];
	static unsigned int opened;
	char host[32];
	struct websocket_request request = {
		.host = host,
		.url = "/echo",
		.tmp_buf = receive_buffers[opened],
		.tmp_buf_len = sizeof(receive_buffers[opened]),
	};

	channel->methods = opened % 2 == 0 ? &stream : &message;
	if (connect_tcp(channel, server, port) != 0) {
		return -1;
	}
	snprintk(host, sizeof(host), "%s:%u", server, port);
	channel->polled = websocket_connect(channel->socket, &request, TIMEOUT_MS, NULL);
	if (channel->polled < 0) {
		printk("error: %s: websocket_connect() to %s: %d\n", channel->name, host, channel->polled);
		return -1;
	}
	opened++;

	return 0;
}
