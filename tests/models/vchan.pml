/* SPDX-License-Identifier: MIT */
/*
 * How the two ends of a vchan wait for each other: one direction, a sender and a receiver, as
 * xen/vchan.c uses xen/vchan_ring.c. tests/models/vchan.t runs it through Spin.
 *
 * It holds, in every order of steps:
 *   no overrun       no byte is written over one that was not read, or read before it was written
 *   no loss          the receiver gets every byte, in order, before it sees that the sender closed
 *   no lost wake-up, no deadlock   somebody can always go on, until both have ended
 *   an end           both end, if each of them gets its turn
 * and either end may close at any point.
 *
 * The memory is that of x86: a store is seen by the other end later than by one's own, until a
 * locked instruction or a hypercall lets it out. Stores of one end are seen in their order, and the
 * bytes before the index that hands them over. The event channel is a bit that is pending or not.
 *
 * Each WRONG_* leaves out a step that the ends need: Spin must then find an error.
 */
#ifndef SIZE
#define SIZE 2 /* bytes of the ring: 2, 4 or 8 */
#endif
#ifndef TOTAL
#define TOTAL 5 /* bytes of the stream */
#endif
#define INDEX_MASK (2 * SIZE - 1) /* indices wrap around, like those of 32 bits */
#define EMPTY      255

byte ring[SIZE] = EMPTY;

/* An index as its own end knows it, and as the other one sees it. */
byte prod, prod_seen, cons, cons_seen;

bool sender_live = true, receiver_live = true;
bool asked_write, asked_read; /* the receiver asked about writes, the sender about reads */
bool event_sender, event_receiver;
byte sent, received;
bool sender_ended, receiver_ended;

/* Stores leave the store buffers. */
active proctype memory()
{
end:
    do
    :: prod_seen != prod -> prod_seen = prod
    :: cons_seen != cons -> cons_seen = cons
    od
}

#ifdef WRONG_ONE_MORE
#define ROOM (SIZE + 1)
#else
#define ROOM SIZE
#endif
#define SPACE(seen) (ROOM - ((prod - (seen)) & INDEX_MASK))
#define READY(seen) (((seen) - cons) & INDEX_MASK)

/* vchan_ring_asked(), and the event: a locked instruction and a hypercall. */
#ifdef WRONG_UNLOCKED_ASKED
#define LET_OUT_ASKED(index) skip
#else
#define LET_OUT_ASKED(index) index##_seen = index
#endif
/* vchan_ring_ask(): a locked instruction, too. */
#ifdef WRONG_NO_ASK
#define ASK(index, bit) skip
#else
#define ASK(index, bit) atomic { index##_seen = index; bit = true }
#endif
#define TELL(index, bit, event)                                                                    \
    atomic { LET_OUT_ASKED(index); told = bit; bit = false };                                      \
    if                                                                                             \
    :: told -> event = true                                                                        \
    :: else                                                                                        \
    fi

active proctype sender()
{
    byte seen, count;
    bool told;

    do
    :: sent == TOTAL -> break
    :: break /* it closes early */
    :: sent < TOTAL ->
        if
        :: !receiver_live -> break
        :: else
        fi;
        seen = cons_seen;
        if
        :: SPACE(seen) == 0 ->
#ifndef WRONG_SLEEPS_UNTOLD
            TELL(prod, asked_write, event_receiver);
#endif
            ASK(prod, asked_read);
#ifndef WRONG_NO_SECOND_LOOK
            seen = cons_seen;
#endif
            if
            :: SPACE(seen) == 0 -> atomic { event_sender; event_sender = false }
            :: else
            fi
        :: SPACE(seen) > 0 ->
            count = 0;
            do
            :: count < SPACE(seen) && sent + count < TOTAL ->
                atomic {
                    assert(ring[(prod + count) % SIZE] == EMPTY);
                    ring[(prod + count) % SIZE] = sent + count;
                    count++
                }
            :: count > 0 -> break
            od;
            atomic { sent = sent + count; prod = (prod + count) & INDEX_MASK }
        fi
    od;
    atomic { prod_seen = prod; sender_live = false; event_receiver = true }
    sender_ended = true
}

active proctype receiver()
{
    byte seen, count;
    bool told, alive;

    do
    :: break /* it closes early */
    :: true ->
#ifndef WRONG_LIVE_AFTER_READY
        alive = sender_live;
#endif
        seen = prod_seen;
#ifdef WRONG_LIVE_AFTER_READY
        alive = sender_live;
#endif
        assert(READY(seen) <= SIZE);
        if
        :: READY(seen) == 0 && !alive ->
            assert(received == sent);
            break
        :: READY(seen) == 0 && alive ->
#ifndef WRONG_SLEEPS_UNTOLD
            TELL(cons, asked_read, event_sender);
#endif
            ASK(cons, asked_write);
#ifndef WRONG_NO_SECOND_LOOK
            seen = prod_seen;
#endif
            if
            :: READY(seen) == 0 -> atomic { event_receiver; event_receiver = false }
            :: else
            fi
        :: READY(seen) > 0 ->
            count = 0;
            do
            :: count < READY(seen) ->
                atomic {
                    assert(ring[(cons + count) % SIZE] == received + count);
                    ring[(cons + count) % SIZE] = EMPTY;
                    count++
                }
            :: count > 0 -> break
            od;
            atomic { received = received + count; cons = (cons + count) & INDEX_MASK }
        fi
    od;
    atomic { cons_seen = cons; receiver_live = false; event_sender = true }
    receiver_ended = true
}

ltl ends { <>(sender_ended && receiver_ended) }
