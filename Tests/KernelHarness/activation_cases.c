// Activations and gates: forwards and backwards.
#include "harness.h"

enum { kinds = 5 };
static const vk_activation_kind every_kind[kinds] = {vk_gelu_tanh, vk_gelu_erf, vk_relu, vk_silu, vk_tanh};
static const char *const kind_names[kinds] = {"gelu_tanh", "gelu_erf", "relu", "silu", "tanh"};

static double value_of(vk_activation_kind kind, double x) {
  switch (kind) {
    case vk_gelu_tanh: return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case vk_gelu_erf: return 0.5 * x * erfc(-x / sqrt(2));
    case vk_relu: return x > 0 ? x : 0;
    case vk_silu: return x / (1 + exp(-x));
    case vk_tanh: return tanh(x);
  }
  return NAN;
}

// By central difference; for ReLU by definition.
static double slope_of(vk_activation_kind kind, double x) {
  const double step = 1e-5;
  if (kind == vk_relu) return x > 0;
  return (value_of(kind, x + step) - value_of(kind, x - step)) / (2 * step);
}

// f(x)/x; its limit at 0, for ReLU 0.
static double ratio_of(vk_activation_kind kind, double x) {
  if (x == 0) return kind == vk_relu ? 0 : kind == vk_tanh ? 1 : 0.5;
  return value_of(kind, x) / x;
}

// What an error of a slope at x counts against: 1 − σ of the argument is rounded, and then multiplied with x·u′(x).
static double slope_size(double x) { return 2 + 1.6 * fabs(x) * (1 + 0.134145 * x * x); }

typedef struct {
  int kind;  // index
  matrix x, dy;
  ptrdiff_t n;  // of a gate's row
} activation;

static void run_activation(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;  // one row
  vk_activation(every_kind[j->kind], j->x.columns, j->x.values, out);
}

static void run_in_place(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;
  vk_activation(every_kind[j->kind], j->x.columns, out, out);
}

static void run_backward(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;
  vk_activation_backward(every_kind[j->kind], j->x.columns, j->x.values, j->dy.values, out);
}

static void run_backward_in_place(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;
  vk_activation_backward(every_kind[j->kind], j->x.columns, j->x.values, out, out);
}

static void run_ratio(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;
  vk_activation_ratio_backward(every_kind[j->kind], j->x.columns, j->x.values, j->dy.values, out);
}

static void run_ratio_in_place(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  (void)count, (void)ld, (void)first;
  vk_activation_ratio_backward(every_kind[j->kind], j->x.columns, j->x.values, out, out);
}

static activation draw(random_source *source, ptrdiff_t rows, ptrdiff_t columns) {
  activation j = {.kind = (int)draw_between(source, 0, kinds - 1), .n = columns / 2};
  j.x = matrix_random(source, rows, columns, draw_between(source, 0, 3) ? 4.f : 8.f);
  return j;
}

// 20,000 values are more than one task.
static ptrdiff_t draw_count(random_source *source) {
  return draw_between(source, 0, 9) ? draw_size(source, 400) : draw_between(source, 8000, 20000);
}

static void elementwise(random_source *source) {
  activation j = draw(source, 1, draw_count(source));
  subject s = {.kernel = "vk_activation", .units = 16, .run = run_activation, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s of %td", kind_names[j.kind], j.x.columns);
  subject_reserve(&s, 1, j.x.columns);
  for (ptrdiff_t i = 0; i < j.x.columns; i++) {
    s.expected[i] = value_of(every_kind[j.kind], j.x.values[i]);
    s.size[i] = fabs(j.x.values[i]);
  }
  check(&s, source, NULL);
  s.start = j.x.values;
  s.run = run_in_place;
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
}

static void elementwise_backward(random_source *source) {
  activation j = draw(source, 1, draw_count(source));
  j.dy = matrix_random(source, 1, j.x.columns, 1);
  subject s = {.kernel = "vk_activation_backward", .units = 16, .run = run_backward, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s of %td", kind_names[j.kind], j.x.columns);
  subject_reserve(&s, 1, j.x.columns);
  for (ptrdiff_t i = 0; i < j.x.columns; i++) {
    s.expected[i] = j.dy.values[i] * slope_of(every_kind[j.kind], j.x.values[i]);
    s.size[i] = fabs(j.dy.values[i]) * slope_size(j.x.values[i]);
  }
  check(&s, source, NULL);
  s.start = j.dy.values;
  s.run = run_backward_in_place;
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
  matrix_free(&j.dy);
}

static void ratio_backward(random_source *source) {
  activation j = draw(source, 1, draw_count(source));
  if (j.x.columns > 2) j.x.values[0] = 0, j.x.values[1] = -0.f;
  j.dy = matrix_random(source, 1, j.x.columns, 1);
  subject s = {.kernel = "vk_activation_ratio_backward", .units = 16, .run = run_ratio, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s of %td", kind_names[j.kind], j.x.columns);
  subject_reserve(&s, 1, j.x.columns);
  for (ptrdiff_t i = 0; i < j.x.columns; i++) {
    s.expected[i] = j.dy.values[i] * ratio_of(every_kind[j.kind], j.x.values[i]);
    s.size[i] = fabs(j.dy.values[i]);
  }
  check(&s, source, NULL);
  s.start = j.dy.values;
  s.run = run_ratio_in_place;
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
  matrix_free(&j.dy);
}

// MARK: Gates

static void run_gated(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  vk_gated(every_kind[j->kind], count, j->n, j->x.values + first * j->x.ld, j->x.ld, out, ld);
}

static void run_gated_backward(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  vk_gated_backward(every_kind[j->kind], count, j->n, j->x.values + first * j->x.ld, j->x.ld,
                    j->dy.values + first * j->dy.ld, j->dy.ld, out, ld);
}

static void run_gated_ratio(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const activation *j = context;
  vk_gated_ratio_backward(every_kind[j->kind], count, j->n, j->x.values + first * j->x.ld, j->x.ld,
                          j->dy.values + first * j->dy.ld, j->dy.ld, out, ld);
}

static void gated(random_source *source) {
  activation j = draw(source, draw_size(source, 100), 2 * draw_size(source, 200));
  subject s = {.kernel = "vk_gated", .units = 18, .by_row = 1, .run = run_gated, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s, [%td, 2·%td]", kind_names[j.kind], j.x.rows, j.n);
  subject_reserve(&s, j.x.rows, j.n);
  for (ptrdiff_t r = 0; r < s.rows; r++)
    for (ptrdiff_t i = 0; i < j.n; i++) {
      const double gate = j.x.values[r * j.x.ld + i], up = j.x.values[r * j.x.ld + j.n + i];
      s.expected[r * j.n + i] = value_of(every_kind[j.kind], gate) * up;
      s.size[r * j.n + i] = fabs(gate * up);
    }
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
}

static void gated_backward(random_source *source) {
  activation j = draw(source, draw_size(source, 100), 2 * draw_size(source, 200));
  j.dy = matrix_random(source, j.x.rows, j.n, 1);
  subject s = {.kernel = "vk_gated_backward", .units = 18, .by_row = 1, .run = run_gated_backward, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s, [%td, 2·%td]", kind_names[j.kind], j.x.rows, j.n);
  subject_reserve(&s, j.x.rows, 2 * j.n);
  for (ptrdiff_t r = 0; r < s.rows; r++)
    for (ptrdiff_t i = 0; i < j.n; i++) {
      const double gate = j.x.values[r * j.x.ld + i], up = j.x.values[r * j.x.ld + j.n + i];
      const double dy = j.dy.values[r * j.dy.ld + i];
      const ptrdiff_t left = 2 * r * j.n + i, right = left + j.n;
      s.expected[left] = dy * up * slope_of(every_kind[j.kind], gate);
      s.size[left] = fabs(dy * up) * slope_size(gate);
      s.expected[right] = dy * value_of(every_kind[j.kind], gate);
      s.size[right] = fabs(dy * gate);
    }
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
  matrix_free(&j.dy);
}

static void gated_ratio_backward(random_source *source) {
  activation j = draw(source, draw_size(source, 100), 2 * draw_size(source, 200));
  j.dy = matrix_random(source, j.x.rows, j.n, 1);
  subject s = {.kernel = "vk_gated_ratio_backward", .units = 18, .by_row = 1, .run = run_gated_ratio, .context = &j};
  snprintf(s.shape, sizeof s.shape, "%s, [%td, 2·%td]", kind_names[j.kind], j.x.rows, j.n);
  subject_reserve(&s, j.x.rows, 2 * j.n);
  for (ptrdiff_t r = 0; r < s.rows; r++)
    for (ptrdiff_t i = 0; i < j.n; i++) {
      const double gate = j.x.values[r * j.x.ld + i], up = j.x.values[r * j.x.ld + j.n + i];
      const double dy = j.dy.values[r * j.dy.ld + i];
      const ptrdiff_t left = 2 * r * j.n + i, right = left + j.n;
      s.expected[left] = dy * up * ratio_of(every_kind[j.kind], gate) / 2;
      s.size[left] = fabs(dy * up);
      s.expected[right] = dy * value_of(every_kind[j.kind], gate) / 2;
      s.size[right] = fabs(dy * gate);
    }
  check(&s, source, NULL);
  subject_release(&s);
  matrix_free(&j.x);
  matrix_free(&j.dy);
}

// A bad value stays bad, forward and backward, and touches nothing else. +∞ may not become finite.
static void not_finite(random_source *source) {
  activation j = draw(source, 1, draw_size(source, 70));
  j.dy = matrix_random(source, 1, j.x.columns, 1);
  const ptrdiff_t bad = draw_between(source, 0, j.x.columns - 1);
  for (int infinite = 0; infinite < 2; infinite++) {
    j.x.values[bad] = infinite ? INFINITY : NAN;
    for (int set = 0; set < set_count; set++) {
      vk_select_isa(sets[set]);
      float *y = reserve(j.x.columns), *dx = reserve(j.x.columns), *ratio = reserve(j.x.columns);
      vk_activation(every_kind[j.kind], j.x.columns, j.x.values, y);
      vk_activation_backward(every_kind[j.kind], j.x.columns, j.x.values, j.dy.values, dx);
      vk_activation_ratio_backward(every_kind[j.kind], j.x.columns, j.x.values, j.dy.values, ratio);
      for (ptrdiff_t i = 0; i < j.x.columns; i++)
        if (finite_float(y[i]) != (i != bad) || (finite_float(dx[i]) != (i != bad) && !(infinite && i == bad)) ||
            (finite_float(ratio[i]) != (i != bad) && !(infinite && i == bad)))
          fail("%s of a bad value on %s: value %td is %g, slope %g", kind_names[j.kind], sets[set], i, (double)y[i],
               (double)dx[i]);
      release(y);
      release(dx);
      release(ratio);
    }
  }
  matrix_free(&j.x);
  matrix_free(&j.dy);
}

const named_case activation_cases[] = {
    {"activation", elementwise, 1},
    {"activation-backward", elementwise_backward, 1},
    {"gated", gated, 1},
    {"gated-backward", gated_backward, 1},
    {"activation-ratio-backward", ratio_backward, 1},
    {"gated-ratio-backward", gated_ratio_backward, 1},
    {"activation-not-finite", not_finite, 1},
    {0},
};
