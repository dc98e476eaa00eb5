/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * How a descriptor ends by the library's own calls: websocket_disconnect() and websocket_unregister().
 */
#include "slot.h"

int zws_descriptor_close(int ws_sock)
{
	struct zws_slot *slot;
	uint32_t tag;
	const uint8_t status = zws_slot_find(ws_sock, ZWS_LOCK_SEND, &slot, &tag);

	if (status != 0) {
		(void)zws_fail(status, 0);
		return -1;
	}

	return zsock_close(ws_sock);
}

uint8_t zws_slot_unregister(int ws_sock)
{
	struct zws_slot *slot;
	struct zws_real real;

	if (ws_sock < 0) {
		return ZWS_STATUS_INVALID;
	}
	if (zws_slot_hold_sock(ws_sock, &slot) != 0) {
		return ZWS_STATUS_NO_ENTRY;
	}
	/* Copied before the slot can become somebody else's. */
	real = slot->real;
	zws_slot_put(slot);

	(void)zsock_close(ws_sock);
	/* That may have taken a while, in which somebody else has closed it, and its number is used anew. */
	if (zws_is_real(&real)) {
		(void)zsock_close(real.sock);
	}

	return 0;
}
