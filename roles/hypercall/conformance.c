/* SPDX-License-Identifier: MIT */
#include "roles/hypercall/conformance.h"

#include "kernel/tap.h"
#include "lib/crc32c.h"
#include "lib/string.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"

#define GUARD     8
#define POISON    0xa5
#define MIB       ASSIGNMENT_3_CHECKSUM_MAX
#define CONTINUED 0x80000000u /* Xen's own mark on a checksum that it continues */

static int assignment(unsigned int command, void *argument)
{
    return (int)assignment_call(command, argument);
}

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static uint32_t draw(uint32_t *seed)
{
    /* xorshift32 */
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void check_call(const char *what, int result, int expected)
{
    tap_check(result == -expected, "%s: result %d, expected %d", what, result, -expected);
}

/* The domain's count after this call, 0 if it failed. */
static uint64_t calls_so_far(void)
{
    struct xen_assignment_3_info info = {.pad = 0};

    return assignment(ASSIGNMENT_3_info, &info) == 0 ? info.domain_calls : 0;
}

static void check_info(const struct conformance *conformance)
{
    struct {
        uint8_t before[GUARD];
        struct xen_assignment_3_info info;
        uint8_t after[GUARD];
    } got;
    struct xen_assignment_3_info again;
    bool guarded = true;

    memset(&got, POISON, sizeof(got));
    memset(&again, 0, sizeof(again));
    check_call("info", assignment(ASSIGNMENT_3_info, &got.info), 0);
    for (unsigned int i = 0; i < GUARD; i++)
        guarded = guarded && got.before[i] == POISON && got.after[i] == POISON;
    tap_check(guarded, "info: writes its structure and nothing around it");
    tap_check(got.info.version == ASSIGNMENT_3_INTERFACE_VERSION, "info: interface version %u",
              got.info.version);
    tap_check(conformance->domid == CONFORMANCE_DOMID_ANY || got.info.domid == conformance->domid,
              "info: domain id %u", got.info.domid);
    tap_check(got.info.vcpu == 0, "info: vCPU %u", got.info.vcpu);
    tap_check(got.info.flags == (conformance->hvm ? ASSIGNMENT_3_INFO_HVM : 0),
              "info: the caller is %s", conformance->hvm ? "HVM" : "PV");
    tap_check(got.info.pad == 0, "info: padding is zero");

    check_call("info, once more", assignment(ASSIGNMENT_3_info, &again), 0);
    tap_check(again.domain_calls == got.info.domain_calls + 1,
              "the domain's counter rises by exactly one");
    tap_check(again.total_calls > got.info.total_calls && again.total_calls >= again.domain_calls,
              "the counter of all calls rises as well");

    /* On the last byte of one page and the first of the next. */
    uint8_t *across = conformance->buffer + CONFORMANCE_PAGE - 13;
    memset(across, POISON, sizeof(again));
    check_call("info across pages, unaligned", assignment(ASSIGNMENT_3_info, across), 0);
    memcpy(&again, across, sizeof(again));
    tap_check(again.version == ASSIGNMENT_3_INTERFACE_VERSION &&
                  again.domain_calls == got.info.domain_calls + 2,
              "info across pages arrived whole");

    check_call("info, unmapped", assignment(ASSIGNMENT_3_info, pointer(conformance->unmapped)),
               XEN_EFAULT);
    check_call("info, null", assignment(ASSIGNMENT_3_info, NULL), XEN_EFAULT);
    check_call("info, read-only", assignment(ASSIGNMENT_3_info, pointer(conformance->read_only)),
               XEN_EFAULT);
    check_call("info, past the end of what is mapped",
               assignment(ASSIGNMENT_3_info, pointer(conformance->end - sizeof(again) + 1)),
               XEN_EFAULT);
}

static void check_others(const struct conformance *conformance)
{
    static const unsigned int unknown[] = {
        3, 4, 0xffff, 0x7fffffff, CONTINUED, CONTINUED | ASSIGNMENT_3_info, 0xffffffff,
    };
    uint64_t before = calls_so_far();
    bool refused = true;

    check_call("hello", assignment(ASSIGNMENT_3_hello, NULL), 0);
    tap_check(calls_so_far() == before + 2, "hello: counts as one call");
    check_call("hello ignores its argument",
               assignment(ASSIGNMENT_3_hello, pointer(conformance->unmapped)), 0);
    for (unsigned int i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        refused = refused && assignment(unknown[i], NULL) == -XEN_ENOSYS;
    tap_check(refused, "unknown commands: -ENOSYS");
    before = calls_so_far();
    assignment(3, NULL);
    tap_check(calls_so_far() == before + 2, "unknown command: counts as one call");
}

static struct xen_assignment_3_checksum checksum_of(uint64_t address, uint32_t length)
{
    struct xen_assignment_3_checksum sum = {.buffer = address, .length = length};

    /* What Xen is to fill in must not matter. */
    sum.done = 0xdeadbeef;
    sum.crc = 0xdeadbeef;
    return sum;
}

static void check_sum(const char *what, const uint8_t *data, uint32_t length)
{
    struct xen_assignment_3_checksum sum = checksum_of((uintptr_t)data, length);
    uint64_t before = calls_so_far();
    int result = assignment(ASSIGNMENT_3_checksum, &sum);
    uint32_t expected = crc32c(0, data, length);

    tap_check(result == 0 && sum.crc == expected && sum.done == length &&
                  sum.buffer == (uintptr_t)data && sum.length == length && sum.pad == 0,
              "checksum, %s: result %d, %u of %u bytes, 0x%x, expected 0x%x", what, result,
              sum.done, length, sum.crc, expected);
    tap_check(calls_so_far() == before + 2, "checksum, %s: counts as one call", what);
}

static void check_bad_sum(const char *what, uint64_t address, uint32_t length, int expected)
{
    struct xen_assignment_3_checksum sum = checksum_of(address, length);

    check_call(what, assignment(ASSIGNMENT_3_checksum, &sum), expected);
}

static void check_checksum(const struct conformance *conformance)
{
    static const char known[] = "123456789";
    uint8_t *data = conformance->buffer;
    uint64_t address = (uintptr_t)data;
    uint32_t seed = 46;
    struct xen_assignment_3_checksum sum;

    for (uint32_t i = 0; i < CONFORMANCE_BUFFER_SIZE; i++)
        data[i] = (uint8_t)draw(&seed);

    sum = checksum_of((uintptr_t)known, 9);
    check_call("checksum of \"123456789\"", assignment(ASSIGNMENT_3_checksum, &sum), 0);
    tap_check(sum.crc == 0xe3069283, "checksum of \"123456789\" is 0x%x, expected 0xe3069283",
              sum.crc);

    check_sum("1 byte", data, 1);
    check_sum("511 bytes", data, 511);
    check_sum("4095 bytes", data, 4095);
    check_sum("4096 bytes", data, 4096);
    check_sum("4097 bytes", data, 4097);
    check_sum("2 bytes across pages", data + 4095, 2);
    check_sum("unaligned, across pages", data + 4001, 9001);
    check_sum("1 MiB - 1", data, MIB - 1);
    check_sum("1 MiB", data, MIB);
    check_sum("1 MiB, unaligned", data + 4093, MIB);
    check_sum("up to the end of what is mapped", pointer(conformance->end - 100), 100);

    check_bad_sum("checksum of 0 bytes", address, 0, XEN_EINVAL);
    check_bad_sum("checksum of 1 MiB + 1", address, MIB + 1, XEN_E2BIG);
    check_bad_sum("checksum of 4 GiB - 1", address, 0xffffffff, XEN_E2BIG);
    check_bad_sum("checksum, unmapped", conformance->unmapped, 1, XEN_EFAULT);
    check_bad_sum("checksum, null", 0, 1, XEN_EFAULT);
    check_bad_sum("checksum, 1 byte past the end of what is mapped", conformance->end - 100, 101,
                  XEN_EFAULT);
    check_bad_sum("checksum, past the end of what is mapped, long", conformance->end - 1, MIB,
                  XEN_EFAULT);
    check_bad_sum("checksum, not an address", 0x8000000000000000, 1, XEN_EFAULT);
    if (sizeof(void *) == 4)
        check_bad_sum("checksum above 4 GiB, from 32 bits", address | 1ull << 32, 1, XEN_EFAULT);

    check_call("checksum, descriptor unmapped",
               assignment(ASSIGNMENT_3_checksum, pointer(conformance->unmapped)), XEN_EFAULT);
    check_call("checksum, descriptor null", assignment(ASSIGNMENT_3_checksum, NULL), XEN_EFAULT);
    check_call("checksum, descriptor past the end of what is mapped",
               assignment(ASSIGNMENT_3_checksum, pointer(conformance->end - sizeof(sum) + 1)),
               XEN_EFAULT);
    sum = checksum_of(address, 1);
    sum.pad = 1;
    check_call("checksum, padding not zero", assignment(ASSIGNMENT_3_checksum, &sum), XEN_EINVAL);

    /* What a guest can claim to be a continuation is checked like everything else. */
    sum = checksum_of(address, 100);
    check_call("checksum, claiming that more is done than asked for",
               assignment(ASSIGNMENT_3_checksum | CONTINUED, &sum), XEN_EINVAL);
    sum = checksum_of(address, 100);
    sum.done = 100;
    check_call("checksum, claiming that all is done",
               assignment(ASSIGNMENT_3_checksum | CONTINUED, &sum), 0);
    tap_check(sum.crc == 0xdeadbeef, "checksum, claiming that all is done: nothing is added");
    sum = checksum_of(address, 4096);
    sum.done = 100;
    sum.crc = crc32c(0, data, 100);
    check_call("checksum, continued by the guest",
               assignment(ASSIGNMENT_3_checksum | CONTINUED, &sum), 0);
    tap_check(sum.crc == crc32c(0, data, 4096), "checksum, continued by the guest: 0x%x", sum.crc);
}

void conformance_run(const struct conformance *conformance)
{
    check_info(conformance);
    check_others(conformance);
    check_checksum(conformance);
}

/* An address, mostly a bad one; never one where something lies that a call could overwrite. */
static uint64_t draw_address(const struct conformance *conformance, uint32_t *seed)
{
    uint64_t high = draw(seed), low = draw(seed);

    switch (draw(seed) % 8) {
    case 0:
        return conformance->unmapped + low % CONFORMANCE_PAGE;
    case 1:
        return conformance->end - low % 64;
    case 2:
        return conformance->read_only;
    case 3:
        return low % CONFORMANCE_PAGE;
    case 4: /* never canonical; with 32 bits never mapped */
        return 0x8000000080000000 | (high & 0x3fffffff) << 32 | low;
    case 5:
        return ~(low % CONFORMANCE_PAGE); /* wraps, unless Xen looks */
    default:
        return (uintptr_t)conformance->buffer + low % (CONFORMANCE_BUFFER_SIZE - CONFORMANCE_PAGE);
    }
}

void conformance_run_random(const struct conformance *conformance, unsigned int calls,
                            uint32_t seed)
{
    static const unsigned int lengths[] = {0, 1, 4095, 4096, 4097, MIB, MIB + 1, 0xffffffff};
    unsigned int strange = 0, refused = 0, first = seed;
    int last_strange = 0;

    for (unsigned int i = 0; i < calls; i++) {
        struct xen_assignment_3_checksum given[2]; /* info writes more than one of them */
        struct xen_assignment_3_checksum *sum = given;
        unsigned int command = draw(&seed);
        void *argument = given;
        int result;

        if (draw(&seed) % 4)
            command = command % 5 | (command & CONTINUED);
        sum->buffer = draw_address(conformance, &seed);
        sum->length = draw(&seed) % 2 ? draw(&seed) : lengths[draw(&seed) % 8] ^ draw(&seed) % 2;
        sum->pad = draw(&seed) % 8 ? 0 : draw(&seed);
        sum->done = draw(&seed) % 2 ? draw(&seed) : sum->length;
        sum->crc = draw(&seed);
        /* hello is for the flood; a megabyte each time would take all day in an emulator. */
        if (command == ASSIGNMENT_3_hello)
            command = ASSIGNMENT_3_checksum;
        if (sum->length > 3 * CONFORMANCE_PAGE && sum->length <= MIB)
            sum->length %= 3 * CONFORMANCE_PAGE;
        if (draw(&seed) % 4 == 0)
            argument = pointer(draw_address(conformance, &seed));
        result = assignment(command, argument);
        refused += result < 0;
        if (result != 0 && result != -XEN_ENOSYS && result != -XEN_EFAULT &&
            result != -XEN_EINVAL && result != -XEN_E2BIG) {
            strange++;
            last_strange = result;
        }
    }
    tap_check(strange == 0,
              "%u random calls, seed %u: %u refused, %u with a result that is none "
              "of its errors (last: %d)",
              calls, first, refused, strange, last_strange);
    tap_check(refused > calls / 4 && refused < calls,
              "random calls: some succeed, some are refused");
}

void conformance_run_flood(unsigned int calls)
{
    unsigned int failed = 0;

    for (unsigned int i = 0; i < calls; i++)
        failed += assignment(ASSIGNMENT_3_hello, NULL) != 0;
    tap_check(failed == 0, "hello %u times at once: %u failed", calls, failed);
}
