; SPDX-License-Identifier: MIT

default rel
bits 64

global hello_asm

section .text

; uint64_t hello_asm(argument): its exit code is the number of bytes that were printed.
hello_asm:
        mov     eax, SYS_WRITE
        lea     rdi, [text]
        mov     esi, text_end - text
        syscall
        ret

section .rodata
text:   db      "Hello from ring 3, in assembly!", 10
text_end:
