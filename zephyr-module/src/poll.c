/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on a websocket: what a receive would find, and the real socket's readiness for everything else.
 *
 * Data in the real socket is no promise: it may be half a header, or a ping. So when the wait has ended, what is there is
 * taken and looked at (zws_stream_poll), and a poll that was woken for nothing goes on waiting.
 */
#include <errno.h>

#include "poll.h"
#include "poll_entry.h"

#if defined(CONFIG_WEBSOCKET_RUST_EXACT_POLL)

/*
 * The native simulator's sockets forget a poll when they are asked for its outcome: they cannot go on waiting, so
 * theirs is what they say.
 */
#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
#define POLLS_GO_ON false
#else
#define POLLS_GO_ON true
#endif

static bool wants_only_input(const struct zsock_pollfd *entry)
{
	return (entry->events & (ZSOCK_POLLIN | ZSOCK_POLLOUT)) == ZSOCK_POLLIN;
}

/* Nobody takes it: an event on it is ready at once. */
static K_SEM_DEFINE(try_again, 1, 1);

static void put_retry(struct k_poll_event *event)
{
	k_poll_event_init(event, K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &try_again);
}

static bool is_retry(const struct k_poll_event *event)
{
	return event->type == K_POLL_TYPE_SEM_AVAILABLE && event->sem == &try_again;
}

/*
 * Fills the events of an entry by the real socket, and looks at what it has: 0: there is something to wait for; -EALREADY:
 * not; -ENOTCONN: it is gone; or what it says.
 */
static ALWAYS_INLINE int prepare_below(struct zws_slot *slot, const struct zsock_pollfd *entry, struct k_poll_event *first,
			 struct k_poll_event *end)
{
	struct zsock_pollfd below = {.fd = slot->real_sock, .events = entry->events};
	struct k_poll_event *next = first;
	int result;

	if (!zws_real_lock(slot)) {
		zws_poll_ignore(first, end);
		/* The update says POLLNVAL, whatever an earlier poll has found. */
		*(volatile uint8_t *)&slot->head.input = ZWS_INPUT_SOME;
		return -ENOTCONN;
	}
	result = zvfs_fdtable_call_ioctl(slot->real_vtable, slot->real_object, ZFD_IOCTL_POLL_PREPARE, &below, &next, end);
	zws_poll_ignore(next, end);
	if (result == -EALREADY && POLLS_GO_ON && wants_only_input(entry) &&
	    (zws_stream_poll(slot, ZWS_POLL_READ | ZWS_POLL_LOCKED) & ZWS_POLL_READABLE) == 0) {
		/* What is there is not for the application. */
		put_retry(first);
		result = 0;
	}
	zws_real_unlock(slot);

	return result;
}

int zws_poll_prepare(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next,
		     struct k_poll_event *last)
{
	struct k_poll_event *const first = *next;
	struct k_poll_event *const end = first + zws_poll_events_of(entry);
	int result;

	if (end > last) {
		return -ENOMEM;
	}
	*next = end;
	if (*(const volatile uint32_t *)&slot->head.locks != 0) {
		/* The kernel wakes one of those that wait, who have a lock: not one that was aborted. */
		zws_slot_bury(slot);
	}
	result = prepare_below(slot, entry, first, end);
	if (result == 0 && zws_poll_wants_input(entry) && zws_poll_known_input(slot) != ZWS_INPUT_NONE &&
	    (zws_stream_poll(slot, 0) & ZWS_POLL_READABLE) != 0) {
		return -EALREADY;
	}

	/* POLL_UPDATE says what has become of a socket that is gone. */
	return result == -ENOTCONN ? -EALREADY : result;
}

/* Of those that wait for a socket the kernel wakes one: who receives may be asleep. */
static void wake_receiver(struct zws_slot *slot)
{
	zws_slot_bury(slot);
	zws_socket_wake(slot);
}

/* What most polls end with: input was announced, and is there. The socket below is not asked what it thinks of it. */
static bool has_input_come(struct zws_slot *slot, const struct zsock_pollfd *entry, const struct k_poll_event *event)
{
	if (!POLLS_GO_ON || !wants_only_input(entry)) {
		return false;
	}

	return zws_poll_known_input(slot) == ZWS_INPUT_READABLE ||
	       (event->state != K_POLL_STATE_NOT_READY && zws_stream_poll(slot, ZWS_POLL_READ) == ZWS_POLL_READABLE);
}

/* What the socket below says, and what a receive would find. */
static int update_by_both(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next)
{
	struct zsock_pollfd below = {.fd = slot->real_sock, .events = entry->events};
	struct k_poll_event *const first = *next;
	const bool is_again = is_retry(first);
	uint8_t input;
	int result;

	if (!zws_real_lock(slot)) {
		zws_poll_end(entry, next);
		wake_receiver(slot);
		return 0;
	}
	result = zvfs_fdtable_call_ioctl(slot->real_vtable, slot->real_object, ZFD_IOCTL_POLL_UPDATE, &below, next);
	zws_real_unlock(slot);
	*next = first + zws_poll_events_of(entry);
	if (result != 0 && result != -EAGAIN) {
		return result;
	}
	input = zws_poll_input(slot, entry, is_again || result == -EAGAIN || (below.revents & ~ZSOCK_POLLOUT) != 0);
	if (is_again && (input & ZWS_POLL_BUSY) == 0) {
		/* That was our event. Of who is busy nothing better is known, and a poll that asks again and again lets nobody go on. */
		below.revents &= ~ZSOCK_POLLIN;
	}
	if ((input & ZWS_POLL_BUSY) != 0 && (is_again || below.revents != 0)) {
		wake_receiver(slot);
	}
	entry->revents = POLLS_GO_ON || input != 0 ? zws_poll_combine(below.revents, input) : below.revents;
	if (entry->revents != 0 || !POLLS_GO_ON || (result == 0 && below.revents == 0 && !is_again)) {
		return 0;
	}
	/* Nothing has happened for the application: the events are made ready for another wait. */
	if (prepare_below(slot, entry, first, *next) != 0) {
		/* Something has come meanwhile, or the socket is gone, and nothing will announce it. */
		put_retry(first);
	}

	return -EAGAIN;
}

int zws_poll_update(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next)
{
	if (has_input_come(slot, entry, *next)) {
		entry->revents = ZSOCK_POLLIN;
		*next += zws_poll_events_of(entry);
		return 0;
	}

	return update_by_both(slot, entry, next);
}

#endif /* CONFIG_WEBSOCKET_RUST_EXACT_POLL */
