/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The channels over UDP: one that sends and waits for the echo, and, where the network has none, one that echoes.
 */
#include "channel.h"

#include <errno.h>

#include <zephyr/net/socket.h>

#include "pattern.h"

/* What fits into a packet of any network. */
#define DATAGRAM_MAX MIN(LARGEST_SIZE, 1024)
#define RESENDS_MAX 20

static uint8_t datagram[DATAGRAM_MAX];

static int send_datagram(struct channel *channel)
{
	channel->len = MIN(channel->len, DATAGRAM_MAX);
	if (zsock_send(channel->polled, outgoing, channel->len, 0) != (ssize_t)channel->len) {
		printk("error: %s: send() of %zu octets: errno %d\n", channel->name, channel->len, errno);
		return -1;
	}

	return 0;
}

static int receive_datagram(struct channel *channel)
{
	const ssize_t len = zsock_recv(channel->polled, datagram, sizeof(datagram), ZSOCK_MSG_DONTWAIT);

	if (len < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return 0;
		}
		printk("error: %s: recv(): errno %d\n", channel->name, errno);
		return -1;
	}
	if (channel->resent > 0 && ((size_t)len != channel->len ||
				    !pattern_matches(channel_seed(channel), 0, datagram, (size_t)len))) {
		/* The second answer to a datagram that was sent twice. */
		return 0;
	}
	if ((size_t)len != channel->len) {
		printk("error: %s: a datagram of %zu octets came back with %d\n", channel->name, channel->len,
		       (int)len);
		return -1;
	}
	if (channel_compare(channel, datagram, (size_t)len) != 0) {
		return -1;
	}

	return channel_next(channel, messages_wanted);
}

static int resend(struct channel *channel)
{
	if (k_uptime_get() - channel->last_ms < RESEND_MS) {
		return 0;
	}
	if (channel->resent == RESENDS_MAX) {
		printk("error: %s: no answer to datagram %u\n", channel->name, channel->messages);
		return -1;
	}
	channel->resent++;

	return channel_send(channel);
}

static int finish_datagrams(struct channel *channel)
{
	zsock_close(channel->socket);
	channel->polled = -1;
	channel->is_closed = true;

	return 0;
}

static int echo(struct channel *channel)
{
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	const ssize_t len = zsock_recvfrom(channel->polled, datagram, sizeof(datagram), ZSOCK_MSG_DONTWAIT,
					   (struct sockaddr *)&from, &from_len);

	if (len < 0) {
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
	}
	if (zsock_sendto(channel->polled, datagram, (size_t)len, 0, (struct sockaddr *)&from, from_len) != len) {
		printk("error: %s: sendto() of %d octets: errno %d\n", channel->name, (int)len, errno);
		return -1;
	}

	return 0;
}

static int nothing(struct channel *channel)
{
	ARG_UNUSED(channel);

	return 0;
}

static const struct channel_methods datagrams = {
	.send = send_datagram, .receive = receive_datagram, .idle = resend, .finish = finish_datagrams};
static const struct channel_methods echoes = {
	.send = nothing, .receive = echo, .idle = nothing, .finish = nothing};

static int open_socket(struct channel *channel, const char *server, uint16_t port, bool is_server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int ret;

	if (zsock_inet_pton(AF_INET, server, &address.sin_addr) != 1) {
		printk("error: %s is no IPv4 address\n", server);
		return -1;
	}
	channel->socket = zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	if (channel->socket < 0) {
		printk("error: %s: socket(): errno %d\n", channel->name, errno);
		return -1;
	}
	ret = is_server ? zsock_bind(channel->socket, (struct sockaddr *)&address, sizeof(address))
			: zsock_connect(channel->socket, (struct sockaddr *)&address, sizeof(address));
	if (ret != 0) {
		printk("error: %s: address %s port %u: errno %d\n", channel->name, server, port, errno);
		return -1;
	}
	channel->polled = channel->socket;

	return 0;
}

int datagram_open(struct channel *channel, const char *server, uint16_t port)
{
	channel->methods = &datagrams;

	return open_socket(channel, server, port, false);
}

int echo_open(struct channel *channel, const char *server, uint16_t port)
{
	channel->methods = &echoes;
	channel->is_closed = true;

	return open_socket(channel, server, port, true);
}
