/* SPDX-License-Identifier: MIT */
/*
 * What the two ends of a benchmark say to each other through the vchan between them: the client,
 * which measures, sends commands; the server does what they say and answers each one. Both are
 * packets of the sizes below.
 */
#pragma once

#include <stdint.h>

#define BENCH_MAGIC      0x68636e62u /* "bnch": the other end is a benchmark, too */
#define BENCH_COUNT_MOST 1000000u    /* round trips */
#define BENCH_CHUNK_MOST 65536u      /* bytes */
#define BENCH_PAGES      64u         /* granted at once */

enum {
    BENCH_SINK = 1, /* read `count` bytes, at most `chunk` at once; then answer */
    BENCH_ECHO,     /* answer with a port in `value`; then, for each of `count` events, copy `chunk`
                       bytes, which may be 0, and send one */
    BENCH_GRANT,    /* grant BENCH_PAGES pages, whose references are in the answer */
    BENCH_REVOKE,   /* revoke them */
    BENCH_RING,     /* answer, close, and serve again with a ring of order `count` */
    BENCH_END,      /* answer, and end */
};

struct bench_command {
    uint32_t magic, what, count, chunk;
};

struct bench_answer {
    uint32_t magic, value;
    uint32_t hypercalls, notifications, waits; /* made for this command, by the server */
    uint32_t references[BENCH_PAGES];
};
