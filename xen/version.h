/* SPDX-License-Identifier: MIT */
/* What Xen tells about itself. Interface: xen/include/public/version.h, features.h. */
#pragma once

/*
 * Prints the extra version, capabilities and features, one line each, or the error in place of
 * what Xen refuses to tell. Xen's text is escaped.
 */
void version_print(void);
