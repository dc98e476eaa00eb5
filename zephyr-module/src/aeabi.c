/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The names by which Rust calls memcpy() and its kin on Arm: those of the ABI for the Arm architecture, which not every C
 * library has. With CONFIG_WEBSOCKET_RUST_OWN_MEMCPY the Rust object has its own.
 */
#include <string.h>

#include <zephyr/kernel.h>

#if defined(CONFIG_ARM) && !defined(CONFIG_WEBSOCKET_RUST_OWN_MEMCPY)

/* Each has two more names, for addresses that are multiples of 4 and of 8. Weak: the C library's are better. */
#define ALIGNED(name, parameters)                                                                                      \
	__weak __attribute__((alias(#name))) void name##4 parameters;                                                   \
	__weak __attribute__((alias(#name))) void name##8 parameters

void __aeabi_memcpy(void *target, const void *source, size_t len);
void __aeabi_memmove(void *target, const void *source, size_t len);
void __aeabi_memset(void *target, size_t len, int octet);
void __aeabi_memclr(void *target, size_t len);

__weak void __aeabi_memcpy(void *target, const void *source, size_t len)
{
	(void)memcpy(target, source, len);
}
ALIGNED(__aeabi_memcpy, (void *target, const void *source, size_t len));

__weak void __aeabi_memmove(void *target, const void *source, size_t len)
{
	(void)memmove(target, source, len);
}
ALIGNED(__aeabi_memmove, (void *target, const void *source, size_t len));

/* Not in the order of memset(). */
__weak void __aeabi_memset(void *target, size_t len, int octet)
{
	(void)memset(target, octet, len);
}
ALIGNED(__aeabi_memset, (void *target, size_t len, int octet));

__weak void __aeabi_memclr(void *target, size_t len)
{
	(void)memset(target, 0, len);
}
ALIGNED(__aeabi_memclr, (void *target, size_t len));

#endif
