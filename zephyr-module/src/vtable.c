/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table of socket methods of a websocket's descriptor, and the descriptor's own: read(), write(), close(), ioctl().
 */
#include <errno.h>

#include "slot.h"
#include "options.h"
#include "poll.h"
#include "transfer.h"

#ifndef ZVFS_F_GETFL
#define ZVFS_F_GETFL 3
#endif
#ifndef ZVFS_F_SETFL
#define ZVFS_F_SETFL 4
#endif
#ifndef ZVFS_O_NONBLOCK
#define ZVFS_O_NONBLOCK 0x4000
#endif

#if defined(CONFIG_WEBSOCKET_RUST_SOCKET_CALLS)
/* The descriptor layer passes an offset that a socket has no use for. */
static ssize_t ws_read(void *object, void *buffer, size_t size, size_t offset)
{
	ARG_UNUSED(offset);

	return zws_recvfrom(object, buffer, size, 0, NULL, NULL);
}

static ssize_t ws_write(void *object, const void *buffer, size_t len, size_t offset)
{
	ARG_UNUSED(offset);

	return zws_sendto(object, buffer, len, 0, NULL, 0);
}
#else
/* Zephyr 3.7 does not look whether they are there. */
static ssize_t ws_read(void *object, void *buffer, size_t size, size_t offset)
{
	ARG_UNUSED(object);
	ARG_UNUSED(buffer);
	ARG_UNUSED(size);
	ARG_UNUSED(offset);
	errno = EOPNOTSUPP;

	return -1;
}

static ssize_t ws_write(void *object, const void *buffer, size_t len, size_t offset)
{
	ARG_UNUSED(object);
	ARG_UNUSED(buffer);
	ARG_UNUSED(len);
	ARG_UNUSED(offset);
	errno = EOPNOTSUPP;

	return -1;
}
#endif

static int ws_close(void *object, int ws_sock)
{
	const struct zws_place place = zws_place_of(object);

	ARG_UNUSED(ws_sock);

	return zws_stream_close(place.slot, place.tag, CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT);
}

#if defined(ZWS_VTABLE_HAS_CLOSE2)
#define WS_CLOSE .close2 = ws_close
#else
/* Zephyr 3.7 has no close2 and passes no descriptor. */
static int ws_close_object(void *object)
{
	return ws_close(object, -1);
}
#define WS_CLOSE .close = ws_close_object
#endif

/* What is asked of the socket below is asked under its lock. */
static int real_ioctl(struct zws_slot *slot, unsigned int request, va_list args)
{
	int result;

	if (!zws_real_lock(&slot->real)) {
		errno = EBADF;
		return -1;
	}
	result = slot->real.vtable->ioctl(slot->real.object, request, args);
	zws_real_unlock(&slot->real);

	return result;
}

/*
 * The two requests of a poll are made under the descriptor's lock, with which close() begins too: they hold the slot only where
 * they give that up.
 */
static int ws_poll(const void *object, unsigned int request, va_list args)
{
	const struct zws_place place = zws_place_of(object);
	struct zsock_pollfd *const entry = va_arg(args, struct zsock_pollfd *);
	struct k_poll_event **const next = va_arg(args, struct k_poll_event **);
	const bool is_open = zws_life_is_open(&place.slot->head.life, place.tag, ZWS_TAGS) != 0;

	if (request == ZFD_IOCTL_POLL_PREPARE) {
		struct k_poll_event *const last = va_arg(args, struct k_poll_event *);

		return is_open ? zws_poll_prepare(place.slot, entry, next, last) : zws_poll_idle(entry, next, last);
	}
	if (is_open) {
		return zws_poll_update(place.slot, entry, next);
	}
	/* It is being closed. */
	zws_poll_end(entry, next);

	return 0;
}

static int ws_poll_offload(va_list args)
{
	struct zsock_pollfd *entries = va_arg(args, struct zsock_pollfd *);
	int count = va_arg(args, int);
	int timeout_ms = va_arg(args, int);

	return zws_poll_offload(entries, count, timeout_ms);
}

static int ws_set_flags(struct zws_slot *slot, va_list args)
{
	va_list copy;
	int result;
	int flags;

	va_copy(copy, args);
	flags = va_arg(copy, int);
	va_end(copy);
	result = real_ioctl(slot, ZVFS_F_SETFL, args);
	if (result >= 0) {
		(void)atomic_set(&slot->nonblocking, (flags & ZVFS_O_NONBLOCK) != 0);
	}

	return result;
}

static int ws_get_flags(struct zws_slot *slot, va_list args)
{
	const int flags = real_ioctl(slot, ZVFS_F_GETFL, args);

	return flags >= 0 && atomic_get(&slot->nonblocking) != 0 ? flags | ZVFS_O_NONBLOCK : flags;
}

static int held_ioctl(struct zws_slot *slot, unsigned int request, va_list args)
{
	switch (request) {
	case ZVFS_F_GETFL:
		return ws_get_flags(slot, args);
	case ZVFS_F_SETFL:
		return ws_set_flags(slot, args);
	case ZFD_IOCTL_FIONBIO:
		/* Without its argument, as the kernel's sockets take it: on. Not every socket below knows it. */
		(void)atomic_set(&slot->nonblocking, 1);
		return 0;
	case ZFD_IOCTL_FIONREAD:
#if defined(CONFIG_WEBSOCKET_RUST_SOCKET_CALLS) && defined(CONFIG_WEBSOCKET_RUST_EXACT_POLL)
		if (!zws_is_real(&slot->real)) {
			errno = EBADF;
			return -1;
		}
		*va_arg(args, int *) = zws_stream_readable(slot);
		return 0;
#else
		/* What the socket below says counts headers, too. */
		errno = EOPNOTSUPP;
		return -1;
#endif
	default:
		return real_ioctl(slot, request, args);
	}
}

static int ws_other_ioctl(void *object, unsigned int request, va_list args)
{
	struct zws_slot *const slot = zws_slot_hold(object);
	int result;

	if (slot == NULL) {
		return -1;
	}
	result = held_ioctl(slot, request, args);
	zws_slot_put(slot);

	return result;
}

static int ws_ioctl(void *object, unsigned int request, va_list args)
{
	if (request == ZFD_IOCTL_POLL_PREPARE || request == ZFD_IOCTL_POLL_UPDATE) {
		return ws_poll(object, request, args);
	}
	if (request == ZFD_IOCTL_SET_LOCK) {
		zws_place_of(object).slot->head.descriptor_lock = va_arg(args, struct k_mutex *);
		return 0;
	}
	if (request == ZFD_IOCTL_POLL_OFFLOAD) {
		/* It lasts, and is of many websockets: it holds each by itself. */
		return ws_poll_offload(args);
	}

	return ws_other_ioctl(object, request, args);
}

/* The socket layer says EOPNOTSUPP of a method that is not there. */
const struct socket_op_vtable zws_socket_vtable = {
	.fd_vtable = {
		.read_offs = ws_read,
		.write_offs = ws_write,
		WS_CLOSE,
		.ioctl = ws_ioctl,
	},
#if defined(CONFIG_WEBSOCKET_RUST_SOCKET_CALLS)
	.shutdown = zws_shutdown,
	.sendto = zws_sendto,
	.recvfrom = zws_recvfrom,
	.getsockopt = zws_getsockopt,
	.setsockopt = zws_setsockopt,
	.getpeername = zws_getpeername,
	.getsockname = zws_getsockname,
#endif
#if defined(CONFIG_WEBSOCKET_RUST_MESSAGE_CALLS)
	.sendmsg = zws_sendmsg,
	.recvmsg = zws_recvmsg,
#endif
};
