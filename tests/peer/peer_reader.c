// SPDX-License-Identifier: MIT
/*
 * Reads what role=writer shares, in dom0, with Xen's own library.
 *
 *   peer_reader DOMID GREF [SECONDS]    keeps the page mapped for SECONDS (default 2)
 *
 * Prints the message, escaped. Exit status: 0, or 1 with the reason on stderr.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xengnttab.h>

#include "kernel/shared_page.h"

int main(int count, char **words)
{
    static struct shared_page copy;
    struct why why;

    if (count < 3) {
        fprintf(stderr, "usage: peer_reader DOMID GREF [SECONDS]\n");
        return 1;
    }

    xengnttab_handle *grants = xengnttab_open(NULL, 0);
    uint32_t domid = (uint32_t)atoi(words[1]), ref = (uint32_t)atoi(words[2]);
    void *page = grants ? xengnttab_map_grant_ref(grants, domid, ref, PROT_READ) : NULL;

    if (!page) {
        perror("peer_reader: mapping the grant");
        return 1;
    }
    memcpy(&copy, page, sizeof(copy));
    sleep(count > 3 ? (unsigned int)atoi(words[3]) : 2);
    if (xengnttab_unmap(grants, page, 1)) {
        perror("peer_reader: unmapping the grant");
        return 1;
    }
    if (!shared_page_check(&copy, &why)) {
        fprintf(stderr, "peer_reader: %s\n", why.text);
        return 1;
    }
    printf("message: \"");
    for (uint32_t i = 0; i < copy.length; i++)
        printf(isprint((unsigned char)copy.message[i]) ? "%c" : "\\x%02x",
               (unsigned char)copy.message[i]);
    printf("\"\n");
    return 0;
}
