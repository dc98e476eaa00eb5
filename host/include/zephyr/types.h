/*
 * The fixed-width integers under their Zephyr header name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_TYPES_H_
#define ZEPHYR_HOST_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif /* ZEPHYR_HOST_TYPES_H_ */
