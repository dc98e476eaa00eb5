/*
 * The version of Zephyr that the PC port stands for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_ZEPHYR_VERSION_H_
#define ZEPHYR_HOST_ZEPHYR_VERSION_H_

#define ZEPHYR_VERSION(major, minor, patch) (((major) << 16) + ((minor) << 8) + (patch))
#define ZEPHYR_VERSION_CODE 0x040263

#define KERNELVERSION 0x04026300
#define KERNEL_VERSION_NUMBER 0x040263
#define KERNEL_VERSION_MAJOR 4
#define KERNEL_VERSION_MINOR 2
#define KERNEL_PATCHLEVEL 99
#define KERNEL_TWEAK 0
#define KERNEL_VERSION_STRING "4.2.99"
#define KERNEL_VERSION_EXTENDED_STRING "4.2.99+0"
#define KERNEL_VERSION_TWEAK_STRING "4.2.99+0"

#define BUILD_VERSION zephyr-host

#endif /* ZEPHYR_HOST_ZEPHYR_VERSION_H_ */
