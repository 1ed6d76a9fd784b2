/* SPDX-License-Identifier: MIT */
#include "roles/stream/stream.h"

#include "kernel/printk.h"
#include "lib/crc32c.h"
#include "roles/pair/accounting.h"
#include "roles/stream/content.h"
#include "xen/hypercall.h"

static struct {
    struct stream stream;
} state;

uint32_t stream_next(const struct stream *stream)
{
    uint64_t left = stream->size - stream->done;
    uint32_t most = stream->options->chunk;

    if (stream->options->mode == MODE_PACKET)
        most = content_packet(stream->options->seed, stream->packets, most);
    return left < most ? (uint32_t)left : most;
}

void stream_account(struct stream *stream, const void *bytes, uint32_t size)
{
    stream->crc = crc32c(stream->crc, bytes, size);
    stream->done += size;
}

static void report(const struct stream *stream)
{
    const char *who = stream->link.who;
    const struct vchan *vchan = &stream->link.vchan;

    if (stream->packets > 0)
        printk(">> %s: %lu packets\n", who, stream->packets);
    printk(">> %s: %lu bytes, CRC-32C 0x%08x\n", who, stream->done, stream->crc);
    printk(">> %s: %lu hypercalls, %lu notifications, %lu waits\n", who,
           hypercall_count() - stream->hypercalls, vchan->notifications, vchan->waits);
}

static bool run_round(struct stream *stream, stream_function *transfer, struct error *err)
{
    struct link *link = &stream->link;
    struct error wrong;
    bool good;

    if (!link_open(link, err))
        return false;
    stream->done = stream->packets = stream->crc = 0;
    stream->hypercalls = hypercall_count();
    good = transfer(stream, &wrong);
    if (!link->quiet || !good)
        report(stream);
    return link_close(link, good ? NULL : &wrong, stream->options->rounds > 1, err);
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
