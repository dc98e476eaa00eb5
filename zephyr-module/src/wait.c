/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for the socket below a websocket: how long, for what, and how other threads end it.
 */
#include <errno.h>

#include "slot.h"

#ifndef ZVFS_F_GETFL
#define ZVFS_F_GETFL 3
#endif
#ifndef ZVFS_O_NONBLOCK
#define ZVFS_O_NONBLOCK 0x4000
#endif

/* Where nothing announces that it is worth another try: no buffer in the network stack, no place to wait. */
#define RETRY_MS 10
/* An offloaded socket cannot be woken: close() is noticed after this time. */
#define OFFLOAD_SLICE_MS 100

/* Of the signals, events and threads of a slot. */
static size_t index_of(uint8_t events)
{
	return events == ZWS_READABLE ? 0 : 1;
}

void zws_socket_wake(struct zws_slot *slot)
{
	for (size_t i = 0; i < ARRAY_SIZE(slot->wake); i++) {
		(void)k_poll_signal_raise(&slot->wake[i], 0);
	}
}

/* A wake-up is seen once, and before the next look at what it tells of: so none is lost. */
static bool was_woken(struct k_poll_signal *signal)
{
	unsigned int raised;
	int result;

	k_poll_signal_check(signal, &raised, &result);
	if (raised != 0) {
		k_poll_signal_reset(signal);
	}

	return raised != 0;
}

#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
static bool begin_poll(struct zws_slot *slot)
{
	return atomic_cas(&slot->is_polled, 0, 1);
}

static void end_poll(struct zws_slot *slot)
{
	(void)atomic_set(&slot->is_polled, 0);
}
#else
static bool begin_poll(struct zws_slot *slot)
{
	ARG_UNUSED(slot);

	return true;
}

static void end_poll(struct zws_slot *slot)
{
	ARG_UNUSED(slot);
}
#endif

/* Asks the real socket, under its lock, unless it is not the one that was given to us. */
static int ask(struct zws_slot *slot, int request, struct zsock_pollfd *entry, struct k_poll_event **next,
	       struct k_poll_event *last)
{
	int result;

	if (!zws_real_lock(&slot->real)) {
		return -ENOTCONN;
	}
	result = request == ZFD_IOCTL_POLL_PREPARE
			 ? zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, request, entry, next, last)
			 : zvfs_fdtable_call_ioctl(slot->real.vtable, slot->real.object, request, entry, next);
	zws_real_unlock(&slot->real);

	return result;
}

/* One turn of poll() on the real socket, with our signal as a further event. 1, 0, or -os_error; -EXDEV: offloaded. */
static int32_t poll_turn(struct zws_slot *slot, size_t index, short wanted, k_timeout_t timeout)
{
	struct k_poll_event *const events = slot->events[index];
	struct k_poll_event *end = events;
	struct zsock_pollfd entry = {.fd = slot->real.sock, .events = wanted};
	int result = ask(slot, ZFD_IOCTL_POLL_PREPARE, &entry, &end, events + ZWS_EVENTS_MAX);

	if (result == -EALREADY) {
		timeout = K_NO_WAIT;
	} else if (result < 0) {
		return result;
	}

	k_poll_event_init(end, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &slot->wake[index]);
	(void)k_poll(events, end - events + 1, timeout);

	end = events;
	result = ask(slot, ZFD_IOCTL_POLL_UPDATE, &entry, &end, NULL);
	if (result == -EAGAIN) {
		return 0;
	}
	if (result < 0) {
		return result;
	}

	return (entry.revents & ZSOCK_POLLNVAL) != 0 ? -ENOTCONN : entry.revents != 0;
}

#if defined(CONFIG_WEBSOCKET_RUST_OFFLOADED_SOCKETS)
/* The driver of an offloaded socket polls by itself and knows nothing of our signal: that is looked at in between. */
static int32_t poll_offloaded(struct zws_slot *slot, size_t index, short wanted, k_timepoint_t end)
{
	struct zsock_pollfd entry = {.fd = slot->real.sock, .events = wanted};

	while (!zws_life_is_closing(&slot->head.life)) {
		const bool is_last = sys_timepoint_cmp(end, sys_timepoint_calc(K_MSEC(OFFLOAD_SLICE_MS))) <= 0;
		const int left = is_last ? k_ticks_to_ms_ceil32(sys_timepoint_timeout(end).ticks) : OFFLOAD_SLICE_MS;
		const int result = zsock_poll(&entry, 1, left);

		if (result != 0 || is_last) {
			return result < 0 ? -errno : result;
		}
		if (was_woken(&slot->wake[index])) {
			return 1;
		}
	}

	return ZWS_CLOSING;
}
#else
static int32_t poll_offloaded(struct zws_slot *slot, size_t index, short wanted, k_timepoint_t end)
{
	ARG_UNUSED(slot);
	ARG_UNUSED(index);
	ARG_UNUSED(wanted);
	ARG_UNUSED(end);

	return -EOPNOTSUPP;
}
#endif

#if defined(K_POLL_TYPE_HOST_DESCRIPTOR)
/* The PC port aborts nobody. */
bool zws_waiter_bury(struct zws_slot *slot, uint8_t direction)
{
	ARG_UNUSED(slot);
	ARG_UNUSED(direction);

	return false;
}

void zws_closer_set(struct zws_slot *slot)
{
	ARG_UNUSED(slot);
}

bool zws_closer_is_dead(const struct zws_slot *slot)
{
	ARG_UNUSED(slot);

	return false;
}
#else
/* Who was aborted in here is known by its thread, or by that thread's object, which somebody else uses now. */
static bool is_aborted(k_tid_t thread)
{
	return thread != NULL && (thread == k_current_get() || k_thread_join(thread, K_NO_WAIT) == 0);
}

/* The kernel leaves the events of such a thread where they wait: in the lists of our signal and of the socket below. */
static void withdraw(struct k_poll_event *events)
{
	for (size_t i = 0; i < ZWS_EVENTS_MAX + 1; i++) {
		if (sys_dnode_is_linked(&events[i]._node)) {
			sys_dlist_remove(&events[i]._node);
		}
	}
}

bool zws_waiter_bury(struct zws_slot *slot, uint8_t direction)
{
	const size_t index = direction - 1;
	bool is_dead = false;

	if (atomic_ptr_get(&slot->waiting[index]) != NULL) {
		/* One step: its object may be started again, and wait here again. */
		const unsigned int key = irq_lock();

		is_dead = is_aborted(atomic_ptr_get(&slot->waiting[index]));
		if (is_dead) {
			withdraw(slot->events[index]);
			(void)atomic_ptr_set(&slot->waiting[index], NULL);
		}
		irq_unlock(key);
	}
	if (is_dead && atomic_ptr_get(&slot->waiting[1 - index]) == NULL) {
		end_poll(slot);
	}

	return is_dead;
}

void zws_closer_set(struct zws_slot *slot)
{
	(void)atomic_ptr_set(&slot->closer, k_current_get());
}

/* For another thread than that: it has not come out of its call, also where its object is this thread's by now. */
bool zws_closer_is_dead(const struct zws_slot *slot)
{
	return is_aborted(atomic_ptr_get(&slot->closer));
}
#endif

static int32_t wait_for(struct zws_slot *slot, uint8_t events, int32_t timeout_ms)
{
	const size_t index = index_of(events);
	const short wanted = events == ZWS_READABLE ? ZSOCK_POLLIN : ZSOCK_POLLOUT;
	const k_timepoint_t end = sys_timepoint_calc(timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms));
	struct k_poll_signal *const signal = &slot->wake[index];
	int32_t result;

	(void)atomic_ptr_set(&slot->waiting[index], k_current_get());
	if ((atomic_get(&slot->starved) != 0 && events == ZWS_WRITABLE) || !begin_poll(slot)) {
		k_msleep(timeout_ms < 0 ? RETRY_MS : MIN(timeout_ms, RETRY_MS));
		return zws_life_is_closing(&slot->head.life) ? ZWS_CLOSING : 1;
	}
	do {
		if (zws_life_is_closing(&slot->head.life)) {
			result = ZWS_CLOSING;
			break;
		}
		result = poll_turn(slot, index, wanted, sys_timepoint_timeout(end));
		if (was_woken(signal) && result == 0) {
			result = zws_life_is_closing(&slot->head.life) ? ZWS_CLOSING : 1;
		}
	} while (result == 0 && !sys_timepoint_expired(end));
	end_poll(slot);
	if (result == -EXDEV) {
		result = poll_offloaded(slot, index, wanted, end);
	}
	if (events == ZWS_WRITABLE) {
		(void)atomic_set(&slot->said_writable, result == 1);
	}

	return result;
}

int32_t zws_socket_wait(struct zws_slot *slot, uint8_t events, int32_t timeout_ms)
{
	const int saved_errno = errno;
	struct k_mutex *descriptor_lock;
	int32_t result;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return 0;
	}
#endif
	descriptor_lock = zws_let_go(slot);
	result = wait_for(slot, events, timeout_ms);
	zws_take_again(descriptor_lock);
	(void)atomic_ptr_set(&slot->waiting[index_of(events)], NULL);
	errno = saved_errno;

	return result;
}

/* fcntl() on the websocket sets O_NONBLOCK on the real socket, as the stock client does; that one may know it alone. */
static bool is_nonblocking(struct zws_slot *slot)
{
	const int saved_errno = errno;
	int status;

	if (atomic_get(&slot->nonblocking) != 0) {
		return true;
	}
#if defined(CONFIG_NET_NATIVE)
	if (slot->real.is_native) {
		return sock_is_nonblock(slot->real.object);
	}
#endif
	if (!zws_is_real(&slot->real)) {
		return false;
	}
	status = zsock_fcntl(slot->real.sock, ZVFS_F_GETFL, 0);
	errno = saved_errno;

	return status > 0 && (status & ZVFS_O_NONBLOCK) != 0;
}

int32_t zws_socket_limit(struct zws_slot *slot, uint8_t events)
{
	const atomic_val_t limit_ms =
		atomic_get(events == ZWS_READABLE ? &slot->receive_timeout_ms : &slot->send_timeout_ms);

	if (is_nonblocking(slot)) {
		return 0;
	}

	return limit_ms == 0 ? ZWS_FOREVER : (int32_t)limit_ms;
}
