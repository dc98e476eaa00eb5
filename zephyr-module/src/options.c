/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket methods that ask and set: options, names, shutdown. What is not the websocket's own goes to the socket
 * below it.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "options.h"
#include "slot.h"
#include "zephyr/net/websocket_socket.h"

#if defined(CONFIG_WEBSOCKET_RUST_SOCKET_CALLS)

/* The socket below is asked by its number, which nobody closes meanwhile; `false`, with errno: it is gone. */
static bool lock_below(struct zws_slot *slot)
{
	if (!zws_real_lock(&slot->real)) {
		errno = ENOTCONN;
		return false;
	}

	return true;
}

static int unlock_below(struct zws_slot *slot, int result)
{
	zws_real_unlock(&slot->real);

	return result;
}

/* Ends the hold with which a method begins. */
static int put(struct zws_slot *slot, int result)
{
	zws_slot_put(slot);

	return result;
}

static int set_error(int number)
{
	errno = number;

	return -1;
}

static atomic_t *limit_of(struct zws_slot *slot, int level, int name)
{
	if (level != SOL_SOCKET) {
		return NULL;
	}

	return name == SO_RCVTIMEO ? &slot->receive_timeout_ms : name == SO_SNDTIMEO ? &slot->send_timeout_ms : NULL;
}

static int get_value(void *value, socklen_t *len, const void *from, size_t from_len)
{
	if (value == NULL || len == NULL || *len < from_len) {
		return set_error(EINVAL);
	}
	memcpy(value, from, from_len);
	*len = (socklen_t)from_len;

	return 0;
}

static int get_limit(atomic_t *limit_ms, void *value, socklen_t *len)
{
	const atomic_val_t limit = atomic_get(limit_ms);
	const struct zsock_timeval time = {
		.tv_sec = limit / MSEC_PER_SEC,
		.tv_usec = (limit % MSEC_PER_SEC) * USEC_PER_MSEC,
	};

	return get_value(value, len, &time, sizeof(time));
}

static int set_limit(atomic_t *limit_ms, const void *value, socklen_t len)
{
	struct zsock_timeval time;
	uint64_t limit;

	if (value == NULL || len != sizeof(time)) {
		return set_error(EINVAL);
	}
	memcpy(&time, value, sizeof(time));
	if (time.tv_sec < 0 || time.tv_usec < 0 || time.tv_usec >= USEC_PER_SEC) {
		return set_error(EDOM);
	}
	/* A limit that is set is one, however short; longer ones than a month are none that anybody would notice. */
	limit = (uint64_t)MIN((uint64_t)time.tv_sec, INT_MAX / MSEC_PER_SEC - 1) * MSEC_PER_SEC +
		DIV_ROUND_UP((uint64_t)time.tv_usec, USEC_PER_MSEC);
	(void)atomic_set(limit_ms, (atomic_val_t)limit);

	return 0;
}

/* An error that waits for the next receive is the websocket's; else what the socket below says, if it says any. */
static int get_error(struct zws_slot *slot, void *value, socklen_t *len)
{
	int error;
	socklen_t error_len = sizeof(error);
	const int saved_errno = errno;

	if (value == NULL || len == NULL || *len < sizeof(error)) {
		return set_error(EINVAL);
	}
	error = zws_stream_take_error(slot);
	if (error == 0 && lock_below(slot) &&
	    unlock_below(slot, zsock_getsockopt(slot->real.sock, SOL_SOCKET, SO_ERROR, &error, &error_len)) != 0) {
		error = 0;
	}
	errno = saved_errno;

	return get_value(value, len, &error, sizeof(error));
}

#if defined(CONFIG_WEBSOCKET_RUST_OPTIONS)
static int get_own(struct zws_slot *slot, int name, void *value, socklen_t *len)
{
	size_t used;
	int result;

	if (value == NULL || len == NULL) {
		return set_error(EINVAL);
	}
	used = *len;
	result = zws_option_get(slot, name, value, &used);
	if (result == 0) {
		*len = (socklen_t)used;
	}

	return result;
}

static int set_own(struct zws_slot *slot, int name, const void *value, socklen_t len)
{
	return zws_option_set(slot, name, value, len);
}
#else
static int get_own(struct zws_slot *slot, int name, void *value, socklen_t *len)
{
	ARG_UNUSED(slot);
	ARG_UNUSED(name);
	ARG_UNUSED(value);
	ARG_UNUSED(len);

	return set_error(ENOPROTOOPT);
}

static int set_own(struct zws_slot *slot, int name, const void *value, socklen_t len)
{
	ARG_UNUSED(slot);
	ARG_UNUSED(name);
	ARG_UNUSED(value);
	ARG_UNUSED(len);

	return set_error(ENOPROTOOPT);
}
#endif

static int get_option(struct zws_slot *slot, int level, int name, void *value, socklen_t *len)
{
	atomic_t *const limit_ms = limit_of(slot, level, name);

	if (level == SOL_WEBSOCKET) {
		return get_own(slot, name, value, len);
	}
	if (limit_ms != NULL) {
		return get_limit(limit_ms, value, len);
	}
	if (level == SOL_SOCKET && name == SO_ERROR) {
		return get_error(slot, value, len);
	}
	if (level == SOL_SOCKET && name == SO_TYPE) {
		return get_value(value, len, &(const int){SOCK_STREAM}, sizeof(int));
	}
	if (!lock_below(slot)) {
		return -1;
	}

	return unlock_below(slot, zsock_getsockopt(slot->real.sock, level, name, value, len));
}

int zws_getsockopt(void *object, int level, int name, void *value, socklen_t *len)
{
	struct zws_slot *const slot = zws_slot_hold(object);

	if (slot == NULL) {
		return -1;
	}

	return put(slot, get_option(slot, level, name, value, len));
}

static int set_option(struct zws_slot *slot, int level, int name, const void *value, socklen_t len)
{
	atomic_t *const limit_ms = limit_of(slot, level, name);

	if (level == SOL_WEBSOCKET) {
		return set_own(slot, name, value, len);
	}
	if (limit_ms != NULL) {
		return set_limit(limit_ms, value, len);
	}
	if (!lock_below(slot)) {
		return -1;
	}

	return unlock_below(slot, zsock_setsockopt(slot->real.sock, level, name, value, len));
}

int zws_setsockopt(void *object, int level, int name, const void *value, socklen_t len)
{
	struct zws_slot *const slot = zws_slot_hold(object);

	if (slot == NULL) {
		return -1;
	}

	return put(slot, set_option(slot, level, name, value, len));
}

static int get_name(void *object, int (*get)(int sock, struct sockaddr *address, socklen_t *len), struct sockaddr *address,
		    socklen_t *len)
{
	struct zws_slot *const slot = zws_slot_hold(object);

	if (slot == NULL) {
		return -1;
	}

	return put(slot, lock_below(slot) ? unlock_below(slot, get(slot->real.sock, address, len)) : -1);
}

int zws_getpeername(void *object, struct sockaddr *address, socklen_t *len)
{
	return get_name(object, zsock_getpeername, address, len);
}

int zws_getsockname(void *object, struct sockaddr *address, socklen_t *len)
{
	return get_name(object, zsock_getsockname, address, len);
}

/* The socket below stays as it is: the peer's Close has still to come through it. */
int zws_shutdown(void *object, int how)
{
	struct zws_slot *slot;
	int result = 0;

	if (how != ZSOCK_SHUT_RD && how != ZSOCK_SHUT_WR && how != ZSOCK_SHUT_RDWR) {
		return set_error(EINVAL);
	}
	slot = zws_slot_hold(object);
	if (slot == NULL) {
		return -1;
	}
	if (how != ZSOCK_SHUT_RD) {
		result = zws_stream_shut_write(slot);
	}
	/* A call that fails has done nothing, where that can be. */
	if (how != ZSOCK_SHUT_WR && result == 0) {
		zws_stream_shut_read(slot);
	}

	return put(slot, result);
}

#endif /* CONFIG_WEBSOCKET_RUST_SOCKET_CALLS */
