/* SPDX-License-Identifier: MIT */
/*
 * A xenstore client. Interface: docs/misc/xenstore.txt in Xen's source; the bytes are in
 * xen/store_wire.h.
 *
 * Every function that returns int returns 0, or with the reason in `why` a XEN_E* of xen/abi.h,
 * mostly xenstored's own error, for example XEN_ENOENT or XEN_EACCES; XENSTORE_UNKNOWN for one that
 * has no such number; or XENSTORE_OVER if the connection is over: xenstored says so, did not answer
 * within 10 seconds, or its answer cannot be right. All that follows then gives the same error.
 * Paths are absolute, or relative to our own /local/domain/<id>. `transaction` is 0 outside of one.
 */
#ifndef XENOLITH_XEN_XENSTORE_H
#define XENOLITH_XEN_XENSTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/xenstore_wire.h"

#define XENSTORE_OVER (-1)

/*
 * Finds the ring. False, with the reason, if the toolstack gave us none or nobody
 * serves it within 10 seconds. Call once, first.
 */
bool xenstore_init(struct error *err);

/*
 * Reads a node into `value` of `size` bytes, NUL-terminated. XEN_E2BIG if it does not fit;
 * XEN_EINVAL if it holds a NUL.
 */
int xenstore_read(uint32_t transaction, const char *path, char *value, uint32_t size,
                  struct error *err);

/* Reads a decimal number of `least` to `most`. XEN_EINVAL, showing the value, if it is none. */
int xenstore_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                         uint32_t *value, struct error *err);

/* Writes a node, which is made, with those above it, if it is not there. */
int xenstore_write(uint32_t transaction, const char *path, const char *value, struct error *err);

/* Makes an empty node, if it is not there. */
int xenstore_mkdir(uint32_t transaction, const char *path, struct error *err);

/* Removes a node and all below it. */
int xenstore_rm(uint32_t transaction, const char *path, struct error *err);

/*
 * Lists the nodes below `path`: their names one after the other in `names` of `size` bytes, each
 * with its NUL, *used bytes in all. XEN_E2BIG if they do not fit.
 */
int xenstore_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                       uint32_t *used, struct error *err);

/* Reads and replaces a node's permissions. */
int xenstore_get_permissions(uint32_t transaction, const char *path,
                             struct xenstore_permission *list, uint32_t most, uint32_t *count,
                             struct error *err);
int xenstore_set_permissions(uint32_t transaction, const char *path,
                             const struct xenstore_permission *list, uint32_t count,
                             struct error *err);

/* Begins to watch a node and all below it; *watch names the watch (there are 8 at the most). */
int xenstore_watch(const char *path, uint32_t *watch, struct error *err);
int xenstore_unwatch(const char *path, uint32_t watch, struct error *err);

/*
 * Sleeps until what is watched has changed since the last call, or the monotonic clock is at
 * `deadline` (ns): then XEN_ETIME. The first call returns at once: xenstored reports every new
 * watch. Changes that we may not read are not reported.
 */
int xenstore_watch_wait(uint32_t watch, uint64_t deadline, struct error *err);

/*
 * Does `body` in a transaction, anew if another client came between (XEN_EAGAIN, for 10
 * seconds at the most). What the body returns, unless it is 0, ends the transaction without effect.
 */
int xenstore_transaction(int (*body)(uint32_t transaction, void *context, struct error *err),
                         void *context, struct error *err);

#endif
