/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The client of the peers test: reads orders line by line, carries each out on a connection of its own, and
 * answers "ok" or "failed REASON". All orders run in one process: nothing may be left of any of them.
 */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 7

struct connection connection = {.sock = -1, .websocket = -1};
uint8_t outgoing[MESSAGE_MAX];
uint8_t incoming[MESSAGE_MAX];

static jmp_buf order_end;
static char reason[512];

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	longjmp(order_end, 1);
}

void check(bool condition, const char *what)
{
	if (!condition) {
		fail("not so: %s", what);
	}
}

/* How many descriptors the process has; the one that counts them is always among them. */
static unsigned int descriptors_in_use(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int number = 0;

	if (directory == NULL) {
		fprintf(stderr, "agent: /proc/self/fd: %s\n", strerror(errno));
		exit(2);
	}
	while (readdir(directory) != NULL) {
		number++;
	}
	closedir(directory);

	return number;
}

/* The PC port makes a descriptor for a thread that waits for the first time, and keeps it. */
static void wait_once(void)
{
	struct k_poll_signal never;
	struct k_poll_event event;

	k_poll_signal_init(&never);
	k_poll_event_init(&event, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &never);
	(void)k_poll(&event, 1, K_MSEC(1));
}

static bool parse(char *line, struct order *order)
{
	const char *words[WORDS_MAX] = {0};
	size_t number = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \n", &rest); word != NULL;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (number == WORDS_MAX) {
			return false;
		}
		words[number++] = word;
	}
	if (number < 5) {
		return false;
	}
	*order = (struct order){
		.name = words[0],
		.is_stream = strcmp(words[1], "stream") == 0,
		.port = words[2],
		.path = words[3],
		.protocol = strcmp(words[4], "-") == 0 ? NULL : words[4],
		.argument = words[5] != NULL ? words[5] : "",
		.second_argument = words[6] != NULL ? words[6] : "",
	};

	return order->is_stream || strcmp(words[1], "messages") == 0;
}

int main(void)
{
	/* Kept over a longjmp(). */
	static unsigned int orders;
	static unsigned int descriptors;
	static struct order order;
	static char line[256];

	wait_once();
	descriptors = descriptors_in_use();
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (!parse(line, &order)) {
			fprintf(stderr, "agent: NAME messages|stream PORT PATH PROTOCOL [ARGUMENT [ARGUMENT]]\n");
			return 2;
		}
		orders++;
		reason[0] = '\0';
		if (setjmp(order_end) == 0) {
			carry_out(&order);
			CHECK(connection.websocket < 0 && connection.sock < 0);
		}
		abandon();
		if (reason[0] == '\0' && contexts_in_use() != 0) {
			snprintf(reason, sizeof(reason), "%u contexts are still in use", contexts_in_use());
		}
		if (reason[0] == '\0' && descriptors_in_use() != descriptors) {
			snprintf(reason, sizeof(reason), "%u descriptors, %u at the start", descriptors_in_use(),
				 descriptors);
		}
		if (reason[0] == '\0') {
			printf("ok\n");
		} else {
			printf("failed %s\n", reason);
		}
	}
	printf("%u connections, %u of them still in use, %d descriptors more than at the start\n", orders,
	       contexts_in_use(), (int)(descriptors_in_use() - descriptors));

	return 0;
}
