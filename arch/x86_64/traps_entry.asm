; SPDX-License-Identifier: MIT
;
; Exception and interrupt entry for traps.c: one stub per vector, one common path, and the two halves of a probe.

default rel
bits 64

extern trap_dispatch
global trap_stubs, trap_probe_call, trap_probe_resume

; The CPU pushes an error code for these vectors only.
%define HAS_ERROR(v) (v = 8 || (v >= 10 && v <= 14) || v = 17 || v = 21 || v = 29 || v = 30)

section .text

%assign vector 0
%rep 256
stub_ %+ vector:
    %if !HAS_ERROR(vector)
        push    0
    %endif
        push    vector
        jmp     trap_entry
    %assign vector vector + 1
%endrep

; Builds a struct trap_frame (traps.h) and calls trap_dispatch(frame).
trap_entry:
        push    rax
        push    rbx
        push    rcx
        push    rdx
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        push    r12
        push    r13
        push    r14
        push    r15
        cld
        mov     rdi, rsp
        mov     rbx, rsp                ; the interrupted code may have had any alignment
        and     rsp, -16
        call    trap_dispatch           ; after an exception, the frame points at a resume
        mov     rsp, rbx
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rdx
        pop     rcx
        pop     rbx
        pop     rax
        add     rsp, 16                 ; vector, error
        iretq

; void trap_probe_call(action, argument, uint64_t *stack): leaves RSP in *stack, calls the action.
trap_probe_call:
        push    rbp
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        sub     rsp, 8
        mov     [rdx], rsp
        mov     rax, rdi
        mov     rdi, rsi
        call    rax
; A trapped probe comes back here, with the RSP that was left: the call seems to have returned.
trap_probe_resume:
        add     rsp, 8
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        ret

section .rodata
align 8
trap_stubs:
%assign vector 0
%rep 256
        dq      stub_ %+ vector
    %assign vector vector + 1
%endrep
