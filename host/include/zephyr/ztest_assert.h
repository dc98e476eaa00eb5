/*
 * The assertions under the header name that some tests include them by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_ZTEST_ASSERT_H_
#define ZEPHYR_HOST_ZTEST_ASSERT_H_

#include <zephyr/ztest.h>

#endif /* ZEPHYR_HOST_ZTEST_ASSERT_H_ */
