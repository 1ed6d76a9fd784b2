/* SPDX-License-Identifier: MIT */
/*
 * A xenstore client. Interface: docs/misc/xenstore.txt in Xen's source; the bytes are in
 * xen/store_wire.h.
 *
 * Every function that returns int returns 0, or with the reason in `why` a XEN_E* of xen/abi.h,
 * mostly xenstored's own error, for example XEN_ENOENT or XEN_EACCES; STORE_UNKNOWN for one that
 * has no such number; or STORE_OVER if the connection is over: xenstored says so, did not answer
 * within 10 seconds, or its answer cannot be right. All that follows then gives the same error.
 * Paths are absolute, or relative to our own /local/domain/<id>. `transaction` is 0 outside of one.
 */
#ifndef XENOLITH_XEN_STORE_H
#define XENOLITH_XEN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/why.h"
#include "xen/store_wire.h"

#define STORE_OVER (-1)

/*
 * Finds the ring. False, with the reason, if the toolstack gave us none or nobody
 * serves it within 10 seconds. Call once, first.
 */
bool store_init(struct why *why);

/*
 * Reads a node into `value` of `size` bytes, NUL-terminated. XEN_E2BIG if it does not fit;
 * XEN_EINVAL if it holds a NUL.
 */
int store_read(uint32_t transaction, const char *path, char *value, uint32_t size, struct why *why);

/* Reads a decimal number of `least` to `most`. XEN_EINVAL, showing the value, if it is none. */
int store_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                      uint32_t *value, struct why *why);

/* Writes a node, which is made, with those above it, if it is not there. */
int store_write(uint32_t transaction, const char *path, const char *value, struct why *why);

/* Makes an empty node, if it is not there. */
int store_mkdir(uint32_t transaction, const char *path, struct why *why);

/* Removes a node and all below it. */
int store_rm(uint32_t transaction, const char *path, struct why *why);

/*
 * Lists the nodes below `path`: their names one after the other in `names` of `size` bytes, each
 * with its NUL, *used bytes in all. XEN_E2BIG if they do not fit.
 */
int store_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                    uint32_t *used, struct why *why);

/* Reads and replaces a node's permissions. */
int store_get_permissions(uint32_t transaction, const char *path, struct store_permission *list,
                          uint32_t most, uint32_t *count, struct why *why);
int store_set_permissions(uint32_t transaction, const char *path,
                          const struct store_permission *list, uint32_t count, struct why *why);

/* Begins to watch a node and all below it; *watch names the watch (there are 8 at the most). */
int store_watch(const char *path, uint32_t *watch, struct why *why);
int store_unwatch(const char *path, uint32_t watch, struct why *why);

/*
 * Sleeps until what is watched has changed since the last call, or the monotonic clock is at
 * `deadline` (ns): then XEN_ETIME. The first call returns at once: xenstored reports every new
 * watch. Changes that we may not read are not reported.
 */
int store_watch_wait(uint32_t watch, uint64_t deadline, struct why *why);

/*
 * Does `body` in a transaction, anew if another client came between (XEN_EAGAIN, for 10
 * seconds at the most). What the body returns, unless it is 0, ends the transaction without effect.
 */
int store_transaction(int (*body)(uint32_t transaction, void *context, struct why *why),
                      void *context, struct why *why);

#endif
