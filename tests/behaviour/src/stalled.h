/*
 * A connection whose peer does not read: opened, filled up, emptied again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_STALLED_H_
#define BEHAVIOUR_STALLED_H_

#include <stddef.h>
#include <stdint.h>

#include "conn.h"

/* As a client, with a small send buffer. */
void stalled_open(struct conn *c);

/* Octets without meaning below the websocket until nothing more goes in: so many. Small frames alone take too long. */
size_t stalled_fill_below(struct conn *c);

/* The peer reads so many octets, whatever they are. */
void stalled_drain_below(struct conn *c, size_t octets);

/*
 * The peer reads what is left of a torn stream: the beginning of at most one frame of `len` letters, and nothing
 * after it.
 */
void stalled_expect_beginning_only(struct conn *c, uint8_t first, size_t len);

#endif /* BEHAVIOUR_STALLED_H_ */
