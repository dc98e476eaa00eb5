/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What all channels have in common: one message is on its way, and what comes back is compared with it.
 */
#include "channel.h"

#include "pattern.h"

/* Has no factor in common with usual sizes: the messages are of all of them. */
#define SIZE_STEP 331

uint8_t outgoing[LARGEST_SIZE];

int channel_send(struct channel *channel)
{
	channel->len = (channel->messages * SIZE_STEP + channel->number) % LARGEST_SIZE + 1;
	channel->received = 0;
	channel->last_ms = k_uptime_get();
	pattern_fill(channel_seed(channel), 0, outgoing, channel->len);

	return channel->methods->send(channel);
}

int channel_compare(struct channel *channel, const uint8_t *octets, size_t len)
{
	if (channel->is_closing) {
		printk("error: %s: %zu octets after the last message\n", channel->name, len);
		return -1;
	}
	if (len > channel->len - channel->received ||
	    !pattern_matches(channel_seed(channel), channel->received, octets, len)) {
		printk("error: %s: message %u: of octets %zu to %zu, one is not what was sent\n", channel->name,
		       channel->messages, channel->received, channel->received + len);
		return -1;
	}
	channel->received += len;
	channel->last_ms = k_uptime_get();

	return 0;
}

int channel_next(struct channel *channel, unsigned int wanted)
{
	channel->messages++;
	channel->octets += channel->len;
	if (channel->messages < wanted) {
		return channel_send(channel);
	}
	channel->is_closing = true;

	return channel->methods->finish(channel);
}
