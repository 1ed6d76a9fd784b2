// SPDX-License-Identifier: MIT
#include "xen/store_wire.h"

#include "kernel/string.h"

#define RING_MASK   (XENSTORE_RING_SIZE - 1u)
#define ERROR_SHOWN 40

_Static_assert((XENSTORE_RING_SIZE & RING_MASK) == 0, "the ring's size is a power of two");

#define SAME_OFFSET(member)                                                                        \
    _Static_assert(offsetof(store_ring, member) ==                                                 \
                       offsetof(struct xenstore_domain_interface, member),                         \
                   #member " is where Xen has it")

SAME_OFFSET(rsp);
SAME_OFFSET(req_cons);
SAME_OFFSET(req_prod);
SAME_OFFSET(rsp_cons);
SAME_OFFSET(rsp_prod);
SAME_OFFSET(server_features);
SAME_OFFSET(connection);
_Static_assert(offsetof(store_ring, error) == 2072, "error is behind connection");

bool store_ring_connected(const store_ring *ring, struct why *why)
{
    /* Named in xs_wire.h. */
    static const char *const errors[] = {
        "none",
        "communication problem",
        "invalid ring index",
        "protocol violation",
    };
    uint32_t connection = ring->connection, error = ring->error;

    if ((ring->server_features & STORE_FEATURE_ERROR) && error != 0)
        return why_say(why, "xenstored ended the connection: error %u (%s)", error,
                       error < sizeof(errors) / sizeof(errors[0]) ? errors[error] : "unknown");
    return connection == XENSTORE_CONNECTED ||
           why_say(why, "the connection to xenstored is lost: its state is %u, expected %d",
                   connection, XENSTORE_CONNECTED);
}

// How much the ring holds, from one look at the far side's index: it may change at any moment.
static bool ring_used(const char *which, uint32_t producer, uint32_t consumer, uint32_t *used,
                      struct why *why)
{
    *used = producer - consumer;
    return *used <= XENSTORE_RING_SIZE ||
           why_say(why, "the xenstore %s ring says %u bytes are in it, expected at most %d", which,
                   *used, XENSTORE_RING_SIZE);
}

bool store_ring_put(store_ring *ring, const void *bytes, uint32_t size, uint32_t *done,
                    struct why *why)
{
    uint32_t producer = ring->req_prod, used;
    const char *from = bytes;

    *done = 0;
    if (!ring_used("request", producer, __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE), &used,
                   why))
        return false;
    for (; *done < size && used + *done < XENSTORE_RING_SIZE; (*done)++)
        ring->req[(producer + *done) & RING_MASK] = from[*done];
    __atomic_store_n(&ring->req_prod, producer + *done, __ATOMIC_RELEASE);
    return true;
}

enum store_progress store_ring_get(store_ring *ring, struct store_message *message, struct why *why)
{
    const uint32_t header_size = sizeof(message->header);
    uint32_t consumer = ring->rsp_cons, used;

    if (!ring_used("reply", __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE), consumer, &used,
                   why))
        return STORE_BAD;

    uint32_t end = consumer + used;

    while (consumer != end && message->have < header_size)
        ((char *)&message->header)[message->have++] = ring->rsp[consumer++ & RING_MASK];
    if (message->have >= header_size) {
        uint32_t length = message->header.len;

        if (length > XENSTORE_PAYLOAD_MAX) {
            why_say(why, "xenstore announces a payload of %u bytes, expected at most %d", length,
                    XENSTORE_PAYLOAD_MAX);
            return STORE_BAD;
        }
        while (consumer != end && message->have < header_size + length)
            message->payload[message->have++ - header_size] = ring->rsp[consumer++ & RING_MASK];
        message->payload[message->have - header_size] = '\0';
    }
    __atomic_store_n(&ring->rsp_cons, consumer, __ATOMIC_RELEASE);
    return message->have >= header_size && message->have == header_size + message->header.len
               ? STORE_WHOLE
               : STORE_PART;
}

bool store_is_answer(const struct store_message *message, uint32_t type, uint32_t id,
                     uint32_t transaction, struct why *why)
{
    const struct xsd_sockmsg *header = &message->header;

    if (header->req_id != id || header->tx_id != transaction)
        return why_say(why,
                       "xenstore answers request %u of transaction %u, expected %u of "
                       "transaction %u",
                       header->req_id, header->tx_id, id, transaction);
    if (header->type != type && header->type != XS_ERROR)
        return why_say(why, "xenstore answers with type %u, expected %u", header->type, type);
    return true;
}

int store_error(const struct store_message *message, const char *about, struct why *why)
{
    static const struct {
        int number;
        const char *name;
    } errors[] = {
#define XEN_ERRNO(name, value) {value, #name},
#include <xen/errno.h>
    };

    char shown[ERROR_SHOWN];

    string_escape(shown, sizeof(shown), message->payload,
                  strnlen(message->payload, message->header.len));
    why_say(why, "xenstore: %s: %s", about, shown);
    for (unsigned int i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!strcmp(errors[i].name, message->payload))
            return errors[i].number;
    return STORE_UNKNOWN;
}

const char *store_event_token(const struct store_message *message)
{
    uint32_t length = message->header.len;
    uint32_t path = (uint32_t)strnlen(message->payload, length);

    if (path == length ||
        path + 1 + strnlen(message->payload + path + 1, length - path - 1) + 1 != length)
        return NULL;
    return message->payload + path + 1;
}

bool store_parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
    uint64_t number = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (uint32_t)(*text - '0');
        if (number > most)
            return false;
    }
    if (number < least)
        return false;
    *value = (uint32_t)number;
    return true;
}

bool store_parse_permissions(const struct store_message *message, struct store_permission *list,
                             uint32_t most, uint32_t *count, struct why *why)
{
    uint32_t length = message->header.len;

    *count = 0;
    for (uint32_t at = 0; at < length;) {
        const char *entry = message->payload + at;
        uint32_t size = (uint32_t)strnlen(entry, length - at), domid;

        if (size == length - at ||
            (*entry != 'n' && *entry != 'r' && *entry != 'w' && *entry != 'b') ||
            !store_parse_number(entry + 1, 0, UINT16_MAX, &domid))
            return why_say(why, "xenstore answers with something that is no list of permissions");
        if (*count == most)
            return why_say(why, "a node has more than %u permissions", most);
        list[(*count)++] = (struct store_permission){.access = *entry, .domid = (domid_t)domid};
        at += size + 1;
    }
    return true;
}
