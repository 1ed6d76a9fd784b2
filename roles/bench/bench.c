/* SPDX-License-Identifier: MIT */
/*
 * role=bench: measures what this kernel's interfaces cost on this host. With side=client it also
 * measures a stream, events and grants, with another guest whose words are role=bench side=server.
 */
#include "roles/bench/bench.h"
#include "kernel/printk.h"
#include "roles/role.h"

static struct {
    struct link link;
} state;

bool role_bench(const struct options *options, const struct xen_info *xen, struct error *err)
{
    struct link *link = &state.link;

    if (options->side != SIDE_SERVER && !bench_alone(options, xen, err))
        return false;
    if (options->side == SIDE_AUTO) {
        printk("Bench: side=client, with a guest that has side=server, measures more\n");
        return true;
    }
    *link = (struct link){
        .options = options,
        .who = "Bench",
        .serves = options->side == SIDE_SERVER,
        .sends = options->side == SIDE_CLIENT,
    };
    if (!link_init(link, xen, err))
        return false;
    return link->serves ? bench_server(link, err) : bench_client(link, err);
}
