/*
 * The kernel: mutexes, condition variables, semaphores, threads, time and k_poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Objects are laid out for the Rust part of the port, which mirrors them; src/layout_check.c compares the two. All
 * bytes zero is a valid unlocked mutex, a condition variable nobody waits on and a thread that never started.
 */
#ifndef ZEPHYR_HOST_KERNEL_H_
#define ZEPHYR_HOST_KERNEL_H_

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <zephyr/sys/__assert.h>
#include <zephyr/sys/atomic.h>
#include <zephyr/sys/clock.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>
#include <zephyr/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------- threads */

typedef void (*k_thread_entry_t)(void *first, void *second, void *third);

#define CONFIG_THREAD_MAX_NAME_LEN 32

/** A thread; the memory must live until the thread has ended. */
struct k_thread {
	k_thread_entry_t entry;
	void *arguments[3];
	k_timeout_t start_delay;
	uint32_t state;
	int32_t priority;
	char name[CONFIG_THREAD_MAX_NAME_LEN];
};

typedef struct k_thread *k_tid_t;

/** A stack, which only its size is used of. */
struct z_thread_stack_element {
	char byte;
};
typedef struct z_thread_stack_element k_thread_stack_t;

#define K_THREAD_STACK_DEFINE(name, size) struct z_thread_stack_element name[size]
#define K_THREAD_STACK_DECLARE(name, size) extern struct z_thread_stack_element name[size]
#define K_THREAD_STACK_ARRAY_DEFINE(name, count, size) struct z_thread_stack_element name[count][size]
#define K_THREAD_STACK_MEMBER(name, size) struct z_thread_stack_element name[size]
#define K_THREAD_STACK_SIZEOF(name) sizeof(name)
#define K_THREAD_STACK_LEN(size) (size)
#define K_KERNEL_STACK_DEFINE(name, size) K_THREAD_STACK_DEFINE(name, size)
#define K_KERNEL_STACK_ARRAY_DEFINE(name, count, size) K_THREAD_STACK_ARRAY_DEFINE(name, count, size)
#define K_KERNEL_STACK_MEMBER(name, size) K_THREAD_STACK_MEMBER(name, size)
#define K_KERNEL_STACK_SIZEOF(name) K_THREAD_STACK_SIZEOF(name)

#define K_PRIO_COOP(x) (-(16 - (x)))
#define K_PRIO_PREEMPT(x) (x)
#define K_HIGHEST_THREAD_PRIO (-16)
#define K_LOWEST_APPLICATION_THREAD_PRIO 14
#define K_ESSENTIAL BIT(0)
#define K_USER BIT(2)
#define K_INHERIT_PERMS BIT(3)

/** Starts a thread after `delay`; K_FOREVER leaves it for k_thread_start(). The stack and the priority have no effect. */
k_tid_t k_thread_create(struct k_thread *thread, k_thread_stack_t *stack, size_t stack_size,
			k_thread_entry_t entry, void *first, void *second, void *third,
			int priority, uint32_t options, k_timeout_t delay);
void k_thread_start(k_tid_t thread);
/** @return 0, -EBUSY (still running and K_NO_WAIT), -EAGAIN (timeout), -EDEADLK (itself). */
int k_thread_join(struct k_thread *thread, k_timeout_t timeout);
/** Only a thread that has ended, or the calling one, can be aborted: anything else ends the program with a message. */
void k_thread_abort(k_tid_t thread);
int k_thread_name_set(k_tid_t thread, const char *name);
const char *k_thread_name_get(k_tid_t thread);
void k_thread_priority_set(k_tid_t thread, int priority);
int k_thread_priority_get(k_tid_t thread);
k_tid_t k_current_get(void);
#define k_sched_current_thread_query() k_current_get()

/* A thread may always use malloc() here. */
static inline void k_thread_system_pool_assign(k_tid_t thread)
{
	ARG_UNUSED(thread);
}

#define K_THREAD_DEFINE(name, stack_size, entry, first, second, third, priority, options, delay_ms) \
	static K_THREAD_STACK_DEFINE(port_stack_##name, stack_size);                               \
	static struct k_thread port_thread_##name;                                                 \
	const k_tid_t name = &port_thread_##name;                                                  \
	static __attribute__((__constructor__)) void port_start_##name(void)                       \
	{                                                                                          \
		k_thread_create(&port_thread_##name, port_stack_##name, stack_size,                \
				(k_thread_entry_t)entry, (void *)(first), (void *)(second),        \
				(void *)(third), priority, options, SYS_TIMEOUT_MS(delay_ms));     \
	}                                                                                          \
	struct port_semicolon_##name

/* ------------------------------------------------------------------------------------------- time */

/** @return milliseconds left, which is always 0: nothing wakes a sleeper early. */
int32_t k_sleep(k_timeout_t timeout);
int32_t k_usleep(int32_t us);
void k_busy_wait(uint32_t us);
void k_yield(void);
/** Ticks since the program started. */
int64_t k_uptime_ticks(void);

static inline int32_t k_msleep(int32_t ms)
{
	return k_sleep(SYS_TIMEOUT_MS(ms));
}

static inline int64_t k_uptime_get(void)
{
	return (int64_t)k_ticks_to_ms_floor64((uint64_t)k_uptime_ticks());
}

static inline uint32_t k_uptime_get_32(void)
{
	return (uint32_t)k_uptime_get();
}

static inline int64_t k_uptime_seconds(void)
{
	return k_uptime_get() / 1000;
}

static inline int64_t k_uptime_delta(int64_t *reference)
{
	const int64_t now = k_uptime_get();
	const int64_t delta = now - *reference;

	*reference = now;
	return delta;
}

static inline uint32_t k_cycle_get_32(void)
{
	return (uint32_t)k_uptime_ticks();
}

static inline uint64_t k_cycle_get_64(void)
{
	return (uint64_t)k_uptime_ticks();
}

static inline uint32_t sys_clock_hw_cycles_per_sec(void)
{
	return 1000000U;
}

/* ---------------------------------------------------------------------------------------- mutexes */

/** A mutex that its owner may lock again. */
struct k_mutex {
	struct k_thread *owner;
	uint32_t lock_count;
	uint32_t waiting;
	pthread_mutex_t guard;
	pthread_cond_t released;
};

#define Z_MUTEX_INITIALIZER(object) {0}
#define K_MUTEX_DEFINE(name) struct k_mutex name = Z_MUTEX_INITIALIZER(name)

int k_mutex_init(struct k_mutex *mutex);
/** @return 0, -EBUSY (taken and K_NO_WAIT), -EAGAIN (timeout). */
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
/** @return 0, -EINVAL (not locked), -EPERM (another thread's). */
int k_mutex_unlock(struct k_mutex *mutex);

/** A condition variable. */
struct k_condvar {
	uint32_t waiting;
	uint32_t wakeups;
	pthread_mutex_t guard;
	pthread_cond_t woken;
};

#define Z_CONDVAR_INITIALIZER(object) {0}
#define K_CONDVAR_DEFINE(name) struct k_condvar name = Z_CONDVAR_INITIALIZER(name)

int k_condvar_init(struct k_condvar *condvar);
int k_condvar_signal(struct k_condvar *condvar);
/** @return how many threads it woke. */
int k_condvar_broadcast(struct k_condvar *condvar);
/** Waits without the mutex, returns with it. @return 0 or -EAGAIN (timeout). */
int k_condvar_wait(struct k_condvar *condvar, struct k_mutex *mutex, k_timeout_t timeout);

/** A counting semaphore. */
struct k_sem {
	unsigned int count;
	unsigned int limit;
	uint32_t resets;
	uint32_t waiting;
	pthread_mutex_t guard;
	pthread_cond_t available;
};

#define K_SEM_MAX_LIMIT UINT_MAX
#define Z_SEM_INITIALIZER(object, initial_count, count_limit)                                      \
	{.count = (initial_count), .limit = (count_limit)}
#define K_SEM_DEFINE(name, initial_count, count_limit)                                             \
	struct k_sem name = Z_SEM_INITIALIZER(name, initial_count, count_limit);                   \
	BUILD_ASSERT((count_limit) != 0 && (initial_count) <= (count_limit), "K_SEM_DEFINE")

int k_sem_init(struct k_sem *sem, unsigned int initial_count, unsigned int limit);
/** @return 0, -EBUSY (empty and K_NO_WAIT), -EAGAIN (timeout or k_sem_reset()). */
int k_sem_take(struct k_sem *sem, k_timeout_t timeout);
void k_sem_give(struct k_sem *sem);
void k_sem_reset(struct k_sem *sem);
unsigned int k_sem_count_get(struct k_sem *sem);

/* ----------------------------------------------------------------------------------------- k_poll */

#define K_POLL_TYPE_IGNORE 0
#define K_POLL_TYPE_SIGNAL 0x01
#define K_POLL_TYPE_SEM_AVAILABLE 0x02
/** Of this port only: a descriptor of the PC. */
#define K_POLL_TYPE_HOST_DESCRIPTOR 0x80

#define K_POLL_STATE_NOT_READY 0
#define K_POLL_STATE_SIGNALED 0x01
#define K_POLL_STATE_SEM_AVAILABLE 0x02
#define K_POLL_STATE_DATA_AVAILABLE 0x04
#define K_POLL_STATE_FIFO_DATA_AVAILABLE K_POLL_STATE_DATA_AVAILABLE
#define K_POLL_STATE_CANCELLED 0x08

enum k_poll_modes {
	K_POLL_MODE_NOTIFY_ONLY = 0,
	K_POLL_NUM_MODES
};

/** A flag with a number that k_poll() can wait for. */
struct k_poll_signal {
	unsigned int signaled;
	int result;
};

/** One thing k_poll() waits for. */
struct k_poll_event {
	union {
		void *obj, *typed_K_POLL_TYPE_IGNORE;
		struct k_poll_signal *signal, *typed_K_POLL_TYPE_SIGNAL;
		struct k_sem *sem, *typed_K_POLL_TYPE_SEM_AVAILABLE;
	};
	int32_t host_descriptor;
	int16_t host_events;
	int16_t host_ready;
	uint8_t tag;
	uint8_t type;
	uint8_t state;
	uint8_t mode;
};

#define K_POLL_SIGNAL_INITIALIZER(object) {.signaled = 0, .result = 0}
#define PORT_POLL_EVENT(union_member, event_type, event_mode, event_object, event_tag)              \
	{                                                                                          \
		{.union_member = (event_object)}, .host_descriptor = -1, .tag = (event_tag),       \
		.type = (event_type), .state = K_POLL_STATE_NOT_READY, .mode = (event_mode)        \
	}
#define K_POLL_EVENT_INITIALIZER(event_type, event_mode, event_object)                             \
	PORT_POLL_EVENT(typed_##event_type, event_type, event_mode, event_object, 0)
#define K_POLL_EVENT_STATIC_INITIALIZER(event_type, event_mode, event_object, event_tag)           \
	PORT_POLL_EVENT(typed_##event_type, event_type, event_mode, event_object, event_tag)

void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *object);
/** @return 0 (something is ready), -EAGAIN (timeout), -EINVAL, -ENOMEM. States are only added, never cleared. */
int k_poll(struct k_poll_event *events, int num_events, k_timeout_t timeout);
void k_poll_signal_init(struct k_poll_signal *signal);
void k_poll_signal_reset(struct k_poll_signal *signal);
void k_poll_signal_check(struct k_poll_signal *signal, unsigned int *signaled, int *result);
int k_poll_signal_raise(struct k_poll_signal *signal, int result);

/* ------------------------------------------------------------------------------------------- work */

struct k_work;
typedef void (*k_work_handler_t)(struct k_work *work);

struct k_work {
	k_work_handler_t handler;
};

/** Work of the system's work queue, which is one thread. */
struct k_work_delayable {
	struct k_work work;
};

#define K_WORK_DELAYABLE_DEFINE(name, work_handler) struct k_work_delayable name = {.work = {.handler = (work_handler)}}

/** @return 1, or 0 when it is scheduled already and stays as it is. */
int k_work_schedule(struct k_work_delayable *work, k_timeout_t delay);

/* ----------------------------------------------------------------------------- the end, and memory */

/** Ends the program. */
FUNC_NORETURN void port_panic(const char *file, int line);
#define k_panic() port_panic(__FILE__, __LINE__)
#define k_oops() port_panic(__FILE__, __LINE__)

static inline bool k_is_in_isr(void)
{
	return false;
}

static inline void *k_malloc(size_t size)
{
	return malloc(size);
}

static inline void *k_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

static inline void *k_realloc(void *memory, size_t size)
{
	return realloc(memory, size);
}

static inline void k_free(void *memory)
{
	free(memory);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_KERNEL_H_ */
