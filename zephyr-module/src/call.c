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

ssize_t zws_call_end(struct zws_call *call, int result)
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

/* fcntl() on the websocket sets O_NONBLOCK on the real socket, as the stock client does; that one may know it alone. */
static bool is_nonblocking(struct zws_slot *slot)
{
	const struct fd_op_vtable *vtable;
	const int saved_errno = errno;
	int status;

	if (atomic_get(&slot->nonblocking) != 0) {
		return true;
	}
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
