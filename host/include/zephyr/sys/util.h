/*
 * Arithmetic on arrays, pointers and sizes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_UTIL_H_
#define ZEPHYR_HOST_SYS_UTIL_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <zephyr/sys/__assert.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#define POINTER_TO_UINT(pointer) ((uintptr_t)(pointer))
#define UINT_TO_POINTER(number) ((void *)(uintptr_t)(number))
#define POINTER_TO_INT(pointer) ((intptr_t)(pointer))
#define INT_TO_POINTER(number) ((void *)(intptr_t)(number))

#define ARG_UNUSED(argument) ((void)(argument))

/* A pointer instead of an array is an error here: a bit-field's width cannot be negative. */
#define ZERO_OR_COMPILE_ERROR(condition) ((int)sizeof(struct { int : (-!(condition)); }) * 0)
#define SAME_TYPE(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#ifdef __cplusplus
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#else
#define IS_ARRAY(array) ZERO_OR_COMPILE_ERROR(!SAME_TYPE(array, &(array)[0]))
#define ARRAY_SIZE(array) ((size_t)(IS_ARRAY(array) + (sizeof(array) / sizeof((array)[0]))))
#endif
#define ARRAY_FOR_EACH(array, index) for (size_t index = 0; (index) < ARRAY_SIZE(array); ++(index))

/** Does the pointer lie anywhere inside the array? */
#define PART_OF_ARRAY(array, ptr)                                                                  \
	((ptr) && POINTER_TO_UINT(array) <= POINTER_TO_UINT(ptr) &&                                \
	 POINTER_TO_UINT(ptr) < POINTER_TO_UINT(array) + sizeof(array) + IS_ARRAY(array))
/** Is the pointer the start of an element of the array? */
#define IS_ARRAY_ELEMENT(array, ptr)                                                               \
	(PART_OF_ARRAY(array, ptr) &&                                                              \
	 (POINTER_TO_UINT(ptr) - POINTER_TO_UINT(array)) % sizeof((array)[0]) == 0)
/** Which element of the array the pointer is; it must be one. */
#define ARRAY_INDEX(array, ptr)                                                                    \
	({                                                                                         \
		__ASSERT_NO_MSG(IS_ARRAY_ELEMENT(array, ptr));                                     \
		(__typeof__((array)[0]) *)(ptr) - (array);                                         \
	})
/** Which element of the array the pointer lies in. */
#define ARRAY_INDEX_FLOOR(array, ptr)                                                              \
	({                                                                                         \
		__ASSERT_NO_MSG(PART_OF_ARRAY(array, ptr));                                        \
		(POINTER_TO_UINT(ptr) - POINTER_TO_UINT(array)) / sizeof((array)[0]);              \
	})

#define CONTAINER_OF(ptr, type, field)                                                             \
	({                                                                                         \
		BUILD_ASSERT(SAME_TYPE(*(ptr), ((type *)0)->field) || SAME_TYPE(*(ptr), void),     \
			     "CONTAINER_OF: the pointer is not of the field's type");              \
		((type *)(((char *)(ptr)) - offsetof(type, field)));                               \
	})
#define SIZEOF_FIELD(type, member) sizeof(((type *)0)->member)

#undef MIN
#undef MAX
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define CLAMP(value, low, high) (((value) <= (low)) ? (low) : MIN(value, high))
#define IN_RANGE(value, low, high) ((value) >= (low) && (value) <= (high))
#define ROUND_UP(value, align) ((((unsigned long)(value) + ((unsigned long)(align) - 1)) / (unsigned long)(align)) * (unsigned long)(align))
#define DIV_ROUND_UP(value, divisor) (((value) + (divisor) - 1) / (divisor))

#define KB(x) ((x) << 10)

#endif /* ZEPHYR_HOST_SYS_UTIL_H_ */
