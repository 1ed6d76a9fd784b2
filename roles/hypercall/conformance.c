/* SPDX-License-Identifier: MIT */
#include "roles/hypercall/conformance.h"

#include "kernel/tap.h"
#include "lib/crc32c.h"
#include "lib/string.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"

#define GUARD    8
#define POISON   0xa5
#define MIB      ASSIGNMENT_3_CHECKSUM_MAX
#define RESERVED 0x80000000u /* the bit of cmd that Xen sets when it continues a checksum */

/* What lies in the page of conformance.arguments. */
struct arguments {
    struct {
        uint8_t before[GUARD];
        struct xen_assignment_3_info info;
        uint8_t after[GUARD];
    } guarded;
    struct xen_assignment_3_checksum sum;
    struct xen_assignment_3_info info;
    struct multicall_entry calls[3];
};

_Static_assert(sizeof(struct arguments) <= CONFORMANCE_PAGE, "the arguments fit into their page");

static int assignment(unsigned int command, void *argument)
{
    return (int)assignment_call(command, argument);
}

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static struct arguments *arguments(const struct conformance *conformance)
{
    return conformance->arguments;
}

/* checksum, with a copy of the descriptor that Xen can access. */
static int call_checksum(const struct conformance *conformance, unsigned int mark,
                         struct xen_assignment_3_checksum *sum)
{
    struct xen_assignment_3_checksum *argument = &arguments(conformance)->sum;

    *argument = *sum;

    int result = assignment(ASSIGNMENT_3_checksum | mark, argument);

    *sum = *argument;
    return result;
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

/* The domain's count with this call, 0 if it failed. */
static uint64_t calls_so_far(const struct conformance *conformance)
{
    struct xen_assignment_3_info *info = &arguments(conformance)->info;

    return assignment(ASSIGNMENT_3_info, info) == 0 ? info->calls : 0;
}

static void check_info(const struct conformance *conformance)
{
    struct arguments *argument = arguments(conformance);
    struct xen_assignment_3_info got, again;
    bool guarded = true;

    memset(argument, POISON, sizeof(*argument));
    check_call("info", assignment(ASSIGNMENT_3_info, &argument->guarded.info), 0);
    got = argument->guarded.info;
    for (unsigned int i = 0; i < GUARD; i++)
        guarded = guarded && argument->guarded.before[i] == POISON &&
                  argument->guarded.after[i] == POISON;
    tap_check(guarded, "info: writes its structure and nothing around it");
    tap_check(got.version == ASSIGNMENT_3_INTERFACE_VERSION, "info: interface version %u",
              got.version);
    tap_check(conformance->domid == CONFORMANCE_DOMID_ANY || got.domid == conformance->domid,
              "info: domain id %u", got.domid);
    tap_check(got.vcpu == 0, "info: vCPU %u", got.vcpu);
    tap_check(got.flags == (conformance->hvm ? ASSIGNMENT_3_INFO_HVM : 0), "info: the caller is %s",
              conformance->hvm ? "HVM" : "PV");
    tap_check(got.pad == 0, "info: padding is zero");

    check_call("info, once more", assignment(ASSIGNMENT_3_info, &argument->info), 0);
    tap_check(argument->info.calls == got.calls + 1, "info: counts as exactly one call");

    /* On the last byte of one page and the first of the next. */
    uint8_t *across = conformance->buffer + CONFORMANCE_PAGE - 13;
    memset(across, POISON, sizeof(again));
    check_call("info across pages, unaligned", assignment(ASSIGNMENT_3_info, across), 0);
    memcpy(&again, across, sizeof(again));
    tap_check(again.version == ASSIGNMENT_3_INTERFACE_VERSION && again.calls == got.calls + 2,
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
        3, 4, 0xffff, 0x7fffffff, RESERVED, RESERVED | ASSIGNMENT_3_info, 0xffffffff,
    };
    uint64_t before = calls_so_far(conformance);
    bool refused = true;

    check_call("hello", assignment(ASSIGNMENT_3_hello, NULL), 0);
    tap_check(calls_so_far(conformance) == before + 2, "hello: counts as one call");
    check_call("hello ignores its argument",
               assignment(ASSIGNMENT_3_hello, pointer(conformance->unmapped)), 0);
    for (unsigned int i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        refused = refused && assignment(unknown[i], NULL) == -XEN_EOPNOTSUPP;
    tap_check(refused, "unknown commands: -EOPNOTSUPP");
    before = calls_so_far(conformance);
    assignment(3, NULL);
    tap_check(calls_so_far(conformance) == before + 2, "unknown command: counts as one call");
    before = calls_so_far(conformance);
    assignment(RESERVED | ASSIGNMENT_3_hello, NULL);
    tap_check(calls_so_far(conformance) == before + 1, "with the reserved bit: not counted");
}

static struct xen_assignment_3_checksum checksum_of(uint64_t address, uint32_t length)
{
    struct xen_assignment_3_checksum sum = {.buffer = address, .length = length};

    /* What Xen is to fill in must not matter. */
    sum.done = 0xdeadbeef;
    sum.crc = 0xdeadbeef;
    return sum;
}

static void check_sum(const struct conformance *conformance, const char *what, const uint8_t *data,
                      uint32_t length)
{
    struct xen_assignment_3_checksum sum = checksum_of((uintptr_t)data, length);
    uint64_t before = calls_so_far(conformance);
    int result = call_checksum(conformance, 0, &sum);
    uint32_t expected = crc32c(0, data, length);

    tap_check(result == 0 && sum.crc == expected && sum.done == length &&
                  sum.buffer == (uintptr_t)data && sum.length == length && sum.pad == 0,
              "checksum, %s: result %d, %u of %u bytes, 0x%x, expected 0x%x", what, result,
              sum.done, length, sum.crc, expected);
    tap_check(calls_so_far(conformance) == before + 2, "checksum, %s: counts as one call", what);
}

static void check_bad_sum(const struct conformance *conformance, const char *what, uint64_t address,
                          uint32_t length, int expected)
{
    struct xen_assignment_3_checksum sum = checksum_of(address, length);

    check_call(what, call_checksum(conformance, 0, &sum), expected);
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

    memcpy(data, known, sizeof(known));
    sum = checksum_of(address, 9);
    check_call("checksum of \"123456789\"", call_checksum(conformance, 0, &sum), 0);
    tap_check(sum.crc == 0xe3069283, "checksum of \"123456789\" is 0x%x, expected 0xe3069283",
              sum.crc);

    check_sum(conformance, "1 byte", data, 1);
    check_sum(conformance, "511 bytes", data, 511);
    check_sum(conformance, "4095 bytes", data, 4095);
    check_sum(conformance, "4096 bytes", data, 4096);
    check_sum(conformance, "4097 bytes", data, 4097);
    check_sum(conformance, "2 bytes across pages", data + 4095, 2);
    check_sum(conformance, "unaligned, across pages", data + 4001, 9001);
    check_sum(conformance, "1 MiB - 1", data, MIB - 1);
    check_sum(conformance, "1 MiB", data, MIB);
    check_sum(conformance, "1 MiB, unaligned", data + 4093, MIB);
    check_sum(conformance, "up to the end of what is mapped", pointer(conformance->end - 100), 100);

    check_bad_sum(conformance, "checksum of 0 bytes", address, 0, XEN_EINVAL);
    check_bad_sum(conformance, "checksum of 1 MiB + 1", address, MIB + 1, XEN_E2BIG);
    check_bad_sum(conformance, "checksum of 4 GiB - 1", address, 0xffffffff, XEN_E2BIG);
    check_bad_sum(conformance, "checksum, unmapped", conformance->unmapped, 1, XEN_EFAULT);
    check_bad_sum(conformance, "checksum, null", 0, 1, XEN_EFAULT);
    check_bad_sum(conformance, "checksum, 1 byte past the end of what is mapped",
                  conformance->end - 100, 101, XEN_EFAULT);
    check_bad_sum(conformance, "checksum, past the end of what is mapped, long",
                  conformance->end - 1, MIB, XEN_EFAULT);
    check_bad_sum(conformance, "checksum, not an address", 0x8000000000000000, 1, XEN_EFAULT);
    if (sizeof(void *) == 4)
        check_bad_sum(conformance, "checksum above 4 GiB, from 32 bits", address | 1ull << 32, 1,
                      XEN_EFAULT);

    check_call("checksum, descriptor unmapped",
               assignment(ASSIGNMENT_3_checksum, pointer(conformance->unmapped)), XEN_EFAULT);
    check_call("checksum, descriptor null", assignment(ASSIGNMENT_3_checksum, NULL), XEN_EFAULT);
    check_call("checksum, descriptor past the end of what is mapped",
               assignment(ASSIGNMENT_3_checksum, pointer(conformance->end - sizeof(sum) + 1)),
               XEN_EFAULT);
    sum = checksum_of(address, 1);
    sum.pad = 1;
    check_call("checksum, padding not zero", call_checksum(conformance, 0, &sum), XEN_EINVAL);

    /* What a guest can claim to be a continuation is checked like everything else. */
    sum = checksum_of(address, 100);
    check_call("checksum, claiming that more is done than asked for",
               call_checksum(conformance, RESERVED, &sum), XEN_EINVAL);
    sum = checksum_of(address, 100);
    sum.done = 100;
    check_call("checksum, claiming that all is done", call_checksum(conformance, RESERVED, &sum),
               0);
    tap_check(sum.crc == 0xdeadbeef, "checksum, claiming that all is done: nothing is added");
    sum = checksum_of(address, 4096);
    sum.done = 100;
    sum.crc = crc32c(0, data, 100);
    check_call("checksum, continued by the guest", call_checksum(conformance, RESERVED, &sum), 0);
    tap_check(sum.crc == crc32c(0, data, 4096), "checksum, continued by the guest: 0x%x", sum.crc);
}

static struct multicall_entry entry_of(unsigned int command, void *argument)
{
    return (struct multicall_entry){.op = __HYPERVISOR_assignment_3,
                                    .args = {command, (uintptr_t)argument}};
}

static void check_multicall(const struct conformance *conformance)
{
    struct arguments *argument = arguments(conformance);
    struct multicall_entry *calls = argument->calls;
    uint64_t before = calls_so_far(conformance);

    argument->sum = checksum_of((uintptr_t)conformance->buffer, MIB);
    calls[0] = entry_of(ASSIGNMENT_3_checksum, &argument->sum);
    calls[1] = entry_of(ASSIGNMENT_3_info, &argument->info);
    calls[2] = entry_of(3, NULL);

    int result = (int)assignment_multicall(calls, 3);

    if (result == -XEN_ENOSYS) {
        tap_skip("multicall", "this Xen has none for this kind of guest");
        return;
    }
    check_call("multicall", result, 0);
    check_call("multicall: checksum of 1 MiB", (int)calls[0].result, 0);
    tap_check(argument->sum.crc == crc32c(0, conformance->buffer, MIB),
              "multicall: the checksum is 0x%x", argument->sum.crc);
    check_call("multicall: info", (int)calls[1].result, 0);
    tap_check(argument->info.calls == before + 2, "multicall: checksum and info count as one each");
    check_call("multicall: unknown command", (int)calls[2].result, XEN_EOPNOTSUPP);
}

void conformance_run(const struct conformance *conformance)
{
    check_info(conformance);
    check_others(conformance);
    check_checksum(conformance);
    check_multicall(conformance);
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
        struct xen_assignment_3_checksum *sum = &arguments(conformance)->sum;
        unsigned int command = draw(&seed);
        void *argument = sum;
        int result;

        if (draw(&seed) % 4)
            command = command % 5 | (command & RESERVED);
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
        if (result != 0 && result != -XEN_EOPNOTSUPP && result != -XEN_EFAULT &&
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
