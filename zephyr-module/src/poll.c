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
	struct zsock_pollfd below = {.fd = slot->real.sock, .events = entry->events};
	struct k_poll_event *next = first;
	int result;

	if (!zws_real_lock(&slot->real)) {
		zws_poll_ignore(first, end);
		/* The update says POLLNVAL, whatever an earlier poll has found. */
		*(volatile uint8_t *)&slot->head.input = ZWS_INPUT_SOME;
		return -ENOTCONN;
	}
	result = zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, ZFD_IOCTL_POLL_PREPARE, &below, &next, end);
	zws_poll_ignore(next, end);
	if (result == -EALREADY && POLLS_GO_ON && wants_only_input(entry) &&
	    (zws_stream_poll(slot, ZWS_POLL_READ | ZWS_POLL_LOCKED) & ZWS_POLL_READABLE) == 0) {
		/* What is there is not for the application. */
		put_retry(first);
		result = 0;
	}
	zws_real_unlock(&slot->real);

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

/*
 * Another thread is in the call that this poll is for. The kernel wakes one of those that wait for a socket, so it may be asleep;
 * and where it is less urgent than this thread, which would come back at once, it needs a moment to go on.
 */
static void wake_others(struct zws_slot *slot)
{
	zws_slot_bury(slot);
	zws_socket_wake(slot);
}

static bool is_sending(const struct zws_slot *slot)
{
	return (*(const volatile uint32_t *)&slot->head.locks & BIT(ZWS_LOCK_SEND)) != 0;
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
	struct zsock_pollfd below = {.fd = slot->real.sock, .events = entry->events};
	struct k_poll_event *const first = *next;
	const bool is_again = is_retry(first);
	uint8_t input;
	short said;
	int result;

	if (!zws_real_lock(&slot->real)) {
		zws_poll_end(entry, next);
		wake_others(slot);
		return 0;
	}
	result = zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, ZFD_IOCTL_POLL_UPDATE, &below, next);
	zws_real_unlock(&slot->real);
	*next = first + zws_poll_events_of(entry);
	said = below.revents;
	if (result != 0 && result != -EAGAIN) {
		return result;
	}
	input = zws_poll_input(slot, entry, is_again || result == -EAGAIN || (said & ~ZSOCK_POLLOUT) != 0);
	if ((input & ZWS_POLL_BUSY) != 0 && (is_again || (said & ~ZSOCK_POLLOUT) != 0)) {
		wake_others(slot);
		(void)zws_stream_await(slot, false);
		input = zws_stream_poll(slot, ZWS_POLL_READ);
	}
	if ((input & ZWS_POLL_BUSY) != 0) {
		/* A receive would find nothing. */
		below.revents &= ~ZSOCK_POLLIN;
	}
	if ((said & ZSOCK_POLLOUT) != 0 && is_sending(slot)) {
		wake_others(slot);
		below.revents &= zws_stream_await(slot, true) != 0 ? ~ZSOCK_POLLOUT : ~0;
	}
	if (zws_life_is_closing(&slot->head.life)) {
		entry->revents = ZSOCK_POLLNVAL;
		return 0;
	}
	entry->revents = POLLS_GO_ON || input != 0 ? zws_poll_combine(below.revents, input) : below.revents;
	if (entry->revents != 0 || !POLLS_GO_ON || (result == 0 && said == 0 && !is_again)) {
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
	int result;

	if (has_input_come(slot, entry, *next)) {
		entry->revents = ZSOCK_POLLIN;
		*next += zws_poll_events_of(entry);
		return 0;
	}

	/* Who stands back for another thread gives the descriptor's lock up for that time: a close() may begin. */
	if (zws_life_hold(&slot->head.life, 0, 1) == 0) {
		zws_poll_end(entry, next);
		return 0;
	}
	result = update_by_both(slot, entry, next);
	zws_slot_put(slot);

	return result;
}

#endif /* CONFIG_WEBSOCKET_RUST_EXACT_POLL */
