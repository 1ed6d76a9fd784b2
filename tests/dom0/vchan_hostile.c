/* SPDX-License-Identifier: MIT */
/*
 * The other end of a vchan, in dom0, that does not keep to the protocol. Both of its rings are in
 * the shared page.
 *
 *   vchan_hostile server|client DOMID PATH SECONDS WHAT
 *
 * WHAT is a name in the table below. Ends when our kernel's end says in the page that it is closed,
 * or after SECONDS, and prints `untouched` if no byte of the page but the header and the rings
 * changed.
 * Exit status: 0, or 1 with the reason on stderr.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#include "roles/stream/content.h"
#include "xen/vchan_ring.h"

#define HEAD 24 /* bytes */
#define SEED 1  /* a key's default: what a receiver expects */

static struct {
    volatile struct vchan_interface *page;
    volatile struct ring_shared *to, *from; /* the ring to our kernel, and the one from it */
    volatile uint8_t *live, *theirs, *ask, *asked;
    xenevtchn_handle *events;
    xengnttab_handle *grants;
    xenevtchn_port_or_error_t port;
    time_t end;
    uint16_t left, right;
} peer;

__attribute__((noreturn)) static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static bool in_time(void)
{
    return time(NULL) < peer.end;
}

static void tell(void)
{
    xenevtchn_notify(peer.events, (evtchn_port_t)peer.port);
}

static void wait_until_ended(void)
{
    while (in_time() && *peer.theirs == VCHAN_LIVE_OPEN)
        usleep(20000);
}

/* Waits until our kernel's end is in mid-stream: it did what it can, and asks for more. */
static void meet(void)
{
    *peer.asked = 0;
    tell();
    while (in_time() && *peer.asked == 0 && *peer.theirs == VCHAN_LIVE_OPEN)
        usleep(20000);
}

/* ---- What it does ---- */

static void prod_beyond(void)
{
    peer.to->prod = peer.to->cons + 5000;
    tell();
}

static void prod_back(void)
{
    peer.to->prod = 1000;
    tell();
    while (in_time() && peer.to->cons == 0)
        usleep(1000);
    peer.to->prod = 10;
    tell();
}

static void cons_beyond(void)
{
    peer.from->cons = peer.from->prod + 1;
    tell();
}

static void cons_back(void)
{
    while (in_time() && peer.from->prod == 0)
        usleep(1000);
    peer.from->cons = 1000;
    tell();
    while (in_time() && peer.from->prod <= 2048)
        usleep(1000);
    peer.from->cons = 1;
    tell();
}

static void flicker(void)
{
    uint32_t random = 1;

    while (in_time() && *peer.theirs == VCHAN_LIVE_OPEN) {
        for (int i = 0; i < 1000; i++) {
            random = random * 1664525 + 1013904223;
            peer.to->prod = peer.to->cons + (random >> 20);
            peer.from->cons = peer.from->prod - (random >> 20);
        }
        tell();
    }
}

static void live_7(void)
{
    *peer.live = 7;
    tell();
}

static void live_not_yet(void)
{
    *peer.live = VCHAN_LIVE_NOT_YET;
    tell();
}

static void live_toggles(void)
{
    while (in_time() && *peer.theirs == VCHAN_LIVE_OPEN) {
        *peer.live ^= 1;
        tell();
    }
}

static void storm(void)
{
    while (in_time() && *peer.theirs == VCHAN_LIVE_OPEN) {
        *peer.ask = VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE;
        tell();
    }
}

static void orders_change(void)
{
    peer.page->left_order = 31;
    peer.page->right_order = 0;
    memset((void *)(uintptr_t)peer.page->grants, 0, 8);
    peer.to->prod = peer.to->cons + 5000;
    tell();
}

static void silent(void)
{
}

/* A client's. Its event channel stays. */
static void unmaps(void)
{
    if (xengnttab_unmap(peer.grants, (void *)(uintptr_t)peer.page, 1))
        give_up("unmapping the page");
    while (in_time())
        sleep(1);
    exit(0);
}

static void dies(void)
{
    kill(getpid(), SIGKILL);
}

static void closes(void)
{
    *peer.live = VCHAN_LIVE_CLOSED;
    tell();
}

/* A server's, before the client comes. */
static void orders_9(void)
{
    peer.left = 9;
}

static void orders_21(void)
{
    peer.left = 21;
}

static void orders_huge(void)
{
    peer.left = peer.right = 65535;
}

static void orders_same(void)
{
    peer.left = peer.right = 10;
}

static void list_over_ring(void)
{
    peer.left = 20;
    peer.right = 10;
}

static void no_grants(void)
{
    peer.left = 12;
}

static void apart(void)
{
    peer.page->left.cons = 5000;
}

static void closed_before(void)
{
    peer.page->srv_live = VCHAN_LIVE_CLOSED;
}

static const struct {
    const char *name;
    void (*act)(void);
    bool before; /* the client comes */
} acts[] = {
    {"prod-beyond", prod_beyond, false},
    {"prod-back", prod_back, false},
    {"cons-beyond", cons_beyond, false},
    {"cons-back", cons_back, false},
    {"flicker", flicker, false},
    {"live-7", live_7, false},
    {"live-not-yet", live_not_yet, false},
    {"live-toggles", live_toggles, false},
    {"storm", storm, false},
    {"orders-change", orders_change, false},
    {"silent", silent, false},
    {"unmaps", unmaps, false},
    {"dies", dies, false},
    {"closes", closes, false},
    {"orders-9", orders_9, true},
    {"orders-21", orders_21, true},
    {"orders-huge", orders_huge, true},
    {"orders-same", orders_same, true},
    {"list-over-ring", list_over_ring, true},
    {"no-grants", no_grants, true},
    {"apart", apart, true},
    {"closed-before", closed_before, true},
};

/* ---- Meeting our kernel ---- */

static void node(char *path, size_t size, const char *base, const char *name)
{
    snprintf(path, size, "%s/%s", base, name);
}

static uint32_t read_node(struct xs_handle *store, const char *base, const char *name)
{
    char path[256], *value;
    unsigned int length;
    uint32_t number;

    node(path, sizeof(path), base, name);
    while (!(value = xs_read(store, XBT_NULL, path, &length))) {
        if (!in_time())
            give_up(path);
        usleep(100000);
    }
    number = (uint32_t)strtoul(value, NULL, 10);
    free(value);
    return number;
}

static void write_node(struct xs_handle *store, const char *base, const char *name, uint32_t domid,
                       uint32_t number)
{
    struct xs_permissions list[] = {{.id = 0, .perms = XS_PERM_NONE},
                                    {.id = domid, .perms = XS_PERM_READ}};
    char path[256], value[16];

    node(path, sizeof(path), base, name);
    snprintf(value, sizeof(value), "%u", number);
    if (!xs_write(store, XBT_NULL, path, value, (unsigned int)strlen(value)) ||
        !xs_set_permissions(store, XBT_NULL, path, list, 2))
        give_up(path);
}

static void be_client(struct xs_handle *store, uint32_t domid, const char *base)
{
    uint32_t port = read_node(store, base, "event-channel");
    uint32_t ref = read_node(store, base, "ring-ref");

    peer.grants = xengnttab_open(NULL, 0);
    if (!peer.grants)
        give_up("opening grants");
    peer.page = xengnttab_map_grant_ref(peer.grants, domid, ref, PROT_READ | PROT_WRITE);
    if (!peer.page)
        give_up("mapping the page");
    peer.port = xenevtchn_bind_interdomain(peer.events, domid, port);
    if (peer.port < 0)
        give_up("binding to the event channel");
    peer.to = &peer.page->left;
    peer.from = &peer.page->right;
    peer.live = &peer.page->cli_live;
    peer.theirs = &peer.page->srv_live;
    peer.ask = &peer.page->srv_notify;
    peer.asked = &peer.page->cli_notify;
    content_fill(SEED, 0, (uint8_t *)(uintptr_t)peer.page + (1u << peer.page->left_order),
                 1u << peer.page->left_order);
    peer.page->cli_live = VCHAN_LIVE_OPEN;
    peer.page->srv_notify = VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE;
}

static void be_server(uint32_t domid, uint32_t *ref)
{
    xengntshr_handle *shares = xengntshr_open(NULL, 0);

    peer.page = shares ? xengntshr_share_pages(shares, domid, 1, ref, 1) : NULL;
    if (!peer.page)
        give_up("sharing a page");
    memset((void *)(uintptr_t)peer.page, 0, VCHAN_PAGE_SIZE);
    peer.port = xenevtchn_bind_unbound_port(peer.events, domid);
    if (peer.port < 0)
        give_up("opening an event channel");
    peer.left = 10;
    peer.right = 11;
    peer.to = &peer.page->right;
    peer.from = &peer.page->left;
    peer.live = &peer.page->srv_live;
    peer.theirs = &peer.page->cli_live;
    peer.ask = &peer.page->cli_notify;
    peer.asked = &peer.page->srv_notify;
    peer.page->cli_live = VCHAN_LIVE_NOT_YET;
    peer.page->srv_live = VCHAN_LIVE_OPEN;
    peer.page->cli_notify = VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE;
}

static bool untouched(void)
{
    const volatile uint8_t *bytes = (const volatile uint8_t *)peer.page;

    for (unsigned int i = HEAD; i < 1024; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

int main(int count, char **words)
{
    uint32_t domid, ref = 0;
    size_t act = 0;

    while (count == 6 && act < sizeof(acts) / sizeof(acts[0]) && strcmp(acts[act].name, words[5]))
        act++;
    if (count != 6 || act == sizeof(acts) / sizeof(acts[0])) {
        fprintf(stderr, "usage: vchan_hostile server|client DOMID PATH SECONDS WHAT\n");
        return 1;
    }
    domid = (uint32_t)atoi(words[2]);
    peer.end = time(NULL) + atoi(words[4]);
    peer.events = xenevtchn_open(NULL, 0);

    struct xs_handle *store = xs_open(0);

    if (!peer.events || !store)
        give_up("opening xenstore and event channels");
    if (!strcmp(words[1], "client")) {
        be_client(store, domid, words[3]);
    } else {
        be_server(domid, &ref);
        if (acts[act].before)
            acts[act].act();
        peer.page->left_order = peer.left;
        peer.page->right_order = peer.right;
        write_node(store, words[3], "ring-ref", domid, ref);
        write_node(store, words[3], "event-channel", domid, (uint32_t)peer.port);
        while (in_time() && !acts[act].before && *peer.theirs == VCHAN_LIVE_NOT_YET)
            usleep(20000);
    }
    if (acts[act].before) {
        sleep((unsigned int)atoi(words[4]));
        return 0;
    }
    meet();
    acts[act].act();
    wait_until_ended();
    if (untouched())
        printf("untouched\n");
    return 0;
}
