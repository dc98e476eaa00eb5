/*
 * A small subset of Zephyr's test framework; src/ztest_main.c runs the tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Assertions only work in the thread that runs the test.
 */
#ifndef ZEPHYR_HOST_ZTEST_H_
#define ZEPHYR_HOST_ZTEST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Functions around the tests of one name. */
struct port_ztest_suite {
	const char *name;
	bool (*predicate)(const void *state);
	void *(*setup)(void);
	void (*before)(void *fixture);
	void (*after)(void *fixture);
	void (*teardown)(void *fixture);
	struct port_ztest_suite *next;
};

/** One test. */
struct port_ztest_test {
	const char *suite;
	const char *name;
	void (*run)(void);
	struct port_ztest_test *next;
};

void port_ztest_add_suite(struct port_ztest_suite *suite);
void port_ztest_add_test(struct port_ztest_test *test);
/** The test that runs, or ran last: for who ends the program. */
const struct port_ztest_test *port_ztest_running(void);
FUNC_NORETURN __printf_like(4, 5)
void port_ztest_assertion_failed(const char *file, int line, const char *condition,
				 const char *format, ...);
FUNC_NORETURN void ztest_test_skip(void);
FUNC_NORETURN void ztest_test_fail(void);
FUNC_NORETURN void ztest_test_pass(void);

#define ZTEST_SUITE(suite_name, predicate_function, setup_function, before_function,              \
		    after_function, teardown_function)                                             \
	static struct port_ztest_suite port_ztest_suite_##suite_name = {                           \
		.name = #suite_name,                                                               \
		.predicate = (predicate_function),                                                 \
		.setup = (setup_function),                                                         \
		.before = (before_function),                                                       \
		.after = (after_function),                                                         \
		.teardown = (teardown_function),                                                   \
	};                                                                                         \
	static __attribute__((__constructor__)) void port_ztest_suite_add_##suite_name(void)       \
	{                                                                                          \
		port_ztest_add_suite(&port_ztest_suite_##suite_name);                              \
	}                                                                                          \
	struct port_ztest_semicolon_##suite_name

#define ZTEST(suite_name, test_name)                                                               \
	static void suite_name##_##test_name(void);                                                \
	static struct port_ztest_test port_ztest_##suite_name##_##test_name = {                    \
		.suite = #suite_name,                                                              \
		.name = #test_name,                                                                \
		.run = suite_name##_##test_name,                                                   \
	};                                                                                         \
	static __attribute__((__constructor__)) void port_ztest_add_##suite_name##_##test_name(    \
		void)                                                                              \
	{                                                                                          \
		port_ztest_add_test(&port_ztest_##suite_name##_##test_name);                       \
	}                                                                                          \
	static void suite_name##_##test_name(void)
#define ZTEST_USER(suite_name, test_name) ZTEST(suite_name, test_name)

/* The message comes after the values, as a literal printf format with its arguments. */
#define zassert(condition, what, ...)                                                              \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			port_ztest_assertion_failed(__FILE__, __LINE__, what, " " __VA_ARGS__);    \
		}                                                                                  \
	} while (0)
#define zassert_unreachable(...) zassert(0, "unreachable code reached", ##__VA_ARGS__)
#define zassert_true(condition, ...) zassert(condition, #condition " is false", ##__VA_ARGS__)
#define zassert_false(condition, ...) zassert(!(condition), #condition " is true", ##__VA_ARGS__)
#define zassert_ok(result, ...) zassert(!(result), #result " is not 0", ##__VA_ARGS__)
#define zassert_not_ok(result, ...) zassert(!!(result), #result " is 0", ##__VA_ARGS__)
#define zassert_is_null(pointer, ...)                                                              \
	zassert((pointer) == NULL, #pointer " is not NULL", ##__VA_ARGS__)
#define zassert_not_null(pointer, ...) zassert((pointer) != NULL, #pointer " is NULL", ##__VA_ARGS__)
#define zassert_equal(a, b, ...) zassert((a) == (b), #a " != " #b, ##__VA_ARGS__)
#define zassert_not_equal(a, b, ...) zassert((a) != (b), #a " == " #b, ##__VA_ARGS__)
#define zassert_equal_ptr(a, b, ...)                                                               \
	zassert((const void *)(a) == (const void *)(b), #a " != " #b, ##__VA_ARGS__)
#define zassert_within(a, b, range, ...)                                                           \
	zassert((a) >= (b) - (range) && (a) <= (b) + (range),                                      \
		#a " is not within " #b " +/- " #range, ##__VA_ARGS__)
#define zassert_between_inclusive(a, low, high, ...)                                               \
	zassert((a) >= (low) && (a) <= (high), #a " is not from " #low " to " #high, ##__VA_ARGS__)
#define zassert_mem_equal(a, b, size, ...)                                                         \
	zassert(memcmp(a, b, size) == 0, "memory of " #a " and " #b " differs", ##__VA_ARGS__)
#define zassert_str_equal(a, b, ...)                                                               \
	zassert(strcmp(a, b) == 0, "strings " #a " and " #b " differ", ##__VA_ARGS__)

#define TC_PRINT(...) printf(__VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_ZTEST_H_ */
