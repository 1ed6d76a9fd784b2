/* SPDX-License-Identifier: MIT */
/* How long evtchn_wait() keeps its callers, and what a restore leaves of events. */
#include "tests/unit/test.h"

#include "xen/evtchn.c"

#define PORT 70

static uint64_t now;
static unsigned int polls;
static unsigned int callbacks_set;
static bool comes; /* an event, at each look */
static struct shared_info info;

uint64_t clock_monotonic_ns(void)
{
    return now += 1000;
}

uint64_t clock_to_system_time(uint64_t ns)
{
    return ns;
}

void interrupts_drain(void)
{
    if (comes)
        bitmap_set(state.arrived, PORT);
}

int64_t hypercall_sched_op(unsigned int command, void *argument)
{
    const struct sched_poll *poll = argument;

    assert_int_equal(command, SCHEDOP_poll);
    if (++polls % 3 == 0 && poll->timeout > now) /* else it returns before its time */
        now = poll->timeout;
    return 0;
}

volatile struct shared_info *shared_info(void)
{
    return &info;
}

void console_flush(bool wait)
{
    assert_false(wait);
}

void interrupts_register(unsigned int vector, trap_handler handler)
{
    (void)vector;
    (void)handler;
}

bool version_features(uint32_t *features, struct error *err)
{
    (void)features;
    (void)err;
    return false;
}

bool apic_is_x2apic(void)
{
    return false;
}

void apic_enable(void)
{
}

void apic_eoi(void)
{
}

int64_t hypercall_hvm_op(unsigned int command, void *argument)
{
    (void)command;
    (void)argument;
    return 0;
}

int64_t hypercall_event_channel_op(unsigned int command, void *argument)
{
    (void)command;
    (void)argument;
    return 0;
}

bool hvm_param_set(uint32_t index, uint64_t value, struct error *err)
{
    assert_int_equal(index, HVM_PARAM_CALLBACK_IRQ);
    assert_int_equal(value, (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | UPCALL_VECTOR);
    (void)err;
    callbacks_set++;
    return true;
}

static int start(void **unused)
{
    (void)unused;
    now = polls = callbacks_set = 0;
    comes = false;
    memset(&state, 0, sizeof(state));
    return 0;
}

static void without_an_event_it_lasts_until_the_deadline(void **unused)
{
    (void)unused;
    assert_false(evtchn_wait(PORT, 1000000, NULL));
    assert_true(now >= 1000000);
    assert_true(polls > 1);
}

static void events_that_keep_coming_keep_nobody(void **unused)
{
    unsigned int events = 0;

    (void)unused;
    comes = true;
    while (evtchn_wait(PORT, 1000000, NULL))
        require(++events <= 1000, "%u events, and the deadline is long past", events);
    assert_true(events > 100);
    assert_int_equal(polls, 0);
}

static void an_event_after_the_deadline_is_kept(void **unused)
{
    (void)unused;
    comes = true;
    interrupts_drain();
    comes = false;
    now = 2000000;
    assert_false(evtchn_wait(PORT, 1000000, NULL));
    assert_true(evtchn_wait(PORT, 3000000, NULL));
    assert_false(evtchn_wait(PORT, 3000000, NULL));
}

static void a_sleep_ends_at_once_where_an_event_has_arrived(void **unused)
{
    evtchn_port_t ports[] = {PORT - 1, PORT};

    (void)unused;
    comes = true;
    assert_true(evtchn_sleep(ports, 2, 1000000, NULL));
    assert_int_equal(polls, 0);
    assert_false(evtchn_take(PORT - 1));
    assert_true(evtchn_take(PORT));
    comes = false;
    bitmap_clear(state.arrived, PORT);
    assert_true(evtchn_sleep(ports, 2, 1000000, NULL));
    assert_int_equal(polls, 1);
}

static void forgetting_clears_one_pending_bit(void **unused)
{
    (void)unused;
    memset(&info, 0xff, sizeof(info));
    evtchn_forget(PORT);
    assert_true(info.evtchn_pending[PORT / BITMAP_WORD_BITS] == ~bitmap_mask(PORT));
    assert_true(info.evtchn_pending[PORT / BITMAP_WORD_BITS - 1] == ~0ull);
    assert_false(evtchn_listen(EVTCHN_PORTS, NULL));
}

/* Another domain's port may have the same number. */
static void a_restore_leaves_no_event_and_unmasks_no_port(void **unused)
{
    (void)unused;
    memset(&info, 0, sizeof(info));
    bitmap_set(state.arrived, PORT);
    assert_true(evtchn_resume(NULL));
    assert_false(evtchn_take(PORT));
    assert_int_equal(callbacks_set, 0);
    state.up = true;
    assert_true(evtchn_resume(NULL));
    assert_int_equal(callbacks_set, 1);
    assert_true(info.evtchn_mask[PORT / BITMAP_WORD_BITS] == ~0ull);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_an_event_it_lasts_until_the_deadline, start),
        cmocka_unit_test_setup(events_that_keep_coming_keep_nobody, start),
        cmocka_unit_test_setup(an_event_after_the_deadline_is_kept, start),
        cmocka_unit_test_setup(a_sleep_ends_at_once_where_an_event_has_arrived, start),
        cmocka_unit_test_setup(forgetting_clears_one_pending_bit, start),
        cmocka_unit_test_setup(a_restore_leaves_no_event_and_unmasks_no_port, start),
    };

    return cmocka_run_group_tests_name("evtchn", tests, NULL, NULL);
}
