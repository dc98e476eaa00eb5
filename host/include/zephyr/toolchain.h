/*
 * Compiler attributes and compile-time checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_TOOLCHAIN_H_
#define ZEPHYR_HOST_TOOLCHAIN_H_

#ifndef __weak
#define __weak __attribute__((__weak__))
#endif
#ifndef __unused
#define __unused __attribute__((__unused__))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif
#ifndef __used
#define __used __attribute__((__used__))
#endif
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef __aligned
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#endif
#ifndef __printf_like
#define __printf_like(format, first) __attribute__((__format__(__printf__, format, first)))
#endif
#ifndef __fallthrough
#define __fallthrough __attribute__((__fallthrough__))
#endif
#ifndef __must_check
#define __must_check __attribute__((__warn_unused_result__))
#endif
#ifndef __noinit
#define __noinit
#endif
#ifndef __deprecated
#define __deprecated __attribute__((__deprecated__))
#endif
#ifndef FUNC_NORETURN
#define FUNC_NORETURN __attribute__((__noreturn__))
#endif
#ifndef ALWAYS_INLINE
#define ALWAYS_INLINE inline __attribute__((__always_inline__))
#endif
#ifndef ZRESTRICT
#define ZRESTRICT __restrict
#endif
#ifndef likely
#define likely(condition) __builtin_expect(!!(condition), 1)
#endif
#ifndef unlikely
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif
#ifndef CODE_UNREACHABLE
#define CODE_UNREACHABLE __builtin_unreachable()
#endif
#ifndef compiler_barrier
#define compiler_barrier() __asm__ __volatile__("" ::: "memory")
#endif

/* Marks for gen_kobject_list.py and the system call generator, which a PC has not. */
#define __net_socket
#define __syscall

#ifdef __cplusplus
#define BUILD_ASSERT(condition, ...) static_assert(condition, "" __VA_ARGS__)
#else
#define BUILD_ASSERT(condition, ...) _Static_assert(condition, "" __VA_ARGS__)
#endif

#endif /* ZEPHYR_HOST_TOOLCHAIN_H_ */
