/*
 * The port's kernel objects behave as the kernel's: locks, semaphores, threads, time and k_poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/random/random.h>
#include <zephyr/ztest.h>

#include "port_helper_thread.h"

static K_MUTEX_DEFINE(mutex);
static K_CONDVAR_DEFINE(condvar);
static K_SEM_DEFINE(sem, 0, 2);
static bool ready;

static void lock_in_thread(void *timeout_ms, void *result, void *unused)
{
	ARG_UNUSED(unused);
	ARG_UNUSED(result);
	*(int *)timeout_ms = k_mutex_lock(&mutex, K_MSEC(*(int *)timeout_ms));
	if (*(int *)timeout_ms == 0) {
		k_mutex_unlock(&mutex);
	}
}

ZTEST(port_kernel, mutex_is_recursive_and_has_timeouts)
{
	int64_t start;
	int result = SHORT_MS;

	zassert_equal(k_mutex_unlock(&mutex), -EINVAL);
	zassert_ok(k_mutex_lock(&mutex, K_FOREVER));
	zassert_ok(k_mutex_lock(&mutex, K_NO_WAIT));
	zassert_equal(mutex.lock_count, 2);
	zassert_equal_ptr(mutex.owner, k_current_get());

	start = k_uptime_get();
	start_helper(lock_in_thread, &result);
	join_helper();
	zassert_equal(result, -EAGAIN);
	zassert_true(k_uptime_get() - start >= SHORT_MS);

	result = 0;
	start_helper(lock_in_thread, &result);
	join_helper();
	zassert_equal(result, -EBUSY);

	result = LONG_MS;
	start_helper(lock_in_thread, &result);
	k_msleep(SHORT_MS);
	zassert_ok(k_mutex_unlock(&mutex));
	zassert_ok(k_mutex_unlock(&mutex));
	join_helper();
	zassert_ok(result);
	zassert_is_null(mutex.owner);
	zassert_equal(mutex.lock_count, 0);
}

static void unlock_foreign(void *result, void *unused_1, void *unused_2)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	*(int *)result = k_mutex_unlock(&mutex);
}

ZTEST(port_kernel, mutex_of_another_thread_stays_locked)
{
	int result = 0;

	zassert_ok(k_mutex_lock(&mutex, K_FOREVER));
	start_helper(unlock_foreign, &result);
	join_helper();
	zassert_equal(result, -EPERM);
	zassert_ok(k_mutex_unlock(&mutex));
}

static void make_ready(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	k_mutex_lock(&mutex, K_FOREVER);
	ready = true;
	k_condvar_signal(&condvar);
	k_mutex_unlock(&mutex);
}

ZTEST(port_kernel, condvar_wakes_and_times_out)
{
	ready = false;
	k_mutex_lock(&mutex, K_FOREVER);
	zassert_equal(k_condvar_wait(&condvar, &mutex, K_MSEC(SHORT_MS)), -EAGAIN);
	zassert_equal_ptr(mutex.owner, k_current_get());
	zassert_equal(k_condvar_broadcast(&condvar), 0);
	start_helper(make_ready, NULL);
	while (!ready) {
		zassert_ok(k_condvar_wait(&condvar, &mutex, K_MSEC(LONG_MS)));
	}
	k_mutex_unlock(&mutex);
	join_helper();
}

ZTEST(port_kernel, sem_counts_to_its_limit)
{
	zassert_equal(k_sem_take(&sem, K_NO_WAIT), -EBUSY);
	zassert_equal(k_sem_take(&sem, K_MSEC(SHORT_MS)), -EAGAIN);
	k_sem_give(&sem);
	k_sem_give(&sem);
	k_sem_give(&sem);
	zassert_equal(k_sem_count_get(&sem), 2);
	zassert_ok(k_sem_take(&sem, K_NO_WAIT));
	zassert_ok(k_sem_take(&sem, K_FOREVER));
	zassert_equal(k_sem_init(&sem, 3, 2), -EINVAL);
}

static void sleep_long(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	k_msleep(4 * SHORT_MS);
}

ZTEST(port_kernel, thread_join_has_timeouts)
{
	start_helper(sleep_long, NULL);
	zassert_equal(k_thread_join(&helper, K_NO_WAIT), -EBUSY);
	zassert_equal(k_thread_join(&helper, K_MSEC(SHORT_MS)), -EAGAIN);
	zassert_ok(k_thread_join(&helper, K_FOREVER));
	zassert_ok(k_thread_join(&helper, K_NO_WAIT));
}

ZTEST(port_kernel, timepoints)
{
	const k_timepoint_t soon = sys_timepoint_calc(K_MSEC(SHORT_MS));

	zassert_false(sys_timepoint_expired(soon));
	zassert_true(K_TIMEOUT_EQ(sys_timepoint_timeout(sys_timepoint_calc(K_FOREVER)), K_FOREVER));
	zassert_true(sys_timepoint_expired(sys_timepoint_calc(K_NO_WAIT)));
	zassert_true(K_TIMEOUT_EQ(K_MSEC(-5), K_NO_WAIT));
	k_msleep(SHORT_MS);
	zassert_true(sys_timepoint_expired(soon));
}

ZTEST(port_kernel, random_and_atomics)
{
	uint8_t a[16] = {0};
	uint8_t b[16] = {0};
	atomic_t bits = ATOMIC_INIT(0);

	zassert_ok(sys_csrand_get(a, sizeof(a)));
	sys_rand_get(b, sizeof(b));
	zassert_true(memcmp(a, b, sizeof(a)) != 0);
	zassert_false(atomic_test_and_set_bit(&bits, 3));
	zassert_true(atomic_test_and_set_bit(&bits, 3));
	zassert_equal(atomic_get(&bits), 8);
	zassert_true(atomic_cas(&bits, 8, 1));
	zassert_equal(atomic_inc(&bits), 1);
	zassert_equal(atomic_clear(&bits), 2);
}

static struct k_poll_signal wake_up = K_POLL_SIGNAL_INITIALIZER(wake_up);

static void raise_later(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	k_msleep(SHORT_MS);
	k_poll_signal_raise(&wake_up, 42);
}

static void give_later(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	k_msleep(SHORT_MS);
	k_sem_give(&sem);
}

ZTEST(port_kernel, poll_waits_for_signals_and_semaphores)
{
	struct k_poll_event events[] = {
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &wake_up),
		K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &sem),
	};
	unsigned int signaled;
	int result;

	k_poll_signal_reset(&wake_up);
	zassert_equal(k_poll(events, 2, K_NO_WAIT), -EAGAIN);
	zassert_equal(k_poll(events, 2, K_MSEC(SHORT_MS)), -EAGAIN);
	start_helper(raise_later, NULL);
	zassert_ok(k_poll(events, 2, K_MSEC(LONG_MS)));
	zassert_equal(events[0].state, K_POLL_STATE_SIGNALED);
	zassert_equal(events[1].state, K_POLL_STATE_NOT_READY);
	k_poll_signal_check(&wake_up, &signaled, &result);
	zassert_equal(signaled, 1);
	zassert_equal(result, 42);
	join_helper();
	k_poll_signal_reset(&wake_up);

	start_helper(give_later, NULL);
	zassert_ok(k_poll(&events[1], 1, K_FOREVER));
	zassert_equal(events[1].state, K_POLL_STATE_SEM_AVAILABLE);
	zassert_ok(k_sem_take(&sem, K_NO_WAIT));
	join_helper();
}

ZTEST_SUITE(port_kernel, NULL, NULL, NULL, NULL, NULL);
