/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/traps.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/pic.h"
#include "arch/x86_64/user_memory.h"
#include "arch/x86_64/vcpu.h"

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

_Static_assert(sizeof(struct gate) == 16, "a 64-bit gate has 16 bytes");
_Static_assert(offsetof(struct trap_frame, vector) == 15ul * 8,
               "traps_entry.asm pushes 15 registers");

/* From traps_entry.asm. */
extern const uintptr_t trap_stubs[VECTOR_COUNT];
extern const uint8_t trap_probe_resume[];
void trap_probe_call(void (*action)(uintptr_t), uintptr_t argument, uint64_t *stack);
void trap_dispatch(struct trap_frame *frame);

static struct {
    struct gate idt[VECTOR_COUNT];
    trap_handler fatal_handler;
    trap_handler interrupt_handlers[VECTOR_COUNT];
    user_handler *user_handler;
} state;

static uint8_t ist_for(unsigned int vector)
{
    switch (vector) {
    case TRAP_DB:
        return IST_DEBUG;
    case TRAP_NMI:
        return IST_NMI;
    case TRAP_DF:
        return IST_DOUBLE_FAULT;
    case TRAP_MC:
        return IST_MACHINE_CHECK;
    default:
        return 0;
    }
}

static void ignore(const struct trap_frame *frame)
{
}

void traps_init(trap_handler fatal)
{
    state.fatal_handler = fatal;
    pic_disable();
    for (unsigned int i = 0; i < PIC_INPUTS; i++)
        interrupts_register(PIC_VECTOR + i, ignore); /* spurious ones */

    for (unsigned int vector = 0; vector < VECTOR_COUNT; vector++) {
        uint64_t stub = trap_stubs[vector];

        state.idt[vector] = (struct gate){
            .offset_low = (uint16_t)stub,
            .offset_middle = (uint16_t)(stub >> 16),
            .offset_high = (uint32_t)(stub >> 32),
            .selector = GDT_CODE,
            .ist = ist_for(vector),
            .type = 0x8e, /* present, ring 0, interrupt gate */
        };
    }

    traps_load();
}

void traps_load(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(state.idt) - 1, (uintptr_t)state.idt};

    __asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

void interrupts_register(unsigned int vector, trap_handler handler)
{
    state.interrupt_handlers[vector] = handler;
}

void traps_register_user(user_handler *handler)
{
    state.user_handler = handler;
}

void interrupts_drain(void)
{
    /* STI takes effect after the next instruction: the NOP is the one during which interrupts can
     * arrive. */
    __asm__ volatile("sti; nop; cli" : : : "memory");
}

const char *trap_name(uint64_t vector)
{
    static const char *const names[TRAP_COUNT] = {
        "#DE", "#DB", "NMI", "#BP", "#OF",        "#BR",        "#UD",        "#NM", "#DF",
        "#09", "#TS", "#NP", "#SS", "#GP",        "#PF",        "#15",        "#MF", "#AC",
        "#MC", "#XM", "#VE", "#CP", [28] = "#HV", [29] = "#VC", [30] = "#SX",
    };

    return vector < TRAP_COUNT && names[vector] ? names[vector] : "#??";
}

bool trap_probe(void (*action)(uintptr_t), uintptr_t argument, struct trap_report *report)
{
    struct vcpu *vcpu = vcpu_self();

    *report = (struct trap_report){.trapped = false};
    vcpu->probe.report = report;
    trap_probe_call(action, argument, &vcpu->probe.stack);
    vcpu->probe.stack = 0;
    return report->trapped;
}

/*
 * A fault at an instruction that may touch a program's memory: it is tried again with a page on
 * demand, or goes on where its caller learns of the fault.
 */
static bool repair(struct trap_frame *frame)
{
    if (frame->vector != TRAP_PF && frame->vector != TRAP_GP)
        return false;
    for (uint64_t i = 0; i < trap_fixup_count; i++)
        if (frame->rip == trap_fixups[i].at) {
            if (frame->vector != TRAP_PF || !user_memory_demand(cr2_read()))
                frame->rip = trap_fixups[i].resume;
            return true;
        }
    return false;
}

/* Whether it is ring 3's doing: NMI, #DF and #MC are not, nor is an interrupt. */
static bool is_of_user(const struct trap_frame *frame)
{
    return (frame->cs & 3) && (frame->vector < TRAP_COUNT || frame->vector == TRAP_SYSCALL) &&
           frame->vector != TRAP_NMI && frame->vector != TRAP_DF && frame->vector != TRAP_MC;
}

/* An exception that nothing but a probe may expect. */
static void end_probe(struct trap_frame *frame)
{
    struct vcpu *vcpu = vcpu_self();

    if (vcpu->probe.stack == 0) {
        state.fatal_handler(frame);
        return;
    }

    *vcpu->probe.report = (struct trap_report){
        .trapped = true,
        .vector = frame->vector,
        .error = frame->error,
        .rip = frame->rip,
        .address = cr2_read(),
    };
    frame->rip = (uintptr_t)trap_probe_resume;
    frame->rsp = vcpu->probe.stack;
    vcpu->probe.stack = 0; /* a second exception is not expected */
}

void trap_dispatch(struct trap_frame *frame)
{
    trap_handler interrupt =
        frame->vector < VECTOR_COUNT ? state.interrupt_handlers[frame->vector] : NULL;

    if (interrupt) {
        interrupt(frame);
        if (frame->cs & 3)
            state.user_handler(frame);
    } else if (is_of_user(frame)) {
        state.user_handler(frame);
    } else if (!repair(frame)) {
        end_probe(frame);
    }
}
