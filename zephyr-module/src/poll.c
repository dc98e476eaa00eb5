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

#if defined(CONFIG_WEBSOCKET_RUST_EXACT_POLL)

/* What is known of an entry's input, beside the bits ZWS_POLL_*: it does not ask. */
#define NOT_WANTED 0x80
BUILD_ASSERT((NOT_WANTED & (ZWS_POLL_READABLE | ZWS_POLL_ENDED | ZWS_POLL_BUSY)) == 0);

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

static bool wants_only_input(const struct zsock_pollfd *entry)
{
	return (entry->events & (ZSOCK_POLLIN | ZSOCK_POLLOUT)) == ZSOCK_POLLIN;
}

/* What a receive would find, for entries that want to know. */
static uint8_t input_of(struct zws_slot *slot, const struct zsock_pollfd *entry, bool reads)
{
	return wants_input(entry) ? zws_stream_poll(slot, reads ? ZWS_POLL_READ : 0) : NOT_WANTED;
}

/* ZWS_INPUT_*: Rust writes it, whoever receives. */
static uint8_t known_input(const struct zws_slot *slot)
{
	return *(const volatile uint8_t *)&slot->head.input;
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

/* So many events an entry has in every poll, whatever becomes of its websocket: one for each direction, or one. */
static size_t events_of(const struct zsock_pollfd *entry)
{
	return (entry->events & ZSOCK_POLLIN) != 0 && (entry->events & ZSOCK_POLLOUT) != 0 ? 2 : 1;
}

static void idle(struct k_poll_event *next, struct k_poll_event *end)
{
	for (; next < end; next++) {
		k_poll_event_init(next, K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, &try_again);
	}
}

int zws_poll_idle(const struct zsock_pollfd *entry, struct k_poll_event **next, struct k_poll_event *last)
{
	struct k_poll_event *const first = *next;
	struct k_poll_event *const end = first + events_of(entry);

	if (end > last) {
		return -ENOMEM;
	}
	*next = end;
	idle(first, end);

	/* The update says POLLNVAL: no reason to fail the poll of all the others, or to wait. */
	return -EALREADY;
}

static void leave(const struct zsock_pollfd *entry, struct k_poll_event **next)
{
	*next += events_of(entry);
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
		idle(first, end);
		/* The update says POLLNVAL, whatever an earlier poll has found. */
		*(volatile uint8_t *)&slot->head.input = ZWS_INPUT_SOME;
		return -ENOTCONN;
	}
	result = zvfs_fdtable_call_ioctl(slot->real_vtable, slot->real_object, ZFD_IOCTL_POLL_PREPARE, &below, &next, end);
	idle(next, end);
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
	struct k_poll_event *const end = first + events_of(entry);
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
	if (result == 0 && wants_input(entry) && known_input(slot) != ZWS_INPUT_NONE &&
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

	return known_input(slot) == ZWS_INPUT_READABLE ||
	       (event->state != K_POLL_STATE_NOT_READY && zws_stream_poll(slot, ZWS_POLL_READ) == ZWS_POLL_READABLE);
}

void zws_poll_end(struct zsock_pollfd *entry, struct k_poll_event **next)
{
	/* POLLNVAL does not fail the poll of all the others. */
	entry->revents = ZSOCK_POLLNVAL;
	leave(entry, next);
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
	*next = first + events_of(entry);
	if (result != 0 && result != -EAGAIN) {
		return result;
	}
	input = input_of(slot, entry, is_again || result == -EAGAIN || (below.revents & ~ZSOCK_POLLOUT) != 0);
	if (is_again && (input & ZWS_POLL_BUSY) == 0) {
		/* That was our event. Of who is busy nothing better is known, and a poll that asks again and again lets nobody go on. */
		below.revents &= ~ZSOCK_POLLIN;
	}
	if ((input & ZWS_POLL_BUSY) != 0 && (is_again || below.revents != 0)) {
		wake_receiver(slot);
	}
	entry->revents = POLLS_GO_ON || input != 0 ? combine(below.revents, input) : below.revents;
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
		leave(entry, next);
		return 0;
	}

	return update_by_both(slot, entry, next);
}

#if defined(CONFIG_WEBSOCKET_RUST_OFFLOADED_SOCKETS)
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
		if (!zws_is_real(slot)) {
			entries[i].fd = -1;
			continue;
		}
		entries[i].fd = slot->real_sock;
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
			entry->revents = zws_life_is_closing(&slot->head.life) || !zws_is_real(slot)
						 ? ZSOCK_POLLNVAL
						 : combine(entry->revents, input_of(slot, entry, true));
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

#endif /* CONFIG_WEBSOCKET_RUST_EXACT_POLL */
