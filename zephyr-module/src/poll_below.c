/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on a websocket without CONFIG_WEBSOCKET_RUST_EXACT_POLL: what the socket below says, as with the stock client, and
 * input where octets are buffered.
 */
#include <errno.h>

#include "poll.h"
#include "poll_entry.h"

#if !defined(CONFIG_WEBSOCKET_RUST_EXACT_POLL)

static bool has_input(const struct zws_slot *slot, const struct zsock_pollfd *entry)
{
	return zws_poll_wants_input(entry) && zws_poll_known_input(slot) != ZWS_INPUT_NONE;
}

/* Asks the socket below, under its lock; -ENOTCONN: it is gone. */
static int ask(struct zws_slot *slot, unsigned int request, struct zsock_pollfd *below, struct k_poll_event **next,
	       struct k_poll_event *end)
{
	int result;

	if (!zws_real_lock(&slot->real)) {
		return -ENOTCONN;
	}
	/* An update does not look at the end. */
	result = zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, request, below, next, end);
	zws_real_unlock(&slot->real);

	return result;
}

int zws_poll_prepare(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next,
		     struct k_poll_event *last)
{
	struct zsock_pollfd below = {.fd = slot->real.sock, .events = entry->events};
	struct k_poll_event *own = *next;
	int result = zws_poll_idle(entry, next, last);

	if (result == -ENOMEM) {
		return result;
	}
	result = ask(slot, ZFD_IOCTL_POLL_PREPARE, &below, &own, *next);

	/* The update says what has become of a socket that is gone. */
	return result == -ENOTCONN || (result == 0 && has_input(slot, entry)) ? -EALREADY : result;
}

int zws_poll_update(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next)
{
	struct zsock_pollfd below = {.fd = slot->real.sock, .events = entry->events};
	struct k_poll_event *own = *next;
	const int result = ask(slot, ZFD_IOCTL_POLL_UPDATE, &below, &own, NULL);

	zws_poll_end(entry, next);
	if (result == -ENOTCONN) {
		return 0;
	}
	entry->revents = below.revents;
	if (has_input(slot, entry)) {
		entry->revents |= ZSOCK_POLLIN;
	}

	/* A TLS socket was woken for less than a record: the wait goes on. */
	return entry->revents != 0 ? 0 : result;
}

#endif /* !CONFIG_WEBSOCKET_RUST_EXACT_POLL */
