/* SPDX-License-Identifier: MIT */
/* The order of readings on several vCPUs, with and without Xen's promise that they agree. */
#define _GNU_SOURCE /* REG_EFL */
#include <asm/prctl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include "tests/unit/test.h"

#include "xen/clock.c"

#define VCPUS  4
#define READS  1000000
#define JITTER 64

static struct vcpu vcpus[VCPUS];
static struct shared_info info;
static uint64_t seen; /* by the threads: what was handed over last */

volatile struct shared_info *shared_info(void)
{
    return &info;
}

/* Unless `after` is 0: once vCPU 0 asks how many vCPUs there are, it runs one instruction after the
 * other; after so many vCPU 1 reads, too. */
static volatile struct {
    unsigned int after, steps;
    uint64_t reading;
} cut_in;

unsigned int vcpu_count(void)
{
    if (cut_in.after && !cut_in.steps)
        __writeeflags(__readeflags() | FLAGS_TF); /* from here on each ends in a SIGTRAP */
    return VCPUS;
}

struct vcpu *vcpu_at(unsigned int id)
{
    return &vcpus[id];
}

int64_t hypercall_vcpu_op(unsigned int command, unsigned int vcpu, void *argument)
{
    (void)command;
    (void)vcpu;
    (void)argument;
    return 0;
}

int64_t hypercall_sched_op(unsigned int command, void *argument)
{
    (void)command;
    (void)argument;
    return 0;
}

void console_flush(bool wait)
{
    (void)wait;
}

/* The kernel finds it in the same way. */
static void run_on(unsigned int id)
{
    syscall(SYS_arch_prctl, ARCH_SET_GS, &vcpus[id]);
}

/* With a multiplier of 0 the TSC changes nothing. */
static uint64_t read_on(unsigned int id, uint64_t system_time, bool stable)
{
    struct vcpu_time_info *time = &info.vcpu_info[id].time;

    time->system_time = system_time;
    time->flags = stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
    run_on(id);
    return clock_monotonic_ns();
}

static void on_step(int signal, siginfo_t *unused, void *context)
{
    (void)signal;
    (void)unused;
    if (++cut_in.steps != cut_in.after)
        return;
    cut_in.reading = read_on(1, 200, false);
    run_on(0);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~FLAGS_TF;
}

static int start(void **unused)
{
    (void)unused;
    memset(&state, 0, sizeof(state));
    memset(&info, 0, sizeof(info));
    memset(vcpus, 0, sizeof(vcpus));
    cut_in.after = cut_in.steps = 0;
    cut_in.reading = 0;
    for (unsigned int id = 0; id < VCPUS; id++) {
        vcpus[id].self = &vcpus[id];
        vcpus[id].id = id;
    }
    seen = 0;
    return 0;
}

static void each_vcpu_reads_its_own_clock(void **unused)
{
    (void)unused;
    vcpus[3].info = &vcpus[3].own_info;
    vcpus[3].own_info.time.system_time = 900;
    vcpus[3].own_info.time.flags = XEN_PVCLOCK_TSC_STABLE_BIT;
    assert_int_equal(read_on(0, 100, true), 100);
    assert_int_equal(read_on(1, 200, true), 200);
    assert_int_equal(read_on(3, 300, true), 900);
}

static void without_the_promise_no_vcpu_goes_behind_another(void **unused)
{
    (void)unused;
    assert_int_equal(read_on(0, 100, false), 100);
    assert_int_equal(read_on(1, 50, false), 100);
    assert_int_equal(read_on(2, 120, false), 120);
    assert_int_equal(read_on(0, 110, false), 120);
}

static void the_promise_may_come_and_go(void **unused)
{
    (void)unused;
    assert_int_equal(read_on(0, 200, true), 200);
    assert_int_equal(read_on(1, 150, false), 200);
    assert_int_equal(read_on(1, 300, false), 300);
    assert_int_equal(read_on(2, 250, true), 300);
    assert_int_equal(read_on(2, 400, true), 400);
    assert_int_equal(read_on(0, 350, false), 400);
}

static void with_the_promise_nothing_that_others_read_is_written(void **unused)
{
    (void)unused;
    assert_int_equal(read_on(0, 100, true), 100);
    assert_int_equal(read_on(1, 200, true), 200);
    assert_int_equal(state.latest_ns, 0);
}

/* The TSC of the host before was far behind this one's: that is no clock that stands still. */
static void a_resume_forgets_what_every_vcpu_has_read(void **unused)
{
    (void)unused;
    assert_int_equal(read_on(1, 3000, true), 3000);
    vcpus[1].latest_tsc = tsc_read_ordered() - 2 * STUCK_TICKS;
    assert_int_equal(read_on(0, 3000, true), 3000);
    clock_suspend();
    info.vcpu_info[0].time.system_time = 100;
    clock_resume();
    assert_int_equal(read_on(1, 100, true), 3000);
    assert_int_equal(read_on(1, 150, false), 3050);
}

/* The host before had been up for 3000 ns at the suspend, this one has been for 100. */
static void after_a_resume_only_the_monotonic_clock_goes_on(void **unused)
{
    (void)unused;
    info.wc_sec = 7;
    assert_int_equal(read_on(0, 3000, true), 3000);
    clock_suspend();
    info.wc_sec = 19;
    info.vcpu_info[0].time.system_time = 100;
    assert_int_equal(clock_resume(), 12 * NS_PER_SECOND - 2900);
    assert_int_equal(read_on(0, 150, true), 3050);
    assert_int_equal(clock_wall_ns(), 19 * NS_PER_SECOND + 150);
    assert_int_equal(clock_to_system_time(3060), 160);
}

/* vCPU 1 reads while vCPU 0 compares what others have read: afterwards both readings count. */
static void a_reading_between_any_two_instructions_counts(void **unused)
{
    struct sigaction old, action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

    assert_int_equal(sigaction(SIGTRAP, &action, &old), 0);
    for (unsigned int after = 1;; after++) {
        uint64_t first, last;

        start(unused);
        cut_in.after = after;
        first = read_on(0, 100, false);
        __writeeflags(__readeflags() & ~(unsigned long long)FLAGS_TF);
        require(cut_in.steps > 0, "the CPU does not step");
        if (!cut_in.reading)
            break; /* a reading takes fewer instructions */
        last = read_on(2, 150, true);
        require(last >= first && last >= cut_in.reading,
                "after %u instructions: vCPU 0 reads %lu, vCPU 1 %lu, vCPU 2 then %lu", after,
                first, cut_in.reading, last);
    }
    assert_int_equal(sigaction(SIGTRAP, &old, NULL), 0);
}

/* Each thread's clock is wrong by as much as it likes; none may see what another has read go back.
 */
static void *read_many(void *id)
{
    struct vcpu *vcpu = id;
    uint64_t before, now, behind = 0;

    run_on(vcpu->id);
    for (uint64_t i = 0; i < READS; i++) {
        info.vcpu_info[vcpu->id].time.system_time = (i + 1) * 16 + (i * 7919 + vcpu->id) % JITTER;
        info.vcpu_info[vcpu->id].time.flags = i % 64 < 8 ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
        before = __atomic_load_n(&seen, __ATOMIC_ACQUIRE);
        now = clock_monotonic_ns();
        if (!info.vcpu_info[vcpu->id].time.flags)
            behind += now < before || __atomic_load_n(&state.latest_ns, __ATOMIC_RELAXED) < now;
        while (now > before && !__atomic_compare_exchange_n(&seen, &before, now, false,
                                                            __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        }
    }
    return (void *)behind; /* NOLINT(performance-no-int-to-ptr) */
}

static void threads_hand_over_in_order(void **unused)
{
    pthread_t threads[VCPUS];

    (void)unused;
    for (unsigned int id = 0; id < VCPUS; id++)
        assert_int_equal(pthread_create(&threads[id], NULL, read_many, &vcpus[id]), 0);
    for (unsigned int id = 0; id < VCPUS; id++) {
        void *behind;

        pthread_join(threads[id], &behind);
        assert_null(behind);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_vcpu_reads_its_own_clock, start),
        cmocka_unit_test_setup(without_the_promise_no_vcpu_goes_behind_another, start),
        cmocka_unit_test_setup(the_promise_may_come_and_go, start),
        cmocka_unit_test_setup(with_the_promise_nothing_that_others_read_is_written, start),
        cmocka_unit_test_setup(a_resume_forgets_what_every_vcpu_has_read, start),
        cmocka_unit_test_setup(after_a_resume_only_the_monotonic_clock_goes_on, start),
        cmocka_unit_test_setup(a_reading_between_any_two_instructions_counts, start),
        cmocka_unit_test_setup(threads_hand_over_in_order, start),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
