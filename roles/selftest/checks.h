/* SPDX-License-Identifier: MIT */
/*
 * The self-test's subjects, a file each. A new check goes into its subject's file, its TAP name
 * beginning with the subject; a new subject is a file, a name here, and a line in selftest.c.
 */
#pragma once

#include <stdbool.h>

#include "roles/options.h"
#include "xen/detect.h"

typedef void selftest_checks(const struct options *options, const struct xen_info *xen);

selftest_checks check_cpu, check_hypercalls, check_clocks, check_grants, check_evtchns,
    check_xenstore, check_traps, check_vcpus, check_sanitizer;

/*
 * On any vCPU: whether its exceptions come, a stack overflow on another stack, and no page lies
 * under any of its stacks.
 */
bool traps_work_here(void);
