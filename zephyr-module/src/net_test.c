/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * CONFIG_NET_TEST: Zephyr's own test suite hands in contexts that it made by itself and looks at what would be sent.
 */
#include "slot.h"

#if defined(CONFIG_NET_TEST)

#include <zephyr/version.h>

/* The longest frame of the suite: 1,160 octets of text and a header. */
#define TEST_FRAME_MAX 2048
#define TEST_SLOTS 4

#if ZEPHYR_VERSION_CODE >= ZEPHYR_VERSION(4, 3, 99)
typedef struct net_msghdr message_header;
#else
typedef struct msghdr message_header;
#endif

int verify_sent_and_received_msg(message_header *msg, bool split_msg);

/* An image with CONFIG_NET_TEST that is not that suite has no such function. */
__weak int verify_sent_and_received_msg(message_header *msg, bool split_msg)
{
	int len = 0;

	ARG_UNUSED(split_msg);
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		len += (int)msg->msg_iov[i].iov_len;
	}

	return len;
}

static struct zws_slot test_slots[TEST_SLOTS];
static uint8_t test_frames[TEST_SLOTS][TEST_FRAME_MAX];

bool zws_is_test_slot(const struct zws_slot *slot)
{
	return slot >= test_slots && slot < test_slots + ARRAY_SIZE(test_slots);
}

/* The suite clears its context at the start of every test: one that does not name its stand-in is fresh. */
static struct zws_slot *slot_of_test_context(struct websocket_context *context)
{
	static size_t next;
	struct zws_slot *slot;

	for (size_t i = 0; i < ARRAY_SIZE(test_slots); i++) {
		if (context->user_data == &test_slots[i] && test_slots[i].context == context) {
			return &test_slots[i];
		}
	}

	slot = &test_slots[next++ % ARRAY_SIZE(test_slots)];
	memset(slot, 0, sizeof(*slot));
	k_mutex_init(&context->lock);
	slot->context = context;
	slot->head.tx_buffer = test_frames[slot - test_slots];
	slot->head.tx_buffer_len = TEST_FRAME_MAX;
	slot->head.policy = ZWS_POLICY_STRICT | ZWS_POLICY_ANY_ROLE;
	(void)zws_life_claim(&slot->head.life);
	zws_life_publish(&slot->head.life);
	context->user_data = slot;

	return slot;
}

struct zws_slot *zws_test_slot(int ws_sock, void *object, const struct fd_op_vtable *vtable, uint8_t direction)
{
	struct test_data *input = object;
	struct zws_slot *slot;

	if (vtable != NULL) {
		return NULL;
	}
	if (direction == ZWS_LOCK_SEND) {
		slot = slot_of_test_context(object);
	} else {
		slot = slot_of_test_context(input->ctx);
		slot->test_input = input;
	}
	slot->head.ws_sock = ws_sock;
	/* A context that is only sent through has none: Rust gets an address that is one. */
	slot->head.rx_buffer = slot->context->recv_buf.buf != NULL ? slot->context->recv_buf.buf : test_frames[0];
	slot->head.rx_buffer_len = slot->context->recv_buf.size;

	return slot;
}

int32_t zws_test_receive(struct zws_slot *slot, uint8_t *data, size_t len)
{
	struct test_data *const input = slot->test_input;
	const size_t taken = MIN(len, input->input_len - input->input_pos);

	if (taken == 0) {
		return ZWS_WOULD_BLOCK;
	}
	memcpy(data, input->input_buf + input->input_pos, taken);
	input->input_pos += taken;

	return (int32_t)taken;
}

int32_t zws_test_send(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	const bool is_masked = (data[1] & 0x80) != 0;
	const uint8_t length = data[1] & 0x7F;
	const size_t header_len = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (is_masked ? 4 : 0);
	struct iovec parts[2] = {
		{.iov_base = (void *)data, .iov_len = header_len},
		{.iov_base = (void *)(data + header_len), .iov_len = len - header_len},
	};
	message_header message = {.msg_iov = parts, .msg_iovlen = 2};

	ARG_UNUSED(slot);

	return verify_sent_and_received_msg(&message, !is_masked);
}

#endif /* CONFIG_NET_TEST */
