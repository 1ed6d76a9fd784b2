/* SPDX-License-Identifier: MIT */
/*
 * What role=sender and role=receiver do, in dom0, with Xen's own libxenvchan.
 *
 *   vchan_peer server|client send|receive DOMID PATH SECONDS SIZE SEED CHUNK MODE RING [ROUNDS]
 *
 * The words mean what the roles' keys mean; RING is the ring's least size in bytes, for a server.
 * MODE is stream or packet. Prints what the roles print, "N bytes, CRC-32C 0x...", for each round.
 * Exit status: 0; 1 with the reason on stderr; killed by SIGALRM after SECONDS.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxenvchan.h>

#include "lib/crc32c.h"
#include "roles/stream/content.h"

static char buffer[1 << 20];

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "vchan_peer: %s\n", what);
    exit(1);
}

static struct libxenvchan *open_vchan(bool serves, bool sends, int domid, const char *path,
                                      size_t ring)
{
    struct libxenvchan *vchan;

    if (serves) {
        vchan = libxenvchan_server_init(NULL, domid, path, sends ? 0 : ring, sends ? ring : 0);
        if (!vchan)
            give_up("libxenvchan_server_init failed");
        printf("serving\n");
        fflush(stdout);
        while (libxenvchan_is_open(vchan) == 2)
            if (libxenvchan_wait(vchan))
                give_up("libxenvchan_wait failed");
    } else {
        while (!(vchan = libxenvchan_client_init(NULL, domid, path)))
            usleep(20000);
    }
    vchan->blocking = 1;
    return vchan;
}

static uint32_t least(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

static struct {
    bool serves, sends, packet;
    uint64_t size;
    uint32_t seed, chunk;
} work;

static void transfer(struct libxenvchan *vchan)
{
    uint64_t done = 0, number = 0, wrong;
    uint32_t crc = 0;

    while (done < work.size) {
        uint32_t wanted =
            work.packet ? content_packet(work.seed, number++, work.chunk) : work.chunk;
        int got;

        wanted = least(work.size - done, wanted);
        if (work.sends)
            content_fill(work.seed, done, buffer, wanted);
        got = work.sends
                  ? (work.packet ? libxenvchan_send : libxenvchan_write)(vchan, buffer, wanted)
                  : (work.packet ? libxenvchan_recv : libxenvchan_read)(vchan, buffer, wanted);
        if (got <= 0 || (work.packet && (uint32_t)got != wanted)) {
            fprintf(stderr, "after %llu of %llu bytes: ", (unsigned long long)done,
                    (unsigned long long)work.size);
            give_up(libxenvchan_is_open(vchan) ? "libxenvchan failed" : "the other end closed");
        }
        if (!work.sends && !content_check(work.seed, done, buffer, (uint32_t)got, &wrong)) {
            fprintf(stderr, "byte %llu: ", (unsigned long long)wrong);
            give_up("another one than sent");
        }
        crc = crc32c(crc, buffer, (size_t)got);
        done += (uint64_t)got;
    }
    /* What the other end has not read yet, it could not find after a close. */
    while (work.sends && libxenvchan_is_open(vchan) == 1 &&
           libxenvchan_buffer_space(vchan) < 1 << vchan->write.order)
        if (libxenvchan_wait(vchan))
            give_up("libxenvchan_wait failed");
    /* The server closes first, as in our kernel. */
    while (!work.serves && libxenvchan_is_open(vchan) == 1)
        if (libxenvchan_wait(vchan))
            give_up("libxenvchan_wait failed");
    printf("%llu bytes, CRC-32C 0x%08x\n", (unsigned long long)done, crc);
    fflush(stdout);
}

int main(int count, char **words)
{
    unsigned int rounds;

    if (count < 11) {
        fprintf(stderr, "usage: vchan_peer server|client send|receive DOMID PATH SECONDS SIZE SEED "
                        "CHUNK stream|packet RING [ROUNDS]\n");
        return 1;
    }
    work.serves = !strcmp(words[1], "server");
    work.sends = !strcmp(words[2], "send");
    work.packet = !strcmp(words[9], "packet");
    work.size = strtoull(words[6], NULL, 10);
    work.seed = (uint32_t)strtoul(words[7], NULL, 10);
    work.chunk = (uint32_t)strtoul(words[8], NULL, 10);
    rounds = count > 11 ? (unsigned int)atoi(words[11]) : 1;
    alarm((unsigned int)atoi(words[5]));
    while (rounds-- > 0) {
        struct libxenvchan *vchan = open_vchan(work.serves, work.sends, atoi(words[3]), words[4],
                                               strtoul(words[10], NULL, 10));

        transfer(vchan);
        libxenvchan_close(vchan);
    }
    return 0;
}
