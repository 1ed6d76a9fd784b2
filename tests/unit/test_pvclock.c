/* SPDX-License-Identifier: MIT */
#include "lib/units.h"
#include "tests/unit/test.h"

#include "xen/pvclock.h"

/* An integer of 288 bits, least significant limb first: wide enough for every exact product here.
 */
#define LIMBS 9

struct big {
    uint32_t limb[LIMBS];
};

static void double_it(struct big *number)
{
    uint32_t carry = 0;

    for (int i = 0; i < LIMBS; i++) {
        uint32_t top = number->limb[i] >> 31;

        number->limb[i] = number->limb[i] << 1 | carry;
        carry = top;
    }
    assert_int_equal(carry, 0);
}

static void halve_it(struct big *number)
{
    for (int i = 0; i < LIMBS; i++) {
        uint32_t above = i + 1 < LIMBS ? number->limb[i + 1] : 0;

        number->limb[i] = number->limb[i] >> 1 | above << 31;
    }
}

static void multiply(struct big *number, uint32_t by)
{
    uint64_t carry = 0;

    for (int i = 0; i < LIMBS; i++) {
        carry += (uint64_t)number->limb[i] * by;
        number->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_int_equal(carry, 0);
}

/* As the header words it, one bit at a time. */
static uint64_t exact(uint64_t delta, uint32_t mul, int shift)
{
    struct big number = {{(uint32_t)delta, (uint32_t)(delta >> 32)}};

    for (; shift > 0; shift--)
        double_it(&number);
    for (; shift < 0; shift++)
        halve_it(&number);
    multiply(&number, mul);
    for (int i = 3; i < LIMBS; i++)
        if (number.limb[i])
            return UINT64_MAX;
    return (uint64_t)number.limb[2] << 32 | number.limb[1]; /* limb 0 is what 2^32 divides away */
}

static void compare(uint64_t delta, uint32_t mul, int shift)
{
    uint64_t got = pvclock_ticks_to_ns(delta, mul, (int8_t)shift);
    uint64_t wanted = exact(delta, mul, shift);

    require(got == wanted, "%lu ticks, mul %u, shift %d: %lu ns, expected %lu", delta, mul, shift,
            got, wanted);
}

static const uint32_t muls[] = {
    0, 1, 2, 3, 0x7fffffff, 0x80000000, 0x80000001, 0xaaaaaaaa, 0xfffffffe, 0xffffffff, 1861152495,
};

static void edges_are_exact(void **state)
{
    (void)state;
    for (int shift = -128; shift <= 127; shift++) {
        for (size_t m = 0; m < COUNT(muls); m++) {
            for (int bit = 0; bit < 64; bit++) {
                uint64_t power = (uint64_t)1 << bit;

                compare(power - 1, muls[m], shift);
                compare(power, muls[m], shift);
                compare(power + 1, muls[m], shift);
            }
            compare(UINT64_MAX, muls[m], shift);
            compare(UINT64_MAX - 1, muls[m], shift);
        }
    }
}

static void random_values_are_exact(void **state)
{
    uint64_t seed = 42;

    (void)state;
    for (int i = 0; i < 400000; i++) {
        uint64_t delta = test_random(&seed) >> test_random(&seed) % 64;
        uint32_t mul = (uint32_t)(test_random(&seed) >> (32 + test_random(&seed) % 32));

        compare(delta, mul, (int)(test_random(&seed) % 256) - 128);
        compare(delta, mul, (int)(test_random(&seed) % 80) - 40); /* where results fit */
    }
}

/* The products that just fit and just do not. */
static void saturation_is_exact(void **state)
{
    static const struct {
        uint64_t delta;
        uint32_t mul;
        int8_t shift;
        uint64_t wanted;
    } cases[] = {
        {UINT64_MAX, 0x80000000, 1, UINT64_MAX},
        {UINT64_MAX, 0x80000000, 0, UINT64_MAX / 2},
        {(uint64_t)1 << 63, 1, 32, (uint64_t)1 << 63},
        {(uint64_t)1 << 63, 1, 33, UINT64_MAX},
        {(uint64_t)1 << 63, 2, 31, (uint64_t)1 << 63},
        {(uint64_t)1 << 63, 2, 32, UINT64_MAX},
        {1, 1, 95, (uint64_t)1 << 63},
        {1, 1, 96, UINT64_MAX},
        {1, 1, 127, UINT64_MAX},
        {0, 0xffffffff, 127, 0},
        {UINT64_MAX, 0, 127, 0},
        {UINT64_MAX, 0xffffffff, -64, 0},
        {UINT64_MAX, 0xffffffff, -128, 0},
        {3000000000, 0xaaaaaaab, -1, 1000000000}, /* a second at 3 GHz */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = pvclock_ticks_to_ns(cases[i].delta, cases[i].mul, cases[i].shift);

        require(got == cases[i].wanted, "case %zu: %lu", i, got);
        assert_int_equal(exact(cases[i].delta, cases[i].mul, cases[i].shift), cases[i].wanted);
    }
}

static void seconds_round_up(void **state)
{
    static const struct {
        uint64_t ns, wanted;
    } cases[] = {
        {0, 0},
        {1, 1},
        {999999999, 1},
        {1000000000, 1},
        {1000000001, 2},
        {1617563765999999999, 1617563766},
        {1617563766000000000, 1617563766},
        {18446744073000000000u, 18446744073},
        {18446744073000000001u, 18446744074},
        {UINT64_MAX, 18446744074},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        require(ns_to_seconds_ceil(cases[i].ns) == cases[i].wanted, "%lu ns: %lu seconds",
                cases[i].ns, ns_to_seconds_ceil(cases[i].ns));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_exact),
        cmocka_unit_test(random_values_are_exact),
        cmocka_unit_test(saturation_is_exact),
        cmocka_unit_test(seconds_round_up),
    };

    return cmocka_run_group_tests_name("pvclock", tests, NULL, NULL);
}
