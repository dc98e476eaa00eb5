/*
 * Ends the program when a test takes too long: its thread cannot be taken out of the call that it waits in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "suite.h"

static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;
static struct k_sem over;
static bool is_watching;

static void watch(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	if (k_sem_take(&over, K_MSEC(BOUND_MS)) == 0) {
		return;
	}
#if BEHAVIOUR_ON_PC
	printk("FAIL %s.%s (still runs after %d ms)\n", port_ztest_running()->suite, port_ztest_running()->name,
	       BOUND_MS);
#else
	printk("FAIL: the test still runs after %d ms\n", BOUND_MS);
#endif
	k_panic();
}

static void end_watch(void)
{
	if (is_watching) {
		k_sem_give(&over);
		(void)k_thread_join(&thread, K_FOREVER);
		is_watching = false;
	}
}

void bound_before_test(void *fixture)
{
	end_watch();
	k_sem_init(&over, 0, 1);
	is_watching = true;
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), watch, NULL, NULL, NULL, K_PRIO_COOP(2), 0,
			K_NO_WAIT);
	conn_before_test(fixture);
}

void bound_after_suite(void *fixture)
{
	ARG_UNUSED(fixture);
	end_watch();
}
