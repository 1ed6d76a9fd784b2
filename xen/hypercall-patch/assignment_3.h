/* SPDX-License-Identifier: MIT */
/******************************************************************************
 * assignment_3.h
 *
 * A small hypercall for every guest: an example of how to add one.
 *
 * Copyright (c) The Xenolith authors
 */

#ifndef __XEN_PUBLIC_ASSIGNMENT_3_H__
#define __XEN_PUBLIC_ASSIGNMENT_3_H__

/*
 * ` long
 * ` HYPERVISOR_assignment_3(unsigned int cmd, void *arg);
 *
 * x86 only.  The structures have the same layout for 32-bit and 64-bit
 * callers.  Every call is counted, whatever comes of it, but for -EPERM.
 *
 * -EPERM:  the security policy denies the caller XENVER_extraversion
 * -ENOSYS: no such cmd
 * -EFAULT: arg, or the buffer of ASSIGNMENT_3_checksum, cannot be accessed
 */
#define ASSIGNMENT_3_INTERFACE_VERSION 1

/*
 * Logs one line with the caller's domain id, as often as the rate limit for
 * guests' messages allows.  arg is not used.
 */
#define ASSIGNMENT_3_hello    0

/* arg: a struct xen_assignment_3_info, which Xen fills in. */
#define ASSIGNMENT_3_info     1

struct xen_assignment_3_info {
    uint32_t version;      /* ASSIGNMENT_3_INTERFACE_VERSION */
    uint32_t vcpu;         /* The caller's vCPU. */
    uint16_t domid;        /* The caller's domain id. */
    uint16_t flags;        /* ASSIGNMENT_3_INFO_* */
    uint32_t pad;          /* 0 */
    uint64_t domain_calls; /* Calls so far, with this one: of this domain, */
    uint64_t total_calls;  /* and of all domains since Xen was booted. */
};

/* The caller is an HVM or PVH guest, else a PV guest. */
#define ASSIGNMENT_3_INFO_HVM 1

/*
 * arg: a struct xen_assignment_3_checksum.  A long buffer is done piece by
 * piece, interrupts being delivered in between: until the call returns the
 * structure belongs to Xen.
 *
 * -EINVAL: length is 0, or pad is not
 * -E2BIG:  length is above ASSIGNMENT_3_CHECKSUM_MAX
 *
 * The result is not this call's return value because a 32-bit caller could
 * not tell it from an error.
 */
#define ASSIGNMENT_3_checksum 2

struct xen_assignment_3_checksum {
    /* IN */
    uint64_t buffer;       /* Virtual address, also that of a 32-bit caller. */
    uint32_t length;       /* In bytes. */
    uint32_t pad;          /* 0 */
    /* OUT */
    uint32_t done;         /* Bytes done: on success length. */
    uint32_t crc;          /* CRC-32C (polynomial 0x1edc6f41) of these. */
};

#define ASSIGNMENT_3_CHECKSUM_MAX (1U << 20)

#endif /* __XEN_PUBLIC_ASSIGNMENT_3_H__ */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
