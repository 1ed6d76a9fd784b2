; SPDX-License-Identifier: MIT
;
; The 32-bit PV caller of assignment_3: from xl to pv32_main. Xen starts a PV guest in ring 1, with
; paging on, at the address of the note ENTRY; ESI points to its struct start_info. The notes are
; those of xen/include/public/elfnote.h. Addresses are "pseudo-physical" ones: 0 is our first page.

PAGE equ 4096

extern pv32_main
global hypercall_page, hypercall_2, hypercall_4

; note TYPE, DATA...: a note of Xen's, its data 32-bit words or text
%macro note_word 2
        dd 4, 4, %1
        db "Xen", 0
        dd %2
%endmacro
%macro note_text 2
        dd 4, %%end - %%text, %1
        db "Xen", 0
%%text: db %2, 0
%%end:  align 4, db 0
%endmacro

bits 32
section .note.Xen note alloc noexec nowrite align=4
        note_text 6, "xenolith-pv32"    ; GUEST_OS
        note_text 5, "xen-3.0"          ; XEN_VERSION: of the interface
        note_text 8, "generic"          ; LOADER
        note_text 9, "yes"              ; PAE_MODE
        note_word 3, 0                  ; VIRT_BASE
        note_word 4, 0                  ; PADDR_OFFSET
        note_word 1, start              ; ENTRY
        note_word 2, hypercall_page     ; HYPERCALL_PAGE, which Xen fills

section .text
global start
start:
        cld
        mov     esp, stack_top
        push    esi
        call    pv32_main
        ud2

; int hypercall_2(unsigned int number, unsigned int first, const void *second)
; int hypercall_4(unsigned int number, unsigned int first, second, third, fourth)
hypercall_2:
hypercall_4:
        push    ebx
        push    esi
        mov     eax, [esp + 12]
        mov     ebx, [esp + 16]
        mov     ecx, [esp + 20]
        mov     edx, [esp + 24]
        mov     esi, [esp + 28]
        shl     eax, 5                  ; a stub has 32 bytes
        add     eax, hypercall_page
        call    eax
        pop     esi
        pop     ebx
        ret

align PAGE
hypercall_page: times PAGE db 0xcc

section .bss align=4096
                resb 4 * PAGE
stack_top:
