// What edges of the graph need: some columns or some rows of a packed matrix, and sums of rows that lie anywhere.
#include "harness.h"

// MARK: Slices of products

typedef struct {
  matrix a, b;  // [rows, k], [k, n]
  float *bias;  // may be NULL
  ptrdiff_t first, count;
  int by_columns;  // the slice is of n, not of k
} slice;

static slice slice_draw(random_source *source, int by_columns) {
  slice s = {.by_columns = by_columns};
  const ptrdiff_t k = draw_size(source, 300), n = draw_size(source, 300);
  s.a = matrix_random(source, draw_size(source, 150), k, 2);
  s.b = matrix_random(source, k, n, 1);
  if (by_columns && draw_between(source, 0, 1)) {
    s.bias = reserve(n);
    for (ptrdiff_t j = 0; j < n; j++) s.bias[j] = draw_float(source, 1);
  }
  const ptrdiff_t all = by_columns ? n : k;
  s.first = draw_between(source, 0, all - 1);
  // Now and then where panels begin.
  if (draw_between(source, 0, 2) == 0) s.first = s.first / 32 * 32;
  s.count = draw_between(source, 1, all - s.first);
  if (draw_between(source, 0, 3) == 0) s.count = all - s.first;
  return s;
}

static void slice_free(slice *s) {
  matrix_free(&s->a);
  matrix_free(&s->b);
  if (s->bias) release(s->bias);
}

static float *slice_packed(const slice *s) {
  float *room = reserve(vk_packed_count(s->b.rows, s->b.columns));
  vk_pack(s->b.values, s->b.ld, 0, s->b.rows, s->b.columns, room);
  return room;
}

static int multiply_columns(const slice *s, ptrdiff_t first, ptrdiff_t count, const float *packed, float *out,
                            ptrdiff_t ld) {
  return vk_gemm_columns(count, s->b.columns, s->b.rows, s->first, s->count, s->a.values + first * s->a.ld, s->a.ld, packed,
                         s->bias, out, ld);
}

static void run_slice(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const slice *s = context;
  float *packed = slice_packed(s);
  if (!s->by_columns)
    vk_gemm_rows(count, s->b.columns, s->b.rows, s->first, s->count, s->a.values + first * s->a.ld + s->first, s->a.ld,
                 packed, out, ld);
  else if (multiply_columns(s, first, count, packed, out, ld) != 0)
    fail("vk_gemm_columns found no memory");
  release(packed);
}

static void check_slice(const slice *s, random_source *source) {
  subject subject = {.kernel = s->by_columns ? "vk_gemm_columns" : "vk_gemm_rows", .by_row = 1, .run = run_slice, .context = s};
  snprintf(subject.shape, sizeof subject.shape, "[%td, %td]·[%td, %td]%s, %td from %td", s->a.rows, s->b.rows, s->b.rows,
           s->b.columns, s->bias ? " + bias" : "", s->count, s->first);
  subject_reserve(&subject, s->a.rows, s->by_columns ? s->count : s->b.columns);
  const ptrdiff_t from = s->by_columns ? 0 : s->first, to = s->by_columns ? s->b.rows : s->first + s->count;
  subject.units = (double)(to - from) + 2;
  for (ptrdiff_t r = 0; r < subject.rows; r++)
    for (ptrdiff_t c = 0; c < subject.columns; c++) {
      const ptrdiff_t j = s->by_columns ? s->first + c : c;
      double sum = s->bias ? s->bias[j] : 0, size = fabs(sum);
      for (ptrdiff_t i = from; i < to; i++) {
        const double term = (double)s->a.values[r * s->a.ld + i] * s->b.values[i * s->b.ld + j];
        sum += term;
        size += fabs(term);
      }
      subject.expected[r * subject.columns + c] = sum;
      subject.size[r * subject.columns + c] = size;
    }
  check(&subject, source, NULL);
  subject_release(&subject);
}

static void gemm_rows(random_source *source) {
  slice s = slice_draw(source, 0);
  check_slice(&s, source);
  slice_free(&s);
}

// Also: the bits are those of the whole product; and without memory it says so and writes nothing, or needs none.
static void gemm_columns(random_source *source) {
  slice s = slice_draw(source, 1);
  check_slice(&s, source);
  const ptrdiff_t m = s.a.rows, n = s.b.columns, k = s.b.rows;
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    float *packed = slice_packed(&s);
    matrix whole = matrix_new(m, n, 1), part = matrix_new(m, s.count, 2), poor = matrix_new(m, s.count, 2);
    vk_gemm(m, n, k, s.a.values, s.a.ld, packed, s.bias, whole.values, whole.ld);
    multiply_columns(&s, 0, m, packed, part.values, part.ld);
    const float before = poor.values[0];
    refuse_memory(1);
    const int status = multiply_columns(&s, 0, m, packed, poor.values, poor.ld);
    refuse_memory(0);
    for (ptrdiff_t r = 0; r < m; r++) {
      const size_t bytes = sizeof(float) * (size_t)s.count;
      if (memcmp(part.values + r * part.ld, whole.values + r * whole.ld + s.first, bytes) != 0) {
        fail("vk_gemm_columns %td from %td of %td on %s: row %td has other bits than vk_gemm's", s.count, s.first, n,
             sets[set], r);
        break;
      }
      if (status == 0 && memcmp(part.values + r * part.ld, poor.values + r * poor.ld, bytes) != 0) {
        fail("vk_gemm_columns %td from %td of %td on %s without memory: other bits", s.count, s.first, n, sets[set]);
        break;
      }
    }
    if (status != 0 && (status != -1 || memcmp(&before, poor.values, sizeof before) != 0))
      fail("vk_gemm_columns without memory on %s: status %d, or something written", sets[set], status);
    // Whole panels need no rows of their own, on any instruction set.
    if (status != 0 && s.first % 32 == 0 && s.first + s.count == n)
      fail("vk_gemm_columns %td from %td of %td on %s wants memory for whole panels", s.count, s.first, n, sets[set]);
    matrix_free(&whole);
    matrix_free(&part);
    matrix_free(&poor);
    release(packed);
  }
  slice_free(&s);
}

// MARK: Sums of rows

enum { most_rows = 40 };

typedef struct {
  ptrdiff_t base, count;
  ptrdiff_t rows[most_rows];
  float sign;
} row_list;

typedef struct {
  matrix pool;
  row_list *lists;
} row_lists;

static void run_row_sums(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const row_lists *j = context;
  vk_row_sum *jobs = malloc(sizeof *jobs * (size_t)count);
  const float **rows = malloc(sizeof *rows * (size_t)count * most_rows);
  if (!jobs || !rows) abort();
  for (ptrdiff_t s = 0; s < count; s++) {
    const row_list *list = j->lists + first + s;
    for (ptrdiff_t i = 0; i < list->count; i++) rows[s * most_rows + i] = j->pool.values + list->rows[i] * j->pool.ld;
    jobs[s] = (vk_row_sum){.base = j->pool.values + list->base * j->pool.ld, .rows = rows + s * most_rows,
                           .count = list->count, .sign = list->sign, .out = out + s * ld};
  }
  vk_row_sums(count, jobs, j->pool.columns);
  free(jobs);
  free(rows);
}

static void row_sums(random_source *source) {
  const ptrdiff_t sums = draw_size(source, 90), n = draw_size(source, 700), pool = draw_between(source, 1, 30);
  row_lists j = {.pool = matrix_random(source, pool, n, 2), .lists = malloc(sizeof(row_list) * (size_t)sums)};
  if (!j.lists) abort();
  subject s = {.kernel = "vk_row_sums", .by_row = 1, .run = run_row_sums, .context = &j, .units = most_rows + 1};
  snprintf(s.shape, sizeof s.shape, "%td sums of %td", sums, n);
  subject_reserve(&s, sums, n);
  for (ptrdiff_t i = 0; i < sums; i++) {
    row_list *list = j.lists + i;
    *list = (row_list){.base = draw_between(source, 0, pool - 1), .sign = draw_between(source, 0, 1) ? 1 : -1};
    list->count = draw_between(source, 0, 3) ? draw_between(source, 0, most_rows) : 0;
    for (ptrdiff_t r = 0; r < list->count; r++) list->rows[r] = draw_between(source, 0, pool - 1);
    for (ptrdiff_t c = 0; c < n; c++) {
      double sum = j.pool.values[list->base * j.pool.ld + c], size = fabs(sum);
      for (ptrdiff_t r = 0; r < list->count; r++) {
        const double term = j.pool.values[list->rows[r] * j.pool.ld + c];
        sum += list->sign * term;
        size += fabs(term);
      }
      s.expected[i * n + c] = sum;
      s.size[i * n + c] = size;
    }
  }
  check(&s, source, NULL);
  // Without rows: the base's own bits, −0 and NaN included.
  j.lists[0].count = 0;
  float *base = j.pool.values + j.lists[0].base * j.pool.ld;
  base[0] = draw_between(source, 0, 1) ? -0.0f : NAN;
  matrix out = matrix_new(1, n, 0);
  run_row_sums(&j, 0, 1, out.values, out.ld);
  if (memcmp(out.values, base, sizeof(float) * (size_t)n) != 0) fail("vk_row_sums of no rows is not its base");
  matrix_free(&out);
  subject_release(&s);
  free(j.lists);
  matrix_free(&j.pool);
}

const named_case slice_cases[] = {
    {"gemm-columns", gemm_columns, 1},
    {"gemm-rows", gemm_rows, 1},
    {"row-sums", row_sums, 1},
    {0},
};
