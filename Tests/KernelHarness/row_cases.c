// Norms, activations, gates, rotary embedding: forwards and backwards.
#include "harness.h"

static const double roundoffs_of_norm = 60;  // 16 lanes of at most 25 values, a tree of 4, and what follows

// MARK: Norms

typedef struct {
  int rms;   // root mean square instead of mean and variance
  int held;  // backward with the scale held
  matrix x, dy;
  float *weight, *bias, epsilon, offset;
} norm;

static norm norm_draw(random_source *source, int rms) {
  static const float epsilons[] = {1e-6f, 1e-5f, 1e-2f};
  norm j = {.rms = rms, .x = matrix_random(source, draw_size(source, 200), draw_size(source, 400), 2)};
  j.dy = matrix_random(source, j.x.rows, j.x.columns, 1);
  j.epsilon = epsilons[draw_between(source, 0, 2)];
  j.offset = (float)draw_between(source, 0, 1);
  j.weight = reserve(j.x.columns);
  j.bias = reserve(j.x.columns);
  for (ptrdiff_t i = 0; i < j.x.columns; i++) {
    j.weight[i] = draw_float(source, 1.5f);
    j.bias[i] = draw_float(source, 1);
  }
  return j;
}

static void norm_free(norm *j) {
  matrix_free(&j->x);
  matrix_free(&j->dy);
  release(j->weight);
  release(j->bias);
}

static double norm_weight(const norm *j, ptrdiff_t i) { return j->rms ? (double)j->weight[i] + j->offset : j->weight[i]; }

// Mean (0 for RMS) and inverse deviation of a row.
static void norm_moments(const norm *j, const double *x, double *mean, double *inverse) {
  const ptrdiff_t n = j->x.columns;
  double sum = 0, squares = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += x[i];
  *mean = j->rms ? 0 : sum / (double)n;
  for (ptrdiff_t i = 0; i < n; i++) squares += (x[i] - *mean) * (x[i] - *mean);
  *inverse = 1 / sqrt(squares / (double)n + j->epsilon);
}

static void norm_row(const norm *j, ptrdiff_t r, double *x) {
  for (ptrdiff_t i = 0; i < j->x.columns; i++) x[i] = j->x.values[r * j->x.ld + i];
}

static void run_norm(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const norm *j = context;
  const float *x = j->x.values + first * j->x.ld;
  if (j->rms)
    vk_rms_norm(count, j->x.columns, x, j->x.ld, j->weight, j->offset, j->epsilon, out, ld);
  else
    vk_layer_norm(count, j->x.columns, x, j->x.ld, j->weight, j->bias, j->epsilon, out, ld);
}

// The same in place: the result's buffer holds x.
static void run_norm_in_place(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const norm *j = context;
  (void)first;
  if (j->rms)
    vk_rms_norm(count, j->x.columns, out, ld, j->weight, j->offset, j->epsilon, out, ld);
  else
    vk_layer_norm(count, j->x.columns, out, ld, j->weight, j->bias, j->epsilon, out, ld);
}

static void run_norm_backward(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const norm *j = context;
  const float *x = j->x.values + first * j->x.ld, *dy = j->dy.values + first * j->dy.ld;
  if (j->held && j->rms)
    vk_rms_norm_held_backward(count, j->x.columns, x, j->x.ld, j->weight, j->offset, j->epsilon, dy, j->dy.ld, out, ld);
  else if (j->held)
    vk_layer_norm_held_backward(count, j->x.columns, x, j->x.ld, j->weight, j->epsilon, dy, j->dy.ld, out, ld);
  else if (j->rms)
    vk_rms_norm_backward(count, j->x.columns, x, j->x.ld, j->weight, j->offset, j->epsilon, dy, j->dy.ld, out, ld);
  else
    vk_layer_norm_backward(count, j->x.columns, x, j->x.ld, j->weight, j->epsilon, dy, j->dy.ld, out, ld);
}

static void expect_norm(const norm *j, subject *s) {
  const ptrdiff_t n = j->x.columns;
  double x[400], mean, inverse;
  subject_reserve(s, j->x.rows, n);
  s->units = roundoffs_of_norm;
  for (ptrdiff_t r = 0; r < s->rows; r++) {
    norm_row(j, r, x);
    norm_moments(j, x, &mean, &inverse);
    for (ptrdiff_t i = 0; i < n; i++) {
      const double bias = j->rms ? 0 : j->bias[i];
      s->expected[r * n + i] = (x[i] - mean) * inverse * norm_weight(j, i) + bias;
      // The mean's rounding counts as much as the values that it comes from.
      s->size[r * n + i] = (fabs(x[i]) + fabs(mean) + 2) * inverse * fabs(norm_weight(j, i)) + fabs(bias);
    }
  }
}

static void norm_forward(random_source *source, int rms) {
  norm j = norm_draw(source, rms);
  subject s = {.kernel = rms ? "vk_rms_norm" : "vk_layer_norm", .by_row = 1, .run = run_norm, .context = &j};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]", j.x.rows, j.x.columns);
  expect_norm(&j, &s);
  check(&s, source, NULL);
  float *dense = malloc(sizeof(float) * (size_t)(s.rows * s.columns));
  if (!dense) abort();
  for (ptrdiff_t r = 0; r < s.rows; r++)
    memcpy(dense + r * s.columns, j.x.values + r * j.x.ld, sizeof(float) * (size_t)s.columns);
  s.start = dense;
  s.run = run_norm_in_place;
  check(&s, source, NULL);
  free(dense);
  subject_release(&s);
  norm_free(&j);
}

// dx += (g − mean(g) − x̂·mean(g·x̂))·inverse with g = dy·weight; without mean(g) for RMS, without x̂'s part if the scale is held.
static void expect_norm_backward(const norm *j, subject *s) {
  const ptrdiff_t n = j->x.columns;
  double x[400], g[400], mean, inverse;
  subject_reserve(s, j->x.rows, n);
  s->units = 2 * roundoffs_of_norm;
  for (ptrdiff_t r = 0; r < s->rows; r++) {
    double mean_g = 0, mean_product = 0, largest = 0, most = 0;
    norm_row(j, r, x);
    norm_moments(j, x, &mean, &inverse);
    for (ptrdiff_t i = 0; i < n; i++) {
      g[i] = j->dy.values[r * j->dy.ld + i] * norm_weight(j, i);
      if (!j->rms) mean_g += g[i] / (double)n;
      if (!j->held) mean_product += g[i] * (x[i] - mean) * inverse / (double)n;
      largest = fmax(largest, fabs(g[i]));
      most = fmax(most, (fabs(x[i]) + fabs(mean)) * inverse);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
      s->expected[r * n + i] = s->start[r * n + i] + (g[i] - mean_g - (x[i] - mean) * inverse * mean_product) * inverse;
      s->size[r * n + i] = fabs(s->start[r * n + i]) + inverse * largest * (1 + most) * (1 + most);
    }
  }
}

// The gradient along a random direction against a central difference of ⟨dy, norm(x)⟩ in double precision, the scale of x kept
// where it is held.
static void check_norm_slope(const norm *j, const subject *s, random_source *source) {
  const ptrdiff_t n = j->x.columns;
  double x[400], moved[400], direction[400], mean, inverse, value[2];
  for (ptrdiff_t r = 0; r < s->rows; r += 7) {
    norm_row(j, r, x);
    double slope = 0, step = 1e-6;
    for (ptrdiff_t i = 0; i < n; i++) {
      direction[i] = draw_float(source, 1);
      slope += direction[i] * (s->expected[r * n + i] - s->start[r * n + i]);
    }
    norm_moments(j, x, &mean, &inverse);
    for (int side = 0; side < 2; side++) {
      double m, v;
      for (ptrdiff_t i = 0; i < n; i++) moved[i] = x[i] + (side ? step : -step) / inverse * direction[i];
      norm_moments(j, moved, &m, &v);
      if (j->held) v = inverse;
      value[side] = 0;
      for (ptrdiff_t i = 0; i < n; i++) value[side] += j->dy.values[r * j->dy.ld + i] * norm_weight(j, i) * (moved[i] - m) * v;
    }
    const double difference = (value[1] - value[0]) / (2 * step) * inverse;
    if (!(fabs(slope - difference) <= 1e-5 * fmax(1, inverse) * sqrt((double)n)))
      fail("%s %s: the formula's slope %.9g is not the difference %.9g", s->kernel, s->shape, slope, difference);
  }
}

static void norm_backward(random_source *source, int rms, int held) {
  norm j = norm_draw(source, rms);
  j.held = held;
  const ptrdiff_t count = j.x.rows * j.x.columns;
  float *start = malloc(sizeof(float) * (size_t)count);
  if (!start) abort();
  for (ptrdiff_t i = 0; i < count; i++) start[i] = draw_float(source, 1);
  const char *const names[] = {"vk_layer_norm_backward", "vk_rms_norm_backward", "vk_layer_norm_held_backward",
                               "vk_rms_norm_held_backward"};
  subject s = {.kernel = names[2 * held + rms], .by_row = 1, .start = start, .run = run_norm_backward, .context = &j};
  snprintf(s.shape, sizeof s.shape, "[%td, %td]", j.x.rows, j.x.columns);
  expect_norm_backward(&j, &s);
  check_norm_slope(&j, &s, source);
  check(&s, source, NULL);
  subject_release(&s);
  free(start);
  norm_free(&j);
}

static void layer_norm(random_source *source) { norm_forward(source, 0); }
static void rms_norm(random_source *source) { norm_forward(source, 1); }
static void layer_norm_backward(random_source *source) { norm_backward(source, 0, 0); }
static void rms_norm_backward(random_source *source) { norm_backward(source, 1, 0); }
static void layer_norm_held_backward(random_source *source) { norm_backward(source, 0, 1); }
static void rms_norm_held_backward(random_source *source) { norm_backward(source, 1, 1); }

// MARK: Rotary embedding

typedef struct {
  matrix x;
  ptrdiff_t heads, width, half;
  int32_t *positions;
  float *cosines, *sines;
  int backward;
} rotation;

static void run_rotary(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  const rotation *j = context;
  (j->backward ? vk_rotary_backward : vk_rotary)(count, j->heads, j->width, j->half, j->positions + first, j->cosines,
                                                 j->sines, out, ld);
}

static void expect_rotary(const rotation *j, subject *s, const float *start) {
  subject_reserve(s, j->x.rows, j->x.columns);
  s->units = 3;
  for (ptrdiff_t r = 0; r < s->rows; r++)
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      const ptrdiff_t i = c % j->width;
      const float *row = start + r * s->columns + c;
      double value = row[0], size = fabs(row[0]);
      if (i < 2 * j->half) {
        const ptrdiff_t place = j->positions[r] * j->half + i % j->half;
        const double other = row[i < j->half ? j->half : -j->half], sign = (i < j->half) == !j->backward ? -1 : 1;
        value = row[0] * (double)j->cosines[place] + sign * other * j->sines[place];
        size = fabs(row[0] * (double)j->cosines[place]) + fabs(other * j->sines[place]);
      }
      s->expected[r * s->columns + c] = value;
      s->size[r * s->columns + c] = size;
    }
}

static void rotary_either(random_source *source, int backward) {
  enum { places = 37 };
  rotation j = {.backward = backward, .heads = draw_between(source, 1, 5), .half = draw_between(source, 1, 40)};
  j.width = 2 * j.half + draw_between(source, 0, 5);
  j.x = matrix_random(source, draw_size(source, 100), j.heads * j.width, 2);
  j.cosines = reserve(places * j.half);
  j.sines = reserve(places * j.half);
  for (ptrdiff_t i = 0; i < places * j.half; i++) {
    const double angle = draw_float(source, 4);
    j.cosines[i] = (float)cos(angle);
    j.sines[i] = (float)sin(angle);
  }
  j.positions = malloc(sizeof(int32_t) * (size_t)j.x.rows);
  float *start = malloc(sizeof(float) * (size_t)(j.x.rows * j.x.columns));
  if (!j.positions || !start) abort();
  for (ptrdiff_t r = 0; r < j.x.rows; r++) {
    j.positions[r] = (int32_t)draw_between(source, 0, places - 1);
    memcpy(start + r * j.x.columns, j.x.values + r * j.x.ld, sizeof(float) * (size_t)j.x.columns);
  }
  subject s = {.kernel = backward ? "vk_rotary_backward" : "vk_rotary", .by_row = 1, .start = start, .run = run_rotary,
               .context = &j};
  snprintf(s.shape, sizeof s.shape, "%td rows, %td heads of %td, half %td", j.x.rows, j.heads, j.width, j.half);
  expect_rotary(&j, &s, start);
  check(&s, source, NULL);
  subject_release(&s);
  free(start);
  free(j.positions);
  release(j.cosines);
  release(j.sines);
  matrix_free(&j.x);
}

static void rotary(random_source *source) { rotary_either(source, 0); }
static void rotary_backward(random_source *source) { rotary_either(source, 1); }

// A bad value spoils its own row and leaves the others.
static void norm_not_finite(random_source *source) {
  norm j = norm_draw(source, (int)draw_between(source, 0, 1));
  const ptrdiff_t row = draw_between(source, 0, j.x.rows - 1);
  j.x.values[row * j.x.ld + draw_between(source, 0, j.x.columns - 1)] = draw_between(source, 0, 1) ? NAN : -INFINITY;
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    for (int backward = 0; backward < 2; backward++) {
      matrix out = matrix_new(j.x.rows, j.x.columns, 1);
      for (ptrdiff_t r = 0; r < out.rows; r++) memset(out.values + r * out.ld, 0, sizeof(float) * (size_t)out.columns);
      (backward ? run_norm_backward : run_norm)(&j, 0, j.x.rows, out.values, out.ld);
      for (ptrdiff_t r = 0; r < out.rows; r++) {
        int bad = 0, good = 0;
        for (ptrdiff_t i = 0; i < out.columns; i++) *(finite_float(out.values[r * out.ld + i]) ? &good : &bad) += 1;
        // −∞ under RMS: the other values of its row become 0, as they should; its own is lost to no one.
        if (r == row ? bad == 0 : bad > 0)
          fail("%s norm %s of a bad value on %s: row %td has %d bad values", j.rms ? "RMS" : "layer",
               backward ? "backward" : "forward", sets[set], r, bad);
      }
      matrix_free(&out);
    }
  }
  norm_free(&j);
}

// The first of no, one or several bad values among ordinary, huge and tiny ones; lengths on both sides of a block's end.
static void first_not_finite(random_source *source) {
  static const float bad[] = {NAN, INFINITY, -INFINITY}, ordinary[] = {3.40282347e38f, -3.40282347e38f, 1e-45f, -0.0f};
  const ptrdiff_t n = draw_between(source, 0, 1) ? draw_size(source, 9000) : 4096 * draw_between(source, 0, 2) + draw_between(source, 0, 2);
  float *x = reserve(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = draw_between(source, 0, 9) ? draw_float(source, 100) : ordinary[draw_between(source, 0, 3)];
  ptrdiff_t wanted = -1;
  if (n > 0)
    for (ptrdiff_t count = draw_between(source, 0, 3); count > 0; count--) {
      // Blocks' ends and the last value among them.
      const ptrdiff_t end = n < 4096 || draw_between(source, 0, 1) ? n - 1 : 4095;
      const ptrdiff_t place = draw_between(source, 0, 1) ? end : draw_between(source, 0, n - 1);
      x[place] = bad[draw_between(source, 0, 2)];
      if (wanted < 0 || place < wanted) wanted = place;
    }
  const ptrdiff_t found = vk_first_not_finite(n, x);
  if (found != wanted) fail("first value of %td that is not finite: %td, not %td", n, found, wanted);
  release(x);
}

const named_case row_cases[] = {
    {"layer-norm", layer_norm, 1},
    {"layer-norm-backward", layer_norm_backward, 1},
    {"rms-norm", rms_norm, 1},
    {"rms-norm-backward", rms_norm_backward, 1},
    {"layer-norm-held-backward", layer_norm_held_backward, 1},
    {"rms-norm-held-backward", rms_norm_held_backward, 1},
    {"norm-not-finite", norm_not_finite, 1},
    {"first-not-finite", first_not_finite, 1},
    {"rotary", rotary, 1},
    {"rotary-backward", rotary_backward, 1},
    {0},
};
