/* SPDX-License-Identifier: MIT */
#include "roles/pair/rendezvous.h"

#include "arch/x86_64/cpu.h"
#include "kernel/printk.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/lifecycle.h"
#include "xen/xenstore.h"

#define PATH_SIZE  120
#define VALUE_SIZE 12 /* of a 32-bit number and its NUL */
#define DOMID_MAX  (DOMID_FIRST_RESERVED - 1u)
#define PORT_MAX   131071
#define GREF_MAX   0xfffffffeu
#define SLICE      (NS_PER_SECOND / 2) /* between two looks at the other's nodes */
/* An offer missing for so long means that the writer is gone: until it has answered, anybody may
 * remove the offer, and the writer makes it again. */
#define GONE_AFTER (2 * NS_PER_SECOND)

struct path {
    char text[PATH_SIZE];
};

static struct path own_path(const struct rendezvous *meeting, const char *node)
{
    struct path path;

    format(path.text, sizeof(path.text), "data/xenolith/%s%s", meeting->name, node);
    return path;
}

static struct path path_of(const struct rendezvous *meeting, domid_t domid, const char *node)
{
    struct path path;

    format(path.text, sizeof(path.text), "/local/domain/%u/data/xenolith/%s%s", domid,
           meeting->name, node);
    return path;
}

/* There is no such node, as far as we may know: below nodes that we may not read it is EACCES. */
static bool means_gone(const struct error *err)
{
    return err->code == XEN_ENOENT || err->code == XEN_EACCES;
}

/* What xenstored lets stand in a path, without a /. */
static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '@';
}

/* ---- Time ---- */

static uint64_t deadline(const struct rendezvous *meeting)
{
    return clock_monotonic_ns() + meeting->wait * NS_PER_SECOND;
}

static uint64_t slice_until(uint64_t until)
{
    uint64_t end = clock_monotonic_ns() + SLICE;

    return end < until ? end : until;
}

/* Waits for a change, for a slice at most. */
static bool wait_slice(uint32_t watch, uint64_t until, struct error *err)
{
    struct error wrong;

    return lifecycle_wait_watch(watch, slice_until(until), &wrong) || wrong.code == XEN_ETIME ||
           fail_as(err, &wrong);
}

/* ---- Nodes ---- */

/* A node of ours that the peer may write: there it says that it is about to be suspended. */
static bool write_away(uint32_t transaction, const struct rendezvous *meeting, struct error *err)
{
    const struct xenstore_permission list[] = {{'n', meeting->self}, {'b', meeting->peer}};
    struct path path = own_path(meeting, "/away");

    return xenstore_write(transaction, path.text, "", err) &&
           xenstore_set_permissions(transaction, path.text, list, 2, err);
}

static bool write_number(uint32_t transaction, const char *path, uint64_t number, struct error *err)
{
    char value[24];

    format(value, sizeof(value), "%lu", number);
    return xenstore_write(transaction, path, value, err);
}

/* Writes a node of ours that only the peer may read. */
static bool write_text_for_peer(uint32_t transaction, const struct rendezvous *meeting,
                                const char *node, const char *text, struct error *err)
{
    const struct xenstore_permission list[] = {{'n', meeting->self}, {'r', meeting->peer}};
    struct path path = own_path(meeting, node);

    return xenstore_write(transaction, path.text, text, err) &&
           xenstore_set_permissions(transaction, path.text, list, 2, err);
}

static bool write_for_peer(uint32_t transaction, const struct rendezvous *meeting, const char *node,
                           uint64_t number, struct error *err)
{
    char value[24];

    format(value, sizeof(value), "%lu", number);
    return write_text_for_peer(transaction, meeting, node, value, err);
}

static void tell_peer(const struct rendezvous *meeting, const char *text)
{
    if (meeting->met)
        xenstore_write(0, path_of(meeting, meeting->peer, "/away").text, text, NULL);
}

static void leave(void *context)
{
    tell_peer(context, "suspended");
}

static void stay(void *context)
{
    tell_peer(context, "");
}

/* From here on each of the two learns when the other one is suspended. */
static void set_met(struct rendezvous *meeting)
{
    meeting->met = true;
    meeting->restores = lifecycle_restores();
}

/* Our own domain id, which a restore changes. */
static bool find_self(struct rendezvous *meeting, struct error *err)
{
    uint32_t self = meeting->xen->domid;

    if (!meeting->xen->domid_known && !xenstore_read_number(0, "domid", 0, DOMID_MAX, &self, err))
        return false;
    meeting->self = (domid_t)self;
    return true;
}

bool rendezvous_init(struct rendezvous *meeting, const struct options *options,
                     const struct xen_info *xen, bool offers, const char *other, struct error *err)
{
    if (!evtchn_init(err) || !xenstore_init(err))
        return false;
    *meeting = (struct rendezvous){
        .name = options->name,
        .wait = options->wait,
        .xen = xen,
        .writer = offers,
        .other = other,
        .wanted = options->peer,
        .listener = {leave, stay, meeting},
    };
    lifecycle_listen(&meeting->listener);
    return find_self(meeting, err);
}

bool rendezvous_peer_is_away(const struct rendezvous *meeting)
{
    char value[VALUE_SIZE];

    /* The peer alone writes there, so any text will do. */
    return meeting->met &&
           xenstore_read(0, own_path(meeting, "/away").text, value, sizeof(value), NULL) &&
           value[0] != '\0';
}

bool rendezvous_peer_alive(struct rendezvous *meeting, struct error *err)
{
    struct path path = path_of(meeting, meeting->peer, meeting->writer ? "/writer" : "/reader");
    char value[VALUE_SIZE];
    struct error wrong;

    if (xenstore_read(0, path.text, value, sizeof(value), &wrong))
        return true;
    if (!means_gone(&wrong))
        return fail_as(err, &wrong);
    return rendezvous_peer_is_away(meeting)
               ? fail(err, RENDEZVOUS_PARTED, "domain %u was suspended", meeting->peer)
               : fail(err, XEN_ESRCH, "domain %u went away", meeting->peer);
}

/* ---- The writer ---- */

static bool write_offer(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;
    const struct xenstore_permission list = {'b', meeting->self};
    struct path path = own_path(meeting, "/reader");

    return xenstore_write(transaction, path.text, "", err) &&
           xenstore_set_permissions(transaction, path.text, &list, 1, err);
}

/* Sets meeting->peer to who claimed the offer. XEN_ENOENT if nobody did; else a bad claim. */
static bool read_claim(struct rendezvous *meeting, struct error *err)
{
    struct path path = own_path(meeting, "/reader");
    char value[VALUE_SIZE];
    uint32_t reader, writer;
    struct error wrong;

    if (xenstore_read(0, path.text, value, sizeof(value), &wrong)) {
        if (value[0] == '\0')
            return fail(err, XEN_ENOENT, "nobody claimed the offer");
        if (xenstore_read_number(0, path.text, 0, DOMID_MAX, &reader, &wrong)) {
            if (meeting->wanted != OPTIONS_AUTO && meeting->wanted != reader)
                return fail(err, XEN_EINVAL, "domain %u claims it, expected domain %u", reader,
                            meeting->wanted);
            path = path_of(meeting, (domid_t)reader, "/writer");
            if (xenstore_read_number(0, path.text, 0, DOMID_MAX, &writer, &wrong)) {
                if (writer != meeting->self)
                    return fail(err, XEN_EINVAL, "domain %u claims it, but looks for domain %u",
                                reader, writer);
                meeting->peer = (domid_t)reader;
                return true;
            }
        }
    }
    return fail(err, wrong.code == XEN_ENOENT ? XEN_EINVAL : wrong.code, "%s", wrong.text);
}

/* The offer is taken: it names the reader, to it alone. */
static bool close_offer(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;

    return write_for_peer(transaction, meeting, "/reader", meeting->peer, err) &&
           write_away(transaction, meeting, err);
}

bool rendezvous_offer(struct rendezvous *meeting, struct error *err)
{
    uint64_t until = deadline(meeting);
    struct path path = own_path(meeting, "/reader");
    unsigned int bad_claims = 0;
    uint32_t watch;
    struct error wrong;

    if (!xenstore_transaction(write_offer, meeting, err) || !xenstore_watch(path.text, &watch, err))
        return false;
    while (!read_claim(meeting, &wrong)) {
        if (wrong.code != XEN_ENOENT && wrong.code != XENSTORE_OVER) {
            /* Anybody may claim, or remove the offer, as often as it likes: that must neither keep
             * the right reader from claiming nor fill the log. */
            bad_claims++;
            if ((bad_claims & (bad_claims - 1)) == 0)
                printk_error("Offer: bad claim %u: %s\n", bad_claims, wrong.text);
            xenstore_transaction(write_offer, meeting, &wrong);
        }
        if (wrong.code == XENSTORE_OVER)
            return fail_as(err, &wrong);
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_ETIME,
                        "waited %u seconds for a %s named \"%s\" to claim the offer; bad "
                        "claims: %u",
                        meeting->wait, meeting->other, meeting->name, bad_claims);
        if (wait_slice(watch, until, &wrong))
            continue;
        /* The offer was left behind with the domain that was saved. */
        if (wrong.code != LIFECYCLE_RESTORED)
            return fail_as(err, &wrong);
        if (!find_self(meeting, err) || !xenstore_transaction(write_offer, meeting, err))
            return false;
    }
    if (!xenstore_unwatch(path.text, watch, err) ||
        !xenstore_transaction(close_offer, meeting, err) ||
        !evtchn_open(meeting->peer, &meeting->port, err))
        return false;
    set_met(meeting);
    return true;
}

static bool write_publication(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;

    return write_for_peer(transaction, meeting, "/ring-ref", meeting->ref, err) &&
           write_text_for_peer(transaction, meeting, "/session", meeting->session, err) &&
           write_for_peer(transaction, meeting, "/event-channel", meeting->port, err);
}

/* A name that nobody else knows: of the given one, and of the time by two clocks. */
static void name_session(struct rendezvous *meeting)
{
    if (meeting->session[0] == '\0')
        format(meeting->session, sizeof(meeting->session), "%s@%016lx", meeting->name,
               clock_wall_ns() ^ tsc_read_ordered() << 20);
}

bool rendezvous_publish(struct rendezvous *meeting, grant_ref_t ref, struct error *err)
{
    name_session(meeting);
    meeting->ref = ref;
    return xenstore_transaction(write_publication, meeting, err);
}

bool rendezvous_finish(struct rendezvous *meeting, uint64_t rounds, struct error *err)
{
    uint32_t ack;

    if (!xenstore_read_number(0, path_of(meeting, meeting->peer, "/ack").text, 0, UINT32_MAX, &ack,
                              err))
        return false;
    return ack == rounds || fail(err, XEN_EINVAL, "domain %u acknowledges %u rounds, expected %lu",
                                 meeting->peer, ack, rounds);
}

bool rendezvous_withdraw(struct rendezvous *meeting, struct error *err)
{
    struct error wrong = {0};
    bool removed = xenstore_rm(0, own_path(meeting, "").text, &wrong);

    if (meeting->port) {
        evtchn_notify(meeting->port, NULL); /* the reader may be gone */
        evtchn_close(meeting->port);
    }
    return removed || wrong.code == XEN_ENOENT || fail_as(err, &wrong);
}

/* ---- The reader ---- */

/* Whether meeting->peer offers, and nobody has claimed it: XEN_EBUSY if somebody has. */
static bool offer_is_free(uint32_t transaction, const struct rendezvous *meeting, struct error *err)
{
    struct path offer = path_of(meeting, meeting->peer, "/reader");
    char value[VALUE_SIZE];

    if (!xenstore_read(transaction, offer.text, value, sizeof(value), err))
        return false;
    return value[0] == '\0' ||
           fail(err, XEN_EBUSY, "domain %u has its reader already", meeting->peer);
}

/* Claims the offer of meeting->peer, unless another reader was first: XEN_EBUSY. */
static bool write_claim(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;
    struct path offer = path_of(meeting, meeting->peer, "/reader");

    return offer_is_free(transaction, meeting, err) &&
           write_for_peer(transaction, meeting, "/writer", meeting->peer, err) &&
           write_away(transaction, meeting, err) &&
           (meeting->rounds == 0 ||
            write_for_peer(transaction, meeting, "/ack", meeting->rounds, err)) &&
           write_number(transaction, offer.text, meeting->self, err);
}

/* As write_claim(), without a transaction where there is nothing to claim. */
static bool try_to_claim(struct rendezvous *meeting, domid_t writer, struct error *err)
{
    meeting->peer = writer;
    return offer_is_free(0, meeting, err) && xenstore_transaction(write_claim, meeting, err);
}

/* The pause, in ns, after a search that took `search` ns: other domains need xenstored, too. */
static uint64_t pause_after(uint64_t search)
{
    uint64_t pause = 4 * search;

    if (pause < SLICE)
        return SLICE;
    return pause < 4 * SLICE ? pause : 4 * SLICE;
}

static bool find_writer(struct rendezvous *meeting, uint32_t peer, struct error *err)
{
    uint64_t until = deadline(meeting), began;
    uint32_t from = peer, to = peer;
    struct error refusal = {0}, wrong;

    do {
        if (!find_self(meeting, err))
            return false;
        if (peer == OPTIONS_AUTO) {
            from = meeting->self > RENDEZVOUS_REACH ? meeting->self - RENDEZVOUS_REACH : 0;
            to = meeting->self + RENDEZVOUS_REACH;
            if (to > DOMID_MAX)
                to = DOMID_MAX;
        }
        began = clock_monotonic_ns();
        for (uint32_t id = from; id <= to; id++) {
            if (id == meeting->self)
                continue;
            if (try_to_claim(meeting, (domid_t)id, &wrong))
                return true;
            if (wrong.code == XENSTORE_OVER)
                return fail_as(err, &wrong);
            if (!means_gone(&wrong))
                refusal = wrong;
        }
        if (!lifecycle_sleep(pause_after(clock_monotonic_ns() - began), err))
            return false;
    } while (began < until);
    return fail(err, XEN_ETIME, "waited %u seconds for a %s named \"%s\" in domains %u to %u%s%s",
                meeting->wait, meeting->other, meeting->name, from, to, refusal.text[0] ? ": " : "",
                refusal.text);
}

/*
 * Looks at the offer of a writer that has not answered yet, and claims it again where it is empty:
 * anybody may have wiped our claim before the writer saw it. XEN_ESRCH if there is no offer.
 */
static bool renew_claim(struct rendezvous *meeting, struct error *err)
{
    struct error wrong;

    if (try_to_claim(meeting, meeting->peer, &wrong))
        return true;
    if (wrong.code == XENSTORE_OVER)
        return fail_as(err, &wrong);
    return !means_gone(&wrong) || fail(err, XEN_ESRCH, "domain %u went away", meeting->peer);
}

/* Reads the node `path` when `watch` fires, and now and then, until the port is there. */
static bool watch_for_port(struct rendezvous *meeting, const char *path, uint32_t watch,
                           uint32_t *port, struct error *err)
{
    uint64_t until = deadline(meeting);
    uint64_t present_at = clock_monotonic_ns(); /* the last time that the offer was */
    struct error no_port, wrong;

    while (!xenstore_read_number(0, path, 1, PORT_MAX, port, &no_port)) {
        if (!means_gone(&no_port))
            return fail_as(err, &no_port);

        bool present = renew_claim(meeting, &wrong);
        uint64_t now = clock_monotonic_ns();

        if (!present && wrong.code != XEN_ESRCH)
            return fail_as(err, &wrong);
        if (present)
            present_at = now;
        else if (now - present_at >= GONE_AFTER)
            return fail(err, XEN_ESRCH,
                        "the writer, domain %u, went away before it granted anything",
                        meeting->peer);
        if (now >= until)
            return fail(err, XEN_ETIME, "waited %u seconds for domain %u to grant a page: %s",
                        meeting->wait, meeting->peer, no_port.text);
        if (!wait_slice(watch, until, err))
            return false;
    }
    return true;
}

/* Waits until the writer has published its port. */
static bool wait_for_port(struct rendezvous *meeting, uint32_t *port, struct error *err)
{
    struct path path = path_of(meeting, meeting->peer, "/event-channel");
    uint32_t watch;
    bool found;

    if (!xenstore_watch(path.text, &watch, err))
        return false;
    found = watch_for_port(meeting, path.text, watch, port, err);
    return xenstore_unwatch(path.text, watch, found ? err : NULL) && found;
}

/* Other programs may have none: then the two cannot meet again. */
static bool read_session(struct rendezvous *meeting, struct error *err)
{
    char session[RENDEZVOUS_NAME_SIZE];
    struct error wrong;

    if (!xenstore_read(0, path_of(meeting, meeting->peer, "/session").text, session,
                       sizeof(session), &wrong))
        return means_gone(&wrong) || fail_as(err, &wrong);
    for (const char *c = session; *c; c++)
        if (!is_name_character(*c))
            return fail(err, XEN_EINVAL, "the name of domain %u's session has a 0x%02x in it",
                        meeting->peer, (unsigned char)*c);
    memcpy(meeting->session, session, sizeof(session));
    return true;
}

static bool claim(struct rendezvous *meeting, uint32_t peer, uint32_t *port, struct error *err)
{
    if (!find_writer(meeting, peer, err))
        return false;
    set_met(meeting);
    return wait_for_port(meeting, port, err);
}

bool rendezvous_claim(struct rendezvous *meeting, uint32_t peer, struct error *err)
{
    uint32_t port;

    return claim(meeting, peer, &port, err);
}

bool rendezvous_find(struct rendezvous *meeting, uint32_t peer, struct error *err)
{
    grant_ref_t ref; /* read early only to validate it before binding */
    uint32_t port;

    return claim(meeting, peer, &port, err) && rendezvous_reference(meeting, &ref, err) &&
           read_session(meeting, err) && evtchn_bind(meeting->peer, port, &meeting->port, err);
}

bool rendezvous_reference(struct rendezvous *meeting, grant_ref_t *ref, struct error *err)
{
    struct error wrong, gone;

    if (xenstore_read_number(0, path_of(meeting, meeting->peer, "/ring-ref").text, 0, GREF_MAX, ref,
                             &wrong))
        return true;
    /* The event was that of a writer that has withdrawn its offer. */
    return means_gone(&wrong) && !rendezvous_peer_alive(meeting, &gone) ? fail_as(err, &gone)
                                                                        : fail_as(err, &wrong);
}

bool rendezvous_send_ack(struct rendezvous *meeting, uint64_t rounds, struct error *err)
{
    return write_for_peer(0, meeting, "/ack", rounds, err);
}

/* ---- Both ---- */

bool rendezvous_notify(struct rendezvous *meeting, struct error *err)
{
    return evtchn_notify(meeting->port, err);
}

bool rendezvous_wait(struct rendezvous *meeting, const char *what, struct error *err)
{
    uint64_t until = deadline(meeting);
    struct error wrong;

    while (!lifecycle_wait_event(meeting->port, slice_until(until), &wrong)) {
        if (wrong.code != XEN_ETIME)
            return fail_as(err, &wrong);
        if (!rendezvous_peer_alive(meeting, &wrong))
            return wrong.code == XEN_ESRCH || wrong.code == RENDEZVOUS_PARTED
                       ? fail(err, wrong.code, "%s; we waited for it to %s", wrong.text, what)
                       : fail_as(err, &wrong);
        if (clock_monotonic_ns() >= until)
            return fail(err, rendezvous_peer_is_away(meeting) ? RENDEZVOUS_PARTED : XEN_ETIME,
                        "waited %u seconds for domain %u to %s", meeting->wait, meeting->peer,
                        what);
    }
    return true;
}

bool rendezvous_wait_withdrawn(struct rendezvous *meeting, struct error *err)
{
    uint64_t until = deadline(meeting);
    struct error wrong;

    while (rendezvous_peer_alive(meeting, &wrong)) {
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_ETIME, "waited %u seconds for domain %u to withdraw its offer",
                        meeting->wait, meeting->peer);
        if (!lifecycle_wait_event(meeting->port, slice_until(until), &wrong) &&
            wrong.code != XEN_ETIME)
            return fail_as(err, &wrong);
    }
    return wrong.code == XEN_ESRCH || fail_as(err, &wrong);
}

/* ---- Meeting again ---- */

bool rendezvous_is_parted(struct rendezvous *meeting, const struct error *err)
{
    struct error wrong;

    return meeting->met &&
           (meeting->restores != lifecycle_restores() || err->code == RENDEZVOUS_PARTED ||
            (!rendezvous_peer_alive(meeting, &wrong) && wrong.code == RENDEZVOUS_PARTED));
}

/* Leaves the former place; in a new domain, none of it is there. */
static void clear_up(struct rendezvous *meeting)
{
    if (meeting->restores == lifecycle_restores()) {
        xenstore_rm(0, own_path(meeting, "").text, NULL);
        if (meeting->port)
            evtchn_close(meeting->port);
    }
    meeting->met = false;
    meeting->port = 0;
    meeting->ref = 0;
}

bool rendezvous_part(struct rendezvous *meeting, struct error *err)
{
    clear_up(meeting);
    return find_self(meeting, err);
}

/* The reader's search, as often as one of the two is suspended in it. */
static bool find_again(struct rendezvous *meeting, uint32_t peer, bool last, struct error *err)
{
    uint64_t until = deadline(meeting);
    struct error wrong;

    if (last)
        return find_writer(meeting, peer, err);
    while (!rendezvous_find(meeting, peer, &wrong))
        if ((wrong.code != XEN_ESRCH && wrong.code != RENDEZVOUS_PARTED &&
             wrong.code != LIFECYCLE_RESTORED) ||
            clock_monotonic_ns() >= until)
            return fail_as(err, &wrong);
    return true;
}

bool rendezvous_rejoin(struct rendezvous *meeting, uint32_t peer, uint64_t *rounds, bool last,
                       struct error *err)
{
    domid_t former = meeting->peer;
    bool moved = meeting->restores == lifecycle_restores(); /* the peer, not we */
    struct error wrong;
    uint32_t ack = 0;
    bool good;

    if (meeting->session[0] == '\0')
        return fail(err, XEN_ESRCH, "domain %u was suspended, and has published no session",
                    former);
    if (moved && peer != OPTIONS_AUTO)
        return fail(err, XEN_ESRCH, "domain %u was suspended: with peer=%u we cannot find it again",
                    former, peer);
    printk("%s: %s suspended; looking for the peer again\n", meeting->writer ? "Writer" : "Reader",
           moved ? "the peer was" : "this domain was");
    clear_up(meeting);
    meeting->name = meeting->session;
    if (!find_self(meeting, err))
        return false;
    if (meeting->writer) {
        good = rendezvous_offer(meeting, &wrong) &&
               xenstore_read_number(0, path_of(meeting, meeting->peer, "/ack").text, 0, UINT32_MAX,
                                    &ack, &wrong);
        if (!good && meeting->met && means_gone(&wrong))
            good = true; /* it has read nothing yet */
        *rounds = ack;
    } else {
        meeting->rounds = (uint32_t)*rounds;
        good = find_again(meeting, peer, last, &wrong);
        if (!good && last && !moved && wrong.code == XEN_ETIME) {
            printk("Reader: the writer has ended meanwhile\n");
            return true;
        }
    }
    if (!good)
        return fail(err, wrong.code, "%s suspended, and the two did not meet again: %s",
                    moved ? "the peer was" : "this domain was", wrong.text);
    printk(">> %s: met domain %u again, as domain %u, after %lu rounds\n",
           meeting->writer ? "Writer" : "Reader", former, meeting->peer, *rounds);
    return true;
}
