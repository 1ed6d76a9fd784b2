/* SPDX-License-Identifier: MIT */
#include "roles/pair/accounting.h"

#include "kernel/printk.h"
#include "lib/string.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"
#include "xen/unpopulated.h"

#define PIECE 64 /* bytes of a message that are printed at a time */

void snapshot_take(struct snapshot *snapshot)
{
    domid_t self = DOMID_SELF;

    snapshot->ram_pages = hypercall_memory_op(XENMEM_current_reservation, &self);
    snapshot->unpopulated_frames = unpopulated_available();
    snapshot->hypercalls = hypercall_count();
}

bool snapshot_check(const struct snapshot *before, uint64_t rounds, struct error *err)
{
    struct snapshot now;

    snapshot_take(&now);

    uint64_t tenths = (now.hypercalls - before->hypercalls) * 10 / rounds;

    printk("Rounds: %lu, hypercalls in each: %lu.%lu\n", rounds, tenths / 10, tenths % 10);
    printk("Pages of RAM: %ld before, %ld after; unpopulated frames: %lu before, %lu after\n",
           before->ram_pages, now.ram_pages, before->unpopulated_frames, now.unpopulated_frames);
    return (now.ram_pages == before->ram_pages &&
            now.unpopulated_frames == before->unpopulated_frames) ||
           fail(err, XEN_EIO, "%lu rounds lost %ld pages of RAM and %ld unpopulated frames", rounds,
                before->ram_pages - now.ram_pages,
                (int64_t)(before->unpopulated_frames - now.unpopulated_frames));
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
