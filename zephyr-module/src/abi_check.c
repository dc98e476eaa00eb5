/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Proof by the C compiler: the generated prototypes and the in-tree headers declare the same functions, and the
 * numbers that Rust repeats are the header's.
 */
#include <zephyr/net/websocket.h>

#include "websocket_internal.h"

#include "zws/library.h"

BUILD_ASSERT(WEBSOCKET_FLAG_FINAL == 0x01, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_FLAG_TEXT == 0x02, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_FLAG_BINARY == 0x04, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_FLAG_CLOSE == 0x08, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_FLAG_PING == 0x10, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_FLAG_PONG == 0x20, "src/abi/message.rs");
BUILD_ASSERT(WEBSOCKET_OPCODE_CONTINUE == 0x00 && WEBSOCKET_OPCODE_DATA_TEXT == 0x01 &&
		     WEBSOCKET_OPCODE_DATA_BINARY == 0x02 && WEBSOCKET_OPCODE_CLOSE == 0x08 &&
		     WEBSOCKET_OPCODE_PING == 0x09 && WEBSOCKET_OPCODE_PONG == 0x0A,
	     "src/protocol/opcode.rs");
BUILD_ASSERT(SYS_FOREVER_MS == -1, "Timeout::from_zephyr");
