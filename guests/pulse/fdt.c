// Just enough of a flattened device tree (Devicetree Specification 0.4, chapter 5).
#include "pulse.h"

#define FDT_MAGIC 0xd00dfeedu
#define BEGIN_NODE 1
#define END_NODE 2
#define PROP 3
#define NOP 4
#define MAX_DEPTH 8

static uint32_t be32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p) { return (uint64_t)be32(p) << 32 | be32(p + 4); }

static bool same(const char *a, const char *b) { return string_length(a) == string_length(b) && !memcmp(a, b, string_length(a)); }

// What was gathered about the node being walked, until its end.
struct node {
  const char *name;
  bool virtio;
  bool has_reg;
  uint64_t base;
  uint64_t size;
  uint32_t irq;
};

static void property(struct node *n, struct board *b, const char *name, const uint8_t *value, uint32_t size) {
  if (same(name, "reg") && size >= 16) {
    n->has_reg = true;
    n->base = be64(value);
    n->size = be64(value + 8);
  } else if (same(name, "compatible")) {
    n->virtio = string_starts((const char *)value, size, "virtio,mmio");
  } else if (same(name, "interrupts") && size >= 4) {
    n->irq = be32(value);
  } else if (same(name, "bootargs") && same(n->name, "chosen")) {
    b->bootargs = (const char *)value;
  }
}

static void node_end(const struct node *n, struct board *b) {
  if (!n->has_reg) return;
  if (string_starts(n->name, string_length(n->name), "memory@")) {
    b->memory_base = n->base;
    b->memory_size = n->size;
  } else if (n->virtio && b->slot_count < MAX_SLOTS) {
    b->slots[b->slot_count].base = n->base;
    b->slots[b->slot_count++].irq = n->irq;
  }
}

bool board_read(const void *fdt, struct board *b) {
  const uint8_t *tree = fdt;
  memset(b, 0, sizeof *b);
  b->bootargs = "";
  if (!fdt || be32(tree) != FDT_MAGIC) return false;
  const uint8_t *p = tree + be32(tree + 8);
  const uint8_t *end = tree + be32(tree + 4);
  const char *strings = (const char *)tree + be32(tree + 12);
  struct node stack[MAX_DEPTH];
  int depth = -1;
  while (p + 4 <= end) {
    uint32_t token = be32(p);
    p += 4;
    if (token == BEGIN_NODE) {
      if (++depth >= MAX_DEPTH) return false;
      memset(&stack[depth], 0, sizeof stack[depth]);
      stack[depth].name = (const char *)p;
      p += (string_length((const char *)p) + 4) & ~3ul;
    } else if (token == END_NODE) {
      node_end(&stack[depth], b);
      if (--depth < 0) break;
    } else if (token == PROP) {
      uint32_t size = be32(p);
      property(&stack[depth], b, strings + be32(p + 4), p + 8, size);
      p += 8 + ((size + 3) & ~3u);
    } else if (token != NOP) {
      break;
    }
  }
  return b->memory_size != 0;
}
