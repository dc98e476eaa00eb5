/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a send has accepted leaves by itself: the rest that the socket did not take is tried again by the system's work
 * queue, without waiting, until it has left.
 */
#include "slot.h"

#if defined(CONFIG_WEBSOCKET_RUST_LEFTOVERS)

/* Nothing announces to a work item that there is room: the first try comes soon, the others ever later. */
#define FIRST_MS 10
#define LAST_MS 160

static void send_leftovers(struct k_work *work);
static K_WORK_DELAYABLE_DEFINE(leftovers, send_leftovers);
static atomic_t delay_ms;

static void schedule(uint32_t after_ms)
{
	(void)atomic_set(&delay_ms, MIN(2 * after_ms, LAST_MS));
	(void)k_work_schedule(&leftovers, K_MSEC(after_ms));
}

/* Encryption needs more stack than the work queue has by default. */
static bool is_ours(const struct zws_slot *slot)
{
	return !slot->is_tls || IS_ENABLED(CONFIG_WEBSOCKET_RUST_TLS_LEFTOVERS);
}

void zws_leave_later(struct zws_slot *slot)
{
	if (is_ours(slot)) {
		schedule(FIRST_MS);
	}
}

static void send_leftovers(struct k_work *work)
{
	const uint32_t after_ms = atomic_get(&delay_ms);
	bool is_left = false;

	ARG_UNUSED(work);

	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		struct zws_slot *const slot = zws_slot_hold_at(i);

		if (slot != NULL) {
			is_left |= is_ours(slot) && zws_stream_flush(slot) != 0;
			zws_slot_put(slot);
		}
	}
	if (is_left) {
		schedule(after_ms);
	}
}

#endif /* CONFIG_WEBSOCKET_RUST_LEFTOVERS */
