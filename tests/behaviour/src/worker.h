/*
 * Threads for what would block the thread of a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A worker asserts nothing: it leaves its results in its argument.
 */
#ifndef BEHAVIOUR_WORKER_H_
#define BEHAVIOUR_WORKER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/websocket.h>

#define WORKERS 4

/* Runs work(argument) in a thread. Returns its number. */
int worker_start(void (*work)(void *argument), void *argument);

/* Whether the worker has ended, after waiting for at most this long. */
bool worker_ended(int worker, int32_t timeout_ms);

/* Waits for a worker; the test fails when it does not end. */
void worker_join(int worker);

/* After a test. */
void worker_join_all(void);

/* A websocket_send_msg() for a worker. */
struct send_job {
	int ws;
	const uint8_t *payload;
	size_t len;
	enum websocket_opcode opcode;
	int32_t timeout_ms;
	int result;
	int error;
	int64_t elapsed_ms;
};
void send_work(void *job);
/* The same with zsock_send(). */
void send_bsd_work(void *job);

/* A receive for a worker: websocket_recv_msg(), or recv() when `is_bsd`. */
struct receive_job {
	int ws;
	bool is_bsd;
	int32_t timeout_ms;
	uint8_t buffer[64];
	uint32_t type;
	uint64_t remaining;
	int result;
	int error;
	int64_t elapsed_ms;
};
void receive_work(void *job);

#endif /* BEHAVIOUR_WORKER_H_ */
