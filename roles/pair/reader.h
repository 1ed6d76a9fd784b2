/* SPDX-License-Identifier: MIT */
/* role=reader: maps, or copies, a page that another domain grants, and prints the message. */
#ifndef XENOLITH_ROLES_PAIR_READER_H
#define XENOLITH_ROLES_PAIR_READER_H

#include <stdbool.h>

#include "lib/error.h"
#include "roles/options.h"
#include "xen/detect.h"

/*
 * With peer=M and gref=G: maps that reference, tries again until the wait runs out while Xen
 * refuses, and keeps it for a second, so that the writer notices; no xenstore is involved. With
 * gref=auto: meets a writer of the same name (kernel/rendezvous.h) and reads what it grants in
 * each of its rounds. False, with the reason, if anything goes wrong, the page is not as
 * kernel/shared_page.h has it, or a wait runs out.
 */
bool role_reader(const struct options *options, const struct xen_info *xen, struct error *err);

#endif
