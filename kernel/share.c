/* SPDX-License-Identifier: MIT */
#include "kernel/share.h"

#include "kernel/printk.h"
#include "kernel/string.h"
#include "xen/abi.h"
#include "xen/hole.h"
#include "xen/hypercall.h"

#define PIECE 64

void share_tally_take(struct share_tally *tally)
{
    domid_t self = DOMID_SELF;

    tally->ram_pages = hypercall_memory_op(XENMEM_current_reservation, &self);
    tally->hole_pages = hole_free();
    tally->hypercalls = hypercall_count();
}

bool share_tally_compare(const struct share_tally *before, uint64_t rounds, struct why *why)
{
    struct share_tally now;

    share_tally_take(&now);

    uint64_t tenths = (now.hypercalls - before->hypercalls) * 10 / rounds;

    printk("Rounds: %lu, hypercalls in each: %lu.%lu\n", rounds, tenths / 10, tenths % 10);
    printk("Pages of RAM: %ld before, %ld after; free in the hole: %lu before, %lu after\n",
           before->ram_pages, now.ram_pages, before->hole_pages, now.hole_pages);
    return (now.ram_pages == before->ram_pages && now.hole_pages == before->hole_pages) ||
           why_say(why, "%lu rounds lost %ld pages of RAM and %ld of the hole", rounds,
                   before->ram_pages - now.ram_pages,
                   (int64_t)(before->hole_pages - now.hole_pages));
}

/* In pieces: escaped, a message may be longer than one printk. */
void share_print_message(const char *who, const char *message, size_t length)
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
