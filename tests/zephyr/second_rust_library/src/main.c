/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two Rust libraries in one image: each works, also while the other does.
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

/* The second library. */
uint32_t crc32_second(const uint8_t *data, size_t len);
uint8_t crc32_second_test_octet(size_t index);

#define CHECK "123456789"
#define CRC_OF_CHECK 0xCBF43926U

ZTEST_SUITE(second_rust_library, NULL, NULL, conn_before_test, conn_after_test, NULL);

ZTEST(second_rust_library, test_second_library_works)
{
	zassert_equal(crc32_second((const uint8_t *)CHECK, strlen(CHECK)), CRC_OF_CHECK);
	zassert_equal(crc32_second_test_octet(7), '8');
}

ZTEST(second_rust_library, test_websocket_refuses_bad_arguments)
{
	struct conn *const c = &conns[0];

	conn_prepare(c);
	expect_error(websocket_connect(-1, &c->request, PATIENCE_MS, NULL), EINVAL);
	expect_error(websocket_connect(c->tcp, NULL, PATIENCE_MS, NULL), EINVAL);
	expect_error(websocket_send_msg(-1, (const uint8_t *)CHECK, 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, 0),
		     EBADF);
	zassert_equal(slots_used(), 0);
}

ZTEST(second_rust_library, test_message_has_the_same_sum_at_both_ends)
{
	struct conn *const c = &conns[0];
	uint8_t received[sizeof(CHECK)];

	conn_open(c);
	expect_usable(c);
	peer_frame(c, FIN_BINARY, CHECK, strlen(CHECK));
	zassert_equal(zsock_recv(c->ws, received, sizeof(received), 0), (int)strlen(CHECK));
	zassert_equal(crc32_second(received, strlen(CHECK)), CRC_OF_CHECK);
	zassert_equal(zsock_send(c->ws, received, strlen(CHECK), 0), (int)strlen(CHECK));
	expect_frame(c, FIN_TEXT, CHECK, strlen(CHECK));
}

ZTEST(second_rust_library, test_server_works)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	expect_usable(c);
	zassert_ok(websocket_unregister(c->ws));
	c->ws = -1;
	c->tcp = -1;
}
