/* SPDX-License-Identifier: MIT */
/*
 * The self-test's subjects, a file each. A new check goes into its subject's file, its TAP name
 * beginning with the subject; a new subject is a file, a name here, and a line in selftest.c.
 */
#pragma once

#include "roles/options.h"
#include "xen/detect.h"

typedef void selftest_checks(const struct options *options, const struct xen_info *xen);

selftest_checks check_cpu, check_hypercalls, check_clocks, check_grants, check_evtchns,
    check_xenstore, check_traps, check_sanitizer;
