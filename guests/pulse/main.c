// Pulse's life: start the network, then answer, dirty, check, beat and sleep.
#include "pulse.h"

#define SLICE_PAGES 16u                        // dirtied between two looks at the network
#define DIRTY_TICK (2 * TICKS_PER_MS)          // shortest sleep while dirtying
#define DIRTY_BACKLOG (50 * TICKS_PER_MS)      // what a slow CPU may owe
#define IMAGE_SPACE (8ull << 20)               // image, rings, buffers and stack; what the network wants more is behind it
#define NEVER (~0ull)

struct options options;

static uint64_t started;

static struct {
  uint64_t last;
  uint64_t credit;  // pages × ticks per second
} dirtying;

static struct {
  uint64_t next;
  uint64_t count;
} beating, controlling;

void stat_line(struct text *t) {
  put_field(t, "uptime_ms", (now_ticks() - started) / TICKS_PER_MS);
  put_field(t, "rx", net_counters.rx);
  put_field(t, "tx", net_counters.tx);
  put_field(t, "dirtied", pattern_dirtied());
  put_string(t, " sum=");
  put_hex(t, pattern_sum());
  put_field(t, "corrupt", pattern_corrupt());
  put_field(t, "ctrl", net_counters.ctrl);
  put_field(t, "refused", net_counters.ctrl_refused);
  put_field(t, "announced", net_counters.announced);
  put_field(t, "dropped", net_counters.tx_dropped);
}

static uint64_t beat(uint64_t now) {
  if (!options.beat) return NEVER;
  uint64_t period = options.beat * TICKS_PER_MS;
  if (now >= beating.next) {
    LINE(line);
    put_string(&line, "pulse: beat ");
    put_number(&line, ++beating.count);
    stat_line(&line);
    PRINT(line);
    beating.next += period;
    if (beating.next <= now || beating.next > now + period) beating.next = now + period;
  }
  return beating.next;
}

static uint64_t control(uint64_t now) {
  if (!options.ctrl) return NEVER;
  if (now >= controlling.next) {
    net_control_step();
    controlling.next = now + TICKS_PER_SECOND / options.ctrl;
  }
  return controlling.next;
}

// Dirties what is due; the time to come back, which is `now` when there is more to do at once.
static uint64_t dirty(uint64_t now) {
  if (!pattern_filled()) {
    pattern_dirty(SLICE_PAGES);
    dirtying.last = now;
    return now;
  }
  uint64_t rate = options.dirty * 256ull;  // pages per second
  uint64_t elapsed = now - dirtying.last;
  dirtying.last = now;
  if (!rate) return NEVER;
  dirtying.credit += (elapsed < DIRTY_BACKLOG ? elapsed : DIRTY_BACKLOG) * rate;
  uint64_t limit = DIRTY_BACKLOG * rate + TICKS_PER_SECOND;
  if (dirtying.credit > limit) dirtying.credit = limit;
  uint64_t due = dirtying.credit / TICKS_PER_SECOND;
  uint64_t pages = due < SLICE_PAGES ? due : SLICE_PAGES;
  pattern_dirty((uint32_t)pages);
  dirtying.credit -= pages * TICKS_PER_SECOND;
  if (due > pages) return now;
  uint64_t wait = (TICKS_PER_SECOND - dirtying.credit % TICKS_PER_SECOND) / rate;
  return now + (wait > DIRTY_TICK ? wait : DIRTY_TICK);
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void live(void) {
  for (;;) {
    bool busy = net_poll();
    uint64_t now = now_ticks();
    uint64_t wake = least(least(beat(now), control(now)), dirty(now));
    if (!busy && wake > now && net_arm()) cpu_sleep(wake);
  }
}

static void default_options(void) {
  options.ip = 10u << 24 | 2 << 8 | 15;
  options.dirty_region = ~0u;
  options.dirty_words = 512;
  options.beat = 1000;
  options.pairs = 1;
  options.event_idx = true;
}

// The fixed places of the `virt` board, for a loader that passes no usable tree.
static void default_board(struct board *b) {
  b->memory_base = 0x80000000;
  b->memory_size = 128ull << 20;
  b->slot_count = 8;
  for (uint32_t i = 0; i < 8; i++) {
    b->slots[i].base = 0x10001000 + 0x1000 * i;
    b->slots[i].irq = 1 + i;
  }
}

// Between our own memory and the device tree, which QEMU and Handover put near the top.
static void region_start(const struct board *b, uint64_t fdt) {
  uint64_t from = b->memory_base + IMAGE_SPACE + net_more_memory(&options);
  uint64_t to = b->memory_base + b->memory_size;
  if (fdt >= from && fdt < to) to = fdt & ~4095ull;
  if (options.dirty_region == ~0u) options.dirty_region = options.dirty ? 64 : 0;
  uint64_t bytes = (uint64_t)options.dirty_region << 20;
  if (from + bytes > to) {
    bytes = to > from ? (to - from) & ~4095ull : 0;
    console_line("pulse: dirty-region is larger than free memory and was cut");
  }
  pattern_start(from, bytes, options.dirty_words);
}

static void print_ready(const struct board *b) {
  LINE(line);
  put_string(&line, "pulse: ready");
  put_string(&line, " ip=");
  for (int shift = 24; shift >= 0; shift -= 8) {
    put_number(&line, options.ip >> shift & 255);
    put_string(&line, shift ? "." : "");
  }
  put_field(&line, "memory_mib", b->memory_size >> 20);
  put_field(&line, "dirty", options.dirty);
  put_field(&line, "region_mib", options.dirty_region);
  PRINT(line);
}

void pulse_main(const void *fdt) {
  struct board board;
  started = now_ticks();
  default_options();
  if (!board_read(fdt, &board)) {
    console_line("pulse: no device tree, using the board's fixed addresses");
    default_board(&board);
  } else {
    options_parse(&options, board.bootargs, string_length(board.bootargs));
  }
  if (options.ctrl > 100000) options.ctrl = 100000;
  options.more = board.memory_base + IMAGE_SPACE;
  region_start(&board, (uint64_t)fdt);
  net_start(&board, &options);
  print_ready(&board);
  dirtying.last = beating.next = now_ticks();
  beating.next += options.beat * TICKS_PER_MS;
  live();
}
