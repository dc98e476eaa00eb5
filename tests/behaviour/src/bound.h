/*
 * A limit for tests that a broken library would keep waiting for ever: in recv(), in close().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_BOUND_H_
#define BEHAVIOUR_BOUND_H_

/* Such a test, with what runs before and after it, may take so long. */
#define BOUND_MS 9000

/* For ZTEST_SUITE, with conn_after_test(): before every test; it does what conn_before_test() does as well. */
void bound_before_test(void *fixture);
/* After the suite. */
void bound_after_suite(void *fixture);

#endif /* BEHAVIOUR_BOUND_H_ */
