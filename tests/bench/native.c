/* SPDX-License-Identifier: MIT */
/*
 * Times the kernel's pure code on the host: the clock's read, the CRC, and a vchan's ring against a
 * pipe and against memcpy. Both ends of the ring are in this process and take turns.
 *
 *   native CSV
 *
 * Prints `BENCH <name> <median> <unit> n= min= median= max=` and writes the same into the file CSV,
 * name,parameter,unit,n,min,median,max.
 * Exit status: 0, or 1 with the reason on stderr.
 */
#include <asm/prctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/console.h"
#include "lib/crc32c.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"
#include "xen/vchan_ring.h"

#define RUNS       301 /* short ones: a busy machine interrupts few of them */
#define READS      2000u
#define BYTES      (1u << 20) /* of a run of what moves bytes */
#define ORDER      16u
#define CHUNK_MOST 65536u

/* The kernel's memcpy, which this program's own must not replace. */
void *xenolith_memcpy(void *restrict to, const void *restrict from, size_t size);

/* ---- What xen/clock.c wants from the kernel ---- */

static struct shared_info page;

volatile struct shared_info *shared_info(void)
{
    return &page;
}

void console_flush(bool last)
{
}

int64_t hypercall_sched_op(unsigned int command, void *argument)
{
    return 0;
}

int64_t hypercall_vcpu_op(unsigned int command, unsigned int vcpu, void *argument)
{
    return 0;
}

/* By GS, as in the kernel. */
static void be_a_vcpu(void)
{
    static struct vcpu vcpu;

    vcpu_add(&vcpu);
    syscall(SYS_arch_prctl, ARCH_SET_GS, &vcpu);
}

/* ---- Measuring ---- */

static FILE *csv;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(const char *name, uint32_t parameter, const char *unit, double *values)
{
    qsort(values, RUNS, sizeof(*values), compare);
    printf("BENCH %s", name);
    if (parameter)
        printf("-%u", parameter);
    printf(" %.2f %s n=%d min=%.2f median=%.2f max=%.2f\n", values[RUNS / 2], unit, RUNS, values[0],
           values[RUNS / 2], values[RUNS - 1]);
    fprintf(csv, "%s,%u,%s,%d,%.3f,%.3f,%.3f\n", name, parameter, unit, RUNS, values[0],
            values[RUNS / 2], values[RUNS - 1]);
    return values[RUNS / 2];
}

/* ---- The clock ---- */

static volatile uint64_t sink;

static void read_floor(void)
{
    sink = tsc_read_ordered();
}

static void read_ours(void)
{
    sink = clock_monotonic_ns();
}

static void read_vdso(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    sink = (uint64_t)time.tv_nsec;
}

/* Fills in the scale of this host's TSC as Xen does: mul from 2^31 on, and a shift. */
static void fill_page(void)
{
    volatile struct vcpu_time_info *time = &page.vcpu_info[0].time;
    uint64_t ticks = tsc_read_ordered();
    double began = now(), scale;
    int8_t shift = 0;

    while (now() - began < 5e7)
        ;
    scale = (now() - began) / (double)(tsc_read_ordered() - ticks); /* ns in a tick */
    for (; scale >= 1; scale /= 2)
        shift++;
    for (; scale < 0.5; scale *= 2)
        shift--;
    time->tsc_to_system_mul = (uint32_t)(scale * 4294967296.0);
    time->tsc_shift = shift;
    time->flags = XEN_PVCLOCK_TSC_STABLE_BIT;
}

/* Runs of the three take turns, so that the machine's moods meet all of them alike. */
static void bench_clock(void)
{
    static const struct {
        const char *name;
        void (*read)(void);
    } kinds[] = {{"clock-floor", read_floor}, {"clock-read", read_ours}, {"clock-vdso", read_vdso}};
    static double values[3][RUNS], ratios[RUNS];

    for (int run = 0; run < RUNS; run++) {
        for (int kind = 0; kind < 3; kind++) {
            double began = now();

            for (uint32_t i = 0; i < READS; i++)
                kinds[kind].read();
            values[kind][run] = (now() - began) / READS;
        }
        ratios[run] = values[1][run] / values[0][run];
    }
    for (int kind = 0; kind < 3; kind++)
        median_of(kinds[kind].name, 0, "ns", values[kind]);
    median_of("clock-read-by-floor", 0, "ratio", ratios);
}

/* ---- What moves bytes ---- */

/* Not a whole number of pages apart: a load then waits for a store that only looks like its own. */
#define APART 320
static _Alignas(64) uint8_t from[CHUNK_MOST + APART], between[CHUNK_MOST + APART], to[CHUNK_MOST];
static struct vchan_end server, client;
static int ends[2];

static void move_memcpy(uint32_t chunk)
{
    xenolith_memcpy(between, from, chunk);
    xenolith_memcpy(to, between, chunk);
}

static void move_ring(uint32_t chunk)
{
    uint32_t bytes;

    if (!vchan_ring_space(&client, &bytes, NULL) || bytes < chunk)
        abort();
    vchan_ring_commit(&client, vchan_ring_put(&client, from, chunk));
    if (!vchan_ring_ready(&server, &bytes, NULL) || bytes < chunk)
        abort();
    vchan_ring_consume(&server, vchan_ring_get(&server, to, chunk));
}

static void move_pipe(uint32_t chunk)
{
    if (write(ends[1], from, chunk) != (ssize_t)chunk || read(ends[0], to, chunk) != (ssize_t)chunk)
        abort();
}

static void bench_bytes(uint32_t chunk)
{
    static const struct {
        const char *name;
        void (*move)(uint32_t chunk);
    } kinds[] = {{"two-memcpys", move_memcpy}, {"ring", move_ring}, {"pipe", move_pipe}};
    static double values[3][RUNS], ratios[RUNS];
    uint32_t total = chunk < 1024 ? BYTES / 16 : BYTES;

    for (int run = 0; run < RUNS; run++) {
        for (int kind = 0; kind < 3; kind++) {
            double began = now();

            for (uint32_t done = 0; done < total; done += chunk)
                kinds[kind].move(chunk);
            values[kind][run] = total / (now() - began) * 1e9 / (1 << 20);
        }
        ratios[run] = values[1][run] / values[0][run];
    }
    for (int kind = 0; kind < 3; kind++)
        median_of(kinds[kind].name, chunk, "MiB/s", values[kind]);
    median_of("ring-by-two-memcpys", chunk, "ratio", ratios);
}

static void bench_crc(void)
{
    static double values[RUNS];

    for (int run = 0; run < RUNS; run++) {
        double began = now();

        for (uint32_t done = 0; done < BYTES; done += CHUNK_MOST)
            sink = crc32c((uint32_t)sink, from, CHUNK_MOST);
        values[run] = BYTES / (now() - began) * 1e9 / (1 << 20);
    }
    median_of("crc32c", 0, "MiB/s", values);
}

int main(int count, char **words)
{
    struct vchan_layout layout;
    struct error err;

    csv = count == 2 ? fopen(words[1], "w") : NULL;
    if (!csv || pipe(ends)) {
        fprintf(stderr, "usage: native CSV, a file that can be written\n");
        return 1;
    }
    fprintf(csv, "name,parameter,unit,n,min,median,max\n");
    fill_page();
    be_a_vcpu();

    if (!vchan_ring_layout(ORDER, 11, &layout, &err)) {
        fprintf(stderr, "native: %s\n", err.text);
        return 1;
    }

    void *head = aligned_alloc(4096, 4096), *ring = aligned_alloc(4096, 1u << ORDER);

    vchan_ring_serve(&server, head, &layout, ring, NULL);
    if (!vchan_ring_join(&client, head, &layout, ring, NULL, &err)) {
        fprintf(stderr, "native: %s\n", err.text);
        return 1;
    }
    memset(from, 0x5a, sizeof(from));
    bench_clock();
    bench_crc();
    for (uint32_t chunk = 64; chunk <= CHUNK_MOST; chunk *= 4)
        bench_bytes(chunk);
    return fclose(csv) != 0;
}
