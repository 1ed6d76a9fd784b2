; SPDX-License-Identifier: MIT
;
; The stacks that arch/x86_64/memlayout.h names. boot/boot.asm unmaps the page under each.

PAGE             equ 4096
STACK_SIZE       equ 16 * 1024
IST_STACK_SIZE   equ 8 * 1024

global boot_stack_guard, boot_stack_bottom, boot_stack_top
global double_fault_stack_guard, double_fault_stack_top
global nmi_stack_guard, nmi_stack_top, machine_check_stack_guard, machine_check_stack_top
global debug_stack_guard, debug_stack_top, entry_stack_guard, entry_stack_bottom, entry_stack_top

section .stacks nobits alloc noexec write align=4096
boot_stack_guard:               resb PAGE
boot_stack_bottom:              resb STACK_SIZE
boot_stack_top:
double_fault_stack_guard:       resb PAGE
                                resb IST_STACK_SIZE
double_fault_stack_top:
nmi_stack_guard:                resb PAGE
                                resb IST_STACK_SIZE
nmi_stack_top:
machine_check_stack_guard:      resb PAGE
                                resb IST_STACK_SIZE
machine_check_stack_top:
debug_stack_guard:              resb PAGE
                                resb IST_STACK_SIZE
debug_stack_top:
entry_stack_guard:              resb PAGE
entry_stack_bottom:             resb STACK_SIZE
entry_stack_top:
