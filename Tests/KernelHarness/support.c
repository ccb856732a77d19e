// Seeded numbers, guarded buffers, failures.
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RED_ZONES 1
#endif
#endif

// MARK: Seeded numbers

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t draw_bits(random_source *source) {
  uint64_t z = source->state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

ptrdiff_t draw_between(random_source *source, ptrdiff_t low, ptrdiff_t high) {
  return low + (ptrdiff_t)(draw_bits(source) % (uint64_t)(high - low + 1));
}

ptrdiff_t draw_size(random_source *source, ptrdiff_t most) {
  const ptrdiff_t limit = draw_between(source, 0, 9) == 0 ? most : 70;
  return draw_between(source, 1, limit < most ? limit : most);
}

float draw_float(random_source *source, float scale) {
  return ((float)(draw_bits(source) >> 40) * 0x1p-23f - 1.f) * scale;
}

// MARK: Buffers

// A NaN that no kernel makes: seen where it was not written, and where it was read.
static const uint32_t pattern = 0x7FC5A5A5;

static void paint(float *from, size_t count) {
  for (size_t i = 0; i < count; i++) memcpy(from + i, &pattern, sizeof pattern);
}

static int painted(const float *x) { return memcmp(x, &pattern, sizeof pattern) == 0; }

enum { pad = 5 };  // floats before a buffer under AddressSanitizer; odd, so that buffers are badly aligned

typedef struct {
  size_t count, bytes;  // floats of the buffer; bytes of the whole mapping
  float *values, *lead;
} reservation;

enum { most_buffers = 256 };
static reservation held[most_buffers];

static reservation *holding(const float *values) {
  for (int i = 0; i < most_buffers; i++)
    if (held[i].values == values) return &held[i];
  fputs("harness: no such buffer, or too many\n", stderr);
  abort();
}

float *reserve(ptrdiff_t count) {
  reservation r = {.count = (size_t)count};
#if RED_ZONES
  r.lead = malloc(sizeof(float) * (r.count + pad));
  r.values = r.lead ? r.lead + pad : NULL;
#else
  // page without access | pattern, then the buffer up to the page's end | page without access
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = sizeof(float) * r.count;
  const size_t inner = (bytes + sizeof(float) * pad + page - 1) / page * page;
  r.bytes = inner + 2 * page;
  char *start = mmap(NULL, r.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start != MAP_FAILED && mprotect(start + page, inner, PROT_READ | PROT_WRITE) == 0) {
    r.lead = (float *)(void *)(start + page);
    r.values = (float *)(void *)(start + page + inner - bytes);
  }
#endif
  if (!r.values) {
    fputs("harness: out of memory\n", stderr);
    abort();
  }
  paint(r.lead, (size_t)(r.values - r.lead) + r.count);
  *holding(NULL) = r;
  return r.values;
}

void release(float *buffer) {
  reservation *r = holding(buffer);
  for (const float *x = r->lead; x < r->values; x++)
    if (!painted(x)) {
      fail("a write %td floats before a buffer", r->values - x);
      break;
    }
#if RED_ZONES
  free(r->lead);
#else
  munmap((char *)r->lead - sysconf(_SC_PAGESIZE), r->bytes);
#endif
  *r = (reservation){0};
}

matrix matrix_new(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t gap) {
  const ptrdiff_t ld = columns + gap;
  return (matrix){rows, columns, ld, reserve((rows - 1) * ld + columns)};
}

matrix matrix_random(random_source *source, ptrdiff_t rows, ptrdiff_t columns, float scale) {
  matrix m = matrix_new(rows, columns, draw_between(source, 0, 2) ? draw_between(source, 0, 19) : 0);
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t c = 0; c < columns; c++) m.values[r * m.ld + c] = draw_float(source, scale);
  return m;
}

void matrix_free(matrix *m) {
  release(m->values);
  m->values = NULL;
}

int gaps_kept(const matrix *m) {
  for (ptrdiff_t r = 0; r + 1 < m->rows; r++)
    for (ptrdiff_t c = m->columns; c < m->ld; c++)
      if (!painted(m->values + r * m->ld + c)) return 0;
  return 1;
}

// MARK: Results

enum { most_messages = 20 };
static int failed;

void fail(const char *format, ...) {
  if (failed++ >= most_messages) return;
  va_list arguments;
  va_start(arguments, format);
  fputs("FAILED: ", stdout);
  vprintf(format, arguments);
  putchar('\n');
  va_end(arguments);
  fflush(stdout);
}

int failures(void) { return failed; }

// MARK: Memory that can be refused

static _Atomic int refusing, refused;

void refuse_memory(int refuse) {
  if (refuse) atomic_store(&refused, 0);
  atomic_store(&refusing, refuse);
}

int refusals(void) { return atomic_load(&refused); }

static int refuses(void) {
  if (!atomic_load(&refusing)) return 0;
  atomic_fetch_add(&refused, 1);
  return 1;
}

/// What the kernels call for malloc and aligned_alloc (see scripts/check-kernels).
void *harness_malloc(size_t bytes);
void *harness_aligned_alloc(size_t alignment, size_t bytes);

void *harness_malloc(size_t bytes) { return refuses() ? NULL : malloc(bytes); }

void *harness_aligned_alloc(size_t alignment, size_t bytes) {
  return refuses() ? NULL : aligned_alloc(alignment, bytes);
}
