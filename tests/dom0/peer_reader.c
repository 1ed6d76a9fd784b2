/* SPDX-License-Identifier: MIT */
/*
 * Reads what role=writer shares, in dom0, with Xen's own library.
 *
 *   peer_reader DOMID GREF [SECONDS [COUNT KEEP]]
 *
 * Keeps the page mapped for SECONDS (default 2) and prints the message, escaped. With COUNT, maps
 * the COUNT references from GREF on instead; after SECONDS it unmaps the first, a second later all
 * others but the last KEEP, and keeps those until it is killed.
 * Exit status: 0, or 1 with the reason on stderr.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xengnttab.h>

#include "roles/pair/shared_page.h"

static xengnttab_handle *grants;

static void *map(uint32_t domid, uint32_t ref)
{
    void *page = xengnttab_map_grant_ref(grants, domid, ref, PROT_READ);

    if (!page) {
        perror("peer_reader: mapping the grant");
        exit(1);
    }
    return page;
}

static void unmap(void *page)
{
    if (xengnttab_unmap(grants, page, 1)) {
        perror("peer_reader: unmapping the grant");
        exit(1);
    }
}

static void keep_many(uint32_t domid, uint32_t ref, unsigned int seconds, uint32_t count,
                      uint32_t keep)
{
    void **pages = calloc(count, sizeof(*pages));

    for (uint32_t i = 0; i < count; i++)
        pages[i] = map(domid, ref + i);
    printf("mapped %u\n", count);
    fflush(stdout);
    sleep(seconds);
    unmap(pages[0]);
    sleep(1);
    for (uint32_t i = 1; i < count - keep; i++)
        unmap(pages[i]);
    printf("kept %u\n", keep);
    fflush(stdout);
    pause();
}

int main(int count, char **words)
{
    static struct shared_page copy;
    struct error err;

    if (count != 3 && count != 4 && count != 6) {
        fprintf(stderr, "usage: peer_reader DOMID GREF [SECONDS [COUNT KEEP]]\n");
        return 1;
    }

    uint32_t domid = (uint32_t)atoi(words[1]), ref = (uint32_t)atoi(words[2]);
    unsigned int seconds = count > 3 ? (unsigned int)atoi(words[3]) : 2;
    void *page;

    grants = xengnttab_open(NULL, 0);
    if (!grants) {
        perror("peer_reader: opening the grant device");
        return 1;
    }
    if (count > 4)
        keep_many(domid, ref, seconds, (uint32_t)atoi(words[4]), (uint32_t)atoi(words[5]));
    page = map(domid, ref);
    memcpy(&copy, page, sizeof(copy));
    sleep(seconds);
    unmap(page);
    if (!shared_page_check(&copy, &err)) {
        fprintf(stderr, "peer_reader: %s\n", err.text);
        return 1;
    }
    printf("message: \"");
    for (uint32_t i = 0; i < copy.length; i++)
        printf(isprint((unsigned char)copy.message[i]) ? "%c" : "\\x%02x",
               (unsigned char)copy.message[i]);
    printf("\"\n");
    return 0;
}
