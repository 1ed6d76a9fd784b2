/* SPDX-License-Identifier: MIT */
#include "roles/bench/report.h"

#include "kernel/printk.h"
#include "lib/format.h"

#define PER_NS 953674ull /* thousandths of MiB/s that one byte in one ns is, 1e12 / 2^20 */

/* Sorted from the first one on. */
void series_add(struct series *series, uint64_t thousandths)
{
    uint32_t at = series->count;

    if (at == BENCH_RUNS)
        return;
    for (; at > 0 && series->values[at - 1] > thousandths; at--)
        series->values[at] = series->values[at - 1];
    series->values[at] = thousandths;
    series->count++;
}

uint64_t series_median(const struct series *series)
{
    return series->count > 0 ? series->values[series->count / 2] : 0;
}

struct decimal {
    char text[28];
};

static struct decimal decimal(uint64_t thousandths)
{
    struct decimal decimal;

    format(decimal.text, sizeof(decimal.text), "%lu.%03lu", thousandths / 1000, thousandths % 1000);
    return decimal;
}

void series_print(const struct series *series, const char *name, uint32_t parameter,
                  const char *unit)
{
    struct decimal median = decimal(series_median(series));
    char suffix[12] = "";

    if (parameter != 0)
        format(suffix, sizeof(suffix), "-%u", parameter);
    printk("BENCH %s%s %s %s n=%u min=%s median=%s max=%s\n", name, suffix, median.text, unit,
           series->count, decimal(series->values[0]).text, median.text,
           decimal(series->values[series->count > 0 ? series->count - 1 : 0]).text);
}

uint64_t ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? part * 1000 / whole : 0;
}

uint64_t throughput(uint64_t bytes, uint64_t ns)
{
    return ns > 0 ? bytes * PER_NS / ns : 0;
}
