/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/syscall.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/vcpu.h"

#define CPUID_SYSCALL (1u << 11) /* leaf 0x80000001, EDX */

#define MSR_STAR   0xc0000081
#define MSR_LSTAR  0xc0000082
#define MSR_CSTAR  0xc0000083
#define MSR_SFMASK 0xc0000084

/* What ring 3 may have in its flags for SYSRET to be as good as IRET. */
#define FLAGS_SANE (FLAGS_ARITHMETIC | FLAGS_ALWAYS | FLAGS_IF | FLAGS_DF | FLAGS_AC | FLAGS_ID)

/* From syscall_entry.asm. */
extern const uint8_t syscall_entry[], user_left[];
void user_enter_at(const struct trap_frame *start, uint64_t *stack);

/* Read by user_copy.asm: STAC and CLAC exist only with SMAP. */
extern bool syscall_smap;
bool syscall_smap;

_Static_assert(GDT_DATA == GDT_CODE + 8, "SYSCALL takes SS from behind CS");
_Static_assert(GDT_USER_DATA == GDT_DATA + 8 + 3 && GDT_USER_CODE == GDT_DATA + 16 + 3,
               "SYSRET takes SS and CS from behind the kernel's data segment");
_Static_assert(offsetof(struct trap_frame, rip) == 17ul * 8,
               "syscall_entry.asm pushes 15 registers, a vector and an error code");

static void switch_protections_on(void)
{
    struct cpuid features = cpuid_features();
    uint64_t cr4 = cr4_read();

    if (features.ebx & CPUID_SMEP)
        cr4 |= CR4_SMEP;
    if (features.ebx & CPUID_SMAP)
        cr4 |= CR4_SMAP;
    if (features.ecx & CPUID_UMIP)
        cr4 |= CR4_UMIP;
    cr4_write(cr4);
    syscall_smap = cr4 & CR4_SMAP;
}

void syscall_load(void)
{
    wrmsr(MSR_STAR, (uint64_t)(GDT_DATA | 3) << 48 | (uint64_t)GDT_CODE << 32);
    wrmsr(MSR_LSTAR, (uintptr_t)syscall_entry);
    wrmsr(MSR_CSTAR, 0); /* of 32-bit code, for which the GDT has no segment */
    wrmsr(MSR_SFMASK, SYSCALL_FLAGS_CLEARED);
}

bool syscall_init(struct error *err)
{
    if (!(cpuid(0x80000001).edx & CPUID_SYSCALL))
        return fail(err, XEN_ENOSYS, "this CPU lacks SYSCALL");

    syscall_load();
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    cr0_write(cr0_read() | CR0_EM);
    switch_protections_on();
    return true;
}

void user_enter(const struct trap_frame *start)
{
    struct trap_frame frame = *start;

    frame.cs = GDT_USER_CODE;
    frame.ss = GDT_USER_DATA;
    user_enter_at(&frame, &vcpu_self()->left_stack);
}

void user_leave(struct trap_frame *frame)
{
    frame->rip = (uintptr_t)user_left;
    frame->cs = GDT_CODE;
    frame->rflags = FLAGS_ALWAYS;
    frame->rsp = vcpu_self()->left_stack;
    frame->ss = GDT_DATA;
}

bool syscall_may_sysret(const struct trap_frame *frame)
{
    return frame->cs == GDT_USER_CODE && frame->ss == GDT_USER_DATA && frame->rip < USER_END &&
           !(frame->rflags & ~(uint64_t)FLAGS_SANE) && frame->rcx == frame->rip &&
           frame->r11 == frame->rflags;
}
