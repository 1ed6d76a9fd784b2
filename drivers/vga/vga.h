/* SPDX-License-Identifier: MIT */
/* The VGA text screen: 80 columns, 25 rows, at 0xb8000. */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/*
 * Finds a VGA (its cursor registers must keep what is written), clears the screen and registers it
 * as a console. Lines wrap at column 80, the screen scrolls, the hardware cursor follows, alarms
 * are red. XEN_ENODEV: there is none.
 */
bool vga_init(struct error *err);
