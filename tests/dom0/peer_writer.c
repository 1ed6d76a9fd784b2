/* SPDX-License-Identifier: MIT */
/*
 * Shares a page with role=reader, in dom0, with Xen's own library.
 *
 *   peer_writer DOMID SECONDS MESSAGE [WRONG]
 *
 * Prints the grant reference, and ends the sharing after SECONDS. WRONG, what a hostile writer
 * would do, is one of magic, version, length, crc, sequence and count; or rounds: prints the port
 * of an event channel as well, and once the reader has read the first of two rounds, says that the
 * second is one of three.
 * Exit status: 0, or 1 with the reason on stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#include "lib/crc32c.h"
#include "roles/pair/shared_page.h"

static void sign(struct shared_page *page)
{
    page->crc =
        crc32c(crc32c(0, page, offsetof(struct shared_page, crc)), page->message, page->length);
}

/* The CRC is right in all but crc: only then is it the field that is looked at. */
static int spoil(struct shared_page *page, const char *what)
{
    if (!strcmp(what, "crc")) {
        page->crc ^= 1;
        return 0;
    }
    if (!strcmp(what, "magic"))
        page->magic ^= 1;
    else if (!strcmp(what, "version"))
        page->version++;
    else if (!strcmp(what, "sequence"))
        page->sequence = 0;
    else if (!strcmp(what, "count"))
        page->count = SHARED_PAGE_ROUNDS + 1;
    else if (!strcmp(what, "rounds"))
        page->count = 2;
    else if (strcmp(what, "length"))
        return -1;
    sign(page);
    if (!strcmp(what, "length"))
        page->length = sizeof(page->message) + 1;
    return 0;
}

static int channel(xenevtchn_handle **events, uint32_t domid)
{
    xenevtchn_port_or_error_t port;

    *events = xenevtchn_open(NULL, 0);
    port = *events ? xenevtchn_bind_unbound_port(*events, domid) : -1;
    if (port < 0) {
        perror("peer_writer: opening an event channel");
        exit(1);
    }
    return port;
}

static void second_of_three(struct shared_page *page, xenevtchn_handle *events, int port)
{
    if (xenevtchn_pending(events) != port || xenevtchn_unmask(events, (evtchn_port_t)port)) {
        perror("peer_writer: waiting for the reader");
        exit(1);
    }
    page->sequence = 2;
    page->count = 3;
    sign(page);
    if (xenevtchn_notify(events, (evtchn_port_t)port)) {
        perror("peer_writer: telling the reader");
        exit(1);
    }
}

int main(int count, char **words)
{
    struct shared_page *page;
    uint32_t ref;

    if (count < 4) {
        fprintf(stderr, "usage: peer_writer DOMID SECONDS MESSAGE [WRONG]\n");
        return 1;
    }

    xengntshr_handle *shares = xengntshr_open(NULL, 0);

    page = shares ? xengntshr_share_pages(shares, (uint32_t)atoi(words[1]), 1, &ref, 0) : NULL;
    if (!page) {
        perror("peer_writer: sharing a page");
        return 1;
    }
    shared_page_fill(page, 1, 1, words[3], (uint32_t)strlen(words[3]));
    if (count > 4 && spoil(page, words[4])) {
        fprintf(stderr,
                "peer_writer: '%s': expected magic, version, length, crc, sequence, "
                "count or rounds\n",
                words[4]);
        return 1;
    }
    if (count > 4 && !strcmp(words[4], "rounds")) {
        xenevtchn_handle *events;
        int port = channel(&events, (uint32_t)atoi(words[1]));

        printf("%u %d\n", ref, port);
        fflush(stdout);
        second_of_three(page, events, port);
    } else {
        printf("%u\n", ref);
        fflush(stdout);
    }
    sleep((unsigned int)atoi(words[2]));
    if (xengntshr_unshare(shares, page, 1)) {
        perror("peer_writer: ending the sharing");
        return 1;
    }
    return 0;
}
