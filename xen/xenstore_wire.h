/* SPDX-License-Identifier: MIT */
/*
 * Xenstore's wire format over the ring that a guest shares with xenstored. Interface:
 * xen/include/public/io/xs_wire.h, docs/misc/xenstore.txt. Pure: no hardware. Trusts nothing that
 * the ring says.
 */
#ifndef XENOLITH_XEN_XENSTORE_WIRE_H
#define XENOLITH_XEN_XENSTORE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

/* struct xenstore_domain_interface; the headers before Xen 4.17 end with `connection`. */
struct xenstore_interface {
    char req[XENSTORE_RING_SIZE], rsp[XENSTORE_RING_SIZE];
    uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
    uint32_t server_features;
    uint32_t connection;
    uint32_t error; /* only with XENSTORE_FEATURE_ERROR among the features */
};
typedef volatile struct xenstore_interface xenstore_ring;

#define XENSTORE_FEATURE_ERROR 2u

/*
 * Whether xenstored still serves the ring. False, with the reason, if it says by the ring's
 * `connection` or `error` that it does not.
 */
bool xenstore_ring_connected(const xenstore_ring *ring, struct error *err);

/*
 * Puts as many of the `size` bytes at `bytes` into the request ring as there is room for, and
 * sets *done to their number. False, with the reason, if the ring's indices are impossible.
 */
bool xenstore_ring_put(xenstore_ring *ring, const void *bytes, uint32_t size, uint32_t *done,
                       struct error *err);

/* A message from xenstored, as far as it has come. All zero to begin with. */
struct xenstore_message {
    uint32_t have; /* bytes, of the header and then of the payload */
    struct xsd_sockmsg header;
    char payload[XENSTORE_PAYLOAD_MAX + 1]; /* of a complete message: header.len bytes and a NUL */
};

enum xenstore_progress { XENSTORE_PART, XENSTORE_WHOLE, XENSTORE_BAD };

/*
 * Takes what the reply ring holds of one message. XENSTORE_PART: there must come more.
 * XENSTORE_WHOLE: it is complete (set have to 0 for the next one). XENSTORE_BAD, with the reason:
 * the ring's indices are impossible, or the payload would be longer than XENSTORE_PAYLOAD_MAX.
 */
enum xenstore_progress xenstore_ring_get(xenstore_ring *ring, struct xenstore_message *message,
                                         struct error *err);

/*
 * Whether the complete `message` is an answer to the request `id` of type `type` in `transaction`:
 * XS_ERROR is one. False, with the reason, if not.
 */
bool xenstore_is_answer(const struct xenstore_message *message, uint32_t type, uint32_t id,
                        uint32_t transaction, struct error *err);

#define XENSTORE_UNKNOWN (-2) /* an error whose name xen/errno.h does not have */

/*
 * The XEN_E* that an XS_ERROR names, or XENSTORE_UNKNOWN: oxenstored has an "EQUOTA". Says
 * xenstored's own words about `about`, escaped, in `why`.
 */
int xenstore_error(const struct xenstore_message *message, const char *about, struct error *err);

/* The token of an XS_WATCH_EVENT; NULL if it is not a path and a token, each with its NUL. */
const char *xenstore_event_token(const struct xenstore_message *message);

/* One entry of a node's permissions. The first one's domain owns the node, and what it allows is
 * for everyone who has no entry. */
struct xenstore_permission {
    char access; /* 'n', 'r', 'w' or 'b': nothing, read, write, both */
    domid_t domid;
};

/*
 * Reads the answer to XS_GET_PERMS, at most `most` entries, into `list`, and sets *count. False,
 * with the reason, if it is not a list of permissions or a longer one.
 */
bool xenstore_parse_permissions(const struct xenstore_message *message,
                                struct xenstore_permission *list, uint32_t most, uint32_t *count,
                                struct error *err);

#endif
