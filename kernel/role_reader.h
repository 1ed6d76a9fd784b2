/* SPDX-License-Identifier: MIT */
/* role=reader: maps, or copies, a page that another domain grants, and prints the message. */
#ifndef XENOLITH_KERNEL_ROLE_READER_H
#define XENOLITH_KERNEL_ROLE_READER_H

#include <stdbool.h>

#include "kernel/cmdline.h"
#include "kernel/why.h"
#include "xen/detect.h"

/*
 * With peer=M and gref=G: maps that reference, tries again until the wait runs out while Xen
 * refuses, and keeps it for a second, so that the writer notices; no xenstore is involved. With
 * gref=auto: meets a writer of the same name (kernel/rendezvous.h) and reads what it grants in
 * each of its rounds. False, with the reason, if anything goes wrong, the page is not as
 * kernel/shared_page.h has it, or a wait runs out.
 */
bool role_reader(const struct cmdline *line, const struct xen_leaves *xen, struct why *why);

#endif
