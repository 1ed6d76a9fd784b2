/* SPDX-License-Identifier: MIT */
/*
 * role=receiver: receives what role=sender sends, with the same size=, seed= and, for packets,
 * chunk=, and checks every byte.
 */
#include "roles/role.h"
#include "roles/stream/content.h"
#include "roles/stream/stream.h"
#include "xen/lifecycle.h"

static bool check(struct stream *stream, const uint8_t *bytes, uint32_t size, struct error *err)
{
    uint64_t wrong;

    if (!content_check(stream->options->seed, stream->at.done, bytes, size, &wrong))
        return fail(err, XEN_EINVAL,
                    "byte %lu of the stream is not that of seed=%u: is size=, seed= and chunk= the "
                    "same at both ends?",
                    wrong, stream->options->seed);
    stream_account(stream, bytes, size);
    return true;
}

static bool receive_in_place(struct stream *stream, struct error *err)
{
    uint32_t size, wanted = stream_next(stream);
    const uint8_t *at = vchan_peek(&stream->link.vchan, stream->link.timeout, &size, err);

    if (!at)
        return false;
    size = size < wanted ? size : wanted;
    if (!check(stream, at, size, err))
        return false;
    vchan_consume(&stream->link.vchan, size);
    return true;
}

static bool receive_copy(struct stream *stream, struct error *err)
{
    bool packet = stream->options->mode == MODE_PACKET;
    uint32_t size = stream_next(stream);

    if (packet
            ? !vchan_receive(&stream->link.vchan, stream->buffer, size, stream->link.timeout, err)
            : !vchan_read(&stream->link.vchan, stream->buffer, size, stream->link.timeout, &size,
                          err))
        return false;
    stream->at.packets += packet;
    return check(stream, stream->buffer, size, err);
}

static bool receive_next(struct stream *stream, struct error *err)
{
    /* Ends that keep up never wait: the toolstack is to be heard all the same. */
    if (!lifecycle_look(err))
        return false;
    return stream->options->mode == MODE_IN_PLACE ? receive_in_place(stream, err)
                                                  : receive_copy(stream, err);
}

static bool receive_all(struct stream *stream, struct error *err)
{
    while (stream->at.done < stream->size)
        if (!receive_next(stream, err))
            return false;
    /* The sender waits for the last bytes to be read. */
    return vchan_flush(&stream->link.vchan, err);
}

bool role_receiver(const struct options *options, const struct xen_info *xen, struct error *err)
{
    return stream_run(options, xen, false, receive_all, err);
}
