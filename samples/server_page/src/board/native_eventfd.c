/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * eventfd() for native_sim with the host's C library: Zephyr's HTTP server would get the host's, whose numbers are not
 * Zephyr's descriptors. Weak, for versions that bring their own.
 */
#include <zephyr/toolchain.h>
#include <zephyr/zvfs/eventfd.h>

__weak int eventfd(unsigned int initial, int flags)
{
	return zvfs_eventfd(initial, flags);
}

__weak int eventfd_read(int descriptor, zvfs_eventfd_t *value)
{
	return zvfs_eventfd_read(descriptor, value);
}

__weak int eventfd_write(int descriptor, zvfs_eventfd_t value)
{
	return zvfs_eventfd_write(descriptor, value);
}
