/* SPDX-License-Identifier: MIT */
/* Which sink shows what, and when. */
#include "tests/unit/test.h"

/* It declares what libc has declared already. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#include "kernel/console.c"

#define SINKS 4

static char shown[SINKS][20000];
static size_t shown_size[SINKS];
static char alarms[SINKS][20000]; /* a ! for each byte of alarm text, a . for others */
static unsigned int flushes[SINKS];

static void show(unsigned int which, const char *text, size_t size, bool alarm)
{
    memcpy(shown[which] + shown_size[which], text, size);
    memset(alarms[which] + shown_size[which], alarm ? '!' : '.', size);
    shown_size[which] += size;
}

#define SINK(n)                                                                                    \
    static void write_##n(const char *text, size_t size, bool alarm)                               \
    {                                                                                              \
        show(n, text, size, alarm);                                                                \
    }                                                                                              \
    __attribute__((unused)) static void flush_##n(bool wait)                                       \
    {                                                                                              \
        flushes[n] += wait ? 100 : 1;                                                              \
    }
SINK(0)
SINK(1)
SINK(2)
SINK(3)

static struct console_sink all[SINKS];

static int start(void **unused)
{
    (void)unused;
    all[0] = (struct console_sink){.id = 1, .write = write_0, .flush = flush_0};
    all[1] = (struct console_sink){.id = 2, .write = write_1, .flush = flush_1};
    all[2] = (struct console_sink){.id = 4, .write = write_2, .flush = flush_2};
    all[3] = (struct console_sink){.id = 8, .write = write_3};
    memset(shown, 0, sizeof(shown));
    memset(shown_size, 0, sizeof(shown_size));
    memset(alarms, 0, sizeof(alarms));
    memset(flushes, 0, sizeof(flushes));
    memset(&state, 0, sizeof(state));
    return 0;
}

static void say(const char *text, bool alarm)
{
    console_write(text, strlen(text), alarm);
}

/* Every set of consoles, and every set of which some are chosen, and some registered, only later.
 */
static void no_line_comes_twice_and_none_is_missing(void **unused)
{
    for (uint32_t early = 0; early < 1u << SINKS; early++)
        for (uint32_t first = 0; first < 1u << SINKS; first++)
            for (uint32_t then = 0; then < 1u << SINKS; then++) {
                start(unused);
                for (unsigned int i = 0; i < SINKS; i++)
                    if (early >> i & 1)
                        console_register(&all[i]);
                say("one\n", false);
                console_select(first);
                say("two\n", true);
                console_select(first | then);
                for (unsigned int i = 0; i < SINKS; i++)
                    if (!(early >> i & 1))
                        console_register(&all[i]);
                say("three\n", false);
                for (unsigned int i = 0; i < SINKS; i++) {
                    bool wanted = (first | then) >> i & 1;

                    require(strcmp(shown[i], wanted ? "one\ntwo\nthree\n" : "") == 0,
                            "sink %u of early %x, first %x, then %x shows '%s'", i, early, first,
                            then, shown[i]);
                    require(!wanted || strcmp(alarms[i], "....!!!!......") == 0,
                            "sink %u: alarms '%s'", i, alarms[i]);
                }
            }
}

static void a_sink_that_is_chosen_again_catches_up(void **unused)
{
    (void)unused;
    console_register(&all[0]);
    console_select(1);
    say("one\n", false);
    console_select(2);
    say("two\n", false);
    console_select(1);
    say("three\n", false);
    assert_string_equal(shown[0], "one\ntwo\nthree\n");
}

static void what_the_record_cannot_hold_is_shown_to_those_who_are_there(void **unused)
{
    char line[1000];

    (void)unused;
    memset(line, 'x', sizeof(line));
    console_register(&all[0]);
    console_select(3);
    for (unsigned int i = 0; i < 10; i++)
        console_write(line, sizeof(line), false);
    console_register(&all[1]);
    assert_int_equal(shown_size[0], 10000);
    assert_int_equal(shown_size[1], BACKLOG_SIZE);
    say("after", false);
    assert_int_equal(shown_size[0], 10005);
    assert_int_equal(shown_size[1], BACKLOG_SIZE + 5);
}

static void nobody_is_seen_until_one_is_both_there_and_chosen(void **unused)
{
    (void)unused;
    assert_false(console_any_active());
    console_select(1);
    assert_false(console_any_active());
    console_register(&all[1]);
    assert_false(console_any_active());
    console_register(&all[0]);
    assert_true(console_any_active());
}

static void a_panic_before_the_choice_reaches_all(void **unused)
{
    (void)unused;
    console_register(&all[0]);
    console_register(&all[1]);
    say("one\n", false);
    console_write_emergency("end\n", 4);
    assert_string_equal(shown[0], "one\nend\n");
    assert_string_equal(shown[1], "one\nend\n");
    assert_string_equal(alarms[0], "....!!!!");
}

static void only_chosen_sinks_are_flushed(void **unused)
{
    (void)unused;
    for (unsigned int i = 0; i < SINKS; i++)
        console_register(&all[i]);
    console_select(1 | 4 | 8);
    console_flush(false);
    console_flush(true);
    assert_int_equal(flushes[0], 101);
    assert_int_equal(flushes[1], 0);
    assert_int_equal(flushes[2], 101);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_line_comes_twice_and_none_is_missing, start),
        cmocka_unit_test_setup(a_sink_that_is_chosen_again_catches_up, start),
        cmocka_unit_test_setup(what_the_record_cannot_hold_is_shown_to_those_who_are_there, start),
        cmocka_unit_test_setup(nobody_is_seen_until_one_is_both_there_and_chosen, start),
        cmocka_unit_test_setup(a_panic_before_the_choice_reaches_all, start),
        cmocka_unit_test_setup(only_chosen_sinks_are_flushed, start),
    };

    return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
