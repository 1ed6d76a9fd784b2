/* SPDX-License-Identifier: MIT */
/*
 * Writes into the ring that a guest shares with xenstored, as xenstored does when it gives the
 * connection up, in dom0, with Xen's own library.
 *
 *   peer_store DOMID FIELD VALUE      FIELD: error or connection
 *
 * Exit status: 0, or 1 with the reason on stderr.
 */
/* Before Xen's libraries, which ask the headers for less. */
#include "xen/xenstore_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xengnttab.h>

#define RING_REFERENCE 1 /* GNTTAB_RESERVED_XENSTORE: libxl grants it to xenstored's domain */

int main(int count, char **words)
{
    if (count != 4 || (strcmp(words[2], "error") != 0 && strcmp(words[2], "connection") != 0)) {
        fprintf(stderr, "usage: peer_store DOMID error|connection VALUE\n");
        return 1;
    }

    xengnttab_handle *grants = xengnttab_open(NULL, 0);
    xenstore_ring *ring = grants ? xengnttab_map_grant_ref(grants, (uint32_t)atoi(words[1]),
                                                           RING_REFERENCE, PROT_READ | PROT_WRITE)
                                 : NULL;

    if (!ring) {
        perror("peer_store: mapping the ring");
        return 1;
    }
    if (!strcmp(words[2], "connection")) {
        ring->connection = (uint32_t)atoi(words[3]);
    } else {
        ring->server_features |= XENSTORE_FEATURE_ERROR;
        ring->error = (uint32_t)atoi(words[3]);
    }
    return 0;
}
