/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What Rust sees of a slot: where its state and its buffers are, and the policy of the image.
 */
#include "slot.h"

/* Where Rust looks for its state. */
BUILD_ASSERT(offsetof(struct zws_slot, receiver) == 0);
BUILD_ASSERT(offsetof(struct zws_slot, sender) == sizeof(uint64_t) * ZWS_RECEIVER_WORDS);
BUILD_ASSERT(offsetof(struct zws_slot, shared) == sizeof(uint64_t) * (ZWS_RECEIVER_WORDS + ZWS_SENDER_WORDS));

uint8_t *zws_rx_buffer(struct zws_slot *slot, size_t *len)
{
	struct websocket_context *const context = zws_slot_context(slot);

	*len = context->recv_buf.size;

	return context->recv_buf.buf;
}

uint8_t *zws_tx_buffer(struct zws_slot *slot, size_t *len)
{
#if defined(CONFIG_NET_TEST)
	*len = slot->tx_buffer_len;
#else
	*len = sizeof(slot->tx_buffer);
#endif

	return slot->tx_buffer;
}

uint8_t zws_policy(struct zws_slot *slot)
{
	const uint8_t role = slot->is_client ? ZWS_POLICY_CLIENT : 0;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return ZWS_POLICY_STRICT | ZWS_POLICY_ANY_ROLE | role;
	}
#endif

	return role | (slot->is_tls ? ZWS_POLICY_STICKY_SENDS : 0) |
	       (IS_ENABLED(CONFIG_WEBSOCKET_RUST_STRICT) ? ZWS_POLICY_STRICT : 0) |
	       (IS_ENABLED(CONFIG_WEBSOCKET_RUST_UTF8) ? ZWS_POLICY_UTF8 : 0) |
	       (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG) ? ZWS_POLICY_AUTO_PONG : 0) |
	       (IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL) ? ZWS_POLICY_SWALLOW_CONTROL : 0) |
	       (IS_ENABLED(CONFIG_WEBSOCKET_RUST_CONTINUATION_TYPE) ? ZWS_POLICY_CONTINUATION_TYPE : 0);
}

uint32_t zws_close_timeout_ms(void)
{
	return CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT;
}
