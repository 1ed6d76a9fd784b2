/* SPDX-License-Identifier: MIT */
#include "xen/xenstore_wire.h"

#include "lib/number.h"
#include "lib/string.h"

#define RING_MASK   (XENSTORE_RING_SIZE - 1u)
#define ERROR_SHOWN 40

_Static_assert((XENSTORE_RING_SIZE & RING_MASK) == 0, "the ring's size is a power of two");

#define SAME_OFFSET(member)                                                                        \
    _Static_assert(offsetof(xenstore_ring, member) ==                                              \
                       offsetof(struct xenstore_domain_interface, member),                         \
                   #member " is where Xen has it")

SAME_OFFSET(rsp);
SAME_OFFSET(req_cons);
SAME_OFFSET(req_prod);
SAME_OFFSET(rsp_cons);
SAME_OFFSET(rsp_prod);
SAME_OFFSET(server_features);
SAME_OFFSET(connection);
_Static_assert(offsetof(xenstore_ring, error) == 2072, "error is behind connection");

bool xenstore_ring_connected(const xenstore_ring *ring, struct error *err)
{
    /* Named in xs_wire.h. */
    static const char *const errors[] = {
        "none",
        "communication problem",
        "invalid ring index",
        "protocol violation",
    };
    uint32_t connection = ring->connection, error = ring->error;

    if ((ring->server_features & XENSTORE_FEATURE_ERROR) && error != 0)
        return fail(err, XEN_EIO, "xenstored ended the connection: error %u (%s)", error,
                    error < sizeof(errors) / sizeof(errors[0]) ? errors[error] : "unknown");
    return connection == XENSTORE_CONNECTED ||
           fail(err, XEN_EIO, "the connection to xenstored is lost: its state is %u, expected %d",
                connection, XENSTORE_CONNECTED);
}

/* How much the ring holds, from one look at the far side's index: it may change at any moment. */
static bool ring_used(const char *which, uint32_t producer, uint32_t consumer, uint32_t *used,
                      struct error *err)
{
    *used = producer - consumer;
    return *used <= XENSTORE_RING_SIZE ||
           fail(err, XEN_EIO, "the xenstore %s ring says %u bytes are in it, expected at most %d",
                which, *used, XENSTORE_RING_SIZE);
}

bool xenstore_ring_put(xenstore_ring *ring, const void *bytes, uint32_t size, uint32_t *done,
                       struct error *err)
{
    uint32_t producer = ring->req_prod, used;
    const char *from = bytes;

    *done = 0;
    if (!ring_used("request", producer, __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE), &used,
                   err))
        return false;
    for (; *done < size && used + *done < XENSTORE_RING_SIZE; (*done)++)
        ring->req[(producer + *done) & RING_MASK] = from[*done];
    __atomic_store_n(&ring->req_prod, producer + *done, __ATOMIC_RELEASE);
    return true;
}

bool xenstore_ring_get(xenstore_ring *ring, struct xenstore_message *message, bool *whole,
                       struct error *err)
{
    const uint32_t header_size = sizeof(message->header);
    uint32_t consumer = ring->rsp_cons, used, length = 0;

    *whole = false;
    if (!ring_used("reply", __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE), consumer, &used,
                   err))
        return false;

    uint32_t end = consumer + used;

    while (consumer != end && message->have < header_size)
        ((char *)&message->header)[message->have++] = ring->rsp[consumer++ & RING_MASK];
    if (message->have >= header_size) {
        length = message->header.len;
        if (length > XENSTORE_PAYLOAD_MAX)
            return fail(err, XEN_EIO,
                        "xenstore announces a payload of %u bytes, expected at most %d", length,
                        XENSTORE_PAYLOAD_MAX);
        while (consumer != end && message->have < header_size + length)
            message->payload[message->have++ - header_size] = ring->rsp[consumer++ & RING_MASK];
        message->payload[message->have - header_size] = '\0';
    }
    __atomic_store_n(&ring->rsp_cons, consumer, __ATOMIC_RELEASE);
    *whole = message->have >= header_size && message->have == header_size + length;
    return true;
}

bool xenstore_is_answer(const struct xenstore_message *message, uint32_t type, uint32_t id,
                        uint32_t transaction, struct error *err)
{
    const struct xsd_sockmsg *header = &message->header;

    if (header->req_id != id || header->tx_id != transaction)
        return fail(err, XEN_EIO,
                    "xenstore answers request %u of transaction %u, expected %u of "
                    "transaction %u",
                    header->req_id, header->tx_id, id, transaction);
    if (header->type != type && header->type != XS_ERROR)
        return fail(err, XEN_EIO, "xenstore answers with type %u, expected %u", header->type, type);
    return true;
}

bool xenstore_error(const struct xenstore_message *message, const char *about, struct error *err)
{
    int code = xen_errno_number(message->payload);
    char shown[ERROR_SHOWN];

    string_escape(shown, sizeof(shown), message->payload,
                  strnlen(message->payload, message->header.len));
    return fail(err, code ? code : XEN_EIO, "xenstore: %s: %s", about, shown);
}

const char *xenstore_event_token(const struct xenstore_message *message)
{
    uint32_t length = message->header.len;
    uint32_t path = (uint32_t)strnlen(message->payload, length);

    if (path == length ||
        path + 1 + strnlen(message->payload + path + 1, length - path - 1) + 1 != length)
        return NULL;
    return message->payload + path + 1;
}

bool xenstore_parse_permissions(const struct xenstore_message *message,
                                struct xenstore_permission *list, uint32_t most, uint32_t *count,
                                struct error *err)
{
    uint32_t length = message->header.len;

    *count = 0;
    for (uint32_t at = 0; at < length;) {
        const char *entry = message->payload + at;
        uint32_t size = (uint32_t)strnlen(entry, length - at), domid;

        if (size == length - at ||
            (*entry != 'n' && *entry != 'r' && *entry != 'w' && *entry != 'b') ||
            !number_parse32(entry + 1, 0, UINT16_MAX, &domid))
            return fail(err, XEN_EINVAL, "xenstore's answer is not a list of permissions");
        if (*count == most)
            return fail(err, XEN_E2BIG, "a node has more than %u permissions", most);
        list[(*count)++] = (struct xenstore_permission){.access = *entry, .domid = (domid_t)domid};
        at += size + 1;
    }
    return true;
}
