/* SPDX-License-Identifier: MIT */
/* role=user: runs the programs of user/ in ring 3, as TAP. */
#include "kernel/printk.h"
#include "kernel/program.h"
#include "kernel/tap.h"
#include "lib/units.h"
#include "roles/role.h"
#include "roles/user/calls.h"
#include "user/programs.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/timer.h"

#define TIME_MAX (60 * NS_PER_SECOND) /* that a program may take */

/* From image.asm. */
extern const uint8_t user_image[];
extern const uint64_t user_image_size;

/* How a program ended, and how many bytes it wrote. */
struct outcome {
    struct program_end end;
    uint64_t written;
};

static bool run(enum program_number number, uint64_t argument, struct outcome *out)
{
    const uint64_t arguments[2] = {number, argument};
    uint64_t deadline = clock_monotonic_ns() + TIME_MAX;
    const struct program_services *services = calls_begin(deadline, false);
    struct error err;
    bool good = timer_set(deadline, &err) &&
                program_run(user_image, user_image_size, arguments, services, &out->end, &err);

    out->written = calls_end();
    if (!good)
        printk("# program %u: %s\n", number, err.text);
    return good;
}

static void check_hello(enum program_number number, const char *language)
{
    struct outcome out;

    tap_check(run(number, 0, &out) && out.end.how == PROGRAM_EXITED && out.written > 0 &&
                  out.end.code == out.written,
              "program: one in %s prints and exits", language);
}

bool role_user(const struct options *options, const struct xen_info *xen, struct error *err)
{
    if (!evtchn_init(err) || !timer_init(err))
        return false;

    printk("TAP version 13\n");
    check_hello(RUN_HELLO, "C");
    check_hello(RUN_HELLO_ASM, "assembly");

    unsigned int failures = tap_done();

    return failures == 0 || fail(err, XEN_EIO, "%u checks of user programs failed", failures);
}
