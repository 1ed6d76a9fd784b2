/* SPDX-License-Identifier: MIT */
#include "roles/stream/stream.h"

#include "kernel/printk.h"
#include "lib/crc32c.h"
#include "roles/pair/accounting.h"
#include "roles/stream/content.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"

/* A receiver is behind by no more than a ring, unless it is another one. */
#define MARK_EVERY (2ull << VCHAN_ORDER_MOST)

static struct {
    struct stream stream;
} state;

uint32_t stream_next(const struct stream *stream)
{
    uint64_t left = stream->size - stream->at.done;
    uint32_t most = stream->options->chunk;

    if (stream->options->mode == MODE_PACKET)
        most = content_packet(stream->options->seed, stream->at.packets, most);
    return left < most ? (uint32_t)left : most;
}

void stream_account(struct stream *stream, const void *bytes, uint32_t size)
{
    stream->at.crc = crc32c(stream->at.crc, bytes, size);
    stream->at.done += size;
}

static void report(const struct stream *stream)
{
    const char *who = stream->link.who;
    const struct vchan *vchan = &stream->link.vchan;

    if (stream->at.packets > 0)
        printk(">> %s: %lu packets\n", who, stream->at.packets);
    printk(">> %s: %lu bytes, CRC-32C 0x%08x\n", who, stream->at.done, stream->at.crc);
    printk(">> %s: %lu hypercalls, %lu notifications, %lu waits\n", who,
           hypercall_count() - stream->hypercalls, vchan->notifications, vchan->waits);
}

void stream_mark(struct stream *stream)
{
    if (stream->at.done - stream->marks[1].done < MARK_EVERY)
        return;
    stream->marks[0] = stream->marks[1];
    stream->marks[1] = stream->at;
}

/* To a place at `position` or before: to count, and to add to the CRC, from the start takes long.
 */
static void go_back(struct stream *stream, uint64_t position)
{
    if (position >= stream->at.done)
        return;
    if (position < stream->marks[1].done)
        stream->marks[1] = stream->marks[0];
    if (position < stream->marks[1].done)
        stream->marks[0] = stream->marks[1] = (struct mark){0};
    stream->at = stream->marks[1];
}

/* The sender: goes on at byte `position`. The content is known, so it need not have sent it. */
static bool go_to(struct stream *stream, uint64_t position, struct error *err)
{
    if (position > stream->size)
        return fail(err, XEN_EBADMSG, "domain %u asks for byte %lu of a stream of %lu",
                    stream->link.peer, position, stream->size);
    go_back(stream, position);
    while (stream->at.done < position) {
        uint64_t left = position - stream->at.done;
        uint32_t size = stream_next(stream);

        if (!lifecycle_look(err))
            return false;
        size = size < left ? size : (uint32_t)left;
        content_fill(stream->options->seed, stream->at.done, stream->buffer, size);
        stream_account(stream, stream->buffer, size);
        stream->at.packets += stream->options->mode == MODE_PACKET;
    }
    return true;
}

/* The receiver says where it is, as ends that may meet again are not at the same byte. */
static bool agree(struct stream *stream, struct error *err)
{
    struct link *link = &stream->link;
    uint64_t position = stream->at.done;
    struct error wrong;

    if (!link->sends)
        return vchan_send(&link->vchan, &position, sizeof(position), link->timeout, err);
    if (!vchan_receive(&link->vchan, &position, sizeof(position), link->timeout, &wrong))
        return wrong.code == XEN_ETIME
                   ? fail(err, XEN_ETIME,
                          "waited %u seconds for domain %u to say where it is: is "
                          "reconnect= given at both ends?",
                          stream->options->wait, link->peer)
                   : fail_as(err, &wrong);
    return go_to(stream, position, err);
}

/* Connects, and transfers what is left of the stream. */
static bool run_once(struct stream *stream, stream_function *transfer, struct error *err)
{
    struct link *link = &stream->link;
    struct error wrong;
    bool good;

    if (!link_open(link, err))
        return false;
    stream->hypercalls = hypercall_count();
    good = (stream->options->reconnect == 0 || agree(stream, &wrong)) && transfer(stream, &wrong);
    if (!link->quiet || !good)
        report(stream);
    /* A sender that is suspended before it sees that all was read comes back, and asks. */
    if (good && !link->sends && stream->options->reconnect > 0)
        good = link_wait_closed(link, &wrong);
    return link_close(link, good ? NULL : &wrong, stream->options->rounds > 1, err);
}

static bool run_round(struct stream *stream, stream_function *transfer, struct error *err)
{
    struct error wrong;

    stream->at = stream->marks[0] = stream->marks[1] = (struct mark){0};
    for (uint32_t left = stream->options->reconnect; !run_once(stream, transfer, &wrong); left--) {
        if (left == 0 || !link_has_parted(&wrong))
            return fail_as(err, &wrong);
        printk(">> %s: %s; looking for the other end again\n", stream->link.who, wrong.text);
        if (!link_part(&stream->link, err))
            return false;
    }
    return true;
}

bool stream_run(const struct options *options, const struct xen_info *xen, bool sends,
                stream_function *transfer, struct error *err)
{
    struct stream *stream = &state.stream;
    struct snapshot before;
    struct error wrong;

    *stream = (struct stream){
        .options = options,
        .size = options->size,
        .link =
            {
                .options = options,
                .who = sends ? "Sender" : "Receiver",
                .serves = options->side == SIDE_AUTO ? sends : options->side == SIDE_SERVER,
                .sends = sends,
            },
    };
    if (options->rounds > 1 && options->reconnect > 0)
        return fail(err, XEN_EINVAL,
                    "rounds=%u with reconnect=%u: expected rounds=1, or reconnect=0",
                    options->rounds, options->reconnect);
    if (!link_init(&stream->link, xen, err))
        return false;
    snapshot_take(&before);
    for (uint32_t round = 1; round <= options->rounds; round++) {
        stream->link.quiet = round > 1 && round < options->rounds;
        if (!run_round(stream, transfer, &wrong))
            return options->rounds > 1 ? fail(err, wrong.code, "round %u of %u: %s", round,
                                              options->rounds, wrong.text)
                                       : fail_as(err, &wrong);
    }
    return options->rounds == 1 || snapshot_check(&before, options->rounds, err);
}
