/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One call of a socket method: what every method does first and last, and how long it may wait.
 */
#ifndef ZWS_CALL_H_
#define ZWS_CALL_H_

#include "slot.h"

struct zws_call {
	struct zws_slot *slot;
	/* NULL: the caller does not have it. */
	struct k_mutex *descriptor_lock;
};

/** Lets the lock of the slot's descriptor go: what zws_take_again() takes; NULL where this thread does not have it. */
struct k_mutex *zws_let_go(struct zws_slot *slot);
void zws_take_again(struct k_mutex *descriptor_lock);

/**
 * Holds the slot and lets the descriptor's lock go, with which the socket layer calls: so a thread that waits in one
 * method does not hold up the others.
 * @return false with errno EBADF: the websocket is being closed.
 */
bool zws_call_begin(struct zws_call *call, void *object);

/** Undoes both, keeps errno, and returns `result` as socket calls do: -1 for every negative one. */
ssize_t zws_call_end(struct zws_call *call, int result);

/** What the flags of the call, O_NONBLOCK, and SO_RCVTIMEO or SO_SNDTIMEO allow it to wait. */
int32_t zws_receive_timeout(struct zws_slot *slot, int flags);
int32_t zws_send_timeout(struct zws_slot *slot, int flags);

#endif /* ZWS_CALL_H_ */
