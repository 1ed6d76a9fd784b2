/* SPDX-License-Identifier: MIT */
/* The console ring, with far sides that are slow, gone, or lie. */
#include "tests/unit/test.h"

#include <sys/mman.h>

#include "arch/x86_64/cpu.h"
#include "lib/units.h"

/* The ring's code gets this TSC. */
static uint64_t tsc, ticks_per_reading = 1;

static uint64_t test_tsc(void)
{
    return tsc += ticks_per_reading;
}

#define tsc_read_ordered test_tsc
#include "xen/console.c"
#include "xen/hvm_param.c"

#define GFN  0x12345
#define PORT 2
#define SENT 100000

/* The far side works when an event has come, as xenconsoled: out_prod, copy, out_cons, an event. */
static struct {
    enum { WORKS, SLEEPS, LIES } how;
    bool event, copying;
    uint32_t seen; /* of out_prod */
    uint64_t random;
} far;
static char got[2 * SENT];
static size_t got_size;
static char debug[1000];

static uint64_t now;
static bool clock_fails;
static unsigned int events, polls;
static bool ours; /* our port's pending bit */
static const struct console_sink *sink;

/* Some of what the far side has to do; anything may happen between any two steps. */
static void far_steps(void)
{
    for (unsigned int steps = test_random(&far.random) % 4; steps > 0; steps--) {
        if (far.how == LIES)
            state.ring->out_cons = (uint32_t)test_random(&far.random);
        if (far.how != WORKS)
            continue;
        if (far.copying) {
            far.copying = false;
            state.ring->out_cons = far.seen;
            ours = true;
        } else if (far.event) {
            far.event = false;
            far.seen = state.ring->out_prod;
            far.copying = true;
            require(far.seen - state.ring->out_cons <= sizeof(state.ring->out),
                    "the ring holds %u bytes", far.seen - state.ring->out_cons);
            for (uint32_t i = state.ring->out_cons; i != far.seen; i++)
                got[got_size++] = state.ring->out[i % sizeof(state.ring->out)];
        }
    }
}

bool clock_try_ns(uint64_t *ns)
{
    far_steps();
    *ns = now += 1000;
    return !clock_fails;
}

int64_t hypercall_event_channel_op(unsigned int command, void *argument)
{
    assert_int_equal(command, EVTCHNOP_send);
    assert_int_equal(((struct evtchn_send *)argument)->port, PORT);
    far.event = true;
    events++;
    far_steps();
    return 0;
}

void evtchn_forget(evtchn_port_t which)
{
    assert_int_equal(which, PORT);
    far_steps();
    ours = false;
    far_steps();
}

void evtchn_poll(evtchn_port_t which, uint64_t deadline)
{
    assert_int_equal(which, PORT);
    assert_true(deadline != 0);
    polls++;
    far_steps();
    if (!ours && deadline > now)
        now = deadline;
}

static uint64_t gfn = GFN, channel = PORT;

int64_t hypercall_hvm_op(unsigned int command, void *argument)
{
    struct xen_hvm_param *param = argument;

    assert_int_equal(command, HVMOP_get_param);
    param->value = param->index == HVM_PARAM_CONSOLE_PFN ? gfn : channel;
    return 0;
}

int64_t hypercall_console_write(const char *text, uint64_t size)
{
    (void)text;
    (void)size;
    return -1;
}

void console_register(struct console_sink *which)
{
    sink = which;
}

void console_debug(const char *text, size_t size)
{
    assert_true(size < sizeof(debug));
    memcpy(debug, text, size);
    debug[size] = '\0';
}

static int start(void **unused)
{
    static void *page;

    (void)unused;
    if (!page)
        page = mmap((void *)((uintptr_t)GFN * PAGE_SIZE), PAGE_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED)
        return -1;
    memset(page, 0, PAGE_SIZE);
    memset(&far, 0, sizeof(far));
    far.random = 0x2545f4914f6cdd1d;
    got_size = 0;
    debug[0] = '\0';
    now = 0;
    events = polls = 0;
    clock_fails = ours = false;
    memset(&state, 0, sizeof(state));
    sink = NULL;
    gfn = GFN;
    channel = PORT;
    ((struct xencons_interface *)page)->out_cons = ((struct xencons_interface *)page)->out_prod =
        0xffffff00; /* it wraps soon */
    require(xen_console_init(NULL), "there is no console");
    return 0;
}

static void say(const char *text)
{
    sink->write(text, strlen(text), false);
}

static void let_it_work(void)
{
    for (unsigned int i = 0; i < 100; i++)
        far_steps();
}

/* What was sent, an LF being a CR LF. */
static char sent[2 * SENT];
static size_t sent_size;

static void say_and_note(uint64_t *random)
{
    char text[300];
    size_t size = test_random(random) % sizeof(text);

    for (size_t i = 0; i < size; i++) {
        text[i] = test_random(random) % 40 ? (char)('a' + test_random(random) % 26) : '\n';
        if (text[i] == '\n')
            sent[sent_size++] = '\r';
        sent[sent_size++] = text[i];
    }
    sink->write(text, size, false);
}

static void no_byte_is_lost_or_stays_behind(void **unused)
{
    uint64_t random = 88172645463325252;

    for (unsigned int run = 0; run < 200; run++) {
        start(unused);
        far.random += run;
        sent_size = 0;
        for (unsigned int i = 0; i < 100; i++) {
            say_and_note(&random);
            if (test_random(&random) % 10 == 0) {
                sink->flush(false);
                let_it_work();
                require(got_size == sent_size, "run %u: after a flush %zu of %zu bytes came", run,
                        got_size, sent_size);
            }
        }
        sink->flush(true);
        require(got_size == sent_size && memcmp(got, sent, sent_size) == 0,
                "run %u: %zu of %zu bytes came", run, got_size, sent_size);
        assert_string_equal(debug, "");
    }
}

static void a_burst_is_one_event(void **unused)
{
    (void)unused;
    far.how = SLEEPS;
    for (unsigned int i = 0; i < 30; i++)
        say("a line\n");
    assert_int_equal(events, 1);
    assert_int_equal(polls, 0);
}

/* The far side takes what there is, and a line that comes after it. */
static void wake_and_say_again(void)
{
    far.how = WORKS;
    far.event = true;
    let_it_work();
    say("again\n");
    sink->flush(true);
    got[got_size] = '\0';
}

static void a_far_side_that_sleeps_is_waited_for_once(void **unused)
{
    (void)unused;
    far.how = SLEEPS;
    ours = true; /* an old event */
    for (unsigned int i = 0; i < 1000; i++)
        say("0123456789\n");
    assert_true(now >= 30 * NS_PER_SECOND && now < 31 * NS_PER_SECOND);
    assert_true(polls > 10 && polls < 1000);

    /* It wakes: what is lost is said once, where it is missing, and nothing is given up. */
    wake_and_say_again();
    assert_int_equal(got_size, 2048 + strlen("\r\nConsole: 9952 bytes are lost here: nobody took "
                                             "them\r\nagain\r\n"));
    assert_string_equal(got + 2048,
                        "\r\nConsole: 9952 bytes are lost here: nobody took them\r\nagain\r\n");
    assert_string_equal(debug, "");

    far.how = SLEEPS;
    now = 0;
    for (unsigned int i = 0; i < 1000; i++)
        say("0123456789\n");
    assert_true(now >= 30 * NS_PER_SECOND && now < 31 * NS_PER_SECOND);
    sink->flush(true);
    assert_string_equal(debug, "Console: nobody took the last 12000 bytes\n");
}

static void where_the_clock_fails_the_tsc_ends_the_wait(void **unused)
{
    (void)unused;
    far.how = SLEEPS;
    clock_fails = true;
    ticks_per_reading = WAIT_TICKS / 1000;
    for (unsigned int i = 0; i < 1000; i++)
        say("0123456789\n");
    ticks_per_reading = 1;
    assert_true(polls >= 900 && polls < 1100);
    assert_true(state.lost > 0);
}

static void nobody_is_waited_for_who_is_not_connected(void **unused)
{
    (void)unused;
    far.how = SLEEPS;
    ((volatile uint8_t *)state.ring)[3088] = 1;
    for (unsigned int i = 0; i < 1000; i++)
        say("0123456789\n");
    sink->flush(true);
    assert_int_equal(polls, 0);
    assert_string_equal(debug, "Console: nobody took the last 12000 bytes\n");

    ((volatile uint8_t *)state.ring)[3088] = 0;
    wake_and_say_again();
    assert_non_null(strstr(got, "Console: 9952 bytes are lost here"));
    assert_non_null(strstr(got, "again\r\n"));
}

static void indices_that_lie_end(void **unused)
{
    char before[3088 - 3072], after[PAGE_SIZE - 3088];

    (void)unused;
    far.how = LIES;
    memcpy(before, (char *)(uintptr_t)state.ring + 1024 - sizeof(before), sizeof(before));
    memcpy(after, (char *)(uintptr_t)state.ring + 3088, sizeof(after));
    for (unsigned int i = 0; i < 300; i++) {
        state.ring->out_prod = (uint32_t)test_random(&far.random);
        say("0123456789\n");
    }
    sink->flush(true);
    assert_memory_equal(before, (char *)(uintptr_t)state.ring + 1024 - sizeof(before),
                        sizeof(before));
    assert_memory_equal(after, (char *)(uintptr_t)state.ring + 3088, sizeof(after));
}

static void a_ring_that_begins_with_nonsense_is_emptied(void **unused)
{
    (void)unused;
    state.ring->out_prod = 5000;
    state.ring->out_cons = 100;
    require(xen_console_init(NULL), "there is no console");
    say("first\n");
    sink->flush(true);
    assert_int_equal(got_size, 7);
    assert_memory_equal(got, "first\r\n", 7);
}

/* The former far side, on another port, had stopped taking anything. */
static void after_a_restore_the_new_far_side_is_believed(void **unused)
{
    (void)unused;
    state.ring->out_prod = state.ring->out_cons = 5000;
    state.port = PORT + 1;
    state.ran_out = true;
    state.ran_out_at = 5000;
    xen_console_resume();
    say("back\n");
    sink->flush(true);
    assert_int_equal(got_size, 6);
    assert_memory_equal(got, "back\r\n", 6);
}

static void what_is_no_ring_is_none(void **unused)
{
    (void)unused;
    gfn = 0x100000; /* at 4 GiB */
    assert_false(xen_console_init(NULL));
    gfn = GFN;
    channel = 4096;
    assert_false(xen_console_init(NULL));
    channel = 0;
    assert_false(xen_console_init(NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_byte_is_lost_or_stays_behind, start),
        cmocka_unit_test_setup(a_burst_is_one_event, start),
        cmocka_unit_test_setup(a_far_side_that_sleeps_is_waited_for_once, start),
        cmocka_unit_test_setup(where_the_clock_fails_the_tsc_ends_the_wait, start),
        cmocka_unit_test_setup(nobody_is_waited_for_who_is_not_connected, start),
        cmocka_unit_test_setup(indices_that_lie_end, start),
        cmocka_unit_test_setup(a_ring_that_begins_with_nonsense_is_emptied, start),
        cmocka_unit_test_setup(after_a_restore_the_new_far_side_is_believed, start),
        cmocka_unit_test_setup(what_is_no_ring_is_none, start),
    };

    return cmocka_run_group_tests_name("xen console", tests, NULL, NULL);
}
