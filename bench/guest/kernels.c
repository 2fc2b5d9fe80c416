/*
 * Small programs whose speed says what a processor is good at. Runs under any riscv64 Linux, without a C library:
 *
 *     kernels NAME WARM RUNS     runs one kernel WARM + RUNS times and prints a line before and after each of the RUNS:
 *                                "@ begin NAME" and "@ end NAME CHECKSUM"; who reads them keeps the time
 *     kernels                    prints the names
 *
 * Every kernel depends on its last result, so that nothing can be left out, and gives the same checksums everywhere.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

/* ---- Linux ---- */

static long call3(long number, long a, long b, long c) {
  register long a7 asm("a7") = number, a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c;
  asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}


static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static char line[128];
static long filled;

static void put(const char *s) {
  while (*s && filled < (long)sizeof line) line[filled++] = *s++;
}

static void put_hex(u64 value) {
  char digits[17] = {0};
  for (int i = 15; i >= 0; i--, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
  put(digits);
}

static void flush(void) {
  call3(64, 1, (long)line, filled);
  filled = 0;
}

/* The compiler turns some loops into calls of these. */
void *memset(void *to, int value, u64 bytes) {
  u8 *p = to;
  while (bytes--) {
    *p++ = (u8)value;
    asm volatile("" ::: "memory");
  }
  return to;
}

void *memcpy(void *to, const void *from, u64 bytes) {
  u8 *p = to;
  const u8 *q = from;
  while (bytes--) {
    *p++ = *q++;
    asm volatile("" ::: "memory");
  }
  return to;
}

static u64 seed;

static u32 next_random(void) {
  seed = seed * 6364136223846793005ul + 1442695040888963407ul;
  return (u32)(seed >> 33);
}

/* ---- integers and memory ---- */

static u8 composite[1 << 22];

static u64 sieve(void) {
  u64 found = 0;
  for (int turn = 0; turn < 4; turn++) {
    for (u32 i = 0; i < sizeof composite; i++) composite[i] = 0;
    for (u32 i = 2; i < sizeof composite; i++) {
      if (composite[i]) continue;
      found++;
      for (u32 j = i + i; j < sizeof composite; j += i) composite[j] = 1;
    }
  }
  return found;
}

static u32 words[64];

static u32 rotate(u32 x, int n) { return x >> n | x << (32 - n); }

/* The shape of SHA-256's rounds, with a simpler schedule. */
static u64 hash(void) {
  u32 a = 0x6a09e667, b = 0xbb67ae85, c = 0x3c6ef372, d = 0xa54ff53a, e = 0x510e527f, f = 0x9b05688c, g = 0x1f83d9ab,
      h = 0x5be0cd19;
  for (u32 i = 0; i < 64; i++) words[i] = i;
  for (int block = 0; block < 300000; block++)
    for (int i = 0; i < 64; i++) {
      u32 t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + words[i] + 0x428a2f98u * (u32)i;
      u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
      words[i] ^= a;
    }
  return (u64)a << 32 | e;
}

static u64 copied_from[1 << 16], copied_to[1 << 16];

static u64 copy(void) {
  u64 sum = 0;
  for (u32 i = 0; i < 1 << 16; i++) copied_from[i] = i;
  for (u64 turn = 0; turn < 3000; turn++) {
    for (u32 i = 0; i < 1 << 16; i++) copied_to[i] = copied_from[i] + turn;
    sum += copied_to[turn & 0xffff];
    copied_from[turn & 0xffff] ^= sum;
  }
  return sum;
}

/* ---- pointers ---- */

struct node {
  struct node *next;
  u64 value;
};

static struct node near[1 << 15], far[1 << 19];

/* One cycle through all of them, in random order (Sattolo's shuffle). */
static void link(struct node *nodes, u32 count) {
  for (u32 i = 0; i < count; i++) nodes[i].value = i;
  for (u32 i = count - 1; i > 0; i--) {
    u32 j = next_random() % i;
    u64 t = nodes[i].value;
    nodes[i].value = nodes[j].value, nodes[j].value = t;
  }
  for (u32 i = 0; i < count; i++) nodes[i].next = &nodes[nodes[i].value];
}

static u64 chase(struct node *nodes, u32 count, u32 steps) {
  if (!nodes->next) link(nodes, count);
  u64 sum = 0;
  struct node *n = nodes;
  for (u32 i = 0; i < steps; i++) sum += n->value, n = n->next;
  return sum;
}

static u64 list_512k(void) { return chase(near, 1 << 15, 50000000); }
static u64 list_8m(void) { return chase(far, 1 << 19, 5000000); }

/* ---- calls and jumps ---- */

__attribute__((noinline)) static u64 fibonacci(u64 n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static u64 calls(void) { return fibonacci(36); }

/* An interpreter of eleven operations: a jump table, and targets nobody can foresee. */
static u64 jump_table(void) {
  static u8 program[4096];
  for (u32 i = 0; i < sizeof program; i++) program[i] = (u8)(next_random() % 11);
  u64 a = 1, b = 2, at = 0;
  for (u32 i = 0; i < 25000000; i++) {
    switch (program[at++ & 4095]) {
      case 0: a += b; break;
      case 1: b ^= a; break;
      case 2: a = a << 3 | a >> 61; break;
      case 3: b -= a; break;
      case 4: a *= 31; break;
      case 5: b += 0x9e3779b9; break;
      case 6: at += a & 7; break;
      case 7: a ^= b >> 7; break;
      case 8: b = ~b; break;
      case 9: if (a & 1) b++; break;
      default: a -= at; break;
    }
  }
  return a ^ b;
}

static int ascending(u64 a, u64 b) { return a < b; }
static int descending(u64 a, u64 b) { return a > b; }
static int scattered(u64 a, u64 b) { return a * 0x9e3779b97f4a7c15ul < b * 0x9e3779b97f4a7c15ul; }

static void sort(u64 *at, long low, long high, int (*before)(u64, u64)) {
  while (low < high) {
    u64 pivot = at[(low + high) / 2];
    long i = low, j = high;
    while (i <= j) {
      while (before(at[i], pivot)) i++;
      while (before(pivot, at[j])) j--;
      if (i <= j) {
        u64 t = at[i];
        at[i++] = at[j], at[j--] = t;
      }
    }
    sort(at, low, j, before);
    low = i;
  }
}

static u64 quicksort(void) {
  static u64 values[1 << 18];
  int (*orders[])(u64, u64) = {ascending, scattered, descending};
  u64 sum = 0;
  for (int turn = 0; turn < 6; turn++) {
    if (turn % 3 == 0)
      for (u32 i = 0; i < 1 << 18; i++) values[i] = next_random();
    sort(values, 0, (1 << 18) - 1, orders[turn % 3]);
    sum = sum * 31 + values[1000 * turn];
  }
  return sum;
}

/* ---- floating point ---- */

struct body {
  double x, y, z, vx, vy, vz, mass;
};

static double root(double x) {
  double r;
  asm("fsqrt.d %0, %1" : "=f"(r) : "f"(x));
  return r;
}

static u64 bits(double x) {
  union {
    double number;
    u64 bits;
  } u = {x};
  return u.bits;
}

/* Five bodies that attract each other. */
static u64 bodies(void) {
  struct body b[5];
  for (int i = 0; i < 5; i++) {
    b[i] = (struct body){1.0 + i * 3.1, 0.5 * i, 0.1 * i * i, 0.01 * i, 0.3 / (i + 1), -0.02 * i, i == 0 ? 39.5 : 0.04 / i};
  }
  for (int step = 0; step < 300000; step++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
        double square = dx * dx + dy * dy + dz * dz, pull = 0.001 / (square * root(square));
        b[i].vx -= dx * b[j].mass * pull, b[i].vy -= dy * b[j].mass * pull, b[i].vz -= dz * b[j].mass * pull;
        b[j].vx += dx * b[i].mass * pull, b[j].vy += dy * b[i].mass * pull, b[j].vz += dz * b[i].mass * pull;
      }
    for (int i = 0; i < 5; i++) b[i].x += 0.001 * b[i].vx, b[i].y += 0.001 * b[i].vy, b[i].z += 0.001 * b[i].vz;
  }
  return bits(b[0].x) ^ bits(b[3].vy);
}

/* Single precision, and a branch on each result. */
static u64 mandelbrot(void) {
  u64 inside = 0;
  for (int py = 0; py < 300; py++)
    for (int px = 0; px < 300; px++) {
      float cx = (float)px / 150.0f - 1.5f, cy = (float)py / 150.0f - 1.0f, x = 0, y = 0;
      int i = 0;
      for (; i < 120 && x * x + y * y < 4.0f; i++) {
        float t = x * x - y * y + cx;
        y = 2.0f * x * y + cy, x = t;
      }
      inside += (u64)i;
    }
  return inside;
}

/* ---- the kernel underneath ---- */

static u64 syscalls(void) {
  u64 sum = 0;
  for (int i = 0; i < 1500000; i++) sum += (u64)call3(173, 0, 0, 0) + 1; /* getppid */
  return sum != 0;
}

/* ---- a little of everything, some milliseconds: bench/arrival counts how often it is done ---- */

static u64 mixed(void) {
  static u64 values[1 << 12];
  u64 sum = fibonacci(18);
  for (u32 i = 0; i < 1 << 12; i++) values[i] = next_random();
  sort(values, 0, (1 << 12) - 1, scattered);
  sum += values[100];
  for (u32 turn = 0; turn < 8; turn++)
    for (u32 i = 0; i < 1 << 13; i++) copied_to[i] = copied_from[i] * 31 + (copied_to[i] >> 7) + turn;
  for (u32 i = 2; i < 2000; i++)
    for (u32 j = i + i; j < 1 << 14; j += i) composite[j] ^= 1;
  for (int i = 0; i < 300; i++) sum += (u64)call3(173, 0, 0, 0) + copied_to[i];
  double x = 1;
  for (int i = 0; i < 3000; i++) x = x * 0.999 + root(x) / (1 + i);
  return sum ^ bits(x) ^ composite[9999];
}

/* ---- */

static const struct kernel {
  const char *name;
  u64 (*run)(void);
} kernels[] = {
    {"sieve", sieve},       {"hash", hash},           {"copy", copy},           {"list-512k", list_512k},
    {"list-8m", list_8m},   {"calls", calls},         {"jump-table", jump_table}, {"quicksort", quicksort},
    {"bodies", bodies},     {"mandelbrot", mandelbrot}, {"syscalls", syscalls},
    {"mixed", mixed},
};

#define COUNT ((int)(sizeof kernels / sizeof *kernels))

static int number(const char *s) {
  int n = 0;
  while (*s >= '0' && *s <= '9') n = n * 10 + *s++ - '0';
  return n;
}

static void run(const struct kernel *kernel, int warm, int runs) {
  for (int i = 0; i < warm + runs; i++) {
    seed = 42;
    if (i >= warm) put("@ begin "), put(kernel->name), put("\n"), flush();
    u64 sum = kernel->run();
    if (i >= warm) put("@ end "), put(kernel->name), put(" "), put_hex(sum), put("\n"), flush();
  }
}

void start(long *stack) {
  char **arguments = (char **)(stack + 1);
  for (int i = 0; i < COUNT; i++) {
    if (*stack < 4) {
      put(kernels[i].name), put("\n"), flush();
    } else if (same(arguments[1], kernels[i].name)) {
      run(&kernels[i], number(arguments[2]), number(arguments[3]));
      call3(94, 0, 0, 0);
    }
  }
  call3(94, *stack < 4 ? 0 : 1, 0, 0);
}

asm(".globl _start\n_start:\n  .option push\n  .option norelax\n  la gp, __global_pointer$\n  .option pop\n  mv a0, sp\n  andi sp, sp, -16\n  call start\n");
