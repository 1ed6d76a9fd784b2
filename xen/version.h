/* SPDX-License-Identifier: MIT */
/* What Xen tells about itself. Interface: xen/include/public/version.h, features.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * Prints the extra version, capabilities and features, one line each, or the error in place of
 * what Xen refuses to tell. Xen's text is escaped.
 */
void version_print(void);

/*
 * What this Xen can do: sets *features to its first 32 features, a bit XENFEAT_* (features.h) each.
 * Asked once. On failure: Xen's error.
 */
bool version_features(uint32_t *features, struct error *err);
