/* SPDX-License-Identifier: MIT */
/*
 * Either end of role=bench's stream, in dom0, with Xen's own libxenvchan.
 *
 *   vchan_bench server|client DOMID PATH SECONDS [SIZE]
 *
 * The server does what roles/bench/wire.h says of BENCH_SINK, BENCH_RING and BENCH_END. The client
 * sends SIZE bytes in chunks of 64 to 65536, through rings of order 12, 16 and 20, and prints what
 * role=bench prints of a stream.
 * Exit status: 0; 1 with the reason on stderr; killed by SIGALRM after SECONDS.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libxenvchan.h>

#include "roles/bench/wire.h"

#define RUNS       7
#define FIRST_RING 16

static struct {
    bool serves;
    int domid;
    const char *path;
    struct libxenvchan *vchan;
    struct bench_answer answer;
    char buffer[BENCH_CHUNK_MOST];
} bench;

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "vchan_bench: %s\n", what);
    exit(1);
}

static void open_vchan(uint32_t order)
{
    if (bench.serves)
        bench.vchan = libxenvchan_server_init(NULL, bench.domid, bench.path, (size_t)1 << order, 0);
    else
        while (!(bench.vchan = libxenvchan_client_init(NULL, bench.domid, bench.path)))
            usleep(20000);
    if (!bench.vchan)
        give_up("libxenvchan_server_init failed");
    while (bench.serves && libxenvchan_is_open(bench.vchan) == 2)
        if (libxenvchan_wait(bench.vchan))
            give_up("libxenvchan_wait failed");
    bench.vchan->blocking = 1;
}

/* The server closes first: then its nodes are gone when the client comes back. */
static void close_vchan(void)
{
    while (!bench.serves && libxenvchan_is_open(bench.vchan) == 1)
        if (libxenvchan_wait(bench.vchan))
            give_up("libxenvchan_wait failed");
    libxenvchan_close(bench.vchan);
}

static void send_all(const void *from, size_t size)
{
    if (libxenvchan_send(bench.vchan, from, size) != (int)size)
        give_up("libxenvchan_send failed");
}

static void receive_all(void *to, size_t size)
{
    if (libxenvchan_recv(bench.vchan, to, size) != (int)size)
        give_up("libxenvchan_recv failed");
}

/* ---- The server ---- */

static void answer(void)
{
    bench.answer.magic = BENCH_MAGIC;
    send_all(&bench.answer, sizeof(bench.answer));
}

static void sink(uint32_t count, uint32_t chunk)
{
    while (count > 0) {
        int got = libxenvchan_read(bench.vchan, bench.buffer, count < chunk ? count : chunk);

        if (got <= 0)
            give_up("libxenvchan_read failed");
        count -= (uint32_t)got;
    }
    answer();
}

static void serve(void)
{
    struct bench_command command;

    do {
        receive_all(&command, sizeof(command));
        if (command.magic != BENCH_MAGIC)
            give_up("the client is no benchmark");
        switch (command.what) {
        case BENCH_SINK:
            if (command.chunk < 1 || command.chunk > BENCH_CHUNK_MOST)
                give_up("the client's chunk is not from 1 to 65536 bytes");
            sink(command.count, command.chunk);
            break;
        case BENCH_RING:
            answer();
            close_vchan();
            open_vchan(command.count);
            break;
        case BENCH_END:
            answer();
            break;
        default:
            give_up("the client asks for what only our kernel does");
        }
    } while (command.what != BENCH_END);
}

/* ---- The client ---- */

static void command(uint32_t what, uint32_t count, uint32_t chunk)
{
    const struct bench_command words = {BENCH_MAGIC, what, count, chunk};

    send_all(&words, sizeof(words));
}

static void wait_for_answer(void)
{
    receive_all(&bench.answer, sizeof(bench.answer));
    if (bench.answer.magic != BENCH_MAGIC)
        give_up("the server is no benchmark");
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double run(uint32_t bytes, uint32_t chunk)
{
    double began = now();

    command(BENCH_SINK, bytes, chunk);
    for (uint32_t left = bytes; left > 0;) {
        uint32_t size = left < chunk ? left : chunk;

        if (libxenvchan_write(bench.vchan, bench.buffer, size) != (int)size)
            give_up("libxenvchan_write failed");
        left -= size;
    }
    wait_for_answer();
    return bytes / (now() - began) / (1 << 20);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(uint32_t order, uint32_t size)
{
    command(BENCH_RING, order, 0);
    wait_for_answer();
    close_vchan();
    /* libxenvchan's server removes its nodes last: who comes back at once meets the old ring. */
    sleep(1);
    open_vchan(order);
    for (uint32_t chunk = 64; chunk <= BENCH_CHUNK_MOST; chunk *= 4) {
        double values[RUNS];

        for (int i = 0; i < RUNS; i++)
            values[i] = run(size, chunk);
        qsort(values, RUNS, sizeof(values[0]), compare);
        printf("BENCH stream-%u-%u %.3f MiB/s n=%d min=%.3f median=%.3f max=%.3f\n", 1u << order,
               chunk, values[RUNS / 2], RUNS, values[0], values[RUNS / 2], values[RUNS - 1]);
        fflush(stdout);
    }
}

int main(int count, char **words)
{
    if (count < 5) {
        fprintf(stderr, "usage: vchan_bench server|client DOMID PATH SECONDS [SIZE]\n");
        return 1;
    }
    bench.serves = !strcmp(words[1], "server");
    bench.domid = atoi(words[2]);
    bench.path = words[3];
    alarm((unsigned int)atoi(words[4]));
    open_vchan(FIRST_RING);
    if (bench.serves) {
        serve();
    } else {
        uint32_t size = count > 5 ? (uint32_t)strtoul(words[5], NULL, 10) : 1u << 20;

        for (uint32_t order = 12; order <= 20; order += 4)
            measure(order, size);
        command(BENCH_END, 0, 0);
        wait_for_answer();
    }
    close_vchan();
    return 0;
}
