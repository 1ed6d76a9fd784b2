/* SPDX-License-Identifier: MIT */
/*
 * role=sender: sends a pseudo-random stream to another domain through a vchan, as a stream by copy,
 * in place, or in packets of pseudo-random lengths; and waits until all of it is read.
 */
#include "roles/role.h"
#include "roles/stream/content.h"
#include "roles/stream/stream.h"
#include "xen/lifecycle.h"

static bool send_in_place(struct stream *stream, struct error *err)
{
    uint32_t size, wanted = stream_next(stream);
    uint8_t *at = vchan_reserve(&stream->link.vchan, stream->link.timeout, &size, err);

    if (!at)
        return false;
    size = size < wanted ? size : wanted;
    content_fill(stream->options->seed, stream->at.done, at, size);
    stream_account(stream, at, size);
    vchan_commit(&stream->link.vchan, size);
    return true;
}

static bool send_copy(struct stream *stream, struct error *err)
{
    bool packet = stream->options->mode == MODE_PACKET;
    uint32_t size = stream_next(stream);

    content_fill(stream->options->seed, stream->at.done, stream->buffer, size);
    if (packet ? !vchan_send(&stream->link.vchan, stream->buffer, size, stream->link.timeout, err)
               : !vchan_write(&stream->link.vchan, stream->buffer, size, stream->link.timeout, err))
        return false;
    stream_account(stream, stream->buffer, size);
    stream->at.packets += packet;
    return true;
}

static bool send_next(struct stream *stream, struct error *err)
{
    /* Ends that keep up never wait: the toolstack is to be heard all the same. */
    if (!lifecycle_look(err))
        return false;
    stream_mark(stream);
    return stream->options->mode == MODE_IN_PLACE ? send_in_place(stream, err)
                                                  : send_copy(stream, err);
}

static bool send_all(struct stream *stream, struct error *err)
{
    while (stream->at.done < stream->size)
        if (!send_next(stream, err))
            return false;
    return vchan_drain(&stream->link.vchan, stream->link.timeout, err);
}

bool role_sender(const struct options *options, const struct xen_info *xen, struct error *err)
{
    return stream_run(options, xen, true, send_all, err);
}
