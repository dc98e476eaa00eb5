/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * An entry of poll() that is a websocket: its events, and its answer. Inline, because every poll of every message has them.
 */
#ifndef ZWS_POLL_ENTRY_H_
#define ZWS_POLL_ENTRY_H_

#include "slot.h"

/* So many events an entry has in every poll, whatever becomes of its websocket: one for each direction, or one. */
static inline size_t zws_poll_events_of(const struct zsock_pollfd *entry)
{
	return (entry->events & ZSOCK_POLLIN) != 0 && (entry->events & ZSOCK_POLLOUT) != 0 ? 2 : 1;
}

static inline bool zws_poll_wants_input(const struct zsock_pollfd *entry)
{
	return (entry->events & ZSOCK_POLLIN) != 0;
}

/* What an event names that waits for nothing. */
extern struct k_sem zws_poll_nothing;

/* The events that the socket below has not taken. */
static inline void zws_poll_ignore(struct k_poll_event *next, const struct k_poll_event *end)
{
	for (; next < end; next++) {
		k_poll_event_init(next, K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, &zws_poll_nothing);
	}
}

/* ZWS_INPUT_*: Rust writes it, whoever receives. */
static inline uint8_t zws_poll_known_input(const struct zws_slot *slot)
{
	return *(const volatile uint8_t *)&slot->head.input;
}

/* What is known of an entry's input, beside the bits ZWS_POLL_*: it does not ask. */
#define ZWS_POLL_NOT_WANTED 0x80
BUILD_ASSERT((ZWS_POLL_NOT_WANTED & (ZWS_POLL_READABLE | ZWS_POLL_ENDED | ZWS_POLL_BUSY)) == 0);

/* What a receive would find, for entries that want to know. */
static inline uint8_t zws_poll_input(struct zws_slot *slot, const struct zsock_pollfd *entry, bool reads)
{
	return zws_poll_wants_input(entry) ? zws_stream_poll(slot, reads ? ZWS_POLL_READ : 0) : ZWS_POLL_NOT_WANTED;
}

/* Not while another thread receives: what it leaves is seen afterwards. */
static inline bool zws_poll_is_known(uint8_t input)
{
	return (input & (ZWS_POLL_NOT_WANTED | ZWS_POLL_BUSY)) == 0;
}

/* The real socket's answer, with what is known of the input in place of what it says of its own. */
static inline short zws_poll_combine(short revents, uint8_t input)
{
	if (!zws_poll_is_known(input)) {
		return revents;
	}
	/* POLLHUP only when nothing but the end is left to be received. */
	revents &= ~(ZSOCK_POLLIN | ZSOCK_POLLHUP);
	if ((input & ZWS_POLL_READABLE) != 0) {
		revents |= ZSOCK_POLLIN;
	}
	if ((input & ZWS_POLL_ENDED) != 0) {
		revents |= ZSOCK_POLLHUP;
	}

	return revents;
}

#endif /* ZWS_POLL_ENTRY_H_ */
