// Packing, products, sums of rows.
#include <pthread.h>

#include "harness.h"

typedef struct {
  matrix a, b;  // b: [k, n], or [n, k] if transposed
  int transposed;
  float *bias;  // may be NULL
  ptrdiff_t n, k;
} product;

static float b_at(const product *p, ptrdiff_t i, ptrdiff_t j) {
  return p->transposed ? p->b.values[j * p->b.ld + i] : p->b.values[i * p->b.ld + j];
}

static product product_draw(random_source *source, ptrdiff_t rows, ptrdiff_t n, ptrdiff_t k) {
  product p = {.n = n, .k = k, .transposed = (int)draw_between(source, 0, 1)};
  p.a = matrix_random(source, rows, k, 2);
  p.b = p.transposed ? matrix_random(source, n, k, 1) : matrix_random(source, k, n, 1);
  if (draw_between(source, 0, 1)) {
    p.bias = reserve(n);
    for (ptrdiff_t j = 0; j < n; j++) p.bias[j] = draw_float(source, 1);
  }
  return p;
}

static void product_free(product *p) {
  matrix_free(&p->a);
  matrix_free(&p->b);
  if (p->bias) release(p->bias);
}

static float *packed(const product *p) {
  float *room = reserve(vk_packed_count(p->k, p->n));
  vk_pack(p->b.values, p->b.ld, p->transposed, p->k, p->n, room);
  return room;
}

static void run_product(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const product *p = context;
  float *room = packed(p);
  vk_gemm(count, p->n, p->k, p->a.values + first * p->a.ld, p->a.ld, room, p->bias, out, ld);
  release(room);
}

static void expect_product(const product *p, subject *s) {
  subject_reserve(s, p->a.rows, p->n);
  s->units = (double)p->k + 2;  // γ of Higham 2002, eq. 3.5, with the bias
  for (ptrdiff_t r = 0; r < s->rows; r++)
    for (ptrdiff_t j = 0; j < p->n; j++) {
      double sum = p->bias ? p->bias[j] : 0, size = fabs(sum);
      for (ptrdiff_t i = 0; i < p->k; i++) {
        const double term = (double)p->a.values[r * p->a.ld + i] * b_at(p, i, j);
        sum += term;
        size += fabs(term);
      }
      s->expected[r * p->n + j] = sum;
      s->size[r * p->n + j] = size;
    }
}

static void check_product(const product *p, random_source *source, float *result) {
  subject s = {.kernel = "vk_gemm", .by_row = 1, .run = run_product, .context = p};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]·[%td, %td]%s%s", p->a.rows, p->k, p->k, p->n,
           p->transposed ? " transposed" : "", p->bias ? " + bias" : "");
  expect_product(p, &s);
  check(&s, source, result);
  subject_release(&s);
}

static void gemm(random_source *source) {
  product p = product_draw(source, draw_size(source, 200), draw_size(source, 400), draw_size(source, 400));
  check_product(&p, source, NULL);
  product_free(&p);
}

typedef struct {
  const product *p;
  float *out;
} poor_product;

static void *run_poor(void *context) {
  const poor_product *j = context;
  run_product(j->p, 0, j->p->a.rows, j->out, j->p->n);
  return NULL;
}

// Long rows: memory is asked for, and can be refused without a change of a bit (the rows are then computed one by one).
// On a thread of its own, which has no memory kept from products before.
static void gemm_long(random_source *source) {
  const ptrdiff_t rows = draw_between(source, 1, 29), n = draw_between(source, 1, 40);
  product p = product_draw(source, rows, n, draw_between(source, 2800, 4600));
  const size_t count = (size_t)(p.a.rows * p.n);
  float *whole = malloc(sizeof(float) * count), *poor = malloc(sizeof(float) * count);
  if (!whole || !poor) abort();
  check_product(&p, source, whole);
  poor_product job = {&p, poor};
  pthread_t thread;
  refuse_memory(1);
  if (pthread_create(&thread, NULL, run_poor, &job) != 0 || pthread_join(thread, NULL) != 0) abort();
  refuse_memory(0);
  if (!refusals()) fail("vk_gemm of k = %td asked for no memory: this case checks nothing", p.k);
  if (memcmp(whole, poor, sizeof(float) * count) != 0) fail("vk_gemm of k = %td without memory: other bits", p.k);
  free(whole);
  free(poor);
  product_free(&p);
}

// ⟨dy, x·W⟩ = ⟨dy·Wᵀ, x⟩, with vk_repack's transpose; and that transpose against packing the transposed matrix.
static void adjoint(random_source *source) {
  product p = product_draw(source, draw_size(source, 100), draw_size(source, 200), draw_size(source, 200));
  if (p.bias) release(p.bias);
  p.bias = NULL;
  matrix dy = matrix_random(source, p.a.rows, p.n, 1);
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    vk_set_threads(2);
    const ptrdiff_t count = vk_packed_count(p.n, p.k);
    float *forward = packed(&p), *backward = reserve(count), *direct = reserve(count);
    vk_repack(forward, p.k, p.n, backward);
    vk_pack(p.b.values, p.b.ld, !p.transposed, p.n, p.k, direct);
    if (memcmp(backward, direct, sizeof(float) * (size_t)count) != 0)
      fail("vk_repack [%td, %td] on %s is not vk_pack of the transpose", p.k, p.n, sets[set]);
    matrix y = matrix_new(p.a.rows, p.n, 3), dx = matrix_new(p.a.rows, p.k, 1);
    vk_gemm(p.a.rows, p.n, p.k, p.a.values, p.a.ld, forward, NULL, y.values, y.ld);
    vk_gemm(p.a.rows, p.k, p.n, dy.values, dy.ld, backward, NULL, dx.values, dx.ld);
    double left = 0, right = 0, size = 1;
    for (ptrdiff_t r = 0; r < p.a.rows; r++) {
      for (ptrdiff_t j = 0; j < p.n; j++) left += (double)dy.values[r * dy.ld + j] * y.values[r * y.ld + j];
      for (ptrdiff_t i = 0; i < p.k; i++) {
        const double term = (double)dx.values[r * dx.ld + i] * p.a.values[r * p.a.ld + i];
        right += term;
        size += fabs(term);
      }
    }
    if (!(fabs(left - right) <= 1e-5 * size))
      fail("adjoint of [%td, %td]·[%td, %td] on %s: %.12g and %.12g", p.a.rows, p.k, p.k, p.n, sets[set], left, right);
    matrix_free(&y);
    matrix_free(&dx);
    release(forward);
    release(backward);
    release(direct);
  }
  matrix_free(&dy);
  product_free(&p);
}

// A bad value of A spoils its row and no other, one of B its column and no other.
static void gemm_not_finite(random_source *source) {
  product p = product_draw(source, draw_between(source, 2, 40), draw_between(source, 2, 70), draw_size(source, 70));
  const float bad = draw_between(source, 0, 1) ? NAN : INFINITY;
  const int in_a = (int)draw_between(source, 0, 1);
  const ptrdiff_t row = draw_between(source, 0, p.a.rows - 1), column = draw_between(source, 0, p.n - 1);
  const ptrdiff_t inner = draw_between(source, 0, p.k - 1);
  if (in_a)
    p.a.values[row * p.a.ld + inner] = bad;
  else
    p.b.values[p.transposed ? column * p.b.ld + inner : inner * p.b.ld + column] = bad;
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    matrix c = matrix_new(p.a.rows, p.n, 2);
    run_product(&p, 0, p.a.rows, c.values, c.ld);
    for (ptrdiff_t r = 0; r < p.a.rows; r++)
      for (ptrdiff_t j = 0; j < p.n; j++)
        if (finite_float(c.values[r * c.ld + j]) == (in_a ? r == row : j == column)) {
          fail("vk_gemm with a bad value in %s on %s: [%td, %td] is %g", in_a ? "A" : "B", sets[set], r, j,
               (double)c.values[r * c.ld + j]);
          r = p.a.rows - 1;
          break;
        }
    matrix_free(&c);
  }
  product_free(&p);
}

// MARK: Matrix times vector

typedef struct {
  matrix m;
  float *x;
} matrix_vector;

static void run_matrix_vector(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const matrix_vector *j = context;
  float *y = reserve(count);
  vk_matrix_vector(count, j->m.columns, j->m.values + first * j->m.ld, j->m.ld, j->x, y);
  for (ptrdiff_t r = 0; r < count; r++) out[r * ld] = y[r];
  release(y);
}

static void matrix_times_vector(random_source *source) {
  matrix_vector j = {.m = matrix_random(source, draw_size(source, 1300), draw_size(source, 400), 1)};
  j.x = reserve(j.m.columns);
  for (ptrdiff_t i = 0; i < j.m.columns; i++) j.x[i] = draw_float(source, 2);
  subject s = {.kernel = "vk_matrix_vector", .by_row = 1, .run = run_matrix_vector, .context = &j};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]", j.m.rows, j.m.columns);
  subject_reserve(&s, j.m.rows, 1);
  s.units = (double)j.m.columns + 1;
  for (ptrdiff_t r = 0; r < s.rows; r++)
    for (ptrdiff_t i = 0; i < j.m.columns; i++) {
      const double term = (double)j.m.values[r * j.m.ld + i] * j.x[i];
      s.expected[r] += term;
      s.size[r] += fabs(term);
    }
  check(&s, source, NULL);
  subject_release(&s);
  release(j.x);
  matrix_free(&j.m);
}

// MARK: Sum

static void run_add(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const matrix *x = context;
  vk_add(count, x->columns, x->values + first * x->ld, x->ld, out, ld);
}

static void add(random_source *source) {
  matrix x = matrix_random(source, draw_size(source, 200), draw_size(source, 400), 1);
  float *start = malloc(sizeof(float) * (size_t)(x.rows * x.columns));
  if (!start) abort();
  subject s = {.kernel = "vk_add", .by_row = 1, .start = start, .units = 1, .run = run_add, .context = &x};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]", x.rows, x.columns);
  subject_reserve(&s, x.rows, x.columns);
  for (ptrdiff_t i = 0; i < x.rows * x.columns; i++) {
    start[i] = draw_float(source, 1);
    s.expected[i] = (double)start[i] + x.values[i / x.columns * x.ld + i % x.columns];
    s.size[i] = fabs(s.expected[i]);
  }
  check(&s, source, NULL);
  subject_release(&s);
  free(start);
  matrix_free(&x);
}

const named_case linear_cases[] = {
    {"gemm", gemm, 1},
    {"gemm-long", gemm_long, 20},
    {"adjoint", adjoint, 1},
    {"gemm-not-finite", gemm_not_finite, 1},
    {"matrix-vector", matrix_times_vector, 1},
    {"add", add, 1},
    {0},
};
