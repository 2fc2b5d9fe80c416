// Lines of text, and the memory functions a compiler asks for, without a C library. Shared by the guest programs.
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A line being built; text past the end is dropped.
struct text {
  char *at;
  char *end;
};

void put_string(struct text *t, const char *s);
void put_bytes(struct text *t, const char *s, size_t n);
void put_number(struct text *t, uint64_t value);
void put_hex(struct text *t, uint64_t value);
void put_field(struct text *t, const char *name, uint64_t value);  // " name=value"

#define LINE(name)              \
  char name##_bytes[256];       \
  struct text name = {name##_bytes, name##_bytes + sizeof name##_bytes}
#define PRINT(name) console_write(name##_bytes, (size_t)(name.at - name##_bytes))

// Each program has its own console.
void console_write(const char *s, size_t n);  // and a newline
void console_line(const char *s);

size_t string_length(const char *s);
bool string_starts(const char *s, size_t n, const char *prefix);  // whether the first n bytes begin with prefix
bool parse_number(const char *s, size_t n, uint32_t *out);        // decimal, at most nine digits

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
