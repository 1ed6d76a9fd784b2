/* SPDX-License-Identifier: MIT */
#include "roles/stream/link.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/unpopulated.h"

#define OTHER_ORDER    11u                 /* of the ring that little goes through: in the page */
#define OTHER_ORDER_11 10u                 /* where order 11 is taken */
#define GOING          (5 * NS_PER_SECOND) /* for an end that failed, or lied, to unmap */

/* A server's pages: the shared one, then the ring's. */
#define PAGES ((uint8_t *)(uintptr_t)FREE_RAM_BASE)

static bool serve(struct link *link, struct error *err)
{
    uint32_t order = link->ring;
    uint32_t other = order == OTHER_ORDER ? OTHER_ORDER_11 : OTHER_ORDER;
    uint8_t *ring = PAGES + VCHAN_PAGE_SIZE;
    struct vchan_memory memory = {.page = PAGES, .left = ring, .right = ring};
    struct error wrong;

    if (!unpopulated_is_ram(FREE_RAM_BASE, LINK_RAM_SIZE))
        return fail(err, XEN_ENOMEM, "no memory for a ring: expected %u KiB of RAM at 0x%x",
                    LINK_RAM_SIZE / 1024, FREE_RAM_BASE);
    if (!vchan_serve(&link->vchan, link->meeting.self, link->peer, link->path,
                     link->sends ? other : order, link->sends ? order : other, &memory, err))
        return false;
    if (!link->quiet)
        printk(">> %s: server at %s for domain %u, ring of %u bytes\n", link->who, link->path,
               link->peer, 1u << order);
    if (!vchan_accept(&link->vchan, link->timeout, &wrong))
        return link_close(link, &wrong, false, err);
    if (!link->quiet)
        printk(">> %s: domain %u is connected\n", link->who, link->peer);
    return true;
}

static bool connect(struct link *link, struct error *err)
{
    const struct vchan_end *end = &link->vchan.end;

    if (!vchan_connect(&link->vchan, link->peer, link->path, link->timeout, err))
        return false;
    if (!link->quiet)
        printk(">> %s: client of %s in domain %u, ring of %u bytes\n", link->who, link->path,
               link->peer, link->sends ? end->out.size : end->in.size);
    return true;
}

/* Through the offer of a pair: the server's nodes lie below it. */
static bool meet(struct link *link, struct error *err)
{
    struct rendezvous *meeting = &link->meeting;

    if (link->serves) {
        printk("%s: waiting for a client named \"%s\"\n", link->who, meeting->name);
        if (!rendezvous_offer(meeting, err)) {
            rendezvous_withdraw(meeting, NULL);
            return false;
        }
        evtchn_close(meeting->port); /* a vchan has its own */
        meeting->port = 0;
        format(link->path, sizeof(link->path), "data/xenolith/%s", meeting->name);
    } else {
        printk("%s: looking for a server named \"%s\"\n", link->who, meeting->name);
        if (!rendezvous_claim(meeting, link->options->peer, err))
            return false;
        format(link->path, sizeof(link->path), "/local/domain/%u/data/xenolith/%s", meeting->peer,
               meeting->name);
    }
    link->peer = meeting->peer;
    return true;
}

/*
 * With name=, the rendezvous tells the other end that we are suspended. With node= it knows no more
 * than the vchan: that we closed.
 */
static void leave(void *context)
{
    struct link *link = context;

    vchan_leave(&link->vchan);
}

static void stay(void *context)
{
    (void)context;
}

bool link_is_known(const struct link *link)
{
    return strcmp(link->options->node, "auto") != 0;
}

bool link_init(struct link *link, const struct xen_info *xen, struct error *err)
{
    const struct options *options = link->options;

    if (link_is_known(link) && options->peer == OPTIONS_AUTO)
        return fail(err, XEN_EINVAL, "node=%s with peer=auto: expected peer=N, or node=auto",
                    options->node);
    link->timeout = options->wait * NS_PER_SECOND;
    link->ring = options->ring;
    if (!grant_init(err) || !rendezvous_init(&link->meeting, options, xen, link->serves,
                                             link->serves ? "client" : "server", err))
        return false;
    if (link_is_known(link)) {
        link->peer = (domid_t)options->peer;
        format(link->path, sizeof(link->path), "%s", options->node);
        link->listener = (struct lifecycle_listener){leave, stay, link};
        lifecycle_listen(&link->listener);
    }
    return true;
}

bool link_open(struct link *link, struct error *err)
{
    if (link->path[0] == '\0' && !meet(link, err))
        return false;
    if (link->serves ? serve(link, err) : connect(link, err))
        return true;
    rendezvous_withdraw(&link->meeting, NULL);
    return false;
}

bool link_has_parted(const struct error *err)
{
    return err->code == LIFECYCLE_RESTORED || err->code == RENDEZVOUS_PARTED ||
           err->code == XEN_ENOTCONN || err->code == XEN_ESRCH;
}

bool link_part(struct link *link, struct error *err)
{
    if (!link_is_known(link))
        link->path[0] = '\0';
    return rendezvous_part(&link->meeting, err);
}

/* A suspended domain leaves a note before it is gone. */
static bool was_suspended(struct link *link, const struct error *before, struct error *note)
{
    if (!link->meeting.met)
        return false;
    /* It may be there still, being saved. */
    if (before->code == XEN_ETIME && rendezvous_peer_is_away(&link->meeting))
        return !fail(note, RENDEZVOUS_PARTED, "domain %u was suspended", link->peer);
    return (before->code == XEN_ENOTCONN || before->code == XEN_ESRCH) &&
           !rendezvous_peer_alive(&link->meeting, note) && note->code == RENDEZVOUS_PARTED;
}

bool link_wait_closed(struct link *link, struct error *err)
{
    struct error wrong;

    /* Who closes before it is gone knows all. */
    if (vchan_wait_closed(&link->vchan, link->timeout, &wrong))
        return link->vchan.over.code != XEN_ESRCH ||
               !was_suspended(link, &link->vchan.over, &wrong) || fail_as(err, &wrong);
    if (wrong.code == XEN_ETIME)
        return fail(err, XEN_ETIME, "waited %u seconds for domain %u to close the stream",
                    link->options->wait, link->peer);
    return wrong.code == LIFECYCLE_RESTORED || fail_as(err, &wrong);
}

bool link_close(struct link *link, const struct error *before, bool again, struct error *err)
{
    struct error note, wrong;

    /* The server closes first: then its nodes are gone when the client comes back. */
    if (!before && again && !link->serves && !vchan_wait_closed(&link->vchan, link->timeout, err)) {
        vchan_close(&link->vchan, 0, NULL);
        return false;
    }
    if (before && was_suspended(link, before, &note))
        before = &note;
    if (vchan_close(&link->vchan, before ? GOING : link->timeout, &wrong))
        return before ? fail_as(err, before) : true;
    return before ? fail(err, wrong.code, "%s; then: %s", before->text, wrong.text)
                  : fail_as(err, &wrong);
}
