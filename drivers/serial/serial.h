/* SPDX-License-Identifier: MIT */
/* COM1, a 16550 UART at port 0x3f8: 115200 baud, 8 data bits, no parity, 1 stop bit. */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/*
 * Finds the UART (a loopback must return what is sent), sets it up and registers it as a console.
 * LF is sent as CR LF. A transmitter that stays busy for 2^33 TSC ticks is given up for good.
 * XEN_ENODEV: there is none.
 */
bool serial_init(struct error *err);
