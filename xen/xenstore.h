/* SPDX-License-Identifier: MIT */
/*
 * A xenstore client. Interface: docs/misc/xenstore.txt in Xen's source; the bytes are in
 * xen/xenstore_wire.h.
 *
 * What can go wrong with each of these: xenstored's own error, for example XEN_ENOENT or
 * XEN_EACCES, XEN_EIO for one that Xen's headers do not have; or XENSTORE_OVER when the connection
 * is over: xenstored says so, did not answer within 10 seconds, or its answer cannot be right.
 * Every later call then fails alike. Paths are absolute, or relative to our own /local/domain/<id>.
 * `transaction` is 0 outside of one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/xenstore_wire.h"

#define XENSTORE_OVER        1201 /* neither Xen nor xenstored has such a code */
#define XENSTORE_WATCHED_MAX 127

/*
 * Finds the ring, and waits until xenstored serves it, for 10 seconds at most. Call it first; a
 * second call changes nothing. Needs evtchn_init(). XEN_ENOENT: the toolstack gave us none;
 * XEN_ERANGE: as hvm_param_ring().
 */
bool xenstore_init(struct error *err);

/* After a restore: the same again, for another xenstored, and sets every watch again. */
bool xenstore_resume(struct error *err);

/*
 * Reads a node.
 *   value   NUL-terminated, of `size` bytes
 * XEN_E2BIG: it does not fit; XEN_EINVAL: it holds a NUL.
 */
bool xenstore_read(uint32_t transaction, const char *path, char *value, uint32_t size,
                   struct error *err);

/* Reads a decimal number of `least` to `most`. XEN_EINVAL, showing the value, if it is none. */
bool xenstore_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                          uint32_t *value, struct error *err);

/* Writes a node, creating it and missing parents. */
bool xenstore_write(uint32_t transaction, const char *path, const char *value, struct error *err);

/* Creates an empty node and missing parents; one that exists stays as it is. */
bool xenstore_mkdir(uint32_t transaction, const char *path, struct error *err);

/* Removes a node and everything below it. */
bool xenstore_rm(uint32_t transaction, const char *path, struct error *err);

/*
 * Lists the nodes below `path`.
 *   names   their names one after the other, each with its NUL, in `size` bytes
 *   used    set to the bytes of all
 * XEN_E2BIG: they do not fit; XEN_EINVAL: the last one does not end.
 */
bool xenstore_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                        uint32_t *used, struct error *err);

/* Reads a node's permissions, at most `most`, and replaces them. XEN_EINVAL, XEN_E2BIG: too many.
 */
bool xenstore_get_permissions(uint32_t transaction, const char *path,
                              struct xenstore_permission *list, uint32_t most, uint32_t *count,
                              struct error *err);
bool xenstore_set_permissions(uint32_t transaction, const char *path,
                              const struct xenstore_permission *list, uint32_t count,
                              struct error *err);

/*
 * Begins, and ends, to watch a node and everything below; *watch names it. The path has at most
 * XENSTORE_WATCHED_MAX bytes. XEN_ENOSPC: 8 exist.
 */
bool xenstore_watch(const char *path, uint32_t *watch, struct error *err);
bool xenstore_unwatch(const char *path, uint32_t watch, struct error *err);

/*
 * Sleeps until the watched node has changed since the last call. The first call returns at once:
 * xenstored reports every new watch. It does not report changes that we may not read.
 *   deadline   monotonic ns
 * XEN_ETIME at the deadline.
 */
bool xenstore_watch_wait(uint32_t watch, uint64_t deadline, struct error *err);

/*
 * The same without sleeping: takes what xenstored has sent, and sets *fired to whether the watched
 * node has changed since this was last true.
 */
bool xenstore_watch_fired(uint32_t watch, bool *fired, struct error *err);

/* The port on which xenstored says that it has sent something; 0 without xenstore. */
evtchn_port_t xenstore_port(void);

/*
 * Runs `body` in a transaction; retries for 10 seconds while another client changes what it read.
 * A body that fails ends the transaction without effect, with its error. XEN_EAGAIN: still in
 * conflict after that time.
 */
bool xenstore_transaction(bool (*body)(uint32_t transaction, void *context, struct error *err),
                          void *context, struct error *err);
