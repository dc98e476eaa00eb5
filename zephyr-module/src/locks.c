/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The two locks of a connection: taken with one atomic operation, waited for with a limit, given up for close().
 */
#include "slot.h"

static bool try_lock(struct zws_slot *slot, uint8_t which)
{
	return (atomic_or(&slot->taken, BIT(which)) & BIT(which)) == 0;
}

int32_t zws_lock(struct zws_slot *slot, uint8_t which, int32_t timeout_ms)
{
	struct k_mutex *const mutex = &zws_slot_context(slot)->lock;
	int32_t result = 0;
	k_timepoint_t end;

	if (try_lock(slot, which)) {
		return 0;
	}
	if (timeout_ms == 0) {
		return ZWS_WOULD_BLOCK;
	}

	end = sys_timepoint_calc(timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms));
	/* Announced before the next try, so that the one who unlocks in between sees it. */
	(void)atomic_inc(&slot->contenders);
	(void)k_mutex_lock(mutex, K_FOREVER);
	while (!try_lock(slot, which)) {
		if (zws_slot_is_closing(slot)) {
			result = ZWS_CLOSING;
			break;
		}
		if (k_condvar_wait(&slot->unlocked, mutex, sys_timepoint_timeout(end)) != 0) {
			result = try_lock(slot, which) ? 0 : ZWS_WOULD_BLOCK;
			break;
		}
	}
	(void)k_mutex_unlock(mutex);
	(void)atomic_dec(&slot->contenders);

	return result;
}

void zws_unlock(struct zws_slot *slot, uint8_t which)
{
	struct k_mutex *const mutex = &zws_slot_context(slot)->lock;

	(void)atomic_and(&slot->taken, ~BIT(which));
	if (atomic_get(&slot->contenders) > 0) {
		(void)k_mutex_lock(mutex, K_FOREVER);
		(void)k_condvar_broadcast(&slot->unlocked);
		(void)k_mutex_unlock(mutex);
	}
}
