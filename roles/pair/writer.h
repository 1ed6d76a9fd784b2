/* SPDX-License-Identifier: MIT */
/* role=writer: grants a page with a message to another domain. */
#ifndef XENOLITH_ROLES_PAIR_WRITER_H
#define XENOLITH_ROLES_PAIR_WRITER_H

#include <stdbool.h>

#include "lib/error.h"
#include "roles/options.h"
#include "xen/detect.h"

/*
 * With peer=N: grants the page to domain N, prints the reference, watches the grant until that
 * domain has mapped and unmapped the page, and ends the access; no xenstore is involved. With
 * peer=auto: meets a reader of the same name (kernel/rendezvous.h) and does count= rounds.
 * False, with the reason, if anything goes wrong or a wait runs out.
 */
bool role_writer(const struct options *options, const struct xen_info *xen, struct error *err);

#endif
