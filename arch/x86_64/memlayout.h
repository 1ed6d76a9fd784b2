/* SPDX-License-Identifier: MIT */
/*
 * The memory map. Everything is identity mapped: a virtual address is a guest-physical address.
 *
 *   0          +--------------------------+ not mapped once the loader's tables are read:
 *              |                          | null pointers fault
 *   4 KiB      | loader's data, VGA text  | read-write, no-execute
 *   1 MiB      +--------------------------+ __image_start, KERNEL_BASE
 *              | .text                    | read-execute; holds the hypercall page
 *              | .rodata                  | read-only, no-execute
 *              | .data .bss               | read-write, no-execute
 *              | stacks                   | the same, a page that is not mapped under each
 *              +--------------------------+ __image_end
 *   4 MiB      | RAM, reserved, devices   | read-write, no-execute, 2 MiB pages
 *   4 GiB      +--------------------------+ IDENTITY_LIMIT
 *              | only what paging_map()   |
 *              | was asked for            | as asked
 *   2^46       +--------------------------+ USER_START: the user half, the only addresses that
 *              | a program's image        | ring 3 can use, and not identity mapped
 *              | pages of zeros on demand | USER_DEMAND to USER_DEMAND_END: read-write, no-execute
 *              | the clock                | USER_CLOCK, one page: read-only
 *              | its stack                | USER_STACK to USER_STACK_TOP: read-write, no-execute
 *   2^47       +--------------------------+ USER_END, the last canonical address and one
 *
 * boot/boot.asm builds the tables for the first 4 GiB before any C runs and holds the same
 * numbers; boot/kernel.ld asserts that the image respects them: it ends below 4 MiB, where 4 KiB
 * pages do.
 */
#pragma once

#include <stdint.h>

#define PAGE_SIZE      4096u
#define KERNEL_BASE    0x100000u
#define IDENTITY_LIMIT 0x100000000u

/* Plain numbers, which the Makefile hands on to the programs in assembly. */
#define USER_START      0x400000000000
#define USER_DEMAND     0x400010000000
#define USER_DEMAND_END 0x400010010000
#define USER_CLOCK      0x400010100000
#define USER_STACK      0x4000101fc000
#define USER_STACK_TOP  0x400010200000
#define USER_END        0x800000000000

/*
 * We keep nothing in RAM from here up. The loader's tables may be there, but only until kmain has
 * copied them. unpopulated_is_ram() says whether there is RAM.
 */
#define FREE_RAM_BASE 0x400000u

/*
 * The boot vCPU's stacks, from arch/x86_64/stacks.asm, each with a guard page just under its lowest
 * byte. Those of the others are in RAM that xen/vcpus.c takes: see arch/x86_64/secondary.h.
 */
extern uint8_t boot_stack_bottom[], boot_stack_top[];
extern uint8_t double_fault_stack_top[], nmi_stack_top[], machine_check_stack_top[];
extern uint8_t debug_stack_top[];

/* Where the CPU and SYSCALL switch to when they come from ring 3. */
extern uint8_t entry_stack_bottom[], entry_stack_top[];
