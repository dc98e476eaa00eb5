/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A socket without a network: it takes everything, and gives what was laid out, a segment at a time.
 */
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

#include "sockets_internal.h"

#include "wire.h"

struct wire_counts wire_counts;

static struct {
	const uint8_t *next;
	size_t left;
	size_t segment;
	size_t segment_left;
} incoming;

static char request[512];
static size_t request_len;
static void (*on_first_receive)(const char *request);

void wire_lay_out(const void *octets, size_t len, size_t segment)
{
	incoming.next = octets;
	incoming.left = len;
	incoming.segment = segment;
	incoming.segment_left = segment;
}

void wire_on_first_receive(void (*answer)(const char *request))
{
	on_first_receive = answer;
}

/* The request is kept for who answers it; nothing else is. */
static void take(const void *octets, size_t len)
{
	const size_t kept = MIN(len, sizeof(request) - 1 - request_len);

	if (on_first_receive != NULL) {
		memcpy(&request[request_len], octets, kept);
		request_len += kept;
	}
}

static ssize_t wire_sendto(void *object, const void *octets, size_t len, int flags, const struct sockaddr *address,
			   socklen_t address_len)
{
	ARG_UNUSED(object);
	ARG_UNUSED(flags);
	ARG_UNUSED(address);
	ARG_UNUSED(address_len);
	wire_counts.sends++;
	take(octets, len);

	return (ssize_t)len;
}

static ssize_t wire_sendmsg(void *object, const struct msghdr *msg, int flags)
{
	size_t len = 0;

	ARG_UNUSED(object);
	ARG_UNUSED(flags);
	wire_counts.sends++;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		take(msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		len += msg->msg_iov[i].iov_len;
	}

	return (ssize_t)len;
}

static ssize_t wire_recvfrom(void *object, void *octets, size_t size, int flags, struct sockaddr *address,
			     socklen_t *address_len)
{
	size_t len;

	ARG_UNUSED(object);
	ARG_UNUSED(flags);
	ARG_UNUSED(address);
	ARG_UNUSED(address_len);
	wire_counts.receives++;
	if (on_first_receive != NULL) {
		void (*const answer)(const char *request) = on_first_receive;

		on_first_receive = NULL;
		answer(request);
	}
	len = MIN(size, MIN(incoming.left, incoming.segment_left));
	if (len == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(octets, incoming.next, len);
	incoming.next += len;
	incoming.left -= len;
	incoming.segment_left -= len;
	if (incoming.segment_left == 0) {
		incoming.segment_left = incoming.segment;
	}

	return (ssize_t)len;
}

static ssize_t wire_read(void *object, void *octets, size_t size, size_t offset)
{
	ARG_UNUSED(offset);

	return wire_recvfrom(object, octets, size, 0, NULL, NULL);
}

static ssize_t wire_write(void *object, const void *octets, size_t len, size_t offset)
{
	ARG_UNUSED(offset);

	return wire_sendto(object, octets, len, 0, NULL, 0);
}

static int wire_close(void *object)
{
	ARG_UNUSED(object);

	return 0;
}

/* Every poll is over at once: what is ready now is what it says. */
static int wire_ioctl(void *object, unsigned int request_number, va_list args)
{
	ARG_UNUSED(object);
	if (request_number == ZFD_IOCTL_POLL_PREPARE) {
		wire_counts.polls++;
		return -EALREADY;
	}
	if (request_number == ZFD_IOCTL_POLL_UPDATE) {
		struct zsock_pollfd *const entry = va_arg(args, struct zsock_pollfd *);
		const bool has_input = incoming.left > 0 || on_first_receive != NULL;

		entry->revents = entry->events & (ZSOCK_POLLOUT | (has_input ? ZSOCK_POLLIN : 0));
	}

	return 0;
}

static int wire_getsockopt(void *object, int level, int name, void *value, socklen_t *len)
{
	ARG_UNUSED(object);
	ARG_UNUSED(level);
	ARG_UNUSED(name);
	ARG_UNUSED(value);
	ARG_UNUSED(len);
	errno = ENOPROTOOPT;

	return -1;
}

static int wire_setsockopt(void *object, int level, int name, const void *value, socklen_t len)
{
	ARG_UNUSED(object);
	ARG_UNUSED(level);
	ARG_UNUSED(name);
	ARG_UNUSED(value);
	ARG_UNUSED(len);

	return 0;
}

static int wire_getsockname(void *object, struct sockaddr *address, socklen_t *len)
{
	const struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(49152)};

	ARG_UNUSED(object);
	memcpy(address, &own, MIN(*len, sizeof(own)));
	*len = sizeof(own);

	return 0;
}

static const struct socket_op_vtable methods = {
	.fd_vtable = {.read_offs = wire_read, .write_offs = wire_write, .close = wire_close, .ioctl = wire_ioctl},
	.sendto = wire_sendto,
	.sendmsg = wire_sendmsg,
	.recvfrom = wire_recvfrom,
	.getsockopt = wire_getsockopt,
	.setsockopt = wire_setsockopt,
	.getsockname = wire_getsockname,
};

int wire_open(void)
{
	static int object;
	const int sock = zvfs_reserve_fd();

	zvfs_finalize_typed_fd(sock, &object, &methods.fd_vtable, ZVFS_MODE_IFSOCK);

	return sock;
}
