/* SPDX-License-Identifier: MIT */
/* The parts of role=bench. */
#pragma once

#include "lib/error.h"
#include "roles/options.h"
#include "roles/stream/link.h"
#include "xen/detect.h"

/*
 * What needs no other domain: the clock's read, a hypercall, memcpy. Prints the lines.
 * On failure: as hypercall_init().
 */
bool bench_alone(const struct options *options, const struct xen_info *xen, struct error *err);

/* The nanoseconds that two memcpys of `bytes` bytes, `chunk` at once, take in this guest. */
uint64_t bench_two_memcpys(uint32_t bytes, uint32_t chunk);

/* One memcpy of `bytes` bytes, at most BENCH_CHUNK_MOST. */
void bench_copy(uint32_t bytes);

/*
 * The two ends, until the client has measured all and ends both. The client prints the lines.
 * On failure: as roles/stream/link.h; XEN_EBADMSG: the other end is no benchmark, or asks for what
 * it must not.
 */
bool bench_client(struct link *link, struct error *err);
bool bench_server(struct link *link, struct error *err);
