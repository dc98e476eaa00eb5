/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The policy of the image, and where Rust finds its state.
 */
#include "slot.h"

BUILD_ASSERT(offsetof(struct zws_slot, receiver) == 0);
BUILD_ASSERT(offsetof(struct zws_slot, sender) == sizeof(uint64_t) * ZWS_RECEIVER_WORDS);
BUILD_ASSERT(offsetof(struct zws_slot, shared) == sizeof(uint64_t) * (ZWS_RECEIVER_WORDS + ZWS_SENDER_WORDS));
BUILD_ASSERT(offsetof(struct zws_slot, head) ==
	     sizeof(uint64_t) * (ZWS_RECEIVER_WORDS + ZWS_SENDER_WORDS + ZWS_SHARED_WORDS));

uint8_t zws_policy(const struct zws_slot *slot)
{
	return (slot->real.is_client ? ZWS_POLICY_CLIENT : 0) | (slot->is_tls ? ZWS_POLICY_STICKY_SENDS : 0) |
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
