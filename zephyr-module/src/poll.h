/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The three poll requests of a websocket's descriptor.
 */
#ifndef ZWS_POLL_H_
#define ZWS_POLL_H_

#include "slot.h"

/** Before the wait: 0, -EALREADY (frames are buffered, or the real socket is ready), -EXDEV, or another -errno. */
int zws_poll_prepare(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next,
		     struct k_poll_event *last);

/** After the wait: fills `revents`; takes as many events as zws_poll_prepare() did. */
int zws_poll_update(struct zws_slot *slot, struct zsock_pollfd *entry, struct k_poll_event **next);

/** zws_poll_prepare() of an entry that has nothing to wait for: -EALREADY, or -ENOMEM. */
int zws_poll_idle(const struct zsock_pollfd *entry, struct k_poll_event **next, struct k_poll_event *last);

/** zws_poll_update() of an entry whose websocket is closed, or its socket: POLLNVAL. */
void zws_poll_end(struct zsock_pollfd *entry, struct k_poll_event **next);

/** The whole poll() where the sockets are offloaded: the count of ready entries, or -1 with errno. */
int zws_poll_offload(struct zsock_pollfd *entries, int count, int timeout_ms);

#endif /* ZWS_POLL_H_ */
