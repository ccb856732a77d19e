// Products with a part of a packed matrix, and sums of rows.
#include "harness.h"

// MARK: Some columns or rows of B

typedef struct {
  matrix a, b;             // b: [k, n]; a: [m, k], or [m, part] if rows are taken
  ptrdiff_t first, part;   // which columns or rows of b
  int rows;                // rows, not columns
  float *bias;             // may be NULL; columns only
} slice;

static slice slice_draw(random_source *source, int rows) {
  slice j = {.rows = rows, .b = matrix_random(source, draw_size(source, 300), draw_size(source, 300), 1)};
  const ptrdiff_t whole = rows ? j.b.rows : j.b.columns;
  j.first = draw_between(source, 0, whole - 1);
  if (!draw_between(source, 0, 2)) j.first = j.first / 32 * 32;  // whole panels
  j.part = draw_between(source, 0, 3) ? draw_between(source, 1, whole - j.first) : whole - j.first;
  j.a = matrix_random(source, draw_size(source, 150), rows ? j.part : j.b.rows, 2);
  if (!rows && draw_between(source, 0, 1)) {
    j.bias = reserve(j.b.columns);
    for (ptrdiff_t i = 0; i < j.b.columns; i++) j.bias[i] = draw_float(source, 1);
  }
  return j;
}

static void slice_free(slice *j) {
  matrix_free(&j->a);
  matrix_free(&j->b);
  if (j->bias) release(j->bias);
}

static float *slice_packed(const slice *j) {
  float *room = reserve(vk_packed_count(j->b.rows, j->b.columns));
  vk_pack(j->b.values, j->b.ld, 0, j->b.rows, j->b.columns, room);
  return room;
}

static int slice_status(const slice *j, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  float *room = slice_packed(j);
  const float *a = j->a.values + first * j->a.ld;
  int status = 0;
  if (j->rows)
    vk_gemm_rows(count, j->b.columns, j->b.rows, j->first, j->part, a, j->a.ld, room, out, ld);
  else
    status = vk_gemm_columns(count, j->b.columns, j->b.rows, j->first, j->part, a, j->a.ld, room, j->bias, out, ld);
  release(room);
  return status;
}

static void run_slice(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  if (slice_status(context, first, count, out, ld) != 0) fail("vk_gemm_columns: says that there is no memory");
}

static void expect_slice(const slice *j, subject *s) {
  const ptrdiff_t inner = j->a.columns;
  subject_reserve(s, j->a.rows, j->rows ? j->b.columns : j->part);
  s->units = (double)inner + 2;
  for (ptrdiff_t r = 0; r < s->rows; r++)
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      const ptrdiff_t column = j->rows ? c : j->first + c, row = j->rows ? j->first : 0;
      double sum = j->bias ? j->bias[column] : 0, size = fabs(sum);
      for (ptrdiff_t i = 0; i < inner; i++) {
        const double term = (double)j->a.values[r * j->a.ld + i] * j->b.values[(row + i) * j->b.ld + column];
        sum += term;
        size += fabs(term);
      }
      s->expected[r * s->columns + c] = sum;
      s->size[r * s->columns + c] = size;
    }
}

// The columns of the whole product, bit for bit; and where memory is refused, those or a word of it.
static void compare_with_whole(const slice *j) {
  const ptrdiff_t m = j->a.rows, n = j->b.columns;
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    float *room = slice_packed(j);
    matrix whole = matrix_new(m, n, 0), some = matrix_new(m, j->part, 0);
    vk_gemm(m, n, j->b.rows, j->a.values, j->a.ld, room, j->bias, whole.values, n);
    for (int poor = 0; poor < 2; poor++) {
      refuse_memory(poor);
      const int status = slice_status(j, 0, m, some.values, j->part);
      refuse_memory(0);
      if (status != 0 && (status != -1 || !poor)) fail("vk_gemm_columns: status %d", status);
      for (ptrdiff_t r = 0; status == 0 && r < m; r++)
        if (memcmp(some.values + r * j->part, whole.values + r * n + j->first, sizeof(float) * (size_t)j->part) != 0) {
          fail("vk_gemm_columns on %s: row %td has other bits than vk_gemm", sets[set], r);
          break;
        }
    }
    matrix_free(&whole);
    matrix_free(&some);
    release(room);
  }
}

static void check_slice(random_source *source, int rows) {
  slice j = slice_draw(source, rows);
  subject s = {.kernel = rows ? "vk_gemm_rows" : "vk_gemm_columns", .by_row = 1, .run = run_slice, .context = &j};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]·%s %td..<%td of [%td, %td]%s", j.a.rows, j.a.columns,
           rows ? "rows" : "columns", j.first, j.first + j.part, j.b.rows, j.b.columns, j.bias ? " + bias" : "");
  expect_slice(&j, &s);
  check(&s, source, NULL);
  if (!rows) compare_with_whole(&j);
  subject_release(&s);
  slice_free(&j);
}

static void columns_of_product(random_source *source) { check_slice(source, 0); }
static void rows_of_product(random_source *source) { check_slice(source, 1); }

// MARK: Sums of rows

typedef struct {
  ptrdiff_t n;
  matrix base, rows;
  const float **terms;    // of all sums, one after the other
  ptrdiff_t *counts;
  float *signs;
} sums;

// Each sum writes to a row of `out`.
static void run_sums(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const sums *j = context;
  vk_row_sum *jobs = calloc((size_t)count, sizeof *jobs);
  if (!jobs) abort();
  const float *const *terms = j->terms;
  for (ptrdiff_t i = 0; i < first; i++) terms += j->counts[i];
  for (ptrdiff_t i = 0; i < count; terms += j->counts[first + i], i++)
    jobs[i] = (vk_row_sum){j->base.values + (first + i) * j->base.ld, terms, j->counts[first + i], j->signs[first + i],
                           out + i * ld};
  vk_row_sums(count, jobs, j->n);
  free(jobs);
}

static void row_sums(random_source *source) {
  const ptrdiff_t n = draw_size(source, 1500), count = draw_size(source, 100);
  sums j = {.n = n, .base = matrix_random(source, count, n, 1)};
  j.rows = matrix_random(source, draw_between(source, 1, 40), n, 1);
  j.terms = calloc((size_t)(count * j.rows.rows) + 1, sizeof *j.terms);
  j.counts = calloc((size_t)count, sizeof *j.counts);
  j.signs = calloc((size_t)count, sizeof *j.signs);
  if (!j.terms || !j.counts || !j.signs) abort();
  subject s = {.kernel = "vk_row_sums", .by_row = 1, .units = 42, .run = run_sums, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%td sums of rows of %td", count, n);
  subject_reserve(&s, count, n);
  const float **term = j.terms;
  for (ptrdiff_t i = 0; i < count; i++) {
    j.counts[i] = draw_between(source, 0, j.rows.rows);
    j.signs[i] = draw_between(source, 0, 1) ? 1 : -1;
    for (ptrdiff_t c = 0; c < n; c++) {
      s.expected[i * n + c] = j.base.values[i * j.base.ld + c];
      s.size[i * n + c] = fabs(s.expected[i * n + c]);
    }
    for (ptrdiff_t t = 0; t < j.counts[i]; t++) {
      const float *row = j.rows.values + draw_between(source, 0, j.rows.rows - 1) * j.rows.ld;
      *term++ = row;
      for (ptrdiff_t c = 0; c < n; c++) {
        s.expected[i * n + c] += (double)j.signs[i] * row[c];
        s.size[i * n + c] += fabs(row[c]);
      }
    }
  }
  float *result = malloc(sizeof(float) * (size_t)(count * n));
  if (!result) abort();
  check(&s, source, result);
  for (ptrdiff_t i = 0; i < count; i++)
    if (j.counts[i] == 0 && memcmp(result + i * n, j.base.values + i * j.base.ld, sizeof(float) * (size_t)n) != 0)
      fail("vk_row_sums: without rows not the bits of the base");
  free(result);
  subject_release(&s);
  free(j.terms);
  free(j.counts);
  free(j.signs);
  matrix_free(&j.base);
  matrix_free(&j.rows);
}

const named_case slice_cases[] = {
    {"gemm-columns", columns_of_product, 1},
    {"gemm-rows", rows_of_product, 1},
    {"row-sums", row_sums, 1},
    {0},
};
