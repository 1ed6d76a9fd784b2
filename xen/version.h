/* SPDX-License-Identifier: MIT */
/* What Xen tells about itself. Interface: xen/include/public/version.h, features.h. */
#ifndef XENOLITH_XEN_VERSION_H
#define XENOLITH_XEN_VERSION_H

/*
 * Prints the extra version, capabilities and features, one line each, or the error in place of
 * what Xen refuses to tell. Xen's text is escaped.
 */
void version_print(void);

#endif
