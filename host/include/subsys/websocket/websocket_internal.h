/*
 * One WebSocket connection as the net shell and the in-tree test know it (ABI specification, section B).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_WEBSOCKET_INTERNAL_H_
#define ZEPHYR_HOST_WEBSOCKET_INTERNAL_H_

#include <zephyr/net/net_context.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/atomic.h>

#define WS_SHA1_OUTPUT_LEN 20
#define MIN_HEADER_LEN 2
#define MAX_HEADER_LEN 14
#define WS_MAGIC "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum websocket_parser_state {
	WEBSOCKET_PARSER_STATE_OPCODE,
	WEBSOCKET_PARSER_STATE_LENGTH,
	WEBSOCKET_PARSER_STATE_EXT_LEN,
	WEBSOCKET_PARSER_STATE_MASK,
	WEBSOCKET_PARSER_STATE_PAYLOAD,
};

struct websocket_buffer {
	uint8_t *buf;
	size_t size;
	size_t count;
};

__net_socket struct websocket_context {
	union {
		void *user_data;
		uint8_t *sec_accept_key;
	};
	atomic_t refcount;
	struct k_mutex lock;
	union {
		const struct http_parser_settings *http_cb;
		int sock;
	};
	struct websocket_buffer recv_buf;
	int real_sock;
	uint32_t masking_value;
	uint64_t message_len;
	uint32_t message_type;
	uint64_t parser_remaining;
	enum websocket_parser_state parser_state;
	uint8_t masked : 1;
	uint8_t sec_accept_present : 1;
	uint8_t sec_accept_ok : 1;
	uint8_t all_received : 1;
	uint8_t is_client : 1;
};

#if defined(CONFIG_NET_TEST)
/** What stands behind the descriptor of the in-tree test. */
struct test_data {
	uint8_t *input_buf;
	size_t input_len;
	size_t input_pos;
	struct websocket_context *ctx;
};
#endif

typedef void (*websocket_context_cb_t)(struct websocket_context *ctx, void *user_data);
void websocket_context_foreach(websocket_context_cb_t cb, void *user_data);

#endif /* ZEPHYR_HOST_WEBSOCKET_INTERNAL_H_ */
