; SPDX-License-Identifier: MIT
;
; The two ways into ring 3 and SYSCALL's way out of it, for syscall.c. Exceptions and interrupts of
; ring 3 come in by traps_entry.asm.

%include "arch/x86_64/registers.inc"

default rel
bits 64

VCPU_ENTRY_STACK equ 8                  ; vcpu.h: what GS finds in ring 0
VCPU_USER_STACK  equ 16
USER_DATA        equ 0x18 | 3           ; gdt.h
USER_CODE        equ 0x20 | 3
SYSCALL_VECTOR   equ 256                ; traps.h: TRAP_SYSCALL

extern trap_dispatch, syscall_may_sysret
global syscall_entry, user_enter_at, user_left

section .text

; SYSCALL has put RIP into RCX and the flags into R11, and has left ring 3's RSP: nothing may be
; pushed before it is replaced. The flags are clear as SFMASK says: no interrupt comes in here.
syscall_entry:
        swapgs
        mov     [gs:abs VCPU_USER_STACK], rsp
        mov     rsp, [gs:abs VCPU_ENTRY_STACK]
        push    USER_DATA
        push    qword [gs:abs VCPU_USER_STACK]
        push    r11
        push    USER_CODE
        push    rcx
        push    0
        push    SYSCALL_VECTOR
        save    REGISTERS
        mov     rdi, rsp
        call    trap_dispatch           ; a struct trap_frame, as of an exception
        mov     rdi, rsp
        call    syscall_may_sysret
        test    al, al
        restore REGISTERS               ; which leaves the flags
        jz      .by_iret
        mov     rsp, [rsp + 5 * 8]      ; behind vector, error code, RIP, CS and flags
        swapgs
        o64 sysret
.by_iret:
        add     rsp, 16
        test    byte [rsp + 8], 3       ; to ring 0, after user_leave()
        jz      .to_ring_0
        swapgs
.to_ring_0:
        iretq

; void user_enter_at(frame, uint64_t *stack): leaves RSP in *stack, enters ring 3.
user_enter_at:
        save    CALLEE_SAVED
        mov     [rsi], rsp
        swapgs
        xor     eax, eax                ; ring 3 inherits no segment
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     rsp, rdi
        restore REGISTERS
        add     rsp, 16
        iretq
; What user_leave() has told comes back here, with the RSP that was left.
user_left:
        restore CALLEE_SAVED
        ret
