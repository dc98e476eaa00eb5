/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The buffer for messages that are larger than a send buffer: one for all connections, each of which has it for a send that
 * does not wait.
 */
#include "slot.h"

#if CONFIG_WEBSOCKET_RUST_SEGMENT_SIZE > CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE

static uint8_t large_buffer[CONFIG_WEBSOCKET_RUST_SEGMENT_SIZE];
static atomic_t is_taken;

/* Who finds it taken does without: a thread that was aborted in a send costs the others segments, and no more. */
uint8_t *zws_large_buffer_take(size_t *len)
{
	*len = sizeof(large_buffer);

	return atomic_cas(&is_taken, 0, 1) ? large_buffer : NULL;
}

void zws_large_buffer_give(void)
{
	(void)atomic_set(&is_taken, 0);
}

#else

uint8_t *zws_large_buffer_take(size_t *len)
{
	*len = 0;

	return NULL;
}

void zws_large_buffer_give(void)
{
}

#endif
