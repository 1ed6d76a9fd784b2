/* SPDX-License-Identifier: MIT */
/*
 * Xenstore's wire format over the ring that a guest shares with xenstored. Interface:
 * xen/include/public/io/xs_wire.h, docs/misc/xenstore.txt. Pure: no hardware. Trusts nothing that
 * the ring says.
 */
#ifndef XENOLITH_XEN_STORE_WIRE_H
#define XENOLITH_XEN_STORE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/why.h"
#include "xen/abi.h"

/* struct xenstore_domain_interface; the headers before Xen 4.17 end with `connection`. */
struct store_interface {
    char req[XENSTORE_RING_SIZE], rsp[XENSTORE_RING_SIZE];
    uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
    uint32_t server_features;
    uint32_t connection;
    uint32_t error; /* only with STORE_FEATURE_ERROR among the features */
};
typedef volatile struct store_interface store_ring;

#define STORE_FEATURE_ERROR 2u

/*
 * Whether xenstored still serves the ring. False, with the reason, if it says by the ring's
 * `connection` or `error` that it does not.
 */
bool store_ring_connected(const store_ring *ring, struct why *why);

/*
 * Puts as many of the `size` bytes at `bytes` into the request ring as there is room for, and
 * sets *done to their number. False, with the reason, if the ring's indices are impossible.
 */
bool store_ring_put(store_ring *ring, const void *bytes, uint32_t size, uint32_t *done,
                    struct why *why);

/* A message from xenstored, as far as it has come. All zero to begin with. */
struct store_message {
    uint32_t have; /* bytes, of the header and then of the payload */
    struct xsd_sockmsg header;
    char payload[XENSTORE_PAYLOAD_MAX + 1]; /* of a complete message: header.len bytes and a NUL */
};

enum store_progress { STORE_PART, STORE_WHOLE, STORE_BAD };

/*
 * Takes what the reply ring holds of one message. STORE_PART: there must come more. STORE_WHOLE:
 * it is complete (set have to 0 for the next one). STORE_BAD, with the reason: the ring's indices
 * are impossible, or the payload would be longer than XENSTORE_PAYLOAD_MAX.
 */
enum store_progress store_ring_get(store_ring *ring, struct store_message *message,
                                   struct why *why);

/*
 * Whether the complete `message` is an answer to the request `id` of type `type` in `transaction`:
 * XS_ERROR is one. False, with the reason, if not.
 */
bool store_is_answer(const struct store_message *message, uint32_t type, uint32_t id,
                     uint32_t transaction, struct why *why);

#define STORE_UNKNOWN (-2) /* an error whose name xen/errno.h does not have */

/*
 * The XEN_E* that an XS_ERROR names, or STORE_UNKNOWN: oxenstored has an "EQUOTA". Says xenstored's
 * own words about `about`, escaped, in `why`.
 */
int store_error(const struct store_message *message, const char *about, struct why *why);

/* The token of an XS_WATCH_EVENT; NULL if it is not a path and a token, each with its NUL. */
const char *store_event_token(const struct store_message *message);

/* A decimal number of `least` to `most`, and nothing else. Leaves *value alone if not. */
bool store_parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *value);

/* One entry of a node's permissions. The first one's domain owns the node, and what it allows is
 * for everyone who has no entry. */
struct store_permission {
    char access; /* 'n', 'r', 'w' or 'b': nothing, read, write, both */
    domid_t domid;
};

/*
 * Reads the answer to XS_GET_PERMS, at most `most` entries, into `list`, and sets *count. False,
 * with the reason, if it is not a list of permissions or a longer one.
 */
bool store_parse_permissions(const struct store_message *message, struct store_permission *list,
                             uint32_t most, uint32_t *count, struct why *why);

#endif
