/*
 * Timeouts, points in time and unit conversions. A tick of the PC port is a microsecond.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_CLOCK_H_
#define ZEPHYR_HOST_SYS_CLOCK_H_

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MSEC_PER_SEC 1000U
#define USEC_PER_MSEC 1000U
#define USEC_PER_SEC 1000000U
#define NSEC_PER_USEC 1000U
#define NSEC_PER_MSEC 1000000U
#define NSEC_PER_SEC 1000000000U
#define SEC_PER_MIN 60U
#define MIN_PER_HOUR 60U

typedef int64_t k_ticks_t;

/** How long to wait; made with K_MSEC() and its like, read with K_TIMEOUT_EQ(). */
typedef struct {
	k_ticks_t ticks;
} k_timeout_t;

/** When a timeout is over. */
typedef struct {
	uint64_t tick;
} k_timepoint_t;

#define K_TICKS_FOREVER ((k_ticks_t)-1)
#define K_TIMEOUT_EQ(a, b) ((a).ticks == (b).ticks)

#define SYS_FOREVER_MS (-1)
#define SYS_FOREVER_US (-1)
#define SYS_TIMEOUT_MS(ms) ((ms) == SYS_FOREVER_MS ? K_FOREVER : K_MSEC(ms))
#define SYS_TIMEOUT_US(us) ((us) == SYS_FOREVER_US ? K_FOREVER : K_USEC(us))

#define K_TICKS(count) ((k_timeout_t){.ticks = (k_ticks_t)(count)})
#define K_FOREVER K_TICKS(K_TICKS_FOREVER)
#define K_NO_WAIT K_TICKS(0)
/* As the kernel's: negative times are no time. */
#define PORT_TICKS_OR_NONE(count) K_TICKS((count) > 0 ? (count) : 0)
#define K_NSEC(ns) PORT_TICKS_OR_NONE(((int64_t)(ns) + 999) / 1000)
#define K_USEC(us) PORT_TICKS_OR_NONE((int64_t)(us))
#define K_MSEC(ms) PORT_TICKS_OR_NONE((int64_t)(ms) * 1000)
#define K_SECONDS(s) K_MSEC((int64_t)(s) * 1000)
#define K_MINUTES(m) K_SECONDS((int64_t)(m) * 60)
#define K_HOURS(h) K_MINUTES((int64_t)(h) * 60)

/** When `timeout` from now is. */
k_timepoint_t sys_timepoint_calc(k_timeout_t timeout);
/** What is left until then: K_NO_WAIT when it is over. */
k_timeout_t sys_timepoint_timeout(k_timepoint_t timepoint);

static inline bool sys_timepoint_expired(k_timepoint_t timepoint)
{
	return K_TIMEOUT_EQ(sys_timepoint_timeout(timepoint), K_NO_WAIT);
}

static inline int sys_timepoint_cmp(k_timepoint_t a, k_timepoint_t b)
{
	return (a.tick > b.tick) - (a.tick < b.tick);
}

static inline uint32_t k_ticks_to_ms_floor32(uint64_t ticks)
{
	return (uint32_t)(ticks / 1000U);
}

static inline uint64_t k_ticks_to_ms_floor64(uint64_t ticks)
{
	return ticks / 1000U;
}

static inline uint32_t k_ticks_to_ms_ceil32(uint64_t ticks)
{
	return (uint32_t)((ticks + 999U) / 1000U);
}

static inline uint64_t k_ticks_to_ms_ceil64(uint64_t ticks)
{
	return (ticks + 999U) / 1000U;
}

static inline uint64_t k_ticks_to_us_floor64(uint64_t ticks)
{
	return ticks;
}

static inline uint64_t k_ms_to_ticks_ceil64(uint64_t ms)
{
	return ms * 1000U;
}

static inline uint32_t k_ms_to_ticks_ceil32(uint32_t ms)
{
	return ms * 1000U;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_SYS_CLOCK_H_ */
