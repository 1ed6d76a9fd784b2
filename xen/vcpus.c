/* SPDX-License-Identifier: MIT */
#include "xen/vcpus.h"

#include "arch/x86_64/apic.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/secondary.h"
#include "arch/x86_64/vcpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"
#include "xen/unpopulated.h"
#include "xen/xenstore.h"

#define WAIT_NS    (VCPUS_WAIT_S * NS_PER_SECOND)
#define LARGE_PAGE (512ul * PAGE_SIZE)
#define FOREVER    (1ull << 62) /* a deadline; Xen's time may be ahead of the clock or behind it */

static struct {
    evtchn_port_t port; /* wakes the boot vCPU. After a restore: another */
    unsigned int existing;
} state;

/* ---- On the other vCPUs ---- */

/* Sleeps until the boot vCPU has given this one a job, and does it. */
static void do_jobs(void)
{
    struct vcpu *self = vcpu_self();

    for (;;) {
        void (*job)(void *);

        evtchn_take(self->port); /* before the look: what comes after it ends the sleep */
        job = __atomic_load_n(&self->job, __ATOMIC_ACQUIRE);
        if (job) {
            job(self->argument);
            __atomic_store_n(&self->job, NULL, __ATOMIC_RELEASE);
            evtchn_notify(state.port, NULL);
        } else {
            evtchn_sleep(&self->port, 1, FOREVER, NULL);
        }
    }
}

/* secondary_start() comes here, on the vCPU's own stack, interrupts off. */
static void begin(void)
{
    struct vcpu *self = vcpu_self();

    evtchn_begin();
    __atomic_store_n(&self->is_up, true, __ATOMIC_RELEASE);
    evtchn_notify(state.port, NULL);
    do_jobs();
}

static void go_down(void *argument)
{
    hypercall_vcpu_op(VCPUOP_down, vcpu_self()->id, NULL);
}

/* ---- Bringing them up ---- */

/* Whether the toolstack keeps a vCPU offline that the domain has: vcpus= below maxvcpus=. */
static bool is_offline(unsigned int id)
{
    char path[40], value[16];

    if (!xenstore_port())
        return false;
    format(path, sizeof(path), "cpu/%u/availability", id);
    return xenstore_read(0, path, value, sizeof(value), NULL) && !strcmp(value, "offline");
}

bool vcpus_find(struct error *err)
{
    int64_t result = 0;

    for (state.existing = 1; state.existing < VCPUS_MAX; state.existing++) {
        result = hypercall_vcpu_op(VCPUOP_is_up, state.existing, NULL);
        if (result < 0)
            break;
    }
    if (state.existing > 1)
        evtchn_expect_vcpus();
    return result == -XEN_ENOENT ||
           check_result(err, result, "cannot ask whether vCPU %u is up", state.existing);
}

static unsigned int count_online(void)
{
    unsigned int count = 1;

    while (count < state.existing && !is_offline(count))
        count++;
    return count;
}

/* The stacks and structs of vCPUs 1 to `count` - 1. */
static bool prepare(unsigned int count, struct error *err)
{
    uint64_t pages = (count - 1) * SECONDARY_SIZE / PAGE_SIZE;
    uint64_t tables = pages * PAGE_SIZE / LARGE_PAGE + 2; /* of the large pages that they touch */
    uint64_t address;

    if (!unpopulated_take_ram(pages + tables, &address, err))
        return false;
    for (uint64_t i = 0, at = address; i < tables && at < address + (pages + tables) * PAGE_SIZE;
         i++, at = (at / LARGE_PAGE + 1) * LARGE_PAGE)
        paging_split(at, (uint64_t *)(address + i * PAGE_SIZE));
    for (address += tables * PAGE_SIZE; vcpu_count() < count; address += SECONDARY_SIZE)
        secondary_prepare(address);
    return true;
}

/* For those that shared_info has no room for. Before VCPUOP_initialise, which asks for it. */
static bool register_info(struct vcpu *vcpu, struct error *err)
{
    uint64_t address = (uintptr_t)&vcpu->own_info;
    struct vcpu_register_vcpu_info area = {.mfn = address / PAGE_SIZE,
                                           .offset = address % PAGE_SIZE};

    if (vcpu->id < XEN_LEGACY_MAX_VCPUS)
        return true;
    vcpu->info = &vcpu->own_info;
    return check_result(err, hypercall_vcpu_op(VCPUOP_register_vcpu_info, vcpu->id, &area),
                        "cannot register the vcpu_info of vCPU %u", vcpu->id);
}

/*
 * From Xen 4.19 on, hvmloader uses VCPUOP_initialise, too, and leaves the vCPUs down but
 * initialised. Only INIT undoes that. It goes to all, and so before the first of them is up.
 */
static int64_t initialise(unsigned int id, struct vcpu_hvm_context *context)
{
    int64_t result = hypercall_vcpu_op(VCPUOP_initialise, id, context);

    if (result != -XEN_EEXIST || id != 1 || !apic_is_x2apic())
        return result;
    apic_reset_others();
    return hypercall_vcpu_op(VCPUOP_initialise, id, context);
}

static bool bring_up(struct vcpu *vcpu, struct error *err)
{
    struct vcpu_hvm_context context = {
        .mode = VCPU_HVM_MODE_64B,
        .cpu_regs.x86_64 =
            {
                .rdi = (uintptr_t)vcpu,
                .rsi = (uintptr_t)begin,
                .rip = (uintptr_t)secondary_start,
                .rsp = vcpu->stack_top - sizeof(uint64_t), /* as after a call */
                .rflags = FLAGS_ALWAYS,
                .cr0 = cr0_read(),
                .cr3 = cr3_read(),
                .cr4 = cr4_read(),
                .efer = efer_read(),
            },
    };

    vcpu->is_up = false;
    vcpu->job = NULL;
    return evtchn_open_ipi(vcpu->id, &vcpu->port, err) && register_info(vcpu, err) &&
           evtchn_add_vcpu(vcpu->id, err) &&
           check_result(err, initialise(vcpu->id, &context), "cannot initialise vCPU %u",
                        vcpu->id) &&
           check_result(err, hypercall_vcpu_op(VCPUOP_up, vcpu->id, NULL),
                        "cannot bring up vCPU %u", vcpu->id);
}

/* Waits until `is_done` says so of each of the other vCPUs. */
static bool wait_for_each(bool (*is_done)(const struct vcpu *vcpu), const char *what,
                          uint64_t deadline, struct error *err)
{
    /* To the nearest: some of it has gone by already. */
    uint64_t seconds = (deadline - clock_monotonic_ns() + NS_PER_SECOND / 2) / NS_PER_SECOND;

    for (unsigned int id = 1; id < vcpu_count(); id++)
        while (!is_done(vcpu_at(id))) {
            struct error wrong;

            if (evtchn_wait(state.port, deadline, &wrong) || is_done(vcpu_at(id)))
                continue;
            return wrong.code != XEN_ETIME
                       ? fail_as(err, &wrong)
                       : fail(err, XEN_ETIME, "vCPU %u of %u has not %s within %lu seconds", id,
                              vcpu_count(), what, seconds);
        }
    return true;
}

static bool is_up(const struct vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->is_up, __ATOMIC_ACQUIRE);
}

static bool has_no_job(const struct vcpu *vcpu)
{
    return !__atomic_load_n(&vcpu->job, __ATOMIC_ACQUIRE);
}

/* All at once: each takes its time. */
static bool bring_all_up(struct error *err)
{
    if (!evtchn_open_ipi(0, &state.port, err))
        return false;
    for (unsigned int id = 1; id < vcpu_count(); id++)
        if (!bring_up(vcpu_at(id), err))
            return false;
    return wait_for_each(is_up, "come up", clock_monotonic_ns() + WAIT_NS, err);
}

bool vcpus_init(struct error *err)
{
    unsigned int count = count_online();

    return count == 1 || (evtchn_init(err) && prepare(count, err) && bring_all_up(err));
}

/* ---- Jobs ---- */

bool vcpus_start(void (*job)(void *argument), void *arguments, size_t size, struct error *err)
{
    for (unsigned int id = 1; id < vcpu_count(); id++) {
        struct vcpu *vcpu = vcpu_at(id);

        vcpu->argument = (uint8_t *)arguments + id * size;
        __atomic_store_n(&vcpu->job, job, __ATOMIC_RELEASE);
        if (!evtchn_notify(vcpu->port, err))
            return false;
    }
    return true;
}

bool vcpus_wait(uint64_t deadline, struct error *err)
{
    return wait_for_each(has_no_job, "done its job", deadline, err);
}

/* ---- Suspend and resume ---- */

static bool is_down(unsigned int id)
{
    return hypercall_vcpu_op(VCPUOP_is_up, id, NULL) == 0;
}

bool vcpus_suspend(struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + WAIT_NS;

    if (!vcpus_start(go_down, &deadline, 0, err))
        return false;
    for (unsigned int id = 1; id < vcpu_count(); id++)
        while (!is_down(id)) {
            if (clock_monotonic_ns() >= deadline)
                return fail(err, XEN_ETIME, "vCPU %u of %u has not gone down within %u seconds", id,
                            vcpu_count(), VCPUS_WAIT_S);
            if (!clock_sleep(NS_PER_SECOND / 1000, err))
                return false;
        }
    return true;
}

bool vcpus_resume(bool restored, struct error *err)
{
    if (vcpu_count() == 1)
        return true;
    if (restored)
        return bring_all_up(err);
    for (unsigned int id = 1; id < vcpu_count(); id++)
        if (!check_result(err, hypercall_vcpu_op(VCPUOP_up, id, NULL), "cannot bring up vCPU %u",
                          id))
            return false;
    return vcpus_wait(clock_monotonic_ns() + WAIT_NS, err);
}
