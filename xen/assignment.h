/* SPDX-License-Identifier: MIT */
/* The hypercall of our own. Interface: xen/hypercall-patch/assignment_3.h. */
#pragma once

#include <stdint.h>

struct multicall_entry;

/*
 * ASSIGNMENT_3_* with its argument. Returns 0 or a negative XEN_E*: -XEN_ENOSYS also where Xen
 * does not have the hypercall.
 */
int64_t assignment_call(unsigned int command, void *argument);

/*
 * Makes several hypercalls in one: each entry is one, Xen fills in its result. Returns 0 or a
 * negative XEN_E*: -XEN_ENOSYS for HVM guests of old releases. Interface: xen/include/public/xen.h.
 */
int64_t assignment_multicall(struct multicall_entry *entries, unsigned int count);

/* Calls info and hello, and prints in one line what came back, whatever it is. */
void assignment_print(void);
