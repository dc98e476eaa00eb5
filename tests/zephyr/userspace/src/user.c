/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The thread in user mode. It asserts nothing: ztest's memory is not its own.
 */
#include <zephyr/app_memory/app_memdomain.h>

#include "suite.h"
#include "user.h"

K_APPMEM_PARTITION_DEFINE(user_partition);

static K_APP_BMEM(user_partition) struct user_step steps[USER_STEPS];
struct user_step *const user_steps = steps;

static uint8_t of_the_kernel[16];

static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;

static int take(int ws, struct user_step *step)
{
	struct zsock_pollfd entry = {.fd = ws, .events = step->events};
	int result;

	switch (step->call) {
	case USER_SEND:
		return (int)zsock_send(ws, step->text, strlen(step->text), step->flags);
	case USER_RECV:
		return (int)zsock_recv(ws, step->data, sizeof(step->data), step->flags);
	case USER_RECV_KERNEL:
		return (int)zsock_recv(ws, of_the_kernel, sizeof(of_the_kernel), step->flags);
	case USER_POLL:
		result = zsock_poll(&entry, 1, step->timeout_ms);
		step->revents = entry.revents;
		return result;
	case USER_FCNTL:
		return zsock_fcntl(ws, ZVFS_F_SETFL, ZVFS_O_NONBLOCK);
	case USER_CLOSE:
		return zsock_close(ws);
	default:
		return 0;
	}
}

static void run(void *ws, void *unused_1, void *unused_2)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	for (struct user_step *step = steps; step->call != USER_END; step++) {
		errno = 0;
		step->result = take((int)(intptr_t)ws, step);
		step->error = errno;
	}
}

void user_init(void)
{
	zassert_ok(k_mem_domain_add_partition(&k_mem_domain_default, &user_partition));
}

void user_start(int ws, int tcp, enum user_grant grant)
{
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), run, (void *)(intptr_t)ws, NULL, NULL,
			K_PRIO_PREEMPT(8), K_USER, K_FOREVER);
	k_thread_system_pool_assign(&thread);
	if (grant != GRANT_NOTHING) {
		k_object_access_grant(zsock_get_context_object(ws), &thread);
	}
	if (grant == GRANT_BOTH) {
		/* As with the stock library: the websocket's calls go on to the socket below it. */
		k_object_access_grant(zsock_get_context_object(tcp), &thread);
	}
	k_thread_start(&thread);
}

void user_join(void)
{
	zassert_ok(k_thread_join(&thread, K_MSEC(PATIENCE_MS)), "the thread in user mode does not end");
}
