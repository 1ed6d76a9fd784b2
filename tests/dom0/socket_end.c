/* SPDX-License-Identifier: MIT */
/*
 * What role=sender and role=receiver do, in dom0, through a plain UNIX socket: what stands behind
 * Xen's vchan-socket-proxy.
 *
 *   socket_end listen|connect send|receive SOCKET SECONDS SIZE SEED
 *
 * Prints what the roles print, "N bytes, CRC-32C 0x...".
 * Exit status: 0; 1 with the reason on stderr; killed by SIGALRM after SECONDS.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/crc32c.h"
#include "roles/stream/content.h"

static char buffer[4096];

__attribute__((noreturn)) static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static int open_socket(bool listens, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct sockaddr *generic = (const struct sockaddr *)&address;
    int made = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (!listens) {
        while (connect(made, generic, sizeof(address)))
            usleep(100000); /* the proxy may not listen yet */
        return made;
    }
    if (bind(made, generic, sizeof(address)) || listen(made, 1))
        give_up(path);
    printf("listening\n");
    fflush(stdout);
    return accept(made, NULL, NULL);
}

int main(int count, char **words)
{
    uint64_t size, done = 0, wrong;
    uint32_t seed, crc = 0;
    bool sends;
    int end;

    if (count != 7) {
        fprintf(stderr, "usage: socket_end listen|connect send|receive SOCKET SECONDS SIZE SEED\n");
        return 1;
    }
    alarm((unsigned int)atoi(words[4]));
    sends = !strcmp(words[2], "send");
    size = strtoull(words[5], NULL, 10);
    seed = (uint32_t)strtoul(words[6], NULL, 10);
    end = open_socket(!strcmp(words[1], "listen"), words[3]);
    if (end < 0)
        give_up(words[3]);
    while (done < size) {
        uint32_t wanted = size - done < sizeof(buffer) ? (uint32_t)(size - done) : sizeof(buffer);
        ssize_t got;

        if (sends)
            content_fill(seed, done, buffer, wanted);
        got = sends ? write(end, buffer, wanted) : read(end, buffer, wanted);
        if (got <= 0) {
            fprintf(stderr, "socket_end: after %llu of %llu bytes: ", (unsigned long long)done,
                    (unsigned long long)size);
            give_up(got ? "the socket" : "its end");
        }
        if (!sends && !content_check(seed, done, buffer, (uint32_t)got, &wrong)) {
            fprintf(stderr, "socket_end: byte %llu is another one than sent\n",
                    (unsigned long long)wrong);
            return 1;
        }
        crc = crc32c(crc, buffer, (size_t)got);
        done += (uint64_t)got;
    }
    printf("%llu bytes, CRC-32C 0x%08x\n", (unsigned long long)done, crc);
    return 0;
}
