/* SPDX-License-Identifier: MIT */
#include "lib/number.h"
#include "tests/fuzz/fuzz.h"
#include "xen/xenstore_wire.h"

static void use(const struct xenstore_message *message)
{
    struct xenstore_permission list[4];
    uint32_t count, value;
    struct error err = {0};
    const char *token;

    must(message->header.len <= XENSTORE_PAYLOAD_MAX);
    must(message->payload[message->header.len] == '\0');
    if (!xenstore_is_answer(message, XS_READ, 1, 0, &err))
        must_be_a_reason(&err);
    must(!xenstore_error(message, "a node", &err) && err.code > 0);
    must_be_a_reason(&err);
    token = xenstore_event_token(message);
    must(!token || token + strlen(token) + 1 == message->payload + message->header.len);
    if (number_parse32(message->payload, 8, 100, &value))
        must(value >= 8 && value <= 100);
    if (xenstore_parse_permissions(message, list, 4, &count, &err))
        must(count <= 4);
    else
        must_be_a_reason(&err);
}

/*
 * A far side that says anything: the indices to start from, then steps of how far it moves each
 * and what it writes there.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xenstore_interface *ring;
    struct xenstore_message *message;
    struct error err = {0};
    uint32_t index, done;
    bool whole;

    if (size < sizeof(index))
        return 0;
    memcpy(&index, data, sizeof(index));
    data += sizeof(index);
    size -= sizeof(index);
    ring = calloc(1, sizeof(*ring));
    message = calloc(1, sizeof(*message));
    ring->req_cons = ring->req_prod = ring->rsp_cons = ring->rsp_prod = index;

    while (size > 0) {
        uint8_t step = *data++;

        size--;
        for (unsigned int i = 0; i < (step & 0x3fu) && size > 0; i++, size--)
            ring->rsp[ring->rsp_prod++ % sizeof(ring->rsp)] = (char)*data++;
        if (step & 0x40 && size > 0) {
            size--;
            ring->req_cons += (uint32_t)(int8_t)*data++ * 100u;
        }
        if (step & 0x80 && size > 0) {
            size--;
            ring->rsp_prod += (uint32_t)(int8_t)*data++ * 100u;
        }

        ring->connection = step >> 5;
        ring->error = step;
        ring->server_features = index >> 8;
        if (!xenstore_ring_connected(ring, &err))
            must_be_a_reason(&err);
        if (!xenstore_ring_put(ring, "a request", 9, &done, &err)) {
            must_be_a_reason(&err);
            break;
        }
        must(done <= 9 && ring->req_prod - ring->req_cons <= sizeof(ring->req));

        if (!xenstore_ring_get(ring, message, &whole, &err)) {
            must_be_a_reason(&err);
            break;
        }
        if (whole) {
            use(message);
            message->have = 0;
        }
    }
    free(message);
    free(ring);
    return 0;
}
