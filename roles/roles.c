/* SPDX-License-Identifier: MIT */
#include "roles/role.h"

static role_function *const functions[] = {
#define ROLE(id, name, ...) [ROLE_##id] = role_##name,
#include "roles/roles.def"
#undef ROLE
};

bool role_none(const struct options *options, const struct xen_info *xen, struct error *err)
{
    return true;
}

bool role_run(const struct options *options, const struct xen_info *xen, struct error *err)
{
    return functions[options->role](options, xen, err);
}
