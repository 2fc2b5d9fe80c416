// Jobs that keep memory busy and honest, and the heartbeat.
#include "agent.h"

#define MIB (1ull << 20)
#define PAGES_PER_MIB 256ull
#define NS_PER_MS 1000000ull
#define NS_PER_SECOND 1000000000ull
#define TICK (5 * NS_PER_MS)
#define BACKLOG (50 * NS_PER_MS)  // what a slow CPU may owe
#define ROUNDS_PER_LINE 10

static void region(uint32_t mib) {
  void *p = map_memory(mib * MIB, false);
  if (!p || !mib) {
    console_line("agent: no memory for a region of that size");
    leave(1);
  }
  pattern_start((uint64_t)p, mib * MIB, 512);
  pattern_dirty((uint32_t)(mib * PAGES_PER_MIB));
}

void job_dirty(uint32_t rate, uint32_t mib) {
  region(mib);
  uint64_t last = uptime_ns();
  uint64_t credit = 0;  // pages × nanoseconds per second
  for (;;) {
    uint64_t now = uptime_ns();
    uint64_t elapsed = now - last < BACKLOG ? now - last : BACKLOG;
    last = now;
    credit += elapsed * rate * PAGES_PER_MIB;
    pattern_dirty((uint32_t)(credit / NS_PER_SECOND));
    credit %= NS_PER_SECOND;
    shared->dirtied = pattern_dirtied();
    shared->dirty_corrupt = pattern_corrupt();
    uint64_t spent = uptime_ns() - now;
    if (spent < TICK) sleep_ns(TICK - spent);
  }
}

static void sum_report(void) {
  LINE(line);
  put_string(&line, "agent: sum");
  put_field(&line, "rounds", shared->rounds);
  put_field(&line, "corrupt", shared->sum_corrupt);
  PRINT(line);
}

void job_sum(uint32_t mib, uint32_t rate) {
  region(mib);
  uint64_t round_ns = mib * NS_PER_SECOND / (rate ? rate : 1);
  for (;;) {
    uint64_t start = uptime_ns();
    bool right = pattern_verify();
    shared->rounds++;
    shared->sum_corrupt = pattern_corrupt();
    if (!right || shared->rounds % ROUNDS_PER_LINE == 0) sum_report();
    uint64_t spent = uptime_ns() - start;
    if (spent < round_ns) sleep_ns(round_ns - spent);
  }
}

void job_beat(uint32_t ms) {
  for (uint64_t n = 1;; n++) {
    sleep_ns(ms * NS_PER_MS);
    LINE(line);
    put_string(&line, "agent: beat ");
    put_number(&line, n);
    stat_line(&line);
    PRINT(line);
  }
}
