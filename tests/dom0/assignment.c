/* SPDX-License-Identifier: MIT */
/*
 * Calls assignment_3 from a PV domain: from a program in dom0, through libxencall. Speaks TAP.
 * Whatever Xen shall read or write lies in hypercall buffers: the kernel may move or page out other
 * memory of a program at any time, and Xen then answers -EFAULT.
 *
 *   assignment               the whole contract
 *   assignment random N      N calls with random arguments
 *   assignment flood N       N times hello
 *   assignment info          what Xen says, in one line
 *   assignment preempt N     N checksums of 1 MiB, while another thread watches them progress
 *
 * Exit status: 0 every check passed; 1 one did not; 2 wrong usage; 3 no hypercalls here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <xencall.h>

#include "kernel/tap.h"
#include "roles/hypercall/conformance.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"

static xencall_handle *xen;
static unsigned int checks, failures;

bool tap_check(bool passed, const char *format, ...)
{
    va_list arguments;

    checks++;
    failures += !passed;
    printf("%s %u - ", passed ? "ok" : "not ok", checks);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    return passed;
}

/* Linux's error numbers are Xen's. */
int64_t assignment_call(unsigned int command, void *argument)
{
    int result = xencall2(xen, __HYPERVISOR_assignment_3, command, (uintptr_t)argument);

    return result == -1 ? -errno : result;
}

int64_t assignment_multicall(struct multicall_entry *entries, unsigned int count)
{
    int result = xencall2(xen, __HYPERVISOR_multicall, (uintptr_t)entries, count);

    return result == -1 ? -errno : result;
}

void tap_skip(const char *name, const char *reason)
{
    checks++;
    printf("ok %u - %s # SKIP %s\n", checks, name, reason);
}

/* Hypercall buffers, zeroed; they stay until this program ends. */
static void *pages(unsigned int count)
{
    void *at = xencall_alloc_buffer_pages(xen, count);

    if (!at) {
        perror("assignment: xencall_alloc_buffer_pages");
        exit(3);
    }
    memset(at, 0, count * CONFORMANCE_PAGE);
    return at;
}

static void protect(void *at, int protection)
{
    if (mprotect(at, CONFORMANCE_PAGE, protection) != 0) {
        perror("assignment: mprotect");
        exit(3);
    }
}

static struct conformance contract_of_dom0(void)
{
    uint8_t *end = pages(2), *constant = pages(1);

    protect(end + CONFORMANCE_PAGE, PROT_NONE);
    protect(constant, PROT_READ);
    return (struct conformance){
        .buffer = pages(CONFORMANCE_BUFFER_SIZE / CONFORMANCE_PAGE),
        .arguments = pages(1),
        .unmapped = (uintptr_t)end + CONFORMANCE_PAGE,
        .end = (uintptr_t)end + CONFORMANCE_PAGE,
        .read_only = (uintptr_t)constant,
        .domid = 0,
        .hvm = false,
    };
}

static void info(void)
{
    struct xen_assignment_3_info *got = pages(1);
    int64_t result = assignment_call(ASSIGNMENT_3_info, got);

    if (tap_check(result == 0, "info: result %d", (int)result))
        printf("# version %u, domain %u, %s, call %llu\n", got->version, got->domid,
               got->flags & ASSIGNMENT_3_INFO_HVM ? "HVM" : "PV", (unsigned long long)got->calls);
}

static volatile bool stop_watching;
static volatile struct xen_assignment_3_checksum *watched;

/* Counts the values that `done` takes on the way: Xen writes it only when it gives way. */
static void *watch(void *count)
{
    uint32_t last = 0;

    while (!stop_watching) {
        uint32_t done = watched->done;

        if (done != last && done > 0 && done < watched->length)
            ++*(unsigned int *)count;
        last = done;
    }
    return NULL;
}

static void preempt(const struct conformance *conformance, unsigned int calls)
{
    struct xen_assignment_3_checksum *sum = pages(1);
    unsigned int count = 0, failed = 0, wrong = 0;
    uint32_t first = 0;
    pthread_t thread;

    memset(conformance->buffer, 0x5a, CONFORMANCE_BUFFER_SIZE);
    sum->buffer = (uintptr_t)conformance->buffer;
    sum->length = ASSIGNMENT_3_CHECKSUM_MAX;
    watched = sum;
    if (pthread_create(&thread, NULL, watch, &count) != 0) {
        perror("assignment: pthread_create");
        exit(3);
    }
    for (unsigned int i = 0; i < calls; i++) {
        failed += assignment_call(ASSIGNMENT_3_checksum, sum) != 0;
        if (i == 0)
            first = sum->crc;
        wrong += sum->crc != first;
    }
    stop_watching = true;
    pthread_join(thread, NULL);
    tap_check(failed == 0 && wrong == 0, "%u checksums of 1 MiB: %u failed, %u differ", calls,
              failed, wrong);
    tap_check(count > 0, "another thread ran in the middle of them: %u times seen", count);
}

static unsigned int number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end || value == 0 || value > 100000000) {
        fprintf(stderr, "assignment: '%s': expected a number of calls\n", text);
        exit(2);
    }
    return (unsigned int)value;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    setvbuf(stdout, NULL, _IOLBF, 0);
    xen = xencall_open(NULL, 0);
    if (!xen) {
        fprintf(stderr, "assignment: no hypercalls here: expected to run in dom0\n");
        return 3;
    }

    struct conformance conformance = contract_of_dom0();

    if (argc == 1) {
        if (tap_check(assignment_call(ASSIGNMENT_3_info, conformance.buffer) != -ENOSYS,
                      "Xen has the hypercall"))
            conformance_run(&conformance);
    } else if (argc == 2 && strcmp(what, "info") == 0) {
        info();
    } else if (argc == 3 && strcmp(what, "random") == 0) {
        conformance_run_random(&conformance, number(argv[2]), (uint32_t)time(NULL) | 1);
    } else if (argc == 3 && strcmp(what, "flood") == 0) {
        conformance_run_flood(number(argv[2]));
    } else if (argc == 3 && strcmp(what, "preempt") == 0) {
        preempt(&conformance, number(argv[2]));
    } else {
        fprintf(stderr, "usage: assignment [info | random N | flood N | preempt N]\n");
        return 2;
    }
    printf("1..%u\n", checks);
    return failures != 0;
}
