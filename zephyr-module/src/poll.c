/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on a websocket: what a receive would find, and the real socket's readiness for everything else.
 *
 * Data in the real socket is no promise: it may be half a header, or a ping. So what is there is taken and looked at
 * (zws_stream_poll), before the wait and after it, and a poll that was woken for nothing goes on waiting.
 */
#include <errno.h>

#include "poll.h"

/*
 * What POLL_PREPARE leaves to the POLL_UPDATE of the same poll: in the tag of the entry's first event, because other
 * threads may poll the same websocket, or one poll have it twice. So every entry has an event.
 *
 * The kernel gives an entry another's events where a descriptor before it was closed during the poll, and nothing has
 * ever written the tags of those: a tag says whose it is, and at most EVENTS_MAX events.
 */
#define TAKEN_MASK 0x07
#define OWNER_SHIFT 3
#define OWNER_MASK 0x38
#define EVENTS_MAX 4
BUILD_ASSERT(EVENTS_MAX <= TAKEN_MASK);
/* The poll also sends what an earlier call left in the send buffer: the peer may answer only when it has all of it. */
#define FLUSHING 0x80
/* The first event is our own, in place of the real socket's. */
#define RETRYING 0x40

/* In `events` for the time of an offloaded poll: one more than the slot of the websocket that the entry was. */
#define TRANSLATED_MASK ((short)0x1FC0)
#define TRANSLATED_SHIFT 6
BUILD_ASSERT(CONFIG_WEBSOCKET_MAX_CONTEXTS < (TRANSLATED_MASK >> TRANSLATED_SHIFT));
/* An offloaded poll notices a close() within this time. */
#define SLICE_MS 100

/* What is known of an entry's input, beside the bits ZWS_POLL_*: it does not ask. */
#define NOT_WANTED 0x80
BUILD_ASSERT((NOT_WANTED & (ZWS_POLL_READABLE | ZWS_POLL_ENDED | ZWS_POLL_BUSY)) == 0);

/* Where nothing announces that it is worth another try. */
#define RETRY_MS 10

/*
 * The native simulator's sockets forget a poll when they are asked for its outcome: they cannot go on waiting, so
 * theirs is what they say.
 */
#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
#define POLLS_GO_ON false
#else
#define POLLS_GO_ON true
#endif

static bool wants_input(const struct zsock_pollfd *entry)
{
	return (entry->events & ZSOCK_POLLIN) != 0;
}

/* What a receive would find, for entries that want to know. */
static uint8_t input_of(struct zws_slot *slot, const struct zsock_pollfd *entry)
{
	return wants_input(entry) ? zws_stream_poll(slot) : NOT_WANTED;
}

/* Not while another thread receives: what it leaves is seen afterwards. */
static bool is_known(uint8_t input)
{
	return (input & (NOT_WANTED | ZWS_POLL_BUSY)) == 0;
}

/* The real socket's answer, with what is known of the input in place of what it says of its own. */
static short combine(short revents, uint8_t input)
{
	if (!is_known(input)) {
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

static struct zsock_pollfd real_entry(struct zws_slot *slot, const struct zsock_pollfd *entry, bool is_flushing)
{
	return (struct zsock_pollfd){
		.fd = zws_slot_context(slot)->real_sock,
		.events = is_flushing ? entry->events | ZSOCK_POLLOUT : entry->events,
	};
}

/* Always raised: an event on it is ready at once. */
static struct k_poll_signal try_again = K_POLL_SIGNAL_INITIALIZER(try_again);

static void put_retry(struct k_poll_event *event)
{
	k_poll_signal_raise(&try_again, 0);
	k_poll_event_init(event, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &try_again);
}

/* Never 0, which is the tag of an event that somebody has just prepared. */
static uint8_t owner_of(struct zws_slot *slot)
{
	return (zws_slot_index(slot) % (OWNER_MASK >> OWNER_SHIFT) + 1) << OWNER_SHIFT;
}

static bool is_own(struct zws_slot *slot, const struct k_poll_event *event)
{
	const uint8_t taken = event->tag & TAKEN_MASK;

	return (event->tag & OWNER_MASK) == owner_of(slot) && taken > 0 && taken <= EVENTS_MAX;
}

void zws_poll_leave(struct zws_slot *slot, struct k_poll_event **next)
{
	if (is_own(slot, *next)) {
		*next += (*next)->tag & TAKEN_MASK;
	}
}

/* For an entry that has nothing to wait for. */
static int take_idle_event(struct k_poll_event **next, struct k_poll_event *last)
{
	if (*next == last) {
		return -ENOMEM;
	}
	k_poll_event_init(*next, K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, &try_again);
	(*next)++;

	return 0;
}

static int ask_to_prepare(const struct fd_op_vtable *vtable, void *real, struct k_mutex *lock,
			  struct zsock_pollfd *entry, struct k_poll_event **next, struct k_poll_event *last)
{
	int result;

	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, real, ZFD_IOCTL_POLL_PREPARE, entry, next, last);
	(void)k_mutex_unlock(lock);

	return result;
}

int zws_poll_prepare(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next,
		     struct k_poll_event *last)
{
	struct k_poll_event *const first = *next;
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const real = zws_real_socket(slot, &vtable, &lock);
	struct zsock_pollfd below;
	bool is_flushing, is_retry = false;
	uint8_t input;
	int result;

	if (real == NULL) {
		if (take_idle_event(next, last) != 0) {
			return -ENOMEM;
		}
		first->tag = 1 | owner_of(slot);
		/* POLL_UPDATE says POLLNVAL: no reason to fail the poll of all the others, or to wait. */
		return -EALREADY;
	}
	input = input_of(slot, entry);
	is_flushing = zws_stream_flush(slot) != 0 && wants_input(entry);
	below = real_entry(slot, entry, is_flushing);
	result = ask_to_prepare(vtable, real, lock, &below, next, last);
	if (result == -ENOMEM && is_flushing) {
		/* The event for room is one more than this poll has without it: then the rest is tried again and again. */
		*next = first;
		is_flushing = false;
		is_retry = POLLS_GO_ON;
		below = real_entry(slot, entry, is_flushing);
		result = ask_to_prepare(vtable, real, lock, &below, next, last);
	}
	if (result != 0 && result != -EALREADY) {
		return result;
	}
	if (*next == first && take_idle_event(next, last) != 0) {
		return -ENOMEM;
	}
	if (result == -EALREADY && (entry->events & ZSOCK_POLLOUT) == 0 && (input & ZWS_POLL_READABLE) == 0) {
		if (!is_flushing && is_known(input)) {
			/* Something came in between, or the end: is it for the application? */
			input = input_of(slot, entry);
		}
		/* POLL_UPDATE comes at once, and goes on waiting where there is nothing for the application. */
		is_retry = is_retry || (POLLS_GO_ON && is_flushing);
		result = is_retry || (POLLS_GO_ON && input == 0) ? 0 : result;
	}
	if (is_retry) {
		put_retry(first);
	}
	first->tag = (*next - first) | owner_of(slot) | (is_flushing ? FLUSHING : 0) | (is_retry ? RETRYING : 0);

	return result == 0 && (input & ZWS_POLL_READABLE) != 0 ? -EALREADY : result;
}

/* Nothing has happened for the application: the events of the real socket are made ready for another wait. */
static int go_on(struct zws_slot *slot, const struct zsock_pollfd *entry, const struct fd_op_vtable *vtable, void *real,
		 struct k_mutex *lock, struct k_poll_event *first)
{
	struct k_poll_event *const end = first + (first->tag & TAKEN_MASK);
	const bool is_left = zws_stream_flush(slot) != 0;
	const bool is_flushing = is_left && (first->tag & FLUSHING) != 0;
	const uint8_t tag = first->tag & ~(FLUSHING | RETRYING);
	struct zsock_pollfd below = real_entry(slot, entry, is_flushing);
	struct k_poll_event *next = first;
	/* What has to leave first has no event of its own in this poll, or one that is ready already. */
	bool is_retry = is_left;

	if (POLLS_GO_ON) {
		/* -EALREADY: the end has come meanwhile, and nothing will announce it. */
		is_retry = ask_to_prepare(vtable, real, lock, &below, &next, end) == -EALREADY || is_retry;
	}
	/* Events that are not needed any more. */
	while (next < end && take_idle_event(&next, end) == 0) {
	}
	if (is_retry || !POLLS_GO_ON) {
		k_msleep(RETRY_MS);
		put_retry(first);
		first->tag = tag | RETRYING | (is_flushing ? FLUSHING : 0);
	} else {
		first->tag = tag | (is_flushing ? FLUSHING : 0);
	}

	return -EAGAIN;
}

int zws_poll_update(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next)
{
	struct k_poll_event *const first = *next;
	const bool owns = is_own(slot, first);
	const bool is_flushing = owns && (first->tag & FLUSHING) != 0;
	const bool is_retry = owns && (first->tag & RETRYING) != 0;
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const real = zws_real_socket(slot, &vtable, &lock);
	struct zsock_pollfd below;
	uint8_t input;
	int result;

	if (real == NULL) {
		*next = owns ? first + (first->tag & TAKEN_MASK) : first;
		entry->revents = ZSOCK_POLLNVAL;
		return 0;
	}
	below = real_entry(slot, entry, is_flushing);
	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, real, ZFD_IOCTL_POLL_UPDATE, &below, next);
	(void)k_mutex_unlock(lock);
	if (owns) {
		*next = first + (first->tag & TAKEN_MASK);
	}
	if (result != 0 && result != -EAGAIN) {
		return result;
	}
	if (is_retry) {
		/* That was our event. */
		below.revents &= ~ZSOCK_POLLIN;
	}
	input = input_of(slot, entry);
	entry->revents = POLLS_GO_ON || input != 0 ? combine(below.revents, input) : below.revents;
	if (is_flushing) {
		entry->revents &= ~ZSOCK_POLLOUT | (entry->events & ZSOCK_POLLOUT);
	}
	if (entry->revents != 0 || !owns) {
		return 0;
	}
	if (result == -EAGAIN || below.revents != 0 || is_retry) {
		return go_on(slot, entry, vtable, real, lock, first);
	}

	return 0;
}

/* Holds the slot of an entry that is a websocket; else NULL. */
static struct zws_slot *hold_websocket(const struct zsock_pollfd *entry)
{
	struct zws_slot *slot;

	return entry->fd >= 0 && zws_slot_find(entry->fd, ZWS_LOCK_RECEIVE, &slot) == 0 ? slot : NULL;
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
		const struct fd_op_vtable *vtable;

		entries[i].events &= ~TRANSLATED_MASK;
		if (slot == NULL) {
			continue;
		}
		entries[i].events |= (short)((zws_slot_index(slot) + 1) << TRANSLATED_SHIFT);
		if (zws_real_socket(slot, &vtable, NULL) == NULL) {
			entries[i].fd = -1;
			continue;
		}
		entries[i].fd = zws_slot_context(slot)->real_sock;
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
	const struct fd_op_vtable *vtable;
	int ready = 0;

	for (int i = 0; i < count; i++) {
		struct zsock_pollfd *const entry = &entries[i];
		struct zws_slot *const slot = websocket_of(entry);

		if (slot != NULL) {
			entry->revents = zws_slot_is_closing(slot) || zws_real_socket(slot, &vtable, NULL) == NULL
						 ? ZSOCK_POLLNVAL
						 : combine(entry->revents, input_of(slot, entry));
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
			entries[i].fd = zws_slot_context(slot)->sock;
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
		if (zvfs_fdtable_call_ioctl(slot->real_vtable, slot->real_object, ZFD_IOCTL_POLL_OFFLOAD, entries, count,
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
