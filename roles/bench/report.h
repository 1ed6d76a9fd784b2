/* SPDX-License-Identifier: MIT */
/* What a benchmark prints: `BENCH <name> <median> <unit> n=<runs> min= median= max=`. */
#pragma once

#include <stdint.h>

#define BENCH_RUNS 7

/* Measurements of one thing, in thousandths of the unit. */
struct series {
    uint64_t values[BENCH_RUNS];
    uint32_t count;
};

/* Adds one of at most BENCH_RUNS measurements. */
void series_add(struct series *series, uint64_t thousandths);

/* The median; 0 without a measurement. */
uint64_t series_median(const struct series *series);

/* Prints the line. `name` ends with -<parameter>, unless that is 0. */
void series_print(const struct series *series, const char *name, uint32_t parameter,
                  const char *unit);

/* `part` by `whole` in thousandths, for values below 2^54; 0 by 0 is 0. */
uint64_t ratio(uint64_t part, uint64_t whole);

/* MiB/s, in thousandths, of `bytes` below 2^43 in `ns`. */
uint64_t throughput(uint64_t bytes, uint64_t ns);
