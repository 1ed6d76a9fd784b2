; SPDX-License-Identifier: MIT
;
; From the boot loader to kmain: both entry points, the checks that must come before any C, the
; page tables, long mode.
;
; GRUB jumps to multiboot2_start (EAX = magic, EBX = boot information); Xen jumps to pvh_start
; (EBX = struct hvm_start_info). Both arrive in 32-bit protected mode, paging off, interrupts
; off, flat segments, and a stack nobody promised.

default rel                             ; what bits 64 addresses; bits 32 has only absolute ones

MB2_HEADER_MAGIC equ 0xe85250d6         ; Multiboot2 specification 2.0, 3.1.1
MB2_LOADER_MAGIC equ 0x36d76289         ; 3.3
PVH_MAGIC        equ 0x336ec578         ; xen/include/public/arch-x86/hvm/start_info.h
ELFNOTE_PHYS32   equ 18                 ; xen/include/public/elfnote.h

PAGE             equ 4096
FINE_TABLES      equ 2                  ; 4 KiB pages for the first 2 * 2 MiB, see memlayout.h

PTE_PRESENT      equ 1 << 0
PTE_WRITE        equ 1 << 1
PTE_LARGE        equ 1 << 7
PTE_NX_HIGH      equ 1 << 31            ; bit 63, in the upper half of an entry

CR0_WP_PG        equ 1 << 31 | 1 << 16  ; WP: read-only pages bind the kernel too
CR4_PAE          equ 1 << 5
FLAGS_NONE       equ 1 << 1             ; the bit that is always 1
MSR_EFER         equ 0xc0000080
EFER_LME_NXE     equ 1 << 8 | 1 << 11
CPUID_LM         equ 1 << 29            ; leaf 0x80000001, EDX
CPUID_NX         equ 1 << 20

; What runs next, in the rooms above: boot/kernel.ld says which functions these are.
extern boot_continue, boot_returned
; arch/x86_64/stacks.asm
extern boot_stack_guard, boot_stack_top, double_fault_stack_guard, nmi_stack_guard
extern machine_check_stack_guard, debug_stack_guard, entry_stack_guard
extern __text_start, __text_end, __rodata_start, __rodata_end
global multiboot2_start, pvh_start, boot_stop, boot_tsc, hypercall_page, __stack_chk_guard

; ---------------------------------------------------------------------------------------------
section .multiboot2 align=8
mb2_header:
        dd MB2_HEADER_MAGIC
        dd 0                            ; architecture: i386
        dd mb2_header_end - mb2_header
        dd -(MB2_HEADER_MAGIC + (mb2_header_end - mb2_header))
        dw 0, 0                         ; end tag
        dd 8
mb2_header_end:

section .note.Xen align=4
        dd 4, 8, ELFNOTE_PHYS32         ; 8 bytes: Xen takes 4 as well, QEMU does not
        db "Xen", 0
        dq pvh_start

; ---------------------------------------------------------------------------------------------
section .text
bits 32

multiboot2_start:
        cli
        mov     esp, boot_stack_top
        push    FLAGS_NONE              ; Multiboot2 leaves all but IF undefined: NT, AC, DF
        popfd
        mov     edi, eax                ; kmain's first argument: the magic tells the protocol
        mov     esi, bad_multiboot2
        cmp     eax, MB2_LOADER_MAGIC
        jne     boot_fail
        jmp     check_cpu

pvh_start:
        cli
        mov     esp, boot_stack_top
        push    FLAGS_NONE
        popfd
        mov     edi, [ebx]              ; paging is off: no address can fault
        mov     esi, bad_pvh
        cmp     edi, PVH_MAGIC
        jne     boot_fail

check_cpu:
        call    has_cpuid
        mov     esi, no_cpuid
        jz      boot_fail
        rdtsc
        mov     [boot_tsc], eax
        mov     [boot_tsc + 4], edx

        push    ebx
        mov     eax, 0x80000000
        cpuid
        xor     edx, edx
        cmp     eax, 0x80000001
        jb      .flags_known            ; too old to have either feature
        mov     eax, 0x80000001
        cpuid
.flags_known:
        pop     ebx
        mov     esi, no_long_mode
        test    edx, CPUID_LM
        jz      boot_fail
        mov     esi, no_nx
        test    edx, CPUID_NX
        jz      boot_fail

; The page tables that memlayout.h draws. The tables are zero, as the loader left .bss.
        mov     dword [pml4], pdpt + (PTE_PRESENT | PTE_WRITE)
        mov     eax, pd + (PTE_PRESENT | PTE_WRITE)
        xor     ecx, ecx
.pdpt_entry:
        mov     [pdpt + ecx * 8], eax
        add     eax, PAGE
        inc     ecx
        cmp     ecx, 4
        jb      .pdpt_entry

        mov     eax, PTE_PRESENT | PTE_WRITE | PTE_LARGE
        xor     ecx, ecx
.pd_entry:
        mov     [pd + ecx * 8], eax
        mov     dword [pd + ecx * 8 + 4], PTE_NX_HIGH
        add     eax, 2 << 20
        inc     ecx
        cmp     ecx, 4 * 512
        jb      .pd_entry

        mov     eax, PTE_PRESENT | PTE_WRITE
        xor     ecx, ecx
.pt_entry:
        mov     [pt + ecx * 8], eax
        mov     dword [pt + ecx * 8 + 4], PTE_NX_HIGH
        add     eax, PAGE
        inc     ecx
        cmp     ecx, FINE_TABLES * 512
        jb      .pt_entry

        mov     eax, pt + (PTE_PRESENT | PTE_WRITE)
        xor     ecx, ecx
.fine_table:
        mov     [pd + ecx * 8], eax
        mov     dword [pd + ecx * 8 + 4], 0 ; a page is executable only if every level says so
        add     eax, PAGE
        inc     ecx
        cmp     ecx, FINE_TABLES
        jb      .fine_table

; protect FIRST, END, LOW, HIGH: rewrites the entries of whole pages with LOW and HIGH flag bits.
%macro protect 4
        mov     eax, %1
        mov     ecx, %1
        shr     ecx, 12
%%entry:
        cmp     eax, %2
        jae     %%done
        lea     edx, [eax + %3]
        mov     [pt + ecx * 8], edx
        mov     dword [pt + ecx * 8 + 4], %4
        add     eax, PAGE
        inc     ecx
        jmp     %%entry
%%done:
%endmacro

; unmap PAGE_ADDRESS
%macro unmap 1
        mov     ecx, %1
        shr     ecx, 12
        mov     dword [pt + ecx * 8], 0
        mov     dword [pt + ecx * 8 + 4], 0
%endmacro

        protect __text_start, __text_end, PTE_PRESENT, 0
        protect __rodata_start, __rodata_end, PTE_PRESENT, PTE_NX_HIGH
        unmap   boot_stack_guard
        unmap   double_fault_stack_guard
        unmap   nmi_stack_guard
        unmap   machine_check_stack_guard
        unmap   debug_stack_guard
        unmap   entry_stack_guard

        mov     eax, pml4
        mov     cr3, eax
        mov     eax, CR4_PAE            ; and nothing that the loader may have left in it
        mov     cr4, eax
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, EFER_LME_NXE
        wrmsr
        mov     eax, cr0
        or      eax, CR0_WP_PG
        mov     cr0, eax
        lgdt    [boot_gdt_pointer]
        jmp     0x08:long_mode

; ZF clear if the CPU has CPUID: only then can EFLAGS.ID be flipped.
has_cpuid:
        pushfd
        pop     eax
        mov     ecx, eax
        xor     eax, 1 << 21
        push    eax
        popfd
        pushfd
        pop     eax
        push    ecx
        popfd
        xor     eax, ecx
        test    eax, 1 << 21
        ret

; ---------------------------------------------------------------------------------------------
; Says ">> RESULT: FAIL (text at ESI)" wherever it may be read, then ends the machine: on Xen
; with the shutdown reason "crash".
boot_fail:
        mov     ebp, 0xb8000            ; VGA, first line
        push    esi
        mov     esi, fail_head
        call    say
        pop     esi
        call    say
        mov     esi, fail_tail
        call    say
        call    has_cpuid
        jz      stop
        jmp     stop_on_xen

; Prints the text at ESI on COM1, VGA and port 0xe9 (Xen's log, the only one of a PVH guest).
say:
        mov     dx, 0x3f8 + 3           ; 115200 8n1, as drivers/serial will do it properly
        mov     al, 0x80
        out     dx, al
        mov     dx, 0x3f8
        mov     al, 1
        out     dx, al
        inc     dx
        xor     al, al
        out     dx, al
        mov     dx, 0x3f8 + 3
        mov     al, 3
        out     dx, al
.next:
        lodsb
        test    al, al
        jz      .done
        mov     ah, 0x4f                ; white on red
        cmp     al, ' '
        jb      .serial                 ; CR and LF mean nothing to the screen
        mov     [ebp], ax
        add     ebp, 2
.serial:
        mov     ecx, 100000             ; a deadline: there may be no UART
        mov     dx, 0x3f8 + 5
        push    eax
.wait:
        in      al, dx
        test    al, 0x20
        loopz   .wait
        pop     eax
        mov     dx, 0x3f8
        out     dx, al
        out     0xe9, al
        jmp     .next
.done:
        ret

; SCHEDOP_shutdown through the hypercall page, from 32-bit mode: no vendor to guess.
stop_on_xen:
        mov     eax, 1
        cpuid
        test    ecx, 1 << 31            ; a hypervisor at all?
        jz      stop
        mov     esi, 0x40000000
.leaf:
        mov     eax, esi
        cpuid
        cmp     ebx, 'XenV'
        jne     .next
        cmp     ecx, 'MMXe'
        jne     .next
        cmp     edx, 'nVMM'
        jne     .next
        sub     eax, esi
        cmp     eax, 2
        jae     .found
.next:
        add     esi, 0x100
        cmp     esi, 0x4000ff00
        jbe     .leaf
        jmp     stop
.found:
        lea     eax, [esi + 2]
        cpuid
        mov     ecx, ebx                ; the MSR, which need not equal the leaf
        mov     eax, hypercall_page
        xor     edx, edx
        wrmsr
        mov     ebx, 2                  ; SCHEDOP_shutdown
        mov     ecx, shutdown_reason
        mov     eax, hypercall_page + 29 * 32 ; __HYPERVISOR_sched_op
        call    eax
stop:
        mov     al, [shutdown_reason]
        out     0xf4, al                ; QEMU's isa-debug-exit, where there is one
.halt:
        hlt
        jmp     .halt

; boot_stop goes on here, in compatibility mode.
stop_from_64:
        mov     eax, 0x10
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        jmp     stop_on_xen

; ---------------------------------------------------------------------------------------------
bits 64
; void boot_stop(bool crash), see boot/boot.h.
boot_stop:
        test    dil, dil
        jnz     .known
        mov     dword [shutdown_reason], 0 ; SHUTDOWN_poweroff
.known:
        lgdt    [boot_gdt_pointer]
        push    0x18
        push    stop_from_64
        o64 retf

long_mode:
        mov     eax, 0x10
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        mov     esp, boot_stack_top     ; clears the upper half of RSP too
        rdtsc
        xor     [__stack_chk_guard], rax
        mov     esi, ebx                ; kmain(edi: magic, esi: address of what the loader said)
        xor     ebp, ebp                ; ends backtraces
        call    boot_continue
        jmp     boot_returned

; The page that Xen fills. Until then every stub is a breakpoint: calling it cannot go unnoticed,
; and the selftest can tell that Xen did write it.
section .text.hypercall align=4096
hypercall_page:
        times PAGE db 0xcc

section .rodata
fail_head:      db ">> RESULT: FAIL (", 0
fail_tail:      db ")", 13, 10, 0
bad_multiboot2: db "entered with a magic that is not Multiboot2's 0x36d76289", 0
bad_pvh:        db "entered with a start info whose magic is not PVH's 0x336ec578", 0
no_cpuid:       db "this CPU lacks CPUID", 0
no_long_mode:   db "this CPU lacks long mode (64-bit)", 0
no_nx:          db "this CPU lacks NX (no-execute pages)", 0

align 8
boot_gdt:                               ; "accessed" is set: the CPU cannot set it in rodata
        dq 0
        dq 0x00209b0000000000           ; 0x08: 64-bit code
        dq 0x00cf93000000ffff           ; 0x10: data, flat
        dq 0x00cf9b000000ffff           ; 0x18: 32-bit code, flat
boot_gdt_pointer:
        dw boot_gdt_pointer - boot_gdt - 1
        dq boot_gdt

section .data align=8
shutdown_reason:   dd 3, 0              ; SHUTDOWN_crash
__stack_chk_guard: dq 0x9d7c1f5e3ab86204 ; the compiler's name; mixed with the TSC above

section .bss align=4096
pml4:   resb PAGE
pdpt:   resb PAGE
pd:     resb PAGE * 4
pt:     resb PAGE * FINE_TABLES
boot_tsc: resq 1
