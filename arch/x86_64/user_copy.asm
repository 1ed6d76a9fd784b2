; SPDX-License-Identifier: MIT
;
; The one place where the kernel touches a program's memory, and the table of what may fault there.

default rel
bits 64

extern syscall_smap
global user_copy, trap_fixups, trap_fixup_count

section .text

; uint64_t user_copy(to, from, size): returns how many bytes could not be copied.
user_copy:
        mov     rcx, rdx
        cmp     byte [syscall_smap], 0
        je      .copy
        stac
.copy:
        rep movsb
; A fault comes here too; RCX is what is left.
.resume:
        cmp     byte [syscall_smap], 0
        je      .done
        clac
.done:
        mov     rax, rcx
        ret

section .rodata
align 8
trap_fixups:
        dq      user_copy.copy, user_copy.resume
trap_fixup_count:
        dq      (trap_fixup_count - trap_fixups) / 16
