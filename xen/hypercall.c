/* SPDX-License-Identifier: MIT */
#include "xen/hypercall.h"

#include "arch/x86_64/cpu.h"
#include "boot/boot.h"
#include "xen/abi/xen.h"

#define STUB_SIZE        32ul
#define INSTRUCTION_SIZE 3 /* 0f 01 c1, 0f 01 d9 */

void hypercall_vmcall(void);
void hypercall_vmmcall(void);

/* The number is in RAX whichever method is used; the page's stubs set it again. */
__asm__(".pushsection .text\n"
        "hypercall_vmcall: vmcall\n ret\n"
        "hypercall_vmmcall: vmmcall\n ret\n"
        ".popsection\n");

static struct {
    void (*direct)(void); /* NULL: through the page, which is filled anew after a restore */
    uint64_t call_count;
} state;

/* Whether sched_op's stub, as Xen has written it, holds the instruction that `method` begins with.
 */
static bool stub_holds(void (*method)(void))
{
    const volatile uint8_t *stub = hypercall_page + __HYPERVISOR_sched_op * STUB_SIZE;
    const uint8_t *instruction = (const uint8_t *)(uintptr_t)method;
    unsigned int same = 0;

    for (unsigned int i = 0; i + INSTRUCTION_SIZE <= STUB_SIZE && same < INSTRUCTION_SIZE; i++)
        for (same = 0; same < INSTRUCTION_SIZE && stub[i + same] == instruction[same];)
            same++;
    return same == INSTRUCTION_SIZE;
}

static bool page_is_poison(void)
{
    const volatile uint8_t *page = hypercall_page;

    for (unsigned int i = 0; i < sizeof(hypercall_page); i++)
        if (page[i] != HYPERCALL_POISON)
            return false;
    return true;
}

bool hypercall_init(const struct xen_info *xen, enum hypercall_method method, struct error *err)
{
    if (xen->hypercall_pages != 1)
        return fail(err, XEN_EINVAL, "Xen asks for %u hypercall pages, expected 1",
                    xen->hypercall_pages);

    state.direct = NULL;
    wrmsr(xen->hypercall_msr, (uintptr_t)hypercall_page);
    if (page_is_poison())
        return fail(err, XEN_EIO, "Xen left the hypercall page as it was (MSR 0x%x)",
                    xen->hypercall_msr);
    if (method == HYPERCALL_PAGE)
        return true;

    /* The other instruction is #UD, and Xen knows which, whoever made this CPU. */
    state.direct = stub_holds(hypercall_vmcall)    ? hypercall_vmcall
                   : stub_holds(hypercall_vmmcall) ? hypercall_vmmcall
                                                   : NULL;
    return state.direct ||
           fail(err, XEN_ENOSYS, "hypercall=direct: Xen's stubs hold neither vmcall nor vmmcall");
}

bool hypercall_resume(const struct xen_info *xen, struct error *err)
{
    return hypercall_init(xen, state.direct ? HYPERCALL_DIRECT : HYPERCALL_PAGE, err);
}

const char *hypercall_method_name(void)
{
    return !state.direct ? "page" : state.direct == hypercall_vmcall ? "vmcall" : "vmmcall";
}

int64_t hypercall(unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                  uint64_t a5)
{
    register uint64_t r10 __asm__("r10") = a4;
    register uint64_t r8 __asm__("r8") = a5;
    int64_t result = number;
    uintptr_t entry =
        state.direct ? (uintptr_t)state.direct : (uintptr_t)hypercall_page + number * STUB_SIZE;

    __atomic_fetch_add(&state.call_count, 1, __ATOMIC_RELAXED);
    /* Xen may change every argument register, RCX and R11. */
    __asm__ volatile("call *%[entry]"
                     : "+a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : [entry] "r"(entry)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

#define HYPERCALL(name)                                                                            \
    int64_t hypercall_##name(unsigned int command, void *argument)                                 \
    {                                                                                              \
        return hypercall(__HYPERVISOR_##name, command, (uintptr_t)argument, 0, 0, 0);              \
    }
HYPERCALL(xen_version)
HYPERCALL(memory_op)
HYPERCALL(sched_op)
HYPERCALL(event_channel_op)
HYPERCALL(hvm_op)

int64_t hypercall_vcpu_op(unsigned int command, unsigned int vcpu, void *argument)
{
    return hypercall(__HYPERVISOR_vcpu_op, command, vcpu, (uintptr_t)argument, 0, 0);
}

int64_t hypercall_grant_table_op(unsigned int command, void *operations, unsigned int count)
{
    return hypercall(__HYPERVISOR_grant_table_op, command, (uintptr_t)operations, count, 0, 0);
}

int64_t hypercall_console_write(const char *text, uint64_t size)
{
    return hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, size, (uintptr_t)text, 0, 0);
}

uint64_t hypercall_count(void)
{
    return state.call_count;
}
