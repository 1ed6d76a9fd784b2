; SPDX-License-Identifier: MIT
;
; Exception and interrupt entry for traps.c: one stub per vector, one common path, and the two halves
; of a probe.

%include "arch/x86_64/registers.inc"

default rel
bits 64

extern trap_dispatch
global trap_stubs, trap_probe_call, trap_probe_resume

FLAGS_NONE      equ 1 << 1              ; the bit that is always 1
FRAME_VECTOR    equ 15 * 8              ; traps.h: in a struct trap_frame
FRAME_CS        equ 18 * 8
EXCEPTIONS      equ 32
MSR_GS_BASE     equ 0xc0000101

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
        save    REGISTERS
        push    FLAGS_NONE              ; the CPU leaves DF and AC as ring 3 had them
        popfq
        test    byte [rsp + FRAME_CS], 3
        jnz     .exchange
; In ring 0 GS is ours already, unless something that nothing can hold up, such as an NMI, came
; between ring 3 and the exchange. Ring 3's is always 0.
        cmp     qword [rsp + FRAME_VECTOR], EXCEPTIONS
        jae     .ours
        mov     ecx, MSR_GS_BASE
        rdmsr
        or      eax, edx
        jnz     .ours
.exchange:
        swapgs
.ours:
        mov     rdi, rsp
        mov     rbx, rsp                ; the interrupted code may have had any alignment
        and     rsp, -16
        call    trap_dispatch           ; after an exception, the frame points at a resume
        mov     rsp, rbx
        test    byte [rsp + FRAME_CS], 3
        jz      .to_ring_0
        swapgs
.to_ring_0:
        restore REGISTERS
        add     rsp, 16                 ; vector, error
        iretq

; void trap_probe_call(action, argument, uint64_t *stack): leaves RSP in *stack, calls the action.
trap_probe_call:
        save    CALLEE_SAVED
        sub     rsp, 8
        mov     [rdx], rsp
        mov     rax, rdi
        mov     rdi, rsi
        call    rax
; A trapped probe comes back here, with the RSP that was left: the call seems to have returned.
trap_probe_resume:
        add     rsp, 8
        restore CALLEE_SAVED
        ret

section .rodata
align 8
trap_stubs:
%assign vector 0
%rep 256
        dq      stub_ %+ vector
    %assign vector vector + 1
%endrep
