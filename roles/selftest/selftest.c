/* SPDX-License-Identifier: MIT */
/* role=selftest: what the kernel can check about itself and about this Xen, as TAP. */
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "roles/role.h"
#include "roles/selftest/checks.h"
#include "xen/lifecycle.h"

bool role_selftest(const struct options *options, const struct xen_info *xen, struct error *err)
{
    static selftest_checks *const subjects[] = {
        check_cpu,      check_hypercalls, check_clocks, check_grants,    check_evtchns,
        check_xenstore, check_traps,      check_vcpus,  check_sanitizer,
    };

    printk("TAP version 13\n");
    for (unsigned int i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        if (!lifecycle_look(err))
            return false;
        subjects[i](options, xen);
    }

    unsigned int failures = tap_done();

    return failures == 0 || fail(err, XEN_EIO, "%u selftest checks failed", failures);
}
