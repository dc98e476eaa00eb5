/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One call of a socket method: what every method does first and last, and how long it may wait.
 */
#include <errno.h>

#include "call.h"

#ifndef ZVFS_F_GETFL
#define ZVFS_F_GETFL 3
#endif
#ifndef ZVFS_O_NONBLOCK
#define ZVFS_O_NONBLOCK 0x4000
#endif

bool zws_call_begin(struct zws_call *call, void *object)
{
	call->slot = zws_slot_hold(object);
	if (call->slot == NULL) {
		errno = EBADF;
		return false;
	}
	call->descriptor_lock = zws_let_go(call->slot);

	return true;
}

struct k_mutex *zws_let_go(struct zws_slot *slot)
{
	struct k_mutex *const lock = slot->descriptor_lock;

	return lock != NULL && lock->owner == k_current_get() && k_mutex_unlock(lock) == 0 ? lock : NULL;
}

void zws_take_again(struct k_mutex *descriptor_lock)
{
	if (descriptor_lock != NULL) {
		(void)k_mutex_lock(descriptor_lock, K_FOREVER);
	}
}

ssize_t zws_call_end(struct zws_call *call, int result)
{
	const int saved_errno = errno;

	/* The hold ends last: close() waits for it, and what follows close() may initialise the lock anew. */
	zws_take_again(call->descriptor_lock);
	zws_slot_put(call->slot);
	errno = saved_errno;

	return result < 0 ? -1 : result;
}

/* fcntl() on the websocket sets O_NONBLOCK on the real socket, as the stock client does; that one may know it alone. */
static bool is_nonblocking(struct zws_slot *slot)
{
	const struct fd_op_vtable *vtable;
	const int saved_errno = errno;
	int status;

	if (atomic_get(&slot->nonblocking) != 0) {
		return true;
	}
#if defined(CONFIG_NET_NATIVE)
	if (zws_is_native(slot->real_vtable)) {
		return sock_is_nonblock(slot->real_object);
	}
#endif
	if (zws_real_socket(slot, &vtable, NULL) == NULL) {
		return false;
	}
	status = zsock_fcntl(zws_slot_context(slot)->real_sock, ZVFS_F_GETFL, 0);
	errno = saved_errno;

	return status > 0 && (status & ZVFS_O_NONBLOCK) != 0;
}

static int32_t timeout_of(struct zws_slot *slot, int flags, atomic_t *limit_ms)
{
	const atomic_val_t limit = atomic_get(limit_ms);

	if ((flags & ZSOCK_MSG_DONTWAIT) != 0 || is_nonblocking(slot)) {
		return 0;
	}

	return limit == 0 ? ZWS_FOREVER : (int32_t)limit;
}

int32_t zws_receive_timeout(struct zws_slot *slot, int flags)
{
	return timeout_of(slot, flags, &slot->receive_timeout_ms);
}

int32_t zws_send_timeout(struct zws_slot *slot, int flags)
{
	return timeout_of(slot, flags, &slot->send_timeout_ms);
}
