// Runs one kernel in every way that must not matter, and compares.
#include "harness.h"

const char *sets[most_sets];
int set_count;

enum { most_kernels = 64 };

typedef struct {
  const char *kernel;
  long cases;
  double worst[most_sets];     // error / size
  uint64_t digest[most_sets];  // FNV-1a over all result bits
} tally;

static tally tallies[most_kernels];

static tally *tally_of(const char *kernel) {
  for (int i = 0; i < most_kernels; i++) {
    if (!tallies[i].kernel) {
      tallies[i].kernel = kernel;
      for (int set = 0; set < most_sets; set++) tallies[i].digest[set] = 0xCBF29CE484222325u;
    }
    if (!strcmp(tallies[i].kernel, kernel)) return &tallies[i];
  }
  fputs("harness: too many kernels\n", stderr);
  abort();
}

void subject_reserve(subject *s, ptrdiff_t rows, ptrdiff_t columns) {
  s->rows = rows;
  s->columns = columns;
  s->expected = calloc((size_t)(rows * columns), sizeof(double));
  s->size = calloc((size_t)(rows * columns), sizeof(double));
  if (!s->expected || !s->size) abort();
}

void subject_release(subject *s) {
  free(s->expected);
  free(s->size);
}

// Rows first..<first+count into `dense`.
static void run(const subject *s, ptrdiff_t first, ptrdiff_t count, ptrdiff_t gap, float *dense, const char *how) {
  matrix out = matrix_new(count, s->columns, gap);
  if (s->start)
    for (ptrdiff_t r = 0; r < count; r++)
      memcpy(out.values + r * out.ld, s->start + (first + r) * s->columns, sizeof(float) * (size_t)s->columns);
  s->run(s->context, first, count, out.values, out.ld);
  for (ptrdiff_t r = 0; r < count; r++)
    memcpy(dense + r * s->columns, out.values + r * out.ld, sizeof(float) * (size_t)s->columns);
  if (!gaps_kept(&out)) fail("%s %s, %s: wrote between the rows of the result", s->kernel, s->shape, how);
  matrix_free(&out);
}

static void compare_bits(const subject *s, const float *a, const float *b, ptrdiff_t rows, const char *set,
                         const char *how) {
  for (ptrdiff_t i = 0; i < rows * s->columns; i++)
    if (memcmp(a + i, b + i, sizeof(float)) != 0) {
      fail("%s %s on %s, %s: value %td is %.9g, not the same bits as %.9g", s->kernel, s->shape, set, how, i,
           (double)b[i], (double)a[i]);
      return;
    }
}

static void compare_values(const subject *s, const float *got, int set, tally *t) {
  const double limit = fmin(s->units * 0x1p-24, 1e-5);
  for (ptrdiff_t i = 0; i < s->rows * s->columns; i++) {
    const double error = fabs(got[i] - s->expected[i]), size = fmax(s->size[i], 1e-30);
    // Results below float32's normal range have an absolute error of their own.
    if (!(error <= limit * size + 1e-37)) {
      fail("%s %s on %s: value %td is %.9g, should be %.9g ± %.3g", s->kernel, s->shape, sets[set], i, (double)got[i],
           s->expected[i], limit * size);
      return;
    }
    t->worst[set] = fmax(t->worst[set], error / size);
  }
}

static void check_rows(const subject *s, const float *whole, random_source *source, const char *set, float *part) {
  for (int attempt = 0; attempt < 3; attempt++) {
    const ptrdiff_t first = draw_between(source, 0, s->rows - 1);
    const ptrdiff_t count = attempt < 2 ? 1 : draw_between(source, 1, s->rows - first);
    run(s, first, count, draw_between(source, 0, 3), part, "some rows");
    compare_bits(s, whole + first * s->columns, part, count, set, "rows apart from their batch");
  }
}

void check(const subject *s, random_source *source, float *result) {
  const size_t count = (size_t)(s->rows * s->columns);
  float *one = malloc(sizeof(float) * count), *other = malloc(sizeof(float) * count);
  float *avx2 = malloc(sizeof(float) * count);
  if (!one || !other || !avx2) abort();
  tally *t = tally_of(s->kernel);
  t->cases++;
  const random_source here = *source;  // every instruction set draws the same
  for (int set = 0; set < set_count; set++) {
    *source = here;
    if (vk_select_isa(sets[set]) != 0) fail("%s cannot be chosen", sets[set]);
    for (int threads = 1; threads <= 3; threads++) {
      vk_set_threads(threads);
      run(s, 0, s->rows, draw_between(source, 0, 9), threads == 1 ? one : other, "all rows");
      if (threads > 1) compare_bits(s, one, other, s->rows, sets[set], threads == 2 ? "two threads" : "three threads");
    }
    compare_values(s, one, set, t);
    if (s->by_row) check_rows(s, one, source, sets[set], other);
    for (size_t i = 0; i < count * sizeof(float); i++)
      t->digest[set] = (t->digest[set] ^ ((const unsigned char *)one)[i]) * 0x100000001B3u;
    if (!strcmp(sets[set], "avx2")) memcpy(avx2, one, count * sizeof(float));
    if (!strcmp(sets[set], "avx512") && set > 0 && !strcmp(sets[set - 1], "avx2"))
      compare_bits(s, avx2, one, s->rows, "avx512", "against avx2");
  }
  if (result) memcpy(result, one, count * sizeof(float));
  free(one);
  free(other);
  free(avx2);
}

void print_results(void) {
  for (int i = 0; i < most_kernels && tallies[i].kernel; i++)
    for (int set = 0; set < set_count; set++)
      printf("kernel %-24s %-8s %6ld cases, worst error %.1e of the terms' size, bits %016llx\n", tallies[i].kernel,
             sets[set], tallies[i].cases, tallies[i].worst[set], (unsigned long long)tallies[i].digest[set]);
}
