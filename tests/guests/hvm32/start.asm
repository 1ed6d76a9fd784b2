; SPDX-License-Identifier: MIT
;
; The 32-bit caller of assignment_3: from the loader to caller_main, in 32-bit mode with paging.
; Booted by GRUB (Multiboot2) or by Xen (PVH), as boot/boot.asm is, but it stays in 32 bits.
; 0 to 12 MiB are identity mapped, but for page 0; 4 to 8 MiB can only be read.

MB2_HEADER_MAGIC equ 0xe85250d6
ELFNOTE_PHYS32   equ 18
PAGE             equ 4096
MIB              equ 1 << 20
PTE_PRESENT      equ 1 << 0
PTE_WRITE        equ 1 << 1
PTE_LARGE        equ 1 << 7
CR0_WP_PG        equ 1 << 31 | 1 << 16
CR4_PSE          equ 1 << 4

extern caller_main
global hypercall_page, hypercall_2

bits 32
section .multiboot2 align=8
mb2_header:
        dd MB2_HEADER_MAGIC
        dd 0
        dd mb2_header_end - mb2_header
        dd -(MB2_HEADER_MAGIC + (mb2_header_end - mb2_header))
        dw 0, 0
        dd 8
mb2_header_end:

section .note.Xen align=4
        dd 4, 8, ELFNOTE_PHYS32
        db "Xen", 0
        dd start, 0

section .text
global start
start:
        cli
        cld
        mov     esp, stack_top

        xor     ecx, ecx
        mov     eax, PTE_PRESENT | PTE_WRITE
.page:
        mov     [page_table + ecx * 4], eax
        add     eax, PAGE
        inc     ecx
        cmp     ecx, 1024
        jb      .page
        mov     dword [page_table], 0
        mov     dword [page_directory], page_table + (PTE_PRESENT | PTE_WRITE)
        mov     dword [page_directory + 4], 4 * MIB + (PTE_PRESENT | PTE_LARGE)
        mov     dword [page_directory + 8], 8 * MIB + (PTE_PRESENT | PTE_WRITE | PTE_LARGE)
        mov     eax, page_directory
        mov     cr3, eax
        mov     eax, cr4
        or      eax, CR4_PSE
        mov     cr4, eax
        mov     eax, cr0
        or      eax, CR0_WP_PG
        mov     cr0, eax

        call    caller_main
.halt:
        hlt
        jmp     .halt

; int hypercall_2(unsigned int number, unsigned int first, void *second)
hypercall_2:
        push    ebx
        mov     eax, [esp + 8]
        mov     ebx, [esp + 12]
        mov     ecx, [esp + 16]
        shl     eax, 5                  ; a stub has 32 bytes
        add     eax, hypercall_page
        call    eax
        pop     ebx
        ret

section .bss align=4096
hypercall_page: resb PAGE
page_directory: resb PAGE
page_table:     resb PAGE
                resb 4 * PAGE
stack_top:
