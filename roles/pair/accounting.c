/* SPDX-License-Identifier: MIT */
#include "roles/pair/accounting.h"

#include "kernel/printk.h"
#include "lib/string.h"
#include "xen/abi/xen.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/unpopulated.h"

#define PIECE 64 /* bytes of a message that are printed at a time */

void snapshot_take(struct snapshot *snapshot)
{
    domid_t self = DOMID_SELF;

    snapshot->ram_pages = hypercall_memory_op(XENMEM_current_reservation, &self);
    snapshot->unpopulated_frames = unpopulated_available();
    snapshot->references = grant_count();
    snapshot->hypercalls = hypercall_count();
    snapshot->ports = evtchn_count_open();
}

bool snapshot_check(const struct snapshot *before, uint64_t rounds, struct error *err)
{
    struct snapshot now;

    snapshot_take(&now);
    if (rounds > 0) {
        uint64_t tenths = (now.hypercalls - before->hypercalls) * 10 / rounds;

        printk("Rounds: %lu, hypercalls in each: %lu.%lu\n", rounds, tenths / 10, tenths % 10);
    }
    printk("Pages of RAM: %ld before, %ld after; unpopulated frames: %lu, %lu; granted references: "
           "%u, %u; ports: %u, %u\n",
           before->ram_pages, now.ram_pages, before->unpopulated_frames, now.unpopulated_frames,
           before->references, now.references, before->ports, now.ports);
    return (now.ram_pages == before->ram_pages &&
            now.unpopulated_frames == before->unpopulated_frames &&
            now.references == before->references && now.ports == before->ports) ||
           fail(err, XEN_EIO, "pages, frames, references or ports were lost or left over");
}

void message_print(const char *who, const char *message, size_t length)
{
    char shown[4 * PIECE + 1];

    printk(">> %s: message: \"", who);
    for (size_t at = 0; at < length; at += PIECE) {
        string_escape(shown, sizeof(shown), message + at,
                      length - at < PIECE ? length - at : PIECE);
        printk("%s", shown);
    }
    printk("\"\n");
}
