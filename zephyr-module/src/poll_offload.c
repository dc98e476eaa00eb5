/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on websockets whose real sockets are offloaded: their driver polls all of them itself.
 */
#include <errno.h>

#include "poll.h"
#include "poll_entry.h"

#if defined(CONFIG_WEBSOCKET_RUST_EXACT_POLL) && defined(CONFIG_WEBSOCKET_RUST_OFFLOADED_SOCKETS)

/* In `events` for the time of an offloaded poll: one more than the slot of the websocket that the entry was. */
#define TRANSLATED_MASK ((short)0x1FC0)
#define TRANSLATED_SHIFT 6
BUILD_ASSERT(CONFIG_WEBSOCKET_MAX_CONTEXTS < (TRANSLATED_MASK >> TRANSLATED_SHIFT));
/* An offloaded poll notices a close() within this time. */
#define SLICE_MS 100

/* Holds the slot of an entry that is a websocket; else NULL. */
static struct zws_slot *hold_websocket(const struct zsock_pollfd *entry)
{
	struct zws_slot *slot;

	return entry->fd >= 0 && zws_slot_hold_sock(entry->fd, &slot) == 0 ? slot : NULL;
}

/*
 * Gives the entries of websockets the numbers of their real sockets for the time of the poll, and holds them meanwhile: so
 * what they were is known afterwards. A socket that is gone gets a negative number, which the driver leaves out.
 * @return the first whose socket is there
 */
static struct zws_slot *translate(struct zsock_pollfd *entries, int count)
{
	struct zws_slot *first = NULL;

	for (int i = 0; i < count; i++) {
		struct zws_slot *const slot = hold_websocket(&entries[i]);

		entries[i].events &= ~TRANSLATED_MASK;
		if (slot == NULL) {
			continue;
		}
		entries[i].events |= (short)((zws_slot_index(slot) + 1) << TRANSLATED_SHIFT);
		if (!zws_is_real(&slot->real)) {
			entries[i].fd = -1;
			continue;
		}
		entries[i].fd = slot->real.sock;
		first = first != NULL ? first : slot;
	}

	return first;
}

/* The websocket that a translated entry was; else NULL. */
static struct zws_slot *websocket_of(const struct zsock_pollfd *entry)
{
	const int mark = (entry->events & TRANSLATED_MASK) >> TRANSLATED_SHIFT;

	return mark > 0 ? zws_slot_at(mark - 1) : NULL;
}

/* Puts what websockets have to say in place of what the driver said, and counts the entries that have something to say. */
static int combine_all(struct zsock_pollfd *entries, int count)
{
	int ready = 0;

	for (int i = 0; i < count; i++) {
		struct zsock_pollfd *const entry = &entries[i];
		struct zws_slot *const slot = websocket_of(entry);

		if (slot != NULL) {
			entry->revents = zws_life_is_closing(&slot->head.life) || !zws_is_real(&slot->real)
						 ? ZSOCK_POLLNVAL
						 : zws_poll_combine(entry->revents, zws_poll_input(slot, entry, true));
		}
		ready += entry->revents != 0;
	}

	return ready;
}

static void translate_back(struct zsock_pollfd *entries, int count)
{
	for (int i = 0; i < count; i++) {
		struct zws_slot *const slot = websocket_of(&entries[i]);

		entries[i].events &= ~TRANSLATED_MASK;
		if (slot != NULL) {
			entries[i].fd = slot->head.ws_sock;
			zws_slot_put(slot);
		}
	}
}

/* Calls of the driver, in slices: who closes a websocket waits until it is not held. */
static int poll_driver(struct zws_slot *slot, struct zsock_pollfd *entries, int count, int timeout_ms)
{
	const k_timepoint_t end = sys_timepoint_calc(timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms));
	int slice_ms = SLICE_MS;
	int ready;

	for (int i = 0; i < count; i++) {
		entries[i].revents = 0;
	}
	/* What a websocket has buffered, the driver does not know. */
	if (combine_all(entries, count) > 0) {
		slice_ms = 0;
	}
	do {
		if (timeout_ms >= 0) {
			slice_ms = MIN(slice_ms, (int)k_ticks_to_ms_ceil32(sys_timepoint_timeout(end).ticks));
		}
		if (zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, ZFD_IOCTL_POLL_OFFLOAD, entries, count,
					    slice_ms) < 0) {
			return -1;
		}
		ready = combine_all(entries, count);
	} while (ready == 0 && slice_ms != 0);

	return ready;
}

int zws_poll_offload(struct zsock_pollfd *entries, int count, int timeout_ms)
{
	struct zws_slot *const slot = translate(entries, count);
	int result = -1;

	if (slot != NULL) {
		result = poll_driver(slot, entries, count, timeout_ms);
	} else {
		errno = EINVAL;
	}
	translate_back(entries, count);

	return result;
}

#else

int zws_poll_offload(struct zsock_pollfd *entries, int count, int timeout_ms)
{
	ARG_UNUSED(entries);
	ARG_UNUSED(count);
	ARG_UNUSED(timeout_ms);
	errno = EOPNOTSUPP;

	return -1;
}

#endif
