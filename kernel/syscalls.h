/* SPDX-License-Identifier: MIT */
/*
 * What programs may ask of the kernel. Number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9; the
 * result comes in RAX, an error as a negative XEN_E* of xen/abi/errno.h: -XEN_ENOSYS for any other
 * number. RCX and R11 are lost, as the CPU has it; all other registers are kept.
 * Plain numbers, which the Makefile hands on to the programs in assembly.
 */
#pragma once

/*
 * Prints a text, each of its lines after "User: ", bytes other than printable ASCII escaped.
 *   address, size   of the text; of a longer one than SYS_WRITE_MAX bytes the first part is printed
 * The number of bytes printed. -XEN_EFAULT: the program has no such memory.
 */
#define SYS_WRITE     0
#define SYS_WRITE_MAX 240

/*
 * The monotonic clock, in ns. The page at USER_CLOCK gives the same without a system call: it
 * begins with Xen's struct vcpu_time_info, and at SYS_CLOCK_BASE, in bytes, it has a uint64_t,
 * which is what Xen's system time was when the clock was 0.
 */
#define SYS_CLOCK      1
#define SYS_CLOCK_BASE 64

/* Sleeps for the given number of ns. 0. -XEN_EINVAL: it is more than SYS_SLEEP_MAX, an hour. */
#define SYS_SLEEP     2
#define SYS_SLEEP_MAX 3600000000000

/* Ends the program with a code. Does not return. */
#define SYS_EXIT 3
