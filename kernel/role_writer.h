/* SPDX-License-Identifier: MIT */
/* role=writer: grants a page with a message to another domain. */
#ifndef XENOLITH_KERNEL_ROLE_WRITER_H
#define XENOLITH_KERNEL_ROLE_WRITER_H

#include <stdbool.h>

#include "kernel/cmdline.h"
#include "kernel/why.h"
#include "xen/detect.h"

/*
 * With peer=N: grants the page to domain N, prints the reference, watches the grant until that
 * domain has mapped and unmapped the page, and ends the access; no xenstore is involved. With
 * peer=auto: meets a reader of the same name (kernel/rendezvous.h) and does count= rounds.
 * False, with the reason, if anything goes wrong or a wait runs out.
 */
bool role_writer(const struct cmdline *line, const struct xen_leaves *xen, struct why *why);

#endif
