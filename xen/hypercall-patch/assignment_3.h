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
 * ` HYPERVISOR_assignment_3(unsigned int cmd, void *arg)
 * `
 * ` cmd: ASSIGNMENT_3_*.  Bit 31 is reserved.
 * ` arg: Guest virtual address of the structure which the command names.
 *
 * Any x86 domain may call it.  The structures have the same layout for 32-bit
 * and 64-bit callers.
 *
 * Xen sets bit 31 of cmd when it continues a preempted call.  Callers must
 * not: their calls aren't counted, and the state which they claim is checked
 * like any other argument.  Every other call is counted, whatever comes of
 * it, except when it ends in -EACCES or -ENOSYS.  The count starts at 0 in
 * every domain, also in one which was restored or migrated.
 *
 * Returns 0, or:
 * -ENOSYS:     This Xen was built without the hypercall.
 * -EACCES:     XSM policy denies it to the caller (Flask: xen2 assignment_3).
 * -EOPNOTSUPP: There is no such command.
 * -EFAULT:     The structure, or memory which it names, can't be accessed.
 * and what a command says.  On failure all outputs are undefined.
 */

/* Reported by ASSIGNMENT_3_info; rises when the interface changes. */
#define ASSIGNMENT_3_INTERFACE_VERSION 2

/*
 * ASSIGNMENT_3_hello
 *
 * Logs "assignment_3: hello from d<domid>" at guest level info, once a second
 * per domain at most.  By default Xen drops guests' messages of this level:
 * guest_loglvl=info on its command line makes the line visible.
 *
 * arg: Ignored.
 */
#define ASSIGNMENT_3_hello    0

/*
 * ASSIGNMENT_3_info
 *
 * Tells the caller who it is and how often it has called.
 *
 * arg: A struct xen_assignment_3_info.
 */
#define ASSIGNMENT_3_info     1

struct xen_assignment_3_info {
    /* OUT */
    uint32_t version;      /* ASSIGNMENT_3_INTERFACE_VERSION. */
    uint32_t vcpu;         /* The caller's vCPU ID. */
    uint16_t domid;        /* The caller's domain ID. */
    uint16_t flags;        /* ASSIGNMENT_3_INFO_*; all other bits are 0. */
    uint32_t pad;          /* 0 */
    uint64_t calls;        /* Counted calls of this domain, with this one. */
};

/* The caller is an HVM or PVH domain.  Otherwise it is a PV domain. */
#define ASSIGNMENT_3_INFO_HVM (1U << 0)

/*
 * ASSIGNMENT_3_checksum
 *
 * Computes the CRC-32C (polynomial 0x1edc6f41) of a buffer.
 *
 * arg: A struct xen_assignment_3_checksum.  The buffer must not overlap it:
 *      Xen may read the buffer and write the structure in turns.  Xen works
 *      piece by piece, and delivers interrupts in between.  Until the call
 *      returns, the structure belongs to Xen.
 *
 * -EINVAL: length is 0, or pad isn't.
 * -E2BIG:  length exceeds ASSIGNMENT_3_CHECKSUM_MAX.
 *
 * The checksum isn't the return value, because a 32-bit caller couldn't tell
 * it from an error.
 */
#define ASSIGNMENT_3_checksum 2

struct xen_assignment_3_checksum {
    /* IN */
    uint64_t buffer;       /* Guest virtual address; below 4GiB for 32 bits. */
    uint32_t length;       /* Size of the buffer, in bytes. */
    uint32_t pad;          /* Must be 0. */
    /* OUT */
    uint32_t done;         /* Bytes done: on success, length. */
    uint32_t crc;          /* CRC-32C of these. */
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
