/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a connection keeps of the opening handshake and for the closing one: status, sub-protocol, reason.
 */
#include <string.h>

#include "slot.h"

BUILD_ASSERT(CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE <= 123, "a Close frame has no room for more");

/* In place of a length: the text did not fit. */
#define TOO_LONG UINT16_MAX

void zws_slot_set_handshake_status(struct zws_slot *slot, uint16_t status)
{
	slot->handshake_status = status;
}

uint16_t zws_slot_handshake_status(struct zws_slot *slot)
{
	return slot->handshake_status;
}

const uint8_t *zws_protocol(struct zws_slot *slot, size_t *len)
{
	*len = slot->protocol_len == TOO_LONG ? 0 : slot->protocol_len;

	return slot->protocol_len == TOO_LONG ? NULL : slot->protocol;
}

void zws_protocol_set(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	slot->protocol_len = TOO_LONG;
	if (len <= sizeof(slot->protocol)) {
		memcpy(slot->protocol, data, len);
		slot->protocol_len = (uint16_t)len;
	}
}

uint8_t *zws_close_payload(struct zws_slot *slot, size_t *len)
{
	*len = ZWS_CLOSE_CODE_LEN + slot->close_reason_len;

	return slot->close_payload;
}

bool zws_close_reason_set(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	if (len > sizeof(slot->close_payload) - ZWS_CLOSE_CODE_LEN) {
		return false;
	}
	memcpy(slot->close_payload + ZWS_CLOSE_CODE_LEN, data, len);
	slot->close_reason_len = (uint8_t)len;

	return true;
}
