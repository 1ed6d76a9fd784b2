/* SPDX-License-Identifier: MIT */
/*
 * Xenstore's wire format over the ring that a guest shares with xenstored. Interface:
 * xen/include/public/io/xs_wire.h, docs/misc/xenstore.txt. Pure: no hardware. Trusts nothing that
 * the ring says.
 */
#pragma once

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

/* Checks that xenstored serves the ring. XEN_EIO: `connection` or `error` says that it does not. */
bool xenstore_ring_connected(const xenstore_ring *ring, struct error *err);

/*
 * Puts as many bytes into the request ring as there is room for.
 *   done   set to their number, 0 to `size`
 * XEN_EIO: the ring's indices are impossible.
 */
bool xenstore_ring_put(xenstore_ring *ring, const void *bytes, uint32_t size, uint32_t *done,
                       struct error *err);

/* A message from xenstored, as far as it has come. All zero to begin with. */
struct xenstore_message {
    uint32_t have; /* bytes, of the header and then of the payload */
    struct xsd_sockmsg header;
    char payload[XENSTORE_PAYLOAD_MAX + 1]; /* of a whole message: header.len bytes and a NUL */
};

/*
 * Takes what the reply ring holds of one message.
 *   message   goes on from `have`; set that to 0 before the next message
 *   whole     set to whether it is complete now
 * XEN_EIO: the ring's indices are impossible, or the payload would exceed XENSTORE_PAYLOAD_MAX.
 */
bool xenstore_ring_get(xenstore_ring *ring, struct xenstore_message *message, bool *whole,
                       struct error *err);

/*
 * Checks that a whole message answers request `id` of type `type` in `transaction`; XS_ERROR does.
 * XEN_EIO if not.
 */
bool xenstore_is_answer(const struct xenstore_message *message, uint32_t type, uint32_t id,
                        uint32_t transaction, struct error *err);

/*
 * Always fails: with the XEN_E* that an XS_ERROR names, XEN_EIO if Xen's headers lack it
 * (oxenstored has an "EQUOTA"), and with xenstored's own words about `about`, escaped.
 */
bool xenstore_error(const struct xenstore_message *message, const char *about, struct error *err);

/* The token of an XS_WATCH_EVENT; NULL if it is not a path and a token, each with its NUL. */
const char *xenstore_event_token(const struct xenstore_message *message);

/* One of a node's permissions: the first one names its owner, and the access of everyone else. */
struct xenstore_permission {
    char access; /* 'n', 'r', 'w' or 'b': nothing, read, write, both */
    domid_t domid;
};

/*
 * Reads the answer to XS_GET_PERMS into `list`, at most `most` entries, and sets *count.
 * XEN_EINVAL: it is no list of permissions; XEN_E2BIG: a longer one.
 */
bool xenstore_parse_permissions(const struct xenstore_message *message,
                                struct xenstore_permission *list, uint32_t most, uint32_t *count,
                                struct error *err);
