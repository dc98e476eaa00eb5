/*
 * The compiler attributes under their Zephyr header name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_TOOLCHAIN_COMMON_H_
#define ZEPHYR_HOST_TOOLCHAIN_COMMON_H_

#include <zephyr/toolchain.h>

#endif /* ZEPHYR_HOST_TOOLCHAIN_COMMON_H_ */
