/* SPDX-License-Identifier: MIT */
/* What the toolstack tells this domain. Interface: HVM_PARAM_* in xen/include/public/hvm/params.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

/* Reads, and sets, a parameter of our own. On failure: Xen's error. */
bool hvm_param_get(uint32_t index, uint64_t *value, struct error *err);
bool hvm_param_set(uint32_t index, uint64_t value, struct error *err);

/*
 * Finds a ring that the toolstack made for us, and its event channel.
 *   what                       its name, for errors
 *   page_index, port_index     HVM_PARAM_*
 *   page                       set to the ring's address
 * XEN_ENOENT: the toolstack gave us none; XEN_ERANGE: not in memory that is mapped (libxl puts the
 * page just below 4 GiB), or an impossible port.
 */
bool hvm_param_ring(const char *what, uint32_t page_index, uint32_t port_index, uintptr_t *page,
                    evtchn_port_t *port, struct error *err);
