/* A mix for measuring: sieve, SHA-256-like rounds, memory copy, a linked list, calls. S mode, Sv39. */
typedef unsigned long u64;
typedef unsigned int u32;

static unsigned char sieve_map[1 << 18];
static u32 block[64];
static u64 copy_from[2048], copy_to[2048];
struct node { struct node *next; u64 value; };
static struct node nodes[4096];

static u64 sieve(void) {
  u64 found = 0;
  for (u32 i = 0; i < sizeof sieve_map; i++) sieve_map[i] = 1;
  for (u32 i = 2; i < sizeof sieve_map; i++) {
    if (!sieve_map[i]) continue;
    found++;
    for (u32 j = i + i; j < sizeof sieve_map; j += i) sieve_map[j] = 0;
  }
  return found;
}

static u32 rotate(u32 x, int n) { return x >> n | x << (32 - n); }

static u32 rounds(u32 seed) {
  u32 a = seed, b = 0xbb67ae85, c = 0x3c6ef372, d = 0xa54ff53a, e = 0x510e527f, f = 0x9b05688c, g = 0x1f83d9ab, h = 0x5be0cd19;
  for (int i = 0; i < 64; i++) {
    u32 t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + block[i] + 0x428a2f98u * i;
    u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
    block[i] ^= a;
  }
  return a ^ e;
}

static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

u64 work(u64 turns) {
  u64 sum = 0;
  for (u64 t = 0; t < turns; t++) {
    sum += sieve();
    for (int i = 0; i < 2000; i++) sum += rounds((u32)sum);
    for (int k = 0; k < 200; k++)
      for (int i = 0; i < 2048; i++) copy_to[i] = copy_from[i] + k;
    for (int i = 0; i < 4096; i++) { nodes[i].next = &nodes[(i * 17 + 5) & 4095]; nodes[i].value = i; }
    struct node *n = nodes;
    for (int i = 0; i < 300000; i++) { sum += n->value; n = n->next; }
    sum += fib(21);
  }
  return sum;
}
