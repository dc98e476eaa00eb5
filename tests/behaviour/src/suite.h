/*
 * What every file of the suite needs: sizes, patience, and checks of results together with errno.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every number here can be set by the build (-DNAME=VALUE); a board gets smaller ones than a PC.
 */
#ifndef BEHAVIOUR_SUITE_H_
#define BEHAVIOUR_SUITE_H_

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/fdtable.h>
#include <zephyr/ztest.h>

/* Zephyr 3.7 has the POSIX names only. */
#if !defined(ZVFS_F_GETFL)
#include <zephyr/posix/fcntl.h>
#define ZVFS_F_GETFL F_GETFL
#define ZVFS_F_SETFL F_SETFL
#define ZVFS_O_NONBLOCK O_NONBLOCK
#endif

#if defined(CONFIG_ZEPHYR_HOST)
#define BEHAVIOUR_ON_PC 1
#else
#define BEHAVIOUR_ON_PC 0
#endif

/* The longest message that a test sends. */
#ifndef BEHAVIOUR_LARGE_SIZE
#define BEHAVIOUR_LARGE_SIZE (BEHAVIOUR_ON_PC ? 65536 : 8192)
#endif
/* A message that does not fit into the buffers of a connection whose other end does not read. */
#ifndef BEHAVIOUR_STALL_SIZE
#define BEHAVIOUR_STALL_SIZE (BEHAVIOUR_ON_PC ? 8 * 1024 * 1024 : 16384)
#endif
/* How often something is done that must not leak. */
#ifndef BEHAVIOUR_CYCLES
#define BEHAVIOUR_CYCLES (BEHAVIOUR_ON_PC ? 100 : 10)
#endif
/* Messages that threads send at the same time. */
#ifndef BEHAVIOUR_MESSAGES
#define BEHAVIOUR_MESSAGES (BEHAVIOUR_ON_PC ? 10000 : 200)
#endif
/* A response to a handshake is cut at every so many octets. */
#ifndef BEHAVIOUR_CUT_STEP
#define BEHAVIOUR_CUT_STEP (BEHAVIOUR_ON_PC ? 1 : 13)
#endif
#ifndef BEHAVIOUR_STACK_SIZE
#define BEHAVIOUR_STACK_SIZE 3072
#endif

/* No correct step takes so long, however busy the machine is. */
#define PATIENCE_MS 20000
/* Long enough to see that something does not happen, and the time-out of calls that must time out. */
#define SHORT_MS 100
/* The library's own waiting for a peer is limited to this, generously read. */
#define CLOSE_LIMIT_MS 5000

#ifndef TCP_NODELAY
#define TCP_NODELAY 1
#endif

/* Type bits of a whole frame, as websocket_recv_msg() reports them. */
#define TEXT (WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_FINAL)
#define BINARY (WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_FINAL)
#define PING (WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_FINAL)
#define PONG (WEBSOCKET_FLAG_PONG | WEBSOCKET_FLAG_FINAL)
#define CLOSE (WEBSOCKET_FLAG_CLOSE | WEBSOCKET_FLAG_FINAL)

/* First octet of a frame. */
#define FIN 0x80
#define FIN_TEXT (FIN | WEBSOCKET_OPCODE_DATA_TEXT)
#define FIN_BINARY (FIN | WEBSOCKET_OPCODE_DATA_BINARY)
#define FIN_CONTINUE (FIN | WEBSOCKET_OPCODE_CONTINUE)
#define FIN_CLOSE (FIN | WEBSOCKET_OPCODE_CLOSE)
#define FIN_PING (FIN | WEBSOCKET_OPCODE_PING)
#define FIN_PONG (FIN | WEBSOCKET_OPCODE_PONG)

/* A call of websocket_*() has failed: it gave -error, and errno agrees. */
#define expect_error(call, error)                                                                 \
	do {                                                                                       \
		int got_result_, got_errno_;                                                       \
                                                                                                   \
		errno = 0;                                                                         \
		got_result_ = (int)(call);                                                         \
		got_errno_ = errno;                                                                \
		zassert_equal(got_result_, -(error), "result %d, not -" #error, got_result_);      \
		zassert_equal(got_errno_, (error), "errno %d, not " #error, got_errno_);           \
	} while (0)

/* A call of a socket function has failed: it gave -1, and errno says why. */
#define expect_errno(call, error)                                                                 \
	do {                                                                                       \
		int got_result_, got_errno_;                                                       \
                                                                                                   \
		errno = 0;                                                                         \
		got_result_ = (int)(call);                                                         \
		got_errno_ = errno;                                                                \
		zassert_equal(got_result_, -1, "result %d, not -1", got_result_);                  \
		zassert_equal(got_errno_, (error), "errno %d, not " #error, got_errno_);           \
	} while (0)

#endif /* BEHAVIOUR_SUITE_H_ */
