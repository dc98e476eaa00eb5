/*
 * The version of Zephyr that the PC port stands for, under the name that <version.h> has in older trees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_VERSION_H_
#define ZEPHYR_HOST_VERSION_H_

#include <zephyr/version.h>

#endif /* ZEPHYR_HOST_VERSION_H_ */
