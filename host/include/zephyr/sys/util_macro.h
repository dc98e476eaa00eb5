/*
 * Macros that choose code by a Kconfig value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_UTIL_MACRO_H_
#define ZEPHYR_HOST_SYS_UTIL_MACRO_H_

#define BIT(n) (1UL << (n))
#define BIT64(n) (1ULL << (n))
#define BIT_MASK(n) (BIT(n) - 1UL)
#define WRITE_BIT(variable, bit, set) \
	((variable) = (set) ? ((variable) | BIT(bit)) : ((variable) & ~BIT(bit)))
#define IS_POWER_OF_TWO(x) (((x) != 0U) && (((x) & ((x) - 1U)) == 0U))

#define PORT_STRINGIFY_EXPANDED(text) #text
#define STRINGIFY(text) PORT_STRINGIFY_EXPANDED(text)
#define PORT_CONCAT_EXPANDED(a, b) a##b
#define _CONCAT(a, b) PORT_CONCAT_EXPANDED(a, b)
#define CONCAT(a, b) PORT_CONCAT_EXPANDED(a, b)
#define UTIL_CAT(a, ...) PORT_CONCAT_EXPANDED(a, __VA_ARGS__)

/*
 * A value of 1 pasted to PORT_ONE_ becomes "~," and so moves what follows it to the second place of an argument list;
 * any other word stays one odd argument in the first place. Picking the second argument tells the two apart.
 */
#define PORT_ONE_1 ~,
#define PORT_ZERO_0 ~,
#define PORT_SECOND(first, second, ...) second
#define PORT_UNWRAP(...) __VA_ARGS__

#define IS_ENABLED(config) PORT_IS_ONE(config)
#define PORT_IS_ONE(value) PORT_PICK_ONE(PORT_ONE_##value)
#define PORT_PICK_ONE(marker) PORT_SECOND(marker 1, 0, ~)

/* The codes come in parentheses, which are taken off: COND_CODE_1(CONFIG_X, (with), (without)). */
#define COND_CODE_1(flag, if_one, otherwise) PORT_IF_ONE(flag, if_one, otherwise)
#define PORT_IF_ONE(value, if_one, otherwise) PORT_CHOOSE(PORT_ONE_##value, if_one, otherwise)
#define COND_CODE_0(flag, if_zero, otherwise) PORT_IF_ZERO(flag, if_zero, otherwise)
#define PORT_IF_ZERO(value, if_zero, otherwise) PORT_CHOOSE(PORT_ZERO_##value, if_zero, otherwise)
#define PORT_CHOOSE(marker, chosen, otherwise) PORT_OPEN(marker chosen, otherwise, ~)
#define PORT_OPEN(...) PORT_OPEN_SECOND(__VA_ARGS__)
#define PORT_OPEN_SECOND(first, second, ...) PORT_UNWRAP second
#define IF_ENABLED(flag, code) COND_CODE_1(flag, code, ())
#define IF_DISABLED(flag, code) COND_CODE_1(flag, (), code)

#define EMPTY
#define IDENTITY(value) value

#endif /* ZEPHYR_HOST_SYS_UTIL_MACRO_H_ */
