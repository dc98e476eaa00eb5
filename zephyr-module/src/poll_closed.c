/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on a websocket that is closed, or whose socket is: it has nothing to wait for, and says POLLNVAL.
 */
#include <errno.h>

#include "poll.h"
#include "poll_entry.h"

K_SEM_DEFINE(zws_poll_nothing, 0, 1);

int zws_poll_idle(const struct zsock_pollfd *entry, struct k_poll_event **next, struct k_poll_event *last)
{
	struct k_poll_event *const first = *next;

	if ((size_t)(last - first) < zws_poll_events_of(entry)) {
		return -ENOMEM;
	}
	*next = first + zws_poll_events_of(entry);
	zws_poll_ignore(first, *next);

	/* The update says POLLNVAL: no reason to fail the poll of all the others, or to wait. */
	return -EALREADY;
}

void zws_poll_end(struct zsock_pollfd *entry, struct k_poll_event **next)
{
	entry->revents = ZSOCK_POLLNVAL;
	*next += zws_poll_events_of(entry);
}
