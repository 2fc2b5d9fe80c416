// A region whose every page holds a pattern computed from its number and generation. Pages are rewritten in order, so
// which generation a page must hold follows from two counters kept elsewhere: a page that missed a move, or came
// back from an older round, is as visible as a flipped bit.
#include "pattern.h"

#include "text.h"

#define PAGE 4096u
#define REPORTS_MAX 16

static struct {
  volatile uint64_t *base;
  uint64_t pages;
  uint64_t cursor;
  uint64_t generation;  // of the pages before the cursor; those after hold the one before, or nothing if it is 1
  uint64_t dirtied;
  uint64_t sum;
  uint64_t corrupt;
  uint32_t words;
} region;

static uint64_t seed(uint64_t page, uint64_t generation) {
  uint64_t x = page * 0x9e3779b97f4a7c15ull + generation * 0xc2b2ae3d27d4eb4full;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9ull;
  return x ^ x >> 32;
}

void pattern_start(uint64_t base, uint64_t bytes, uint32_t words) {
  region.base = (volatile uint64_t *)base;
  region.pages = bytes / PAGE;
  region.generation = 1;
  region.words = words;
}

bool pattern_filled(void) { return region.generation > 1 || region.cursor == region.pages; }

uint64_t pattern_dirtied(void) { return region.dirtied * PAGE; }

uint64_t pattern_sum(void) { return region.sum; }

uint64_t pattern_corrupt(void) { return region.corrupt; }

static void report(uint64_t page, uint32_t word, uint64_t generation, uint64_t expected, uint64_t found) {
  if (region.corrupt++ >= REPORTS_MAX) return;
  LINE(line);
  put_string(&line, NAME ": CORRUPT address=");
  put_hex(&line, (uint64_t)(region.base + page * (PAGE / 8) + word));
  put_field(&line, "page", page);
  put_field(&line, "generation", generation);
  put_string(&line, " expected=");
  put_hex(&line, expected);
  put_string(&line, " found=");
  put_hex(&line, found);
  PRINT(line);
}

static void check(uint64_t page, uint64_t generation) {
  volatile uint64_t *p = region.base + page * (PAGE / 8);
  uint64_t s = seed(page, generation);
  uint64_t step = s | 1;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < region.words; i++, s += step) {
    uint64_t found = p[i];
    if (found != s) {
      report(page, i, generation, s, found);
      return;
    }
    sum += found;
  }
  region.sum = (region.sum << 1 | region.sum >> 63) + sum;
}

static void write(uint64_t page, uint64_t generation) {
  volatile uint64_t *p = region.base + page * (PAGE / 8);
  uint64_t s = seed(page, generation);
  uint64_t step = s | 1;
  for (uint32_t i = 0; i < region.words; i++, s += step) p[i] = s;
}

void pattern_dirty(uint32_t pages) {
  while (pages-- && region.pages) {
    if (region.cursor == region.pages) {
      region.cursor = 0;
      region.generation++;
    }
    if (region.generation > 1) check(region.cursor, region.generation - 1);
    write(region.cursor, region.generation);
    region.cursor++;
    region.dirtied++;
  }
}

void pattern_spoil(void) {
  if (region.dirtied) region.base[region.cursor % region.pages * (PAGE / 8) + region.words / 2] ^= 1;
}

bool pattern_verify(void) {
  uint64_t before = region.corrupt;
  uint64_t sum = region.sum;
  for (uint64_t page = 0; page < region.pages; page++) {
    uint64_t generation = page < region.cursor ? region.generation : region.generation - 1;
    if (generation) check(page, generation);
  }
  region.sum = sum;  // the running sum stays a function of what was dirtied
  return region.corrupt == before;
}
