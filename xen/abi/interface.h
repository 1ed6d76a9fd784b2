/* SPDX-License-Identifier: MIT */
/* What every header of Xen's builds on, under the names of one release. */
#pragma once

#include <stdint.h>

/* Xen 4.9's names: what the headers of 4.11 know. Without a version they are those of Xen 3.0. */
#define __XEN_INTERFACE_VERSION__ 0x00040900

#include <xen/xen.h>
