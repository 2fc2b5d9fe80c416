// The 16550 UART at its place on the `virt` board, and text without a C library.
#include "pulse.h"

#define UART 0x10000000ull
#define THR 0
#define LSR 5
#define LSR_THRE 0x20

static void put_byte(char c) {
  volatile uint8_t *uart = (volatile uint8_t *)UART;
  // A console nobody reads must not stop the guest: give up on a byte after a while.
  for (uint32_t i = 0; i < 100000 && !(uart[LSR] & LSR_THRE); i++) {
  }
  uart[THR] = (uint8_t)c;
}

void console_write(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) put_byte(s[i]);
  put_byte('\n');
}

void console_line(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  console_write(s, n);
}

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

void *memcpy(void *to, const void *from, size_t n) {
  uint8_t *t = to;
  const uint8_t *f = from;
  while (n--) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t n) {
  uint8_t *t = to;
  while (n--) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t n) {
  const uint8_t *x = a, *y = b;
  for (; n--; x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}
