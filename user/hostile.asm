; SPDX-License-Identifier: MIT
;
; Programs that do what they must not. Each either ends by that, or returns and says so by its exit
; code, which is 0 unless told otherwise. RDI is the argument.

default rel
bits 64

KERNEL_CODE equ 0x08                    ; a selector of ring 0
FLAG_TF     equ 1 << 8
FLAG_IF     equ 1 << 9
FLAG_DF     equ 1 << 10
FLAG_NT     equ 1 << 14
FLAG_AC     equ 1 << 18
NO_CALL     equ 0xffff

; attempt NAME, INSTRUCTION: a program of this one instruction.
%macro attempt 2+
    global %1
%1:     %2
        xor     eax, eax
        ret
%endmacro

section .text

; ---- Privileged instructions ----

        attempt try_hlt, hlt
        attempt try_cli, cli
        attempt try_sti, sti
        attempt try_clts, clts
        attempt try_invd, invd
        attempt try_wbinvd, wbinvd
        attempt try_invlpg, invlpg [rdi]
        attempt try_lgdt, lgdt [rsp]
        attempt try_lidt, lidt [rsp]
        attempt try_lldt, lldt ax
        attempt try_ltr, ltr ax
        attempt try_lmsw, lmsw ax
        attempt try_read_cr0, mov rax, cr0
        attempt try_write_cr0, mov cr0, rax
        attempt try_write_cr3, mov cr3, rax
        attempt try_write_cr4, mov cr4, rax
        attempt try_write_cr8, mov cr8, rax
        attempt try_write_dr7, mov dr7, rax
        attempt try_rdmsr, rdmsr
        attempt try_wrmsr, wrmsr
        attempt try_rdpmc, rdpmc
        attempt try_swapgs, swapgs
        attempt try_sysret, o64 sysret
        attempt try_stac, stac
        attempt try_xsetbv, xsetbv
        attempt try_sysenter, sysenter
        attempt try_vmrun, vmrun
        attempt try_in, in al, 0x64
        attempt try_out, out 0xe9, al
        attempt try_outs, outsb
        attempt try_sidt, sidt [rsp - 16]
        attempt try_sgdt, sgdt [rsp - 16]

; ---- Other exceptions ----

        attempt try_undefined, ud2
        attempt try_breakpoint, int3
        attempt try_icebp, db 0xf1
        attempt try_int_80, int 0x80
        attempt try_int_event, int 0x40 ; the vector of Xen's events
        attempt try_int_fault, int 14
        attempt try_fpu, fld1
        attempt try_sse, movaps xmm0, xmm1

global try_divide, try_ring_0_far, try_ring_0_iret, try_ring_0_ss
try_divide:
        xor     edx, edx
        xor     ecx, ecx
        div     ecx
        xor     eax, eax
        ret
try_ring_0_far:
        mov     rsp, rdi
        push    KERNEL_CODE
        lea     rax, [.there]
        push    rax
        o64 retf
.there:
        jmp     $
try_ring_0_iret:
        mov     rsp, rdi
        mov     rax, rsp
        push    0                       ; SS
        push    rax
        push    2
        push    KERNEL_CODE
        lea     rax, [.there]
        push    rax
        iretq
.there:
        jmp     $
try_ring_0_ss:
        mov     eax, 0x10
        mov     ss, eax
        xor     eax, eax
        ret

; Xen's gate, by both instructions for it: the other CPU's is undefined here. The exit code is what
; Xen says.
%macro hypercall 2
    global %1
%1:     mov     eax, 17                 ; __HYPERVISOR_xen_version
        xor     edi, edi                ; XENVER_version
        %2
        ret
%endmacro
        hypercall try_vmcall, vmcall
        hypercall try_vmmcall, vmmcall

; ---- Memory ----

global read_from, write_to, execute, return_to, overflow
read_from:
        mov     al, [rdi]
        xor     eax, eax
        ret
write_to:
        mov     byte [rdi], 0
        xor     eax, eax
        ret
execute:
        jmp     rdi
return_to:
        push    rdi
        ret
overflow:
        call    overflow

; ---- Stacks ----

global push_at, push_after_call, execute_stack
push_at:
        mov     rsp, rdi
        push    rax
        xor     eax, eax
        jmp     $
; The system call must not use this stack.
push_after_call:
        mov     rsp, rdi
        mov     eax, NO_CALL
        syscall
        push    rax
        jmp     $
execute_stack:
        mov     rsp, rdi
        push    0xc3                    ; RET
        jmp     rsp

; ---- Flags ----

; set_flags BITS
%macro set_flags 1
        pushfq
        or      qword [rsp], %1
        popfq
%endmacro

; A program that makes a system call and faults in a page with BITS in its flags. Its exit code is
; the bits that it then no longer has.
%macro keep_flag 2
    global %1
%1:     set_flags %2
        mov     eax, NO_CALL
        syscall
        mov     rcx, USER_DEMAND
        mov     byte [rcx], 1
        pushfq
        pop     rax
        not     rax
        and     eax, %2
        push    2
        popfq
        ret
%endmacro
        keep_flag keep_nt, FLAG_NT
        keep_flag keep_ac, FLAG_AC
        keep_flag keep_df, FLAG_DF
        keep_flag keep_all, FLAG_NT | FLAG_AC | FLAG_DF

global single_step, single_step_call, raise_iopl
single_step:
        set_flags FLAG_TF
        xor     eax, eax
        ret
; TF takes effect with the instruction behind POPF, which is SYSCALL.
single_step_call:
        mov     eax, NO_CALL
        pushfq
        or      qword [rsp], FLAG_TF
        popfq
        syscall
        xor     eax, eax
        ret
raise_iopl:
        set_flags 3 << 12
        out     0xe9, al
        xor     eax, eax
        ret

; ---- Without an end ----

global loop_forever, loop_without_if, call_forever, sleep_forever
loop_without_if:
        pushfq
        and     qword [rsp], ~FLAG_IF
        popfq
loop_forever:
        jmp     loop_forever
call_forever:
        mov     eax, NO_CALL
        syscall
        jmp     call_forever
sleep_forever:
        mov     eax, SYS_SLEEP
        mov     rdi, SYS_SLEEP_MAX
        syscall
        jmp     sleep_forever

; ---- The last page ----

; The system call is the last instruction below 2^47: what follows is not canonical.
global call_at_end
call_at_end:
        mov     eax, NO_CALL
        mov     rcx, last_call
        jmp     rcx

section .edge progbits alloc exec nowrite align=4096
        times 4096 - 2 int3
last_call:
        syscall
