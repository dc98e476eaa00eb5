/*
 * The second thread that the port's tests use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PORT_HELPER_THREAD_H_
#define PORT_HELPER_THREAD_H_

#include <zephyr/ztest.h>

#define SHORT_MS 50
#define LONG_MS 5000

static struct k_thread helper;
static K_THREAD_STACK_DEFINE(helper_stack, 4096);

static inline void start_helper(k_thread_entry_t entry, void *argument)
{
	k_thread_create(&helper, helper_stack, K_THREAD_STACK_SIZEOF(helper_stack), entry, argument,
			NULL, NULL, K_PRIO_PREEMPT(5), 0, K_NO_WAIT);
}

static inline void join_helper(void)
{
	zassert_ok(k_thread_join(&helper, K_MSEC(LONG_MS)), "the helper hangs");
}

#endif /* PORT_HELPER_THREAD_H_ */
