/* SPDX-License-Identifier: MIT */
/* The verdict, in xenstore: for a toolstack that does not read the guest's console. */
#pragma once

/*
 * From now on the verdict is also the value of the node data/xenolith/result of this domain, as
 * `>> RESULT: ` has it. The line on the console counts: the node is missing where xenstored does
 * not answer, and after a panic. Needs the clock.
 */
void result_init(void);
