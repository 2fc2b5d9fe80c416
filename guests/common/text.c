#include "text.h"

static void put_char(struct text *t, char c) {
  if (t->at < t->end) *t->at++ = c;
}

void put_string(struct text *t, const char *s) {
  while (*s) put_char(t, *s++);
}

void put_bytes(struct text *t, const char *s, size_t n) {
  while (n--) put_char(t, *s++);
}

void put_number(struct text *t, uint64_t value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (n) put_char(t, digits[--n]);
}

void put_hex(struct text *t, uint64_t value) {
  put_string(t, "0x");
  int shift = 60;
  while (shift > 0 && !(value >> shift)) shift -= 4;
  for (; shift >= 0; shift -= 4) put_char(t, "0123456789abcdef"[value >> shift & 15]);
}

void put_field(struct text *t, const char *name, uint64_t value) {
  put_char(t, ' ');
  put_string(t, name);
  put_char(t, '=');
  put_number(t, value);
}

size_t string_length(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  return n;
}

bool string_starts(const char *s, size_t n, const char *prefix) {
  size_t i = 0;
  while (prefix[i] && i < n && s[i] == prefix[i]) i++;
  return !prefix[i];
}

bool parse_number(const char *s, size_t n, uint32_t *out) {
  uint64_t v = 0;
  if (n == 0 || n > 9) return false;
  for (size_t i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    v = v * 10 + (uint64_t)(s[i] - '0');
  }
  *out = (uint32_t)v;
  return true;
}

void console_line(const char *s) { console_write(s, string_length(s)); }

// Whole words where both sides are aligned alike: frames are copied for each answer, and every instruction counts
// while the CPU below is still cold.
typedef uint64_t __attribute__((may_alias)) word;

void *memcpy(void *to, const void *from, size_t n) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((((uintptr_t)t ^ (uintptr_t)f) & 7) == 0) {
    for (; n && (uintptr_t)t & 7; n--) *t++ = *f++;
    for (; n >= 8; n -= 8, t += 8, f += 8) *(word *)t = *(const word *)f;
  }
  while (n--) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t n) {
  uint8_t *t = to;
  uint64_t all = (uint8_t)value * 0x0101010101010101ull;
  for (; n && (uintptr_t)t & 7; n--) *t++ = (uint8_t)value;
  for (; n >= 8; n -= 8, t += 8) *(word *)t = all;
  while (n--) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t n) {
  const uint8_t *x = a, *y = b;
  for (; n--; x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}
