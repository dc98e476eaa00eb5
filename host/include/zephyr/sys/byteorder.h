/*
 * Integers in big and little endian memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_BYTEORDER_H_
#define ZEPHYR_HOST_SYS_BYTEORDER_H_

#include <stdint.h>

#define BSWAP_16(x) __builtin_bswap16(x)
#define BSWAP_32(x) __builtin_bswap32(x)
#define BSWAP_64(x) __builtin_bswap64(x)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define sys_cpu_to_be16(value) BSWAP_16((uint16_t)(value))
#define sys_cpu_to_be32(value) BSWAP_32((uint32_t)(value))
#define sys_cpu_to_be64(value) BSWAP_64((uint64_t)(value))
#define sys_cpu_to_le16(value) ((uint16_t)(value))
#define sys_cpu_to_le32(value) ((uint32_t)(value))
#define sys_cpu_to_le64(value) ((uint64_t)(value))
#else
#define sys_cpu_to_be16(value) ((uint16_t)(value))
#define sys_cpu_to_be32(value) ((uint32_t)(value))
#define sys_cpu_to_be64(value) ((uint64_t)(value))
#define sys_cpu_to_le16(value) BSWAP_16((uint16_t)(value))
#define sys_cpu_to_le32(value) BSWAP_32((uint32_t)(value))
#define sys_cpu_to_le64(value) BSWAP_64((uint64_t)(value))
#endif
#define sys_be16_to_cpu(value) sys_cpu_to_be16(value)
#define sys_be32_to_cpu(value) sys_cpu_to_be32(value)
#define sys_be64_to_cpu(value) sys_cpu_to_be64(value)
#define sys_le16_to_cpu(value) sys_cpu_to_le16(value)
#define sys_le32_to_cpu(value) sys_cpu_to_le32(value)
#define sys_le64_to_cpu(value) sys_cpu_to_le64(value)

static inline void sys_put_be16(uint16_t value, uint8_t to[2])
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static inline void sys_put_be32(uint32_t value, uint8_t to[4])
{
	sys_put_be16((uint16_t)(value >> 16), to);
	sys_put_be16((uint16_t)value, &to[2]);
}

static inline void sys_put_be64(uint64_t value, uint8_t to[8])
{
	sys_put_be32((uint32_t)(value >> 32), to);
	sys_put_be32((uint32_t)value, &to[4]);
}

static inline uint16_t sys_get_be16(const uint8_t from[2])
{
	return (uint16_t)(((uint16_t)from[0] << 8) | from[1]);
}

static inline uint32_t sys_get_be32(const uint8_t from[4])
{
	return ((uint32_t)sys_get_be16(from) << 16) | sys_get_be16(&from[2]);
}

static inline uint64_t sys_get_be64(const uint8_t from[8])
{
	return ((uint64_t)sys_get_be32(from) << 32) | sys_get_be32(&from[4]);
}

#endif /* ZEPHYR_HOST_SYS_BYTEORDER_H_ */
