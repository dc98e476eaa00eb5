/*
 * Random bytes, all from the PC's cryptographic generator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_RANDOM_RANDOM_H_
#define ZEPHYR_HOST_RANDOM_RANDOM_H_

#include <stddef.h>

#include <zephyr/kernel.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

void sys_rand_get(void *dst, size_t len);
/** @return 0, or -EIO. */
int sys_csrand_get(void *dst, size_t len);

static inline uint8_t sys_rand8_get(void)
{
	uint8_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint16_t sys_rand16_get(void)
{
	uint16_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint32_t sys_rand32_get(void)
{
	uint32_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

static inline uint64_t sys_rand64_get(void)
{
	uint64_t value;

	sys_rand_get(&value, sizeof(value));
	return value;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_RANDOM_RANDOM_H_ */
