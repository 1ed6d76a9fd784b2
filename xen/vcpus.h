/* SPDX-License-Identifier: MIT */
/*
 * The other vCPUs of this domain: they are brought up, sleep until they get something to do, and
 * do it. Interface: VCPUOP_* in xen/include/public/vcpu.h, struct vcpu_hvm_context in
 * hvm/hvm_vcpu.h. Only the boot vCPU calls these functions, and only it may use the consoles.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * Finds out how many vCPUs the domain has, before evtchn_init(). With one this costs one hypercall,
 * and nothing else here costs any. On failure: Xen's error.
 */
bool vcpus_find(struct error *err);

/*
 * Brings up each of them that the toolstack does not keep offline (the node cpu/N/availability):
 * the first of these ends the count. Each gets a channel that wakes it, and an upcall vector as
 * evtchn_expect_vcpus() says. Call it after evtchn_init() and, where there is a xenstore,
 * xenstore_init(). vcpu_count() tells how many there are afterwards.
 * XEN_ETIME: one has not come up within VCPUS_WAIT_S; XEN_ENOMEM: no RAM is free for their stacks;
 * else Xen's error. Each names the vCPU.
 */
#define VCPUS_WAIT_S 60
bool vcpus_init(struct error *err);

/*
 * Makes each of the other vCPUs call `job`, all at the same time, and returns at once. The job must
 * not print, and must not wait without a deadline. They must have no other job.
 *   arguments, size   vCPU n gets the address of the n-th item, of `size` bytes, in this array
 */
bool vcpus_start(void (*job)(void *argument), void *arguments, size_t size, struct error *err);

/*
 * Waits until no vCPU has a job any more.
 *   deadline   monotonic ns
 * XEN_ETIME: one still has at the deadline; else Xen's error.
 */
bool vcpus_wait(uint64_t deadline, struct error *err);

/*
 * Before this domain is suspended: takes the other vCPUs down, so that there is nothing of them to
 * save but RAM. They have no jobs. XEN_ETIME: one has not gone down within VCPUS_WAIT_S.
 */
bool vcpus_suspend(struct error *err);

/*
 * Afterwards: lets them go on where they were or, in a new domain, brings them up again, after
 * evtchn_resume(). Fails as vcpus_init().
 */
bool vcpus_resume(bool restored, struct error *err);
