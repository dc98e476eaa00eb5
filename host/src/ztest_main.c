/*
 * Runs the tests of a program: all of them, or those whose "suite.test" contains one of the arguments; none that contains
 * an argument behind a '-'.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only programs without a main() of their own get this one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/ztest.h>

#define NAME_SIZE 256

enum outcome {
	PASSED = 1,
	FAILED,
	SKIPPED,
};

static struct port_ztest_suite *suites;
static struct port_ztest_test *tests;
static const struct port_ztest_test *running;
/* Where the running function returns to when an assertion ends it. */
static jmp_buf end_of_function;

static void run_suite(struct port_ztest_suite *suite, int filter_count, char **filters,
		      unsigned int *counts);
static enum outcome run_test(const struct port_ztest_suite *suite,
			     const struct port_ztest_test *test, void *fixture);
static enum outcome run_guarded(void (*function)(void *), void *argument);
static void call_test(void *test);
static bool selected(const struct port_ztest_test *test, int filter_count, char **filters);
static void list_tests(int filter_count, char **filters);
static void fail_orphans(unsigned int *counts);

__weak int main(int argc, char **argv)
{
	unsigned int counts[SKIPPED + 1] = {0};
	const bool list = argc > 1 && strcmp(argv[1], "--list") == 0;
	const int first_filter = list ? 2 : 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (list) {
		list_tests(argc - first_filter, &argv[first_filter]);
		return 0;
	}
	for (struct port_ztest_suite *suite = suites; suite != NULL; suite = suite->next) {
		run_suite(suite, argc - first_filter, &argv[first_filter], counts);
	}
	fail_orphans(counts);
	printf("%u passed, %u failed, %u skipped\n", counts[PASSED], counts[FAILED],
	       counts[SKIPPED]);

	return counts[FAILED] != 0 || counts[PASSED] + counts[SKIPPED] == 0;
}

static void run_suite(struct port_ztest_suite *suite, int filter_count, char **filters,
		      unsigned int *counts)
{
	bool set_up = false;
	void *fixture = NULL;

	if (suite->predicate != NULL && !suite->predicate(NULL)) {
		return;
	}
	for (struct port_ztest_test *test = tests; test != NULL; test = test->next) {
		if (strcmp(test->suite, suite->name) != 0 ||
		    !selected(test, filter_count, filters)) {
			continue;
		}
		if (!set_up && suite->setup != NULL) {
			fixture = suite->setup();
		}
		set_up = true;
		counts[run_test(suite, test, fixture)]++;
	}
	if (set_up && suite->teardown != NULL) {
		suite->teardown(fixture);
	}
}

static enum outcome run_test(const struct port_ztest_suite *suite,
			     const struct port_ztest_test *test, void *fixture)
{
	static const char *const names[] = {[PASSED] = "PASS", [FAILED] = "FAIL", [SKIPPED] = "SKIP"};
	const int64_t start = k_uptime_get();
	enum outcome outcome = PASSED;
	enum outcome cleanup = PASSED;

	running = test;
	if (suite->before != NULL) {
		outcome = run_guarded(suite->before, fixture);
	}
	if (outcome == PASSED) {
		outcome = run_guarded(call_test, (void *)test);
	}
	if (suite->after != NULL) {
		cleanup = run_guarded(suite->after, fixture);
	}
	if (cleanup == FAILED) {
		outcome = FAILED;
	}
	printf("%s %s.%s (%lld ms)\n", names[outcome], test->suite, test->name,
	       (long long)(k_uptime_get() - start));

	return outcome;
}

/* Longjmp brings the outcome back here; a function that returns has passed. */
static enum outcome run_guarded(void (*function)(void *), void *argument)
{
	const int outcome = setjmp(end_of_function);

	if (outcome != 0) {
		return (enum outcome)outcome;
	}
	function(argument);

	return PASSED;
}

static void call_test(void *test)
{
	((const struct port_ztest_test *)test)->run();
}

static bool selected(const struct port_ztest_test *test, int filter_count, char **filters)
{
	char name[NAME_SIZE];
	bool found = false;
	bool any = false;

	snprintf(name, sizeof(name), "%s.%s", test->suite, test->name);
	for (int i = 0; i < filter_count; i++) {
		if (filters[i][0] == '-') {
			if (strstr(name, &filters[i][1]) != NULL) {
				return false;
			}
			continue;
		}
		any = true;
		found = found || strstr(name, filters[i]) != NULL;
	}
	return found || !any;
}

static void list_tests(int filter_count, char **filters)
{
	for (struct port_ztest_test *test = tests; test != NULL; test = test->next) {
		if (selected(test, filter_count, filters)) {
			printf("%s.%s\n", test->suite, test->name);
		}
	}
}

/* A test whose suite is missing would never run, and nobody would notice. */
static void fail_orphans(unsigned int *counts)
{
	for (struct port_ztest_test *test = tests; test != NULL; test = test->next) {
		struct port_ztest_suite *suite = suites;

		while (suite != NULL && strcmp(suite->name, test->suite) != 0) {
			suite = suite->next;
		}
		if (suite == NULL) {
			printf("FAIL %s.%s (no ZTEST_SUITE)\n", test->suite, test->name);
			counts[FAILED]++;
		}
	}
}

/* Both lists are sorted by name, so that the order does not depend on the linker, and as Zephyr's is. */
void port_ztest_add_suite(struct port_ztest_suite *suite)
{
	struct port_ztest_suite **place = &suites;

	while (*place != NULL && strcmp((*place)->name, suite->name) <= 0) {
		place = &(*place)->next;
	}
	suite->next = *place;
	*place = suite;
}

void port_ztest_add_test(struct port_ztest_test *test)
{
	struct port_ztest_test **place = &tests;

	while (*place != NULL && (strcmp((*place)->suite, test->suite) < 0 ||
				  (strcmp((*place)->suite, test->suite) == 0 &&
				   strcmp((*place)->name, test->name) <= 0))) {
		place = &(*place)->next;
	}
	test->next = *place;
	*place = test;
}

const struct port_ztest_test *port_ztest_running(void)
{
	return running;
}

void port_ztest_assertion_failed(const char *file, int line, const char *condition,
				 const char *format, ...)
{
	va_list arguments;

	printf("    %s:%d: %s;", file, line, condition);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	longjmp(end_of_function, FAILED);
}

void ztest_test_skip(void)
{
	longjmp(end_of_function, SKIPPED);
}

void ztest_test_fail(void)
{
	longjmp(end_of_function, FAILED);
}

void ztest_test_pass(void)
{
	longjmp(end_of_function, PASSED);
}
