/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for one of the two locks of a connection, and the lock of its descriptor, which nobody keeps while waiting.
 */
#include "slot.h"

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

void *zws_contention_enter(struct zws_slot *slot)
{
	struct k_mutex *const descriptor_lock = zws_let_go(slot);

	(void)k_mutex_lock(&slot->context->lock, K_FOREVER);

	return descriptor_lock;
}

bool zws_contention_wait(struct zws_slot *slot, int32_t timeout_ms)
{
	return k_condvar_wait(&slot->unlocked, &slot->context->lock, timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms)) == 0;
}

void zws_contention_leave(struct zws_slot *slot, void *descriptor_lock)
{
	(void)k_mutex_unlock(&slot->context->lock);
	zws_take_again(descriptor_lock);
}

void zws_contention_end(struct zws_slot *slot)
{
	(void)k_mutex_lock(&slot->context->lock, K_FOREVER);
	(void)k_condvar_broadcast(&slot->unlocked);
	(void)k_mutex_unlock(&slot->context->lock);
}
