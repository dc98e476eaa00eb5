/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The program of a PC: serves the page on 127.0.0.1 until its standard input ends or its time is up.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zephyr/kernel.h>

#include "../sessions.h"
#include "http_server.h"

#define STACK_SIZE 4096

static K_THREAD_STACK_DEFINE(input_stack, STACK_SIZE);
static K_THREAD_STACK_DEFINE(clock_stack, STACK_SIZE);
static struct k_thread input_thread;
static struct k_thread clock_thread;
static atomic_t is_ending;

static void await_end_of_input(void *first, void *second, void *third)
{
	char ignored[256];

	ARG_UNUSED(first);
	ARG_UNUSED(second);
	ARG_UNUSED(third);
	while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
	}
	atomic_set(&is_ending, 1);
}

static void await_end_of_time(void *seconds, void *second, void *third)
{
	ARG_UNUSED(second);
	ARG_UNUSED(third);
	k_sleep(K_SECONDS(POINTER_TO_INT(seconds)));
	atomic_set(&is_ending, 1);
}

int main(int argc, char **argv)
{
	const unsigned long port = argc >= 2 ? strtoul(argv[1], NULL, 10) : 0;
	const unsigned long seconds = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
	int opened;

	if (argc > 3 || port > UINT16_MAX || seconds > INT32_MAX / 1000) {
		printk("usage: server_page [PORT [SECONDS]]\n");
		return 2;
	}
	opened = http_server_open((uint16_t)port);
	if (opened < 0) {
		printk("error: port %lu: errno %d\n", port, -opened);
		return 1;
	}
	/* Lines are read by whoever started this. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printk("listening on 127.0.0.1:%d\n", opened);
	k_thread_create(&input_thread, input_stack, STACK_SIZE, await_end_of_input, NULL, NULL, NULL, 0, 0, K_NO_WAIT);
	if (seconds > 0) {
		k_thread_create(&clock_thread, clock_stack, STACK_SIZE, await_end_of_time,
				INT_TO_POINTER((intptr_t)seconds), NULL, NULL, 0, 0, K_NO_WAIT);
	}
	http_server_run(&is_ending);
	sessions_end();
	printk("server_page: end\n");

	return 0;
}
