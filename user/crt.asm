; SPDX-License-Identifier: MIT
;
; Where a program starts, and its system calls. The numbers are those of kernel/syscalls.h.

default rel
bits 64

extern user_main, start_registers
global user_start, sys_write, sys_clock, sys_sleep, sys_call

; count REGISTER...: counts those that are not zero, for user/registers.asm.
%macro count 1-*
    %rep %0
        cmp     %1, 0
        je      %%zero_ %+ %1
        inc     qword [start_registers]
%%zero_ %+ %1:
        %rotate 1
    %endrep
%endmacro

section .text

; The kernel enters here: RDI the program's number, RSI its argument, an empty stack.
user_start:
        count   rax, rbx, rcx, rdx, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        xor     ebp, ebp
        call    user_main
        mov     rdi, rax
        mov     eax, SYS_EXIT
        syscall
        ud2

; stub FUNCTION, NUMBER: a system call of up to three arguments.
%macro stub 2
%1:
        mov     eax, %2
        syscall
        ret
%endmacro
        stub    sys_write, SYS_WRITE
        stub    sys_clock, SYS_CLOCK
        stub    sys_sleep, SYS_SLEEP

; int64_t sys_call(number, a1, a2, a3, a4, a5, a6)
sys_call:
        mov     rax, rdi
        mov     rdi, rsi
        mov     rsi, rdx
        mov     rdx, rcx
        mov     r10, r8
        mov     r8, r9
        mov     r9, [rsp + 8]
        syscall
        ret
