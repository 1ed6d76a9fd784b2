/* SPDX-License-Identifier: MIT */
/* Which RAM unpopulated_take_ram() takes. */
#include "tests/unit/test.h"

#include "xen/unpopulated.c"

#define MIB   0x100000ull
#define PAGES 16

unsigned int paging_physical_bits(void)
{
    return 40;
}

bool paging_map(uint64_t address, uint64_t pages, bool writable, struct error *err)
{
    (void)address;
    (void)pages;
    (void)writable;
    (void)err;
    return true;
}

void paging_unmap(uint64_t address, uint64_t pages)
{
    (void)address;
    (void)pages;
}

int64_t hypercall_memory_op(unsigned int command, void *argument)
{
    (void)command;
    (void)argument;
    return -XEN_ENOSYS;
}

/* Takes PAGES of the one or two entries; 0 if that fails. */
static uint64_t take(struct boot_memory first, struct boot_memory second, struct boot_info *boot)
{
    struct error err;
    uint64_t address;

    *boot = (struct boot_info){.memory = {first, second}, .memory_count = 2};
    assert_true(unpopulated_init(boot, &err));
    return unpopulated_take_ram(PAGES, &address, &err) ? address : 0;
}

static void it_takes_the_end_of_the_highest_ram(void **unused)
{
    static struct boot_info boot;

    (void)unused;
    assert_int_equal(take((struct boot_memory){MIB, 63 * MIB, BOOT_MEMORY_RAM},
                          (struct boot_memory){0xfc000000, MIB, 2}, &boot),
                     64 * MIB - PAGES * PAGE_SIZE);
    assert_int_equal(boot.memory[0].size, 63 * MIB - PAGES * PAGE_SIZE);
    assert_false(unpopulated_is_ram(64 * MIB - PAGE_SIZE, PAGE_SIZE));
    assert_int_equal(take((struct boot_memory){MIB, 63 * MIB, BOOT_MEMORY_RAM},
                          (struct boot_memory){128 * MIB, 64 * MIB + 100, BOOT_MEMORY_RAM}, &boot),
                     192 * MIB - PAGES * PAGE_SIZE);
    assert_int_equal(boot.memory[0].size, 63 * MIB);
    assert_int_equal(boot.memory[1].size, 64 * MIB - PAGES * PAGE_SIZE);
}

static void it_takes_nothing_that_is_not_mapped_or_may_be_in_use(void **unused)
{
    static struct boot_info boot;
    const struct boot_memory high = {4096 * MIB, 64 * MIB, BOOT_MEMORY_RAM};

    (void)unused;
    assert_int_equal(take((struct boot_memory){MIB, 63 * MIB, BOOT_MEMORY_RAM}, high, &boot),
                     64 * MIB - PAGES * PAGE_SIZE);
    assert_int_equal(
        take((struct boot_memory){MIB, 3 * MIB + PAGES * PAGE_SIZE, BOOT_MEMORY_RAM}, high, &boot),
        4 * MIB);
    assert_int_equal(
        take((struct boot_memory){MIB, 3 * MIB + PAGES * PAGE_SIZE - 1, 1}, high, &boot), 0);
    assert_int_equal(
        take((struct boot_memory){4000 * MIB, 100 * MIB, BOOT_MEMORY_RAM}, high, &boot), 0);
    assert_int_equal(take((struct boot_memory){MIB, 63 * MIB, 2}, high, &boot), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_the_end_of_the_highest_ram),
        cmocka_unit_test(it_takes_nothing_that_is_not_mapped_or_may_be_in_use),
    };

    return cmocka_run_group_tests_name("unpopulated", tests, NULL, NULL);
}
