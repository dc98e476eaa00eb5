/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * poll() on a websocket: the real socket's readiness, and the frames that are already in our buffer.
 */
#include <errno.h>

#include "poll.h"

#ifdef CONFIG_ZVFS_POLL_MAX
#define POLL_ENTRIES_MAX CONFIG_ZVFS_POLL_MAX
#else
#define POLL_ENTRIES_MAX CONFIG_NET_SOCKETS_POLL_MAX
#endif

static bool has_buffered(struct zws_slot *slot, const struct zsock_pollfd *entry)
{
	return (entry->events & ZSOCK_POLLIN) != 0 && zws_stream_ready(slot) != 0;
}

/*
 * A mark in `events` while the poll also sends what an earlier call left in the send buffer: the peer may answer only
 * when it has all of it. It stands in the entry because POLL_UPDATE has to see what POLL_PREPARE asked for.
 */
#define FLUSHING ((short)0x4000)
/* The real socket goes on to say that it is writable after the last octet has left. */
#define FLUSHED_RETRY_MS 10

static struct zsock_pollfd real_entry(struct zws_slot *slot, const struct zsock_pollfd *entry)
{
	const short wanted = entry->events & ~FLUSHING;

	return (struct zsock_pollfd){
		.fd = zws_slot_context(slot)->real_sock,
		.events = (entry->events & FLUSHING) != 0 ? wanted | ZSOCK_POLLOUT : wanted,
	};
}

int zws_poll_prepare(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next,
		     struct k_poll_event *last)
{
	struct k_poll_event *const first = *next;
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const real = zws_real_socket(slot, &vtable, &lock);
	struct zsock_pollfd below;
	int result;

	slot->poll_events = 0;
	entry->events &= ~FLUSHING;
	if (real == NULL) {
		/* POLL_UPDATE says POLLNVAL: no reason to fail the poll of all the others, or to wait. */
		return -EALREADY;
	}
	if (zws_stream_flush(slot) != 0) {
		entry->events |= FLUSHING;
	}
	below = real_entry(slot, entry);
	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, real, ZFD_IOCTL_POLL_PREPARE, &below, next, last);
	(void)k_mutex_unlock(lock);
	slot->poll_events = *next - first;

	return result == 0 && has_buffered(slot, entry) ? -EALREADY : result;
}

int zws_poll_update(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const real = zws_real_socket(slot, &vtable, &lock);
	struct zsock_pollfd below;
	int result;

	if (real == NULL) {
		*next += slot->poll_events;
		entry->revents = ZSOCK_POLLNVAL;
		return 0;
	}
	below = real_entry(slot, entry);
	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, real, ZFD_IOCTL_POLL_UPDATE, &below, next);
	(void)k_mutex_unlock(lock);
	entry->revents = below.revents;
	if ((result == 0 || result == -EAGAIN) && has_buffered(slot, entry)) {
		entry->revents |= ZSOCK_POLLIN;
		result = 0;
	}
	if (result == 0 && (entry->events & FLUSHING) != 0) {
		if ((entry->events & ZSOCK_POLLOUT) == 0) {
			entry->revents &= ~ZSOCK_POLLOUT;
		}
		if (zws_stream_flush(slot) == 0 && entry->revents == 0) {
			k_msleep(FLUSHED_RETRY_MS);
		}
		if (entry->revents == 0 && (below.revents & ZSOCK_POLLOUT) != 0) {
			return -EAGAIN;
		}
	}

	return result;
}

/* The slot of an entry that is a websocket, else NULL. */
static struct zws_slot *websocket_of(const struct zsock_pollfd *entry)
{
	const struct fd_op_vtable *vtable;
	void *object;

	if (entry->fd < 0) {
		return NULL;
	}
	object = zvfs_get_fd_obj_and_vtable(entry->fd, &vtable, NULL);

	return object != NULL && vtable == &zws_socket_vtable.fd_vtable ? zws_slot_of(object) : NULL;
}

int zws_poll_offload(struct zsock_pollfd *entries, int count, int timeout_ms)
{
	int descriptors[POLL_ENTRIES_MAX];
	const struct fd_op_vtable *vtable = NULL;
	const struct fd_op_vtable *ignored;
	void *driver = NULL;
	int result;

	if (count < 0 || count > POLL_ENTRIES_MAX) {
		errno = ENOMEM;
		return -1;
	}

	for (int i = 0; i < count; i++) {
		struct zws_slot *const slot = websocket_of(&entries[i]);

		descriptors[i] = entries[i].fd;
		if (slot == NULL) {
			continue;
		}
		if (has_buffered(slot, &entries[i])) {
			timeout_ms = 0;
		}
		if (driver == NULL) {
			driver = zws_real_socket(slot, &vtable, NULL);
		}
		/* A socket that is gone is left out: poll() ignores negative descriptors. */
		entries[i].fd = zws_real_socket(slot, &ignored, NULL) != NULL ? zws_slot_context(slot)->real_sock : -1;
	}
	if (driver == NULL) {
		errno = EINVAL;
		result = -1;
	} else {
		result = zvfs_fdtable_call_ioctl(vtable, driver, ZFD_IOCTL_POLL_OFFLOAD, entries, count, timeout_ms);
	}

	for (int i = 0; i < count; i++) {
		struct zws_slot *slot;

		entries[i].fd = descriptors[i];
		slot = websocket_of(&entries[i]);
		if (result >= 0 && slot != NULL && has_buffered(slot, &entries[i])) {
			result += entries[i].revents == 0;
			entries[i].revents |= ZSOCK_POLLIN;
		}
	}

	return result;
}
