/* SPDX-License-Identifier: MIT */
/* The self-test of xen/xenstore; needs check_evtchns(), as answers are waited for. */
#include "xen/xenstore.h"
#include "kernel/tap.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/selftest/checks.h"
#include "xen/clock.h"

static bool fails_with(int code, bool good, const struct error *err)
{
    return !good && err->code == code;
}

static bool write_two(uint32_t transaction, void *unused, struct error *err)
{
    return xenstore_write(transaction, "data/selftest/a", "1", err) &&
           xenstore_write(transaction, "data/selftest/b", "two words", err);
}

void check_xenstore(const struct options *options, const struct xen_info *xen)
{
    const struct xenstore_permission wanted[] = {{'n', xen->domid},
                                                 {'r', DOMID_FIRST_RESERVED - 1}};
    struct xenstore_permission got[4];
    uint32_t watch = 0, count = 0, used = 0, number = 0;
    char text[32];
    struct error err;
    if (!xenstore_init(&err)) {
        tap_skip("xenstore", err.text);
        return;
    }
    tap_check(xenstore_mkdir(0, "data/selftest", &err), "xenstore: a node is made");
    tap_check(xenstore_watch("data/selftest", &watch, &err) &&
                  xenstore_watch_wait(watch, clock_monotonic_ns() + NS_PER_SECOND, &err),
              "xenstore: a new watch fires at once");
    tap_check(fails_with(XEN_ETIME, xenstore_watch_wait(watch, clock_monotonic_ns(), &err), &err),
              "xenstore: a watch fires once");
    tap_check(xenstore_transaction(write_two, NULL, &err),
              "xenstore: two nodes are written in a transaction");
    tap_check(xenstore_watch_wait(watch, clock_monotonic_ns() + NS_PER_SECOND, &err),
              "xenstore: a watch fires after a change");
    tap_check(xenstore_unwatch("data/selftest", watch, &err), "xenstore: a watch is removed");
    tap_check(xenstore_directory(0, "data/selftest", text, sizeof(text), &used, &err) &&
                  used == 4 && memcmp(text, "a\0b", 4) == 0,
              "xenstore: a directory lists its nodes");
    tap_check(xenstore_read(0, "data/selftest/b", text, sizeof(text), &err) &&
                  strcmp(text, "two words") == 0,
              "xenstore: a text is read");
    tap_check(xenstore_read_number(0, "data/selftest/a", 0, 9, &number, &err) && number == 1,
              "xenstore: a number is read");
    tap_check(fails_with(XEN_EINVAL,
                         xenstore_read_number(0, "data/selftest/b", 0, 9, &number, &err), &err),
              "xenstore: a text is not read as a number");
    tap_check(fails_with(XEN_E2BIG, xenstore_read(0, "data/selftest/b", text, 9, &err), &err),
              "xenstore: a value that does not fit is refused");
    tap_check(xenstore_set_permissions(0, "data/selftest/a", wanted, 2, &err) &&
                  xenstore_get_permissions(0, "data/selftest/a", got, 4, &count, &err) &&
                  count == 2 && got[0].access == 'n' && got[0].domid == wanted[0].domid &&
                  got[1].access == 'r' && got[1].domid == wanted[1].domid,
              "xenstore: permissions are set and read");
    tap_check(fails_with(XEN_EACCES, xenstore_write(0, "/local/domain/0/name", "x", &err), &err),
              "xenstore: a guest cannot write dom0's name");
    tap_check(xenstore_rm(0, "data/selftest", &err) &&
                  fails_with(XEN_ENOENT,
                             xenstore_read(0, "data/selftest/a", text, sizeof(text), &err), &err),
              "xenstore: a removed node is gone");
}
