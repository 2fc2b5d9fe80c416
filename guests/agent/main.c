// The command line of the agent.
#include "agent.h"

#define SUM_RATE 50

struct shared *shared;

static const char usage[] =
    "usage: agent run [dirty=MiB/s] [dirty-region=MiB] [sum=MiB] [beat=ms]   the jobs named, and serve, in the background\n"
    "       agent serve             UDP and TCP echo on port 7, commands on UDP port 9: stat, poweroff, reboot\n"
    "       agent dirty RATE SIZE   rewrites SIZE MiB at RATE MiB/s and checks it\n"
    "       agent sum SIZE [RATE]   fills SIZE MiB and checks it for ever, at RATE MiB/s (50)\n"
    "       agent beat MS           a line with uptime and counters every MS milliseconds";

void stat_line(struct text *t) {
  put_field(t, "uptime_ms", uptime_ns() / 1000000);
  put_field(t, "udp", shared->udp);
  put_field(t, "tcp", shared->tcp);
  put_field(t, "dirtied", shared->dirtied);
  put_field(t, "rounds", shared->rounds);
  put_field(t, "corrupt", shared->dirty_corrupt + shared->sum_corrupt);
}

static void complain(void) {
  write_bytes(2, usage, sizeof usage - 1);
  write_bytes(2, "\n", 1);
  leave(2);
}

static uint32_t number(const char *s) {
  uint32_t v = 0;
  if (!parse_number(s, string_length(s), &v)) complain();
  return v;
}

static bool option(const char *word, const char *key, uint32_t *value) {
  size_t n = string_length(key);
  if (!string_starts(word, string_length(word), key) || word[n] != '=') return false;
  *value = number(word + n + 1);
  return true;
}

// Returns once the ports are open, so that a script may then say that the guest answers; the jobs go on alone.
static void run(int count, char **words) {
  uint32_t dirty = 0, dirty_region = 64, sum = 0, beat = 0;
  for (int i = 0; i < count; i++) {
    if (!option(words[i], "dirty", &dirty) && !option(words[i], "dirty-region", &dirty_region) &&
        !option(words[i], "sum", &sum) && !option(words[i], "beat", &beat)) {
      complain();
    }
  }
  serve_open();
  if (dirty && fork_child() == 0) job_dirty(dirty, dirty_region);
  if (sum && fork_child() == 0) job_sum(sum, SUM_RATE);
  if (beat && fork_child() == 0) job_beat(beat);
  if (fork_child() == 0) job_serve();
  leave(0);
}

static void serve(void) {
  serve_open();
  job_serve();
}

static bool is(const char *a, const char *b) {
  size_t n = string_length(a);
  return n == string_length(b) && !memcmp(a, b, n);
}

int agent_main(int count, char **words) {
  shared = map_memory(4096, true);
  if (!shared) return 1;
  if (count >= 2 && is(words[1], "run")) run(count - 2, words + 2);
  if (count == 2 && is(words[1], "serve")) serve();
  if (count == 4 && is(words[1], "dirty")) job_dirty(number(words[2]), number(words[3]));
  if (count == 3 && is(words[1], "sum")) job_sum(number(words[2]), SUM_RATE);
  if (count == 4 && is(words[1], "sum")) job_sum(number(words[2]), number(words[3]));
  if (count == 3 && is(words[1], "beat")) job_beat(number(words[2]));
  complain();
  return 2;
}
