; SPDX-License-Identifier: MIT
;
; A program about registers: what it finds in them, and what a system call leaves.

default rel
bits 64

global registers, start_registers

; differs REGISTER, VALUE: counts in RBX if they do.
%macro differs 2
        cmp     %1, %2
        je      %%same
        inc     rbx
%%same:
%endmacro

section .text

; uint64_t registers(argument): returns how many registers were not as they should be, at the start,
; where user/crt.asm has added them up, or after a system call.
registers:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        mov     rbx, [start_registers]
        mov     rdi, 0x1111111111111111
        mov     rsi, 0x2222222222222222
        mov     rdx, 0x3333333333333333
        mov     r8, 0x4444444444444444
        mov     r9, 0x5555555555555555
        mov     r10, 0x6666666666666666
        mov     rbp, 0x7777777777777777
        mov     r12, 0x8888888888888888
        mov     r13, 0x9999999999999999
        mov     r14, 0xaaaaaaaaaaaaaaaa
        mov     r15, rsp
        mov     eax, 0xffff             ; no such call
        syscall
.after:
        pushfq
        mov     [flags], r11
        lea     r11, [.after]
        differs rcx, r11
        pop     rcx
        differs rcx, [flags]
        mov     rcx, 0x1111111111111111
        differs rdi, rcx
        add     rcx, [ones]
        differs rsi, rcx
        add     rcx, [ones]
        differs rdx, rcx
        add     rcx, [ones]
        differs r8, rcx
        add     rcx, [ones]
        differs r9, rcx
        add     rcx, [ones]
        differs r10, rcx
        add     rcx, [ones]
        differs rbp, rcx
        add     rcx, [ones]
        differs r12, rcx
        add     rcx, [ones]
        differs r13, rcx
        add     rcx, [ones]
        differs r14, rcx
        differs r15, rsp
        differs rax, -38                ; -XEN_ENOSYS
        mov     rax, rbx
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret

section .rodata
align 8
ones:   dq      0x1111111111111111

section .bss
alignb 8
flags:  resq    1
; From user/crt.asm: how many of the registers, besides RDI and RSI, were not zero.
start_registers: resq 1
