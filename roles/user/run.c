/* SPDX-License-Identifier: MIT */
#include "roles/user/run.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "kernel/syscalls.h"
#include "roles/user/calls.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/timer.h"

/* From image.asm. */
extern const uint8_t user_image[];
extern const uint64_t user_image_size;

/* What kernel/syscalls.h says of USER_CLOCK, and nothing else: programs see all of the page. */
static uint8_t clock_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

bool run_init(struct error *err)
{
    const uint64_t later = 1ull << 62; /* when system time is above 0 on any host */

    *(uint64_t *)&clock_page[SYS_CLOCK_BASE] = clock_to_system_time(later) - later;
    return evtchn_init(err) && timer_init(err) &&
           clock_share((struct vcpu_time_info *)clock_page, err);
}

bool run(enum program_number number, uint64_t argument, uint64_t ns_max, bool mute,
         struct outcome *out)
{
    const uint64_t arguments[2] = {number, argument};
    uint64_t deadline = clock_monotonic_ns() + ns_max;
    struct program_services services = {.clock = clock_page};
    struct error err;

    calls_begin(deadline, mute, &services);
    bool good = timer_set(deadline, &err) &&
                program_run(user_image, user_image_size, arguments, &services, &out->end, &err);

    timer_stop();
    out->written = calls_written();
    if (!good)
        printk("# program %u: %s\n", number, err.text);
    return good;
}
