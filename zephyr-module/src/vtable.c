/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket methods of a websocket's descriptor: send(), recv(), read(), write(), close().
 *
 * The socket layer calls them with the descriptor's lock held. It is let go for the time of the call, so that a
 * thread that waits in recv() does not hold up send(), poll() or close() of others; our own two locks do the rest.
 */
#include <errno.h>

#include "poll.h"
#include "slot.h"

#ifndef ZVFS_F_GETFL
#define ZVFS_F_GETFL 3
#endif
#ifndef ZVFS_O_NONBLOCK
#define ZVFS_O_NONBLOCK 0x4000
#endif

/* One call of a socket method. */
struct call {
	struct zws_slot *slot;
	struct k_mutex *descriptor_lock;
	bool is_unlocked;
};

static bool begin(struct call *call, void *object)
{
	const struct fd_op_vtable *vtable;

	call->slot = zws_slot_hold(object);
	if (call->slot == NULL) {
		errno = EBADF;
		return false;
	}
	call->is_unlocked = false;
	if (zvfs_get_fd_obj_and_vtable(zws_slot_context(call->slot)->sock, &vtable, &call->descriptor_lock) == object &&
	    call->descriptor_lock->owner == k_current_get()) {
		call->is_unlocked = k_mutex_unlock(call->descriptor_lock) == 0;
	}

	return true;
}

static ssize_t end(struct call *call, int result)
{
	const int saved_errno = errno;

	/* The hold ends first: close() waits for it while it has the descriptor's lock. */
	zws_slot_put(call->slot);
	if (call->is_unlocked) {
		(void)k_mutex_lock(call->descriptor_lock, K_FOREVER);
	}
	errno = saved_errno;

	return result < 0 ? -1 : result;
}

/* O_NONBLOCK is the real socket's: fcntl() on the websocket sets it there. */
static int32_t timeout_of(struct zws_slot *slot, int flags)
{
	const struct fd_op_vtable *vtable;
	const int saved_errno = errno;
	int status = 0;

	if ((flags & ZSOCK_MSG_DONTWAIT) == 0 && zws_real_socket(slot, &vtable, NULL) != NULL) {
		status = zsock_fcntl(zws_slot_context(slot)->real_sock, ZVFS_F_GETFL, 0);
		errno = saved_errno;
	}
	if ((flags & ZSOCK_MSG_DONTWAIT) != 0 || (status > 0 && (status & ZVFS_O_NONBLOCK) != 0)) {
		return 0;
	}

	return ZWS_FOREVER;
}

static ssize_t ws_recvfrom(void *object, void *buffer, size_t size, int flags, struct sockaddr *source,
			   socklen_t *source_len)
{
	struct call call;

	ARG_UNUSED(source);
	ARG_UNUSED(source_len);

	if (!begin(&call, object)) {
		return -1;
	}

	return end(&call, zws_stream_receive(call.slot, buffer, size, (flags & ZSOCK_MSG_PEEK) != 0,
					     timeout_of(call.slot, flags)));
}

static ssize_t ws_sendto(void *object, const void *buffer, size_t len, int flags, const struct sockaddr *target,
			 socklen_t target_len)
{
	struct call call;

	ARG_UNUSED(target);
	ARG_UNUSED(target_len);

	if (!begin(&call, object)) {
		return -1;
	}

	return end(&call, zws_stream_send(call.slot, buffer, len, timeout_of(call.slot, flags)));
}

/* The descriptor layer passes an offset that a socket has no use for. */
static ssize_t ws_read(void *object, void *buffer, size_t size, size_t offset)
{
	ARG_UNUSED(offset);

	return ws_recvfrom(object, buffer, size, 0, NULL, NULL);
}

static ssize_t ws_write(void *object, const void *buffer, size_t len, size_t offset)
{
	ARG_UNUSED(offset);

	return ws_sendto(object, buffer, len, 0, NULL, 0);
}

static int ws_close(void *object, int ws_sock)
{
	struct zws_slot *slot = zws_slot_of(object);

	ARG_UNUSED(ws_sock);

	if (!zws_slot_begin_close(slot)) {
		errno = EBADF;
		return -1;
	}
	zws_stream_close(slot);
	(void)sock_obj_core_dealloc(zws_slot_context(slot)->sock);
	zws_slot_release(slot);

	return 0;
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

static int ws_ioctl(void *object, unsigned int request, va_list args)
{
	const struct fd_op_vtable *vtable;
	struct zws_slot *slot = zws_slot_of(object);
	struct k_mutex *lock;
	void *real;
	int result;

	switch (request) {
	case ZFD_IOCTL_SET_LOCK:
		return 0;
	case ZFD_IOCTL_POLL_PREPARE: {
		struct zsock_pollfd *entry = va_arg(args, struct zsock_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);
		struct k_poll_event *last = va_arg(args, struct k_poll_event *);

		return zws_poll_prepare(slot, entry, next, last);
	}
	case ZFD_IOCTL_POLL_UPDATE: {
		struct zsock_pollfd *entry = va_arg(args, struct zsock_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);

		return zws_poll_update(slot, entry, next);
	}
	case ZFD_IOCTL_POLL_OFFLOAD: {
		struct zsock_pollfd *entries = va_arg(args, struct zsock_pollfd *);
		int count = va_arg(args, int);
		int timeout_ms = va_arg(args, int);

		return zws_poll_offload(entries, count, timeout_ms);
	}
	default:
		break;
	}

	real = zws_real_socket(slot, &vtable, &lock);
	if (real == NULL) {
		errno = EBADF;
		return -1;
	}
	(void)k_mutex_lock(lock, K_FOREVER);
	result = vtable->ioctl(real, request, args);
	(void)k_mutex_unlock(lock);

	return result;
}

const struct socket_op_vtable zws_socket_vtable = {
	.fd_vtable = {
		.read_offs = ws_read,
		.write_offs = ws_write,
		WS_CLOSE,
		.ioctl = ws_ioctl,
	},
	.sendto = ws_sendto,
	.recvfrom = ws_recvfrom,
};
