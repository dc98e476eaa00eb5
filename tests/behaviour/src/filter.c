/*
 * The socket that counts and refuses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "suite.h"

#include "filter.h"
/* Zephyr 3.7 has struct socket_op_vtable there. */
#include "sockets_internal.h"

struct filter filter;

static void *below(const struct fd_op_vtable **vtable)
{
	return zvfs_get_fd_obj_and_vtable(filter.below, vtable, NULL);
}

static ssize_t fail(int error)
{
	errno = error;

	return -1;
}

/* What TCP is told for this send. */
static void note_no_delay(void)
{
	socklen_t len = sizeof(filter.no_delay[0]);

	if (filter.knows_options && filter.no_delays < (int)ARRAY_SIZE(filter.no_delay)) {
		(void)zsock_getsockopt(filter.below, IPPROTO_TCP, TCP_NODELAY, &filter.no_delay[filter.no_delays++], &len);
	}
}

static int filter_getsockopt(void *object, int level, int name, void *value, socklen_t *len)
{
	ARG_UNUSED(object);
	if (!filter.knows_options) {
		return (int)fail(ENOPROTOOPT);
	}

	return zsock_getsockopt(filter.below, level, name, value, len);
}

static int filter_setsockopt(void *object, int level, int name, const void *value, socklen_t len)
{
	ARG_UNUSED(object);
	if (!filter.knows_options) {
		return (int)fail(ENOPROTOOPT);
	}

	return zsock_setsockopt(filter.below, level, name, value, len);
}

static ssize_t filter_send(void *object, const void *data, size_t len, int flags, const struct sockaddr *to,
			   socklen_t to_len)
{
	const uint8_t first = len > 0 ? *(const uint8_t *)data : 0;
	ssize_t sent;

	ARG_UNUSED(object);
	ARG_UNUSED(to);
	ARG_UNUSED(to_len);
	if (filter.refused && (filter.refused_octet != first || len < filter.refused_len)) {
		filter.is_torn_retry = true;
	}
	filter.refused = filter.hesitates && !filter.refused;
	if (filter.refused) {
		filter.refused_octet = first;
		filter.refused_len = len;
		return fail(EAGAIN);
	}
	if (k_uptime_get() < filter.full_until_ms) {
		if (filter.sends_left == 0) {
			filter.refusals++;
			return fail(EAGAIN);
		}
		len = MIN(len, filter.sends_left);
	}
	if (filter.send_errno != 0) {
		if (filter.sends_left == 0) {
			return fail(filter.send_errno);
		}
		len = MIN(len, filter.sends_left);
	}
	if (filter.send_limit != 0) {
		len = MIN(len, filter.send_limit);
	}
	filter.sends++;
	note_no_delay();
	sent = zsock_send(filter.below, data, len, flags);
	if (sent > 0) {
		filter.sends_left -= MIN((size_t)sent, filter.sends_left);
	}

	return sent;
}

static ssize_t filter_sendmsg(void *object, const struct msghdr *message, int flags)
{
	/* The first part only, as a TLS socket may do. */
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		if (message->msg_iov[i].iov_len > 0) {
			return filter_send(object, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len, flags,
					   NULL, 0);
		}
	}

	return 0;
}

static ssize_t filter_receive(void *object, void *data, size_t len, int flags, struct sockaddr *from,
			      socklen_t *from_len)
{
	ARG_UNUSED(object);
	ARG_UNUSED(from);
	ARG_UNUSED(from_len);
	if (filter.empty_receives > 0) {
		filter.empty_receives--;
		return fail(EAGAIN);
	}
	filter.receives++;
	if (filter.receive_errno != 0) {
		return fail(filter.receive_errno);
	}
	if (filter.receive_limit != 0) {
		len = MIN(len, filter.receive_limit);
	}

	return zsock_recv(filter.below, data, len, flags);
}

/* What a driver does with sockets of its own: here it knows those of the kernel, and itself. */
static int poll_offloaded(va_list arguments)
{
	struct zsock_pollfd *const entries = va_arg(arguments, struct zsock_pollfd *);
	const int count = va_arg(arguments, int);
	const int timeout_ms = va_arg(arguments, int);
	int result;

	filter.offloads++;
	for (int i = 0; i < count; i++) {
		if (entries[i].fd == filter.fd) {
			entries[i].fd = filter.below;
		}
	}
	result = zsock_poll(entries, count, timeout_ms);
	for (int i = 0; i < count; i++) {
		if (entries[i].fd == filter.below) {
			entries[i].fd = filter.fd;
		}
	}

	return result;
}

static int poll_writable(unsigned int request, va_list arguments)
{
	const struct fd_op_vtable *vtable;
	void *const target = below(&vtable);
	struct zsock_pollfd *const entry = va_arg(arguments, struct zsock_pollfd *);
	struct k_poll_event **const next = va_arg(arguments, struct k_poll_event **);
	const short wanted = entry->events;
	int result;

	entry->events &= ~ZSOCK_POLLOUT;
	if (request == ZFD_IOCTL_POLL_PREPARE) {
		result = zvfs_fdtable_call_ioctl(vtable, target, request, entry, next,
						 va_arg(arguments, struct k_poll_event *));
		result = result == 0 && (wanted & ZSOCK_POLLOUT) != 0 ? -EALREADY : result;
	} else {
		result = zvfs_fdtable_call_ioctl(vtable, target, request, entry, next);
		entry->revents |= wanted & ZSOCK_POLLOUT;
	}
	entry->events = wanted;

	return result;
}

/* What the kernel says where the end has come before: nothing will be raised. */
static int prepare_mute(va_list arguments)
{
	struct k_poll_event **next;

	(void)va_arg(arguments, struct zsock_pollfd *);
	next = va_arg(arguments, struct k_poll_event **);
	k_poll_event_init((*next)++, K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, &filter);

	return -EALREADY;
}

static int filter_ioctl(void *object, unsigned int request, va_list arguments)
{
	const struct fd_op_vtable *vtable;
	void *const target = below(&vtable);

	ARG_UNUSED(object);
	if (request == ZFD_IOCTL_SET_LOCK) {
		return 0;
	}
	if (filter.offloads >= 0 && request == ZFD_IOCTL_POLL_PREPARE) {
		return -EXDEV;
	}
	if (filter.offloads >= 0 && request == ZFD_IOCTL_POLL_OFFLOAD) {
		return poll_offloaded(arguments);
	}
	if (target == NULL) {
		return (int)fail(EBADF);
	}

	if (request == ZFD_IOCTL_POLL_PREPARE && filter.mute_prepare > 0 && --filter.mute_prepare == 0) {
		return prepare_mute(arguments);
	}
	if (filter.is_writable_at_once &&
	    (request == ZFD_IOCTL_POLL_PREPARE || request == ZFD_IOCTL_POLL_UPDATE)) {
		return poll_writable(request, arguments);
	}

	return vtable->ioctl(target, request, arguments);
}

/* Zephyr 4.2 calls it with the descriptor behind the object, which does no harm. */
static int filter_close(void *object)
{
	ARG_UNUSED(object);

	return zsock_close(filter.below);
}

static ssize_t filter_read(void *object, void *data, size_t len, size_t offset)
{
	ARG_UNUSED(offset);

	return filter_receive(object, data, len, 0, NULL, NULL);
}

static ssize_t filter_write(void *object, const void *data, size_t len, size_t offset)
{
	ARG_UNUSED(offset);

	return filter_send(object, data, len, 0, NULL, 0);
}

static const struct socket_op_vtable vtable = {
	.fd_vtable = {
		.read_offs = filter_read,
		.write_offs = filter_write,
		.close = filter_close,
		.ioctl = filter_ioctl,
	},
	.sendto = filter_send,
	.recvfrom = filter_receive,
	.sendmsg = filter_sendmsg,
	.getsockopt = filter_getsockopt,
	.setsockopt = filter_setsockopt,
};

int filter_open(int sock)
{
	const int fd = zvfs_reserve_fd();

	zassert_true(fd >= 0, "no descriptor");
	filter = (struct filter){.below = sock, .fd = fd, .offloads = -1};
	zvfs_finalize_typed_fd(fd, &filter, &vtable.fd_vtable, ZVFS_MODE_IFSOCK);

	return fd;
}
