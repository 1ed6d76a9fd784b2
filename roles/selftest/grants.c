/* SPDX-License-Identifier: MIT */
/* The self-test of xen/grant. */
#include "arch/x86_64/memlayout.h"
#include "kernel/tap.h"
#include "lib/string.h"
#include "roles/selftest/checks.h"
#include "xen/grant.h"

/* With ourselves as the other domain: all but mapping, which would take the page away from us. */
void check_grants(const struct options *options, const struct xen_info *xen)
{
    static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))) = "granted";
    static uint8_t copy[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    grant_ref_t first = 0, second = 0;
    uint64_t gfn = (uintptr_t)page / PAGE_SIZE;
    if (!tap_check(grant_init(NULL), "grant: the table is mapped"))
        return;
    tap_check(grant_access(xen->domid, gfn, false, &first, NULL) && first == GRANT_FIRST,
              "grant: the first reference is %d", GRANT_FIRST);
    tap_check(grant_access(xen->domid, gfn, false, &second, NULL) && second == first + 1,
              "grant: the next reference follows it");
    tap_check(grant_copy_from(xen->domid, first, 0, copy, sizeof(copy), NULL) &&
                  memcmp(copy, page, sizeof(copy)) == 0,
              "grant: a page is copied through its grant");
    tap_check(!grant_in_use(first) && grant_end(first), "grant: a reference is revoked");
    tap_check(!grant_copy_from(xen->domid, first, 0, copy, sizeof(copy), NULL),
              "grant: no copy is made through a revoked one");
    tap_check(grant_access(xen->domid, gfn, false, &first, NULL) && first == GRANT_FIRST,
              "grant: the lowest free reference comes first");
    grant_end(first);
    grant_end(second);
}
