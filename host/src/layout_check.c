/*
 * Compares the sizes of the structures that C and Rust share, before main().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>

#define PORT_SHARED_STRUCTURES(CHECK)                                                              \
	CHECK(PORT_SIZE_OF_MUTEX, struct k_mutex)                                                  \
	CHECK(PORT_SIZE_OF_CONDVAR, struct k_condvar)                                              \
	CHECK(PORT_SIZE_OF_SEM, struct k_sem)                                                      \
	CHECK(PORT_SIZE_OF_THREAD, struct k_thread)                                                \
	CHECK(PORT_SIZE_OF_POLL_EVENT, struct k_poll_event)                                        \
	CHECK(PORT_SIZE_OF_SOCKET_VTABLE, struct socket_op_vtable)                                 \
	CHECK(PORT_SIZE_OF_ADDRINFO, struct zsock_addrinfo)

#define DECLARE(rust_size, type) extern const size_t rust_size;
PORT_SHARED_STRUCTURES(DECLARE)

BUILD_ASSERT(sizeof(struct k_poll_signal) == 2 * sizeof(uint32_t));
BUILD_ASSERT(sizeof(struct zvfs_pollfd) == 8);
BUILD_ASSERT(CONFIG_ZVFS_OPEN_MAX <= 1024, "DESCRIPTOR_CAPACITY in configuration.rs");

#define COMPARE(rust_size, type)                                                                   \
	if (rust_size != sizeof(type)) {                                                           \
		fprintf(stderr, "zephyr-host: " #type " has %zu bytes in C, %zu in Rust\n",        \
			sizeof(type), rust_size);                                                  \
		abort();                                                                           \
	}

__attribute__((__constructor__(101))) static void compare_sizes(void)
{
	PORT_SHARED_STRUCTURES(COMPARE)
}
