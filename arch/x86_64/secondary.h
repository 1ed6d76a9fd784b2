/* SPDX-License-Identifier: MIT */
/* What a vCPU besides the boot vCPU needs before it starts, and its first steps. */
#pragma once

#include <stdint.h>
#include <stdnoreturn.h>

#include "arch/x86_64/vcpu.h"

/* How many bytes of RAM each needs: a page for its struct, its stacks and their guards. */
#define SECONDARY_SIZE (23ul * PAGE_SIZE)

/*
 * Makes the next vCPU's struct and stacks in RAM of our own, adds it (vcpu_at()), and unmaps the
 * page under each stack, which paging_split() has made possible.
 *   memory   SECONDARY_SIZE bytes, of whole pages
 */
void secondary_prepare(uint64_t memory);

/*
 * Where a vCPU starts that Xen brings up: in long mode, with the boot vCPU's page tables and
 * control registers, interrupts off, on its own stack. It loads its segments, the IDT and the
 * registers of SYSCALL, then calls `main`, which does not return.
 *   vcpu   its own, in RDI
 *   main   in RSI
 */
noreturn void secondary_start(struct vcpu *vcpu, void (*main)(void));
