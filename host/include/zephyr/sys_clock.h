/*
 * Timeouts and points in time under the name Zephyr's kernel header includes them by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_CLOCK_ALIAS_H_
#define ZEPHYR_HOST_SYS_CLOCK_ALIAS_H_

#include <zephyr/sys/clock.h>

#endif /* ZEPHYR_HOST_SYS_CLOCK_ALIAS_H_ */
