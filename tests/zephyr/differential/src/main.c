/*
 * Plays the sequences that the command line names, and ends the image when one of them waits for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>

#include <cmdline.h>
#include <posix_board_if.h>
#include <soc.h>

#include "application.h"
#include "peer.h"
#include "peer_frames.h"

/* Longer than all that a correct application's calls wait for. */
#define SEQUENCE_LIMIT_MS 120000

/* An option that is not given is UINT32_MAX. */
static uint32_t first_seed;
static uint32_t seed_count;
/* Steps that are left out, a bit each. */
static uint32_t left_out;

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{.option = "first", .name = "N", .type = 'u', .dest = &first_seed, .descript = "first sequence"},
		{.option = "count", .name = "N", .type = 'u', .dest = &seed_count, .descript = "how many sequences"},
		{.option = "left_out", .name = "bits", .type = 'u', .dest = &left_out,
		 .descript = "steps to leave out, one bit each"},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);

static void give_up(struct k_timer *timer)
{
	ARG_UNUSED(timer);
	printk("\nHANG\n");
	posix_exit(0);
}

static K_TIMER_DEFINE(limit, give_up, NULL);

static void play(uint32_t seed)
{
	const struct sequence sequence = sequence_of(seed);

	printk("BEGIN %u steps=%u\n", seed, (unsigned int)sequence.count);
	k_timer_start(&limit, K_MSEC(SEQUENCE_LIMIT_MS), K_NO_WAIT);
	peer_frames_begin(sequence.is_data_only);
	for (size_t i = 0; i < sequence.count; i++) {
		if ((left_out >> i & 1) == 0) {
			application_play(&sequence.steps[i]);
		}
	}
	application_end();
	k_timer_stop(&limit);
	printk("END %u\n", seed);
}

int main(void)
{
	peer_start();
	left_out = left_out == UINT32_MAX ? 0 : left_out;
	for (uint32_t i = 0; i < seed_count; i++) {
		play(first_seed + i);
	}
	posix_exit(0);

	return 0;
}
