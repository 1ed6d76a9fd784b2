/* SPDX-License-Identifier: MIT */
/*
 * Xen's public interface: its own headers, from libxen-dev, and what we rely on in them. Our
 * state and our names are elsewhere.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "xen/abi/interface.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "xen/abi/errno.h"

#define EVTCHN_PORTS 4096u /* of the two-level layout: 64 words of 64 bits */

#define ABI_OFFSET(type, member, offset)                                                           \
    _Static_assert(offsetof(type, member) == (offset), #type "." #member " is at " #offset)
#define ABI_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has " #size " bytes")

/* The 64-bit layouts. In the 32-bit one wc_version is at 2304: see xen/shared_info.h. */
ABI_OFFSET(struct vcpu_time_info, version, 0);
ABI_OFFSET(struct vcpu_time_info, tsc_timestamp, 8);
ABI_OFFSET(struct vcpu_time_info, system_time, 16);
ABI_OFFSET(struct vcpu_time_info, tsc_to_system_mul, 24);
ABI_OFFSET(struct vcpu_time_info, tsc_shift, 28);
ABI_OFFSET(struct vcpu_time_info, flags, 29);
ABI_SIZE(struct vcpu_time_info, 32);
ABI_OFFSET(struct vcpu_info, time, 32);
ABI_SIZE(struct vcpu_info, 64);
ABI_OFFSET(struct shared_info, vcpu_info, 0);
ABI_OFFSET(struct vcpu_info, evtchn_upcall_pending, 0);
ABI_OFFSET(struct vcpu_info, evtchn_upcall_mask, 1);
ABI_OFFSET(struct vcpu_info, evtchn_pending_sel, 8);
ABI_OFFSET(struct shared_info, evtchn_pending, 2048);
ABI_OFFSET(struct shared_info, evtchn_mask, 2560);
ABI_OFFSET(struct shared_info, wc_version, 3072);
ABI_OFFSET(struct shared_info, wc_sec, 3076);
ABI_OFFSET(struct shared_info, wc_nsec, 3080);
ABI_OFFSET(struct shared_info, wc_sec_hi, 3084);
ABI_OFFSET(struct xen_add_to_physmap, domid, 0);
ABI_OFFSET(struct xen_add_to_physmap, space, 4);
ABI_OFFSET(struct xen_add_to_physmap, idx, 8);
ABI_OFFSET(struct xen_add_to_physmap, gpfn, 16);
ABI_OFFSET(struct xen_memory_map, nr_entries, 0);
ABI_OFFSET(struct xen_memory_map, buffer, 8);
ABI_OFFSET(struct xen_feature_info, submap_idx, 0);
ABI_OFFSET(struct xen_feature_info, submap, 4);
ABI_OFFSET(struct sched_shutdown, reason, 0);
ABI_OFFSET(struct sched_poll, ports, 0);
ABI_OFFSET(struct sched_poll, nr_ports, 8);
ABI_OFFSET(struct sched_poll, timeout, 16);
ABI_OFFSET(struct vcpu_set_singleshot_timer, timeout_abs_ns, 0);
ABI_OFFSET(struct vcpu_set_singleshot_timer, flags, 8);
ABI_SIZE(struct vcpu_register_time_memory_area, 8);
ABI_OFFSET(struct evtchn_bind_virq, virq, 0);
ABI_OFFSET(struct evtchn_bind_virq, vcpu, 4);
ABI_OFFSET(struct evtchn_bind_virq, port, 8);
ABI_OFFSET(struct evtchn_bind_ipi, vcpu, 0);
ABI_OFFSET(struct evtchn_bind_ipi, port, 4);
ABI_OFFSET(struct vcpu_register_vcpu_info, mfn, 0);
ABI_OFFSET(struct vcpu_register_vcpu_info, offset, 8);
ABI_OFFSET(struct vcpu_hvm_context, mode, 0);
ABI_OFFSET(struct vcpu_hvm_context, cpu_regs.x86_64.rsp, 40);
ABI_OFFSET(struct vcpu_hvm_context, cpu_regs.x86_64.rsi, 56);
ABI_OFFSET(struct vcpu_hvm_context, cpu_regs.x86_64.rip, 72);
ABI_OFFSET(struct vcpu_hvm_context, cpu_regs.x86_64.cr0, 88);
ABI_OFFSET(struct vcpu_hvm_context, cpu_regs.x86_64.efer, 112);
ABI_OFFSET(struct xen_hvm_evtchn_upcall_vector, vcpu, 0);
ABI_OFFSET(struct xen_hvm_evtchn_upcall_vector, vector, 4);
ABI_OFFSET(struct xen_hvm_param, domid, 0);
ABI_OFFSET(struct xen_hvm_param, index, 4);
ABI_OFFSET(struct xen_hvm_param, value, 8);
ABI_OFFSET(struct evtchn_send, port, 0);
ABI_OFFSET(struct evtchn_alloc_unbound, remote_dom, 2);
ABI_OFFSET(struct evtchn_alloc_unbound, port, 4);
ABI_OFFSET(struct evtchn_bind_interdomain, remote_dom, 0);
ABI_OFFSET(struct evtchn_bind_interdomain, remote_port, 4);
ABI_OFFSET(struct evtchn_bind_interdomain, local_port, 8);
ABI_OFFSET(struct evtchn_close, port, 0);
ABI_OFFSET(struct evtchn_unmask, port, 0);
ABI_OFFSET(struct evtchn_status, port, 4);
ABI_OFFSET(struct evtchn_status, status, 8);
ABI_OFFSET(struct grant_entry_v1, flags, 0);
ABI_OFFSET(struct grant_entry_v1, domid, 2);
ABI_OFFSET(struct grant_entry_v1, frame, 4);
ABI_SIZE(struct grant_entry_v1, 8);
ABI_OFFSET(struct gnttab_map_grant_ref, host_addr, 0);
ABI_OFFSET(struct gnttab_map_grant_ref, flags, 8);
ABI_OFFSET(struct gnttab_map_grant_ref, ref, 12);
ABI_OFFSET(struct gnttab_map_grant_ref, dom, 16);
ABI_OFFSET(struct gnttab_map_grant_ref, status, 18);
ABI_OFFSET(struct gnttab_map_grant_ref, handle, 20);
ABI_OFFSET(struct gnttab_map_grant_ref, dev_bus_addr, 24);
ABI_SIZE(struct gnttab_map_grant_ref, 32);
ABI_OFFSET(struct gnttab_unmap_grant_ref, host_addr, 0);
ABI_OFFSET(struct gnttab_unmap_grant_ref, dev_bus_addr, 8);
ABI_OFFSET(struct gnttab_unmap_grant_ref, handle, 16);
ABI_OFFSET(struct gnttab_unmap_grant_ref, status, 20);
ABI_SIZE(struct gnttab_unmap_grant_ref, 24);
ABI_OFFSET(struct gnttab_copy, source, 0);
ABI_OFFSET(struct gnttab_copy, source.domid, 8);
ABI_OFFSET(struct gnttab_copy, source.offset, 10);
ABI_OFFSET(struct gnttab_copy, dest, 16);
ABI_OFFSET(struct gnttab_copy, len, 32);
ABI_OFFSET(struct gnttab_copy, flags, 34);
ABI_OFFSET(struct gnttab_copy, status, 36);
ABI_SIZE(struct gnttab_copy, 40);
ABI_OFFSET(struct gnttab_query_size, nr_frames, 4);
ABI_OFFSET(struct gnttab_query_size, max_nr_frames, 8);
ABI_OFFSET(struct gnttab_query_size, status, 12);
ABI_OFFSET(struct gnttab_set_version, version, 0);
ABI_OFFSET(struct xsd_sockmsg, type, 0);
ABI_OFFSET(struct xsd_sockmsg, req_id, 4);
ABI_OFFSET(struct xsd_sockmsg, tx_id, 8);
ABI_OFFSET(struct xsd_sockmsg, len, 12);
ABI_SIZE(struct xsd_sockmsg, 16);
ABI_OFFSET(struct xenstore_domain_interface, rsp, 1024);
ABI_OFFSET(struct xenstore_domain_interface, req_cons, 2048);
ABI_OFFSET(struct xenstore_domain_interface, req_prod, 2052);
ABI_OFFSET(struct xenstore_domain_interface, rsp_cons, 2056);
ABI_OFFSET(struct xenstore_domain_interface, rsp_prod, 2060);
ABI_OFFSET(struct xencons_interface, out, 1024);
ABI_OFFSET(struct xencons_interface, in_cons, 3072);
ABI_OFFSET(struct xencons_interface, in_prod, 3076);
ABI_OFFSET(struct xencons_interface, out_cons, 3080);
ABI_OFFSET(struct xencons_interface, out_prod, 3084);

/* What Xen 4.21 added behind it, which older headers lack. Older toolstacks leave it 0. */
#ifndef XENCONSOLE_DISCONNECTED
#define XENCONSOLE_DISCONNECTED 1
#define XENCONSOLE_CONNECTED    0
#endif
struct xencons_interface_4_21 {
    uint8_t as_before[3088];
    uint8_t connection; /* XENCONSOLE_DISCONNECTED as long as nobody reads the ring */
};
ABI_OFFSET(struct xencons_interface_4_21, connection,
           offsetof(struct xencons_interface, out_prod) + sizeof(XENCONS_RING_IDX));
