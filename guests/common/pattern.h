// A memory region that is dirtied and checked; one per process. Shared by the guest programs.
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stdint.h>

void pattern_start(uint64_t base, uint64_t bytes, uint32_t words_per_page);
bool pattern_filled(void);
void pattern_dirty(uint32_t pages);  // checks each page, then writes its next generation
bool pattern_verify(void);           // checks every page written so far
void pattern_spoil(void);            // flips a bit, to see that the check sees it
uint64_t pattern_dirtied(void);      // bytes
uint64_t pattern_sum(void);          // over what was checked before it was rewritten
uint64_t pattern_corrupt(void);

#endif
