/* SPDX-License-Identifier: MIT */
/* What a role is: a function that runs after the boot, and whose result is the verdict. */
#pragma once

#include "lib/error.h"
#include "roles/options.h"
#include "xen/detect.h"

/* Succeeds for the verdict PASS; on failure the reason goes into the verdict FAIL. */
typedef bool role_function(const struct options *options, const struct xen_info *xen,
                           struct error *err);

#define ROLE(id, name, ...) role_function role_##name;
#include "roles/roles.def"
#undef ROLE

/* Runs the role that `options` name. */
role_function role_run;
