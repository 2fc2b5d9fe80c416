// The command line: words of the form key=value.
#include "pulse.h"

// Dotted quad; a prefix length after a slash is accepted and not needed.
static bool address(const char *s, size_t n, uint32_t *out) {
  uint32_t ip = 0;
  size_t at = 0;
  for (int part = 0; part < 4; part++) {
    size_t start = at;
    while (at < n && s[at] != '.' && s[at] != '/') at++;
    uint32_t v;
    if (!parse_number(s + start, at - start, &v) || v > 255) return false;
    if (part < 3 && (at >= n || s[at++] != '.')) return false;
    ip = ip << 8 | v;
  }
  if (at < n && s[at] != '/') return false;
  *out = ip;
  return true;
}

static bool word(struct options *o, const char *s, size_t n) {
  size_t k = 0;
  while (k < n && s[k] != '=') k++;
  if (k == n) return false;
  const char *v = s + k + 1;
  size_t vn = n - k - 1;
#define IS(name) (k == sizeof name - 1 && !memcmp(s, name, k))
  uint32_t flag;
  if (IS("ip")) return address(v, vn, &o->ip);
  if (IS("dirty")) return parse_number(v, vn, &o->dirty);
  if (IS("dirty-region")) return parse_number(v, vn, &o->dirty_region);
  if (IS("dirty-words")) {
    return parse_number(v, vn, &flag) && flag >= 1 && flag <= 512 && (o->dirty_words = flag, true);
  }
  if (IS("beat")) return parse_number(v, vn, &o->beat);
  if (IS("ctrl")) return parse_number(v, vn, &o->ctrl);
  if (IS("pairs")) return parse_number(v, vn, &o->pairs);
  if (IS("event-idx")) return parse_number(v, vn, &flag) && (o->event_idx = flag != 0, true);
#undef IS
  return false;
}

bool options_parse(struct options *o, const char *s, size_t n) {
  bool all = true;
  for (size_t at = 0; at < n;) {
    size_t start = at;
    while (at < n && s[at] != ' ' && s[at] != '\n') at++;
    if (at > start && !word(o, s + start, at - start)) {
      all = false;
      LINE(line);
      put_string(&line, "pulse: option not understood: ");
      put_bytes(&line, s + start, at - start);
      PRINT(line);
    }
    at++;
  }
  return all;
}
