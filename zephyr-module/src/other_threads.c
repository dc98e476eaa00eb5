/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for other threads: for a lock of a connection, and for the last call in a websocket that is closed. The lock of the
 * descriptor is kept by nobody meanwhile.
 */
#include "slot.h"

/* One for all connections, and never initialised anew: a thread may still come to it when its connection has ended. */
static K_MUTEX_DEFINE(mutex);
static K_CONDVAR_DEFINE(changed);

struct k_mutex *zws_let_go(struct zws_slot *slot)
{
	struct k_mutex *const lock = slot->head.descriptor_lock;

	return lock != NULL && lock->owner == k_current_get() && k_mutex_unlock(lock) == 0 ? lock : NULL;
}

void zws_take_again(struct k_mutex *descriptor_lock)
{
	if (descriptor_lock != NULL) {
		(void)k_mutex_lock(descriptor_lock, K_FOREVER);
	}
}

void *zws_await_begin(struct zws_slot *slot)
{
	struct k_mutex *const descriptor_lock = zws_let_go(slot);

	(void)k_mutex_lock(&mutex, K_FOREVER);

	return descriptor_lock;
}

void zws_await(int32_t timeout_ms)
{
	(void)k_condvar_wait(&changed, &mutex, K_MSEC(timeout_ms));
}

void zws_await_end(void *descriptor_lock)
{
	(void)k_mutex_unlock(&mutex);
	zws_take_again(descriptor_lock);
}

void zws_changed(void)
{
	(void)k_mutex_lock(&mutex, K_FOREVER);
	(void)k_condvar_broadcast(&changed);
	(void)k_mutex_unlock(&mutex);
}
