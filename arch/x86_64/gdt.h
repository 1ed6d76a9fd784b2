/* SPDX-License-Identifier: MIT */
/* Segments and the task state segment. Intel SDM volume 3, chapters 3 and 8. */
#pragma once

#define GDT_CODE 0x08 /* selectors, the same as in boot/boot.asm */
#define GDT_DATA 0x10
#define GDT_TSS  0x28

/* Ring 3. The order of GDT_DATA, USER_DATA, USER_CODE is what SYSRET counts on. */
#define GDT_USER_DATA (0x18 | 3)
#define GDT_USER_CODE (0x20 | 3)

/* Entries of the interrupt stack table: exceptions that must not trust the current stack. */
#define IST_DOUBLE_FAULT  1
#define IST_NMI           2
#define IST_MACHINE_CHECK 3
#define IST_DEBUG         4 /* #DB: it may come at SYSCALL's first instruction, on ring 3's stack */
#define IST_STACKS        4

/* The boot vCPU's GDT, and a TSS with the stacks of arch/x86_64/stacks.asm. Call once, first. */
void gdt_init(void);

/*
 * Loads, on the vCPU that executes this, what belongs to `vcpu`: its GDT, its TSS with the stacks
 * that it names, and GS.
 */
struct vcpu;
void gdt_load(struct vcpu *vcpu);
