/* SPDX-License-Identifier: MIT */
#include "xen/hypercall.h"

#include "arch/x86_64/cpu.h"
#include "boot/boot.h"
#include "xen/abi/xen.h"

#define STUB_SIZE        32ul
#define INSTRUCTION_SIZE 3 /* 0f 01 c1, 0f 01 d9 */

void hypercall_vmcall(void);
void hypercall_vmmcall(void);

/* The number is in RAX whichever way is taken; the page's stubs set it again. */
__asm__(".pushsection .text\n"
        "hypercall_vmcall: vmcall\n ret\n"
        "hypercall_vmmcall: vmmcall\n ret\n"
        ".popsection\n");

static void (*direct)(void);
static uint64_t made;

/* Whether the stub of sched_op, as Xen has written it, holds the instruction that `way` begins
 * with. */
static bool stub_holds(void (*way)(void))
{
    const volatile uint8_t *stub = hypercall_page + __HYPERVISOR_sched_op * STUB_SIZE;
    const uint8_t *instruction = (const uint8_t *)(uintptr_t)way;
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

bool hypercall_init(const struct xen_info *xen, enum hypercall_method how, struct error *err)
{
    if (xen->hypercall_pages != 1)
        return fail(err, XEN_EINVAL, "Xen asks for %u hypercall pages, expected 1",
                    xen->hypercall_pages);

    wrmsr(xen->hypercall_msr, (uintptr_t)hypercall_page);
    if (page_is_poison())
        return fail(err, XEN_EINVAL, "Xen left the hypercall page as it was (MSR 0x%x)",
                    xen->hypercall_msr);

    if (how == HYPERCALL_DIRECT) {
        /* The other one is #UD, and Xen knows which, whoever made this CPU. */
        direct = stub_holds(hypercall_vmcall)    ? hypercall_vmcall
                 : stub_holds(hypercall_vmmcall) ? hypercall_vmmcall
                                                 : NULL;
        if (!direct)
            return fail(err, XEN_EINVAL,
                        "hypercall=direct: Xen's stubs hold neither vmcall nor vmmcall");
    }
    return true;
}

const char *hypercall_method_name(void)
{
    return !direct ? "page" : direct == hypercall_vmcall ? "vmcall" : "vmmcall";
}

int64_t hypercall(unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                  uint64_t a5)
{
    register uint64_t r10 __asm__("r10") = a4;
    register uint64_t r8 __asm__("r8") = a5;
    int64_t result = number;
    uintptr_t entry = direct ? (uintptr_t)direct : (uintptr_t)hypercall_page + number * STUB_SIZE;

    made++;
    /* Xen may change every argument register, RCX and R11. */
    __asm__ volatile("call *%[entry]"
                     : "+a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : [entry] "r"(entry)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

int64_t hypercall_xen_version(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_xen_version, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t hypercall_memory_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_memory_op, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t hypercall_sched_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_sched_op, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t hypercall_event_channel_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_event_channel_op, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t hypercall_hvm_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_hvm_op, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t hypercall_grant_table_op(unsigned int command, void *operations, unsigned int count)
{
    return hypercall(__HYPERVISOR_grant_table_op, command, (uintptr_t)operations, count, 0, 0);
}

int64_t hypercall_console_write(const char *text, uint64_t size)
{
    return hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, size, (uintptr_t)text, 0, 0);
}

int64_t hypercall_hvm_param(uint32_t index, uint64_t *value)
{
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index};
    int64_t result = hypercall_hvm_op(HVMOP_get_param, &param);

    *value = param.value;
    return result;
}

int64_t hypercall_hvm_param_set(uint32_t index, uint64_t value)
{
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index, .value = value};

    return hypercall_hvm_op(HVMOP_set_param, &param);
}

uint64_t hypercall_count(void)
{
    return made;
}
