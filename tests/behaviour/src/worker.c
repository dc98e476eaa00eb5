/*
 * A few threads, used again and again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "suite.h"
#include "worker.h"

static K_THREAD_STACK_ARRAY_DEFINE(stacks, WORKERS, BEHAVIOUR_STACK_SIZE);
static struct k_thread threads[WORKERS];
static bool used[WORKERS];
static void (*works[WORKERS])(void *argument);

static void run(void *number, void *argument, void *unused)
{
	ARG_UNUSED(unused);
	works[(uintptr_t)number](argument);
}

int worker_start(void (*work)(void *argument), void *argument)
{
	for (uintptr_t i = 0; i < WORKERS; i++) {
		if (!used[i]) {
			used[i] = true;
			works[i] = work;
			k_thread_create(&threads[i], stacks[i], K_THREAD_STACK_SIZEOF(stacks[i]), run, (void *)i,
					argument, NULL, K_PRIO_PREEMPT(8), 0, K_NO_WAIT);
			return (int)i;
		}
	}
	zassert_unreachable("no worker is free");

	return -1;
}

bool worker_ended(int worker, int32_t timeout_ms)
{
	if (used[worker] && k_thread_join(&threads[worker], K_MSEC(timeout_ms)) == 0) {
		used[worker] = false;
	}

	return !used[worker];
}

void worker_join(int worker)
{
	zassert_true(worker_ended(worker, PATIENCE_MS), "a thread does not end");
}

void worker_join_all(void)
{
	for (int i = 0; i < WORKERS; i++) {
		zassert_true(!used[i] || worker_ended(i, PATIENCE_MS), "a thread does not end");
	}
}

void send_work(void *argument)
{
	struct send_job *const job = argument;
	const int64_t start = k_uptime_get();

	errno = 0;
	job->result = websocket_send_msg(job->ws, job->payload, job->len, job->opcode, true, true, job->timeout_ms);
	job->error = errno;
	job->elapsed_ms = k_uptime_get() - start;
}

void receive_work(void *argument)
{
	struct receive_job *const job = argument;
	const int64_t start = k_uptime_get();

	errno = 0;
	if (job->is_bsd) {
		job->result = (int)zsock_recv(job->ws, job->buffer, sizeof(job->buffer), 0);
	} else {
		job->result = websocket_recv_msg(job->ws, job->buffer, sizeof(job->buffer), &job->type,
						 &job->remaining, job->timeout_ms);
	}
	job->error = errno;
	job->elapsed_ms = k_uptime_get() - start;
}

void send_bsd_work(void *argument)
{
	struct send_job *const job = argument;

	errno = 0;
	job->result = (int)zsock_send(job->ws, job->payload, job->len, 0);
	job->error = errno;
}
