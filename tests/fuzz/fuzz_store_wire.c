// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"
#include "xen/store_wire.h"

static void use(const struct store_message *message)
{
    struct store_permission list[4];
    uint32_t count, value;
    struct why why = {""};
    const char *token;

    must(message->header.len <= XENSTORE_PAYLOAD_MAX);
    must(message->payload[message->header.len] == '\0');
    if (!store_is_answer(message, XS_READ, 1, 0, &why))
        must_be_a_reason(&why);
    int error = store_error(message, "a node", &why);

    must(error > 0 || error == STORE_UNKNOWN);
    must_be_a_reason(&why);
    token = store_event_token(message);
    must(!token || token + strlen(token) + 1 == message->payload + message->header.len);
    if (store_parse_number(message->payload, 8, 100, &value))
        must(value >= 8 && value <= 100);
    if (store_parse_permissions(message, list, 4, &count, &why))
        must(count <= 4);
    else
        must_be_a_reason(&why);
}

/*
 * A far side that says anything: the indices to start from, then steps of how far it moves each
 * and what it writes there.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store_interface *ring;
    struct store_message *message;
    struct why why = {""};
    uint32_t index, done;

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
        if (!store_ring_connected(ring, &why))
            must_be_a_reason(&why);
        if (!store_ring_put(ring, "a request", 9, &done, &why)) {
            must_be_a_reason(&why);
            break;
        }
        must(done <= 9 && ring->req_prod - ring->req_cons <= sizeof(ring->req));

        enum store_progress progress = store_ring_get(ring, message, &why);

        if (progress == STORE_BAD) {
            must_be_a_reason(&why);
            break;
        }
        if (progress == STORE_WHOLE) {
            use(message);
            message->have = 0;
        }
    }
    free(message);
    free(ring);
    return 0;
}
