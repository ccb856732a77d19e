// Attention, forward and backward, causal and both ways, with cached keys and values, windows, soft caps, biases and vectors by
// distance, and shared key/value heads.
#include "harness.h"

// MARK: Forward

// Vectors of positions: rows of keys and queries by distance, clamped; the same for every head.
typedef struct {
  int has_keys, has_queries;
  matrix keys, queries;  // [rows, width]
  int32_t *rows;         // [2·positions − 1]
} relatives;

static relatives relatives_draw(random_source *source, ptrdiff_t positions, ptrdiff_t width) {
  relatives r = {.has_keys = (int)draw_between(source, 0, 1), .has_queries = (int)draw_between(source, 0, 1)};
  const ptrdiff_t count = draw_between(source, 1, 12);
  r.keys = matrix_random(source, count, width, 1);
  r.queries = matrix_new(count, width, r.keys.ld - width);
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t c = 0; c < width; c++) r.queries.values[i * r.queries.ld + c] = draw_float(source, 1);
  r.rows = malloc(sizeof(int32_t) * (size_t)(2 * positions - 1));
  if (!r.rows) abort();
  for (ptrdiff_t d = 1 - positions; d < positions; d++) {
    const ptrdiff_t row = count / 2 - d;
    r.rows[d + positions - 1] = (int32_t)(row < 0 ? 0 : row >= count ? count - 1 : row);
  }
  return r;
}

static void relatives_free(relatives *r) {
  matrix_free(&r->keys);
  matrix_free(&r->queries);
  free(r->rows);
}

static vk_relative_positions relatives_given(const relatives *r, ptrdiff_t positions) {
  return (vk_relative_positions){
      .keys = r->has_keys ? r->keys.values : NULL, .queries = r->has_queries ? r->queries.values : NULL, .ld = r->keys.ld,
      .rows = r->has_keys || r->has_queries ? r->rows + positions - 1 : NULL};
}

// All heads side by side: q [positions, heads·width], k and v [positions, heads/group·width]. The rows of the result are
// the positions from `first` on; those before are cached in matrices of their own.
typedef struct {
  ptrdiff_t heads, group, first, width, window;
  int both_ways, biased;
  float scale, soft_cap;
  matrix q, k, v, base_k, base_v;
  matrix bias;  // [1, 2·positions − 1], by distance
  relatives relative;
  int status;  // the last result of vk_attention
} attention;

static matrix copy_of(random_source *source, const matrix *m) {
  matrix copy = matrix_new(m->rows, m->columns, draw_between(source, 0, 7));
  for (ptrdiff_t r = 0; r < m->rows; r++)
    memcpy(copy.values + r * copy.ld, m->values + r * m->ld, sizeof(float) * (size_t)m->columns);
  return copy;
}

// q, k and v have one distance between rows, as the kernel takes it.
static attention attention_draw(random_source *source, ptrdiff_t positions, ptrdiff_t width) {
  attention j = {.group = draw_between(source, 1, 3), .width = width};
  j.heads = j.group * draw_between(source, 1, 3);
  j.first = draw_between(source, 0, 1) ? draw_between(source, 0, positions - 1) : 0;
  j.window = draw_between(source, 0, 2) ? 0 : draw_between(source, 1, positions + 2);
  j.soft_cap = draw_between(source, 0, 2) ? 0 : 1 + draw_float(source, 0.9f) * 2.f;
  if (j.soft_cap < 0.5f && j.soft_cap != 0) j.soft_cap = 0.5f;
  j.scale = draw_between(source, 0, 1) ? 1.f / sqrtf((float)width) : draw_float(source, 1);
  j.both_ways = (int)draw_between(source, 0, 1);
  j.biased = (int)draw_between(source, 0, 1);
  j.bias = matrix_random(source, 1, 2 * positions - 1, 2);
  j.relative = relatives_draw(source, positions, width);
  const ptrdiff_t columns = j.heads * width, gap = draw_between(source, 0, 9);
  matrix *parts[] = {&j.q, &j.k, &j.v};
  for (int p = 0; p < 3; p++) {
    *parts[p] = matrix_new(positions, columns, gap);
    for (ptrdiff_t r = 0; r < positions; r++)
      for (ptrdiff_t c = 0; c < columns; c++) parts[p]->values[r * parts[p]->ld + c] = draw_float(source, 1.5f);
  }
  j.base_k = copy_of(source, &j.k);
  j.base_v = matrix_new(positions, columns, j.base_k.ld - columns);
  for (ptrdiff_t r = 0; r < positions; r++)
    memcpy(j.base_v.values + r * j.base_v.ld, j.v.values + r * j.v.ld, sizeof(float) * (size_t)columns);
  return j;
}

static void attention_free(attention *j) {
  matrix_free(&j->q);
  matrix_free(&j->k);
  matrix_free(&j->v);
  matrix_free(&j->base_k);
  matrix_free(&j->base_v);
  matrix_free(&j->bias);
  relatives_free(&j->relative);
}

// Rows of the result: positions first + `from`, … The rows before them stand in the cache.
static int run_attention_status(const attention *j, ptrdiff_t from, ptrdiff_t count, float *out, ptrdiff_t ld) {
  vk_attention_head heads[9];
  const ptrdiff_t first = j->first + from;
  for (ptrdiff_t h = 0; h < j->heads; h++) {
    const ptrdiff_t column = h / j->group * j->width;
    heads[h] = (vk_attention_head){
        .first = first, .rows = count, .width = j->width, .q = j->q.values + first * j->q.ld + h * j->width,
        .k = j->k.values + first * j->k.ld + column, .v = j->v.values + first * j->v.ld + column, .ldq = j->q.ld,
        .base_k = first ? j->base_k.values + column : NULL, .base_v = first ? j->base_v.values + column : NULL,
        .ldbase = j->base_k.ld, .scale = j->scale, .z = out + h * j->width, .ldz = ld, .window = j->window,
        .soft_cap = j->soft_cap, .length = j->both_ways ? j->q.rows : 0,
        .bias = j->biased ? j->bias.values + j->q.rows - 1 : NULL,
        .relative = relatives_given(&j->relative, j->q.rows)};
  }
  return vk_attention(j->heads, heads);
}

static void run_attention(const void *context, ptrdiff_t from, ptrdiff_t count, float *out, ptrdiff_t ld) {
  if (run_attention_status(context, from, count, out, ld) != 0) fail("vk_attention: says that there is no memory");
}

static double score(const attention *j, ptrdiff_t head, ptrdiff_t row, ptrdiff_t position, double *size) {
  const float *q = j->q.values + row * j->q.ld + head * j->width;
  const float *k = j->k.values + position * j->k.ld + head / j->group * j->width;
  double sum = 0, terms = 0;
  const relatives *p = &j->relative;
  const ptrdiff_t there = p->rows[j->q.rows - 1 + position - row] * p->keys.ld;
  for (ptrdiff_t i = 0; i < j->width; i++) {
    const double own = (double)q[i] * k[i], key = p->has_keys ? (double)q[i] * p->keys.values[there + i] : 0;
    const double query = p->has_queries ? (double)p->queries.values[there + i] * k[i] : 0;
    sum += own + key + query;
    terms += fabs(own) + fabs(key) + fabs(query);
  }
  *size = fmax(*size, fabs(j->scale * terms));
  sum *= j->scale;
  if (j->biased) sum += j->bias.values[j->q.rows - 1 + position - row];
  *size = fmax(*size, fabs(sum));
  return j->soft_cap > 0 ? j->soft_cap * tanh(sum / j->soft_cap) : sum;
}

static ptrdiff_t first_seen(ptrdiff_t row, ptrdiff_t window) { return window && row + 1 > window ? row + 1 - window : 0; }

// The last position that a row sees, of `length`.
static ptrdiff_t last_seen(ptrdiff_t row, ptrdiff_t window, ptrdiff_t length, int both_ways) {
  if (!both_ways) return row;
  return window && row + window < length ? row + window - 1 : length - 1;
}

static void expect_row(const attention *j, subject *s, ptrdiff_t head, ptrdiff_t row, double *weights) {
  const ptrdiff_t from = first_seen(row, j->window), last = last_seen(row, j->window, j->q.rows, j->both_ways);
  double most = -INFINITY, total = 0, size = 0;
  for (ptrdiff_t p = from; p <= last; p++) most = fmax(most, weights[p] = score(j, head, row, p, &size));
  for (ptrdiff_t p = from; p <= last; p++) total += weights[p] = exp(weights[p] - most);
  for (ptrdiff_t i = 0; i < j->width; i++) {
    const ptrdiff_t place = (row - j->first) * s->columns + head * j->width + i;
    double largest = 0;
    for (ptrdiff_t p = from; p <= last; p++) {
      const double v = j->v.values[p * j->v.ld + head / j->group * j->width + i];
      s->expected[place] += weights[p] / total * v;
      largest = fmax(largest, fabs(v));
    }
    s->size[place] = largest * (1 + size + j->soft_cap);
  }
}

static void check_attention(attention *j, random_source *source, double units) {
  subject s = {.kernel = "vk_attention", .by_row = 1, .units = units, .run = run_attention, .context = j};
  snprintf(s.shape, sizeof s.shape, "%td heads of %td in groups of %td, %td positions, %td cached, window %td, cap %g%s%s",
           j->heads, j->width, j->group, j->q.rows, j->first, j->window, (double)j->soft_cap,
           j->both_ways ? ", both ways" : "", j->biased ? ", biased" : "");
  subject_reserve(&s, j->q.rows - j->first, j->heads * j->width);
  double *weights = malloc(sizeof(double) * (size_t)j->q.rows);
  if (!weights) abort();
  for (ptrdiff_t h = 0; h < j->heads; h++)
    for (ptrdiff_t row = j->first; row < j->q.rows; row++) expect_row(j, &s, h, row, weights);
  free(weights);
  check(&s, source, NULL);
  subject_release(&s);
}

static void forward(random_source *source) {
  attention j = attention_draw(source, draw_size(source, 130), draw_size(source, 130));
  check_attention(&j, source, 60);
  attention_free(&j);
}

// More positions than a task has room for on its stack; that memory can be refused, which must be said.
static void forward_long(random_source *source) {
  attention j = attention_draw(source, 4097 + draw_between(source, 0, 200), draw_between(source, 1, 5));
  j.first = j.q.rows - draw_between(source, 1, 20);
  check_attention(&j, source, 100);
  matrix out = matrix_new(j.q.rows - j.first, j.heads * j.width, 0);
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    refuse_memory(1);
    const int status = run_attention_status(&j, 0, out.rows, out.values, out.ld);
    refuse_memory(0);
    if (status != (refusals() ? -1 : 0)) fail("vk_attention: %d refusals of memory, result %d", refusals(), status);
  }
  matrix_free(&out);
  attention_free(&j);
}

// A bad q spoils its row; a bad k or v every row that sees it; no other row, and no other head.
static void forward_not_finite(random_source *source) {
  attention j = attention_draw(source, draw_between(source, 2, 40), draw_between(source, 1, 40));
  j.first = 0;
  const int which = (int)draw_between(source, 0, 2);
  const ptrdiff_t position = draw_between(source, 0, j.q.rows - 1), head = draw_between(source, 0, j.heads / j.group - 1);
  matrix *part = which == 0 ? &j.q : which == 1 ? &j.k : &j.v;
  part->values[position * part->ld + head * j.width + draw_between(source, 0, j.width - 1)] = NAN;
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    matrix out = matrix_new(j.q.rows, j.heads * j.width, 1);
    run_attention(&j, 0, out.rows, out.values, out.ld);
    for (ptrdiff_t h = 0; h < j.heads; h++)
      for (ptrdiff_t r = 0; r < out.rows; r++) {
        const int hit = which == 0 ? h == head && r == position
                                   : h / j.group == head && first_seen(r, j.window) <= position &&
                                         position <= last_seen(r, j.window, j.q.rows, j.both_ways);
        int bad = 0;
        for (ptrdiff_t i = 0; i < j.width; i++) bad += !finite_float(out.values[r * out.ld + h * j.width + i]);
        if ((bad > 0) != hit)
          fail("vk_attention with NaN in %c of position %td on %s: row %td of head %td has %d bad values", "qkv"[which],
               position, sets[set], r, h, bad);
      }
    matrix_free(&out);
  }
  attention_free(&j);
}

// MARK: Backward

// Each row of `x` and of the gradients: for each key/value head its `group` queries, its key, its value.
typedef struct {
  ptrdiff_t heads, group, width, window;  // heads: of keys and values
  int both_ways, biased;
  float scale, soft_cap;
  matrix bias;   // as in the forward
  relatives relative;
  matrix x, dz;  // dz: [rows, heads·group·width]
} gradient;

static ptrdiff_t stripe(const gradient *j) { return (j->group + 2) * j->width; }

static int run_backward_status(const gradient *j, float *out, ptrdiff_t ld) {
  vk_attention_gradient jobs[4];
  for (ptrdiff_t h = 0; h < j->heads; h++) {
    const float *x = j->x.values + h * stripe(j);
    float *dx = out + h * stripe(j);
    const ptrdiff_t key = j->group * j->width, value = key + j->width;
    jobs[h] = (vk_attention_gradient){
        .rows = j->x.rows, .width = j->width, .q = x, .k = x + key, .v = x + value, .ldq = j->x.ld, .scale = j->scale,
        .dz = j->dz.values + h * key, .lddz = j->dz.ld, .dq = dx, .dk = dx + key, .dv = dx + value, .lddq = ld,
        .window = j->window, .soft_cap = j->soft_cap, .group = j->group, .both_ways = j->both_ways,
        .bias = j->biased ? j->bias.values + j->x.rows - 1 : NULL,
        .relative = relatives_given(&j->relative, j->x.rows)};
  }
  return vk_attention_backward(j->heads, jobs);
}

static void run_backward(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld) {
  (void)first, (void)count;
  if (run_backward_status(context, out, ld) != 0) fail("vk_attention_backward: says that there is no memory");
}

// One query row: z, and with `dx` the gradients of ⟨dz, z⟩ added to it (double precision, dense).
static double backward_row(const gradient *j, const double *x, ptrdiff_t head, ptrdiff_t g, ptrdiff_t row, double *dx) {
  const ptrdiff_t columns = j->x.columns, w = j->width, from = first_seen(row, j->window);
  const ptrdiff_t seen = last_seen(row, j->window, j->x.rows, j->both_ways) + 1 - from;
  const ptrdiff_t at_q = row * columns + head * stripe(j) + g * w, at_k = head * stripe(j) + j->group * w, at_v = at_k + w;
  const float *dz = j->dz.values + row * j->dz.ld + (head * j->group + g) * w;
  const relatives *vectors = &j->relative;
  double *p = malloc(3 * sizeof(double) * (size_t)seen), *dp = p + seen, *bend = dp + seen;
  if (!p) abort();
  double most = -INFINITY, total = 0, mean = 0;
  for (ptrdiff_t t = 0; t < seen; t++) {
    double s = 0;
    const ptrdiff_t r = vectors->rows[j->x.rows - 1 + from + t - row] * vectors->keys.ld;
    for (ptrdiff_t i = 0; i < w; i++) {
      s += x[at_q + i] * x[(from + t) * columns + at_k + i];
      if (vectors->has_keys) s += x[at_q + i] * vectors->keys.values[r + i];
      if (vectors->has_queries) s += vectors->queries.values[r + i] * x[(from + t) * columns + at_k + i];
    }
    s *= j->scale;
    if (j->biased) s += j->bias.values[j->x.rows - 1 + from + t - row];
    const double soft = j->soft_cap > 0 ? tanh(s / j->soft_cap) : 0;
    bend[t] = 1 - soft * soft;
    p[t] = j->soft_cap > 0 ? j->soft_cap * soft : s;
    most = fmax(most, p[t]);
  }
  for (ptrdiff_t t = 0; t < seen; t++) total += p[t] = exp(p[t] - most);
  for (ptrdiff_t t = 0; t < seen; t++) {
    dp[t] = 0;
    for (ptrdiff_t i = 0; i < w; i++) dp[t] += dz[i] * x[(from + t) * columns + at_v + i];
    mean += (p[t] /= total) * dp[t];
  }
  for (ptrdiff_t t = 0; dx && t < seen; t++) {
    const double ds = p[t] * (dp[t] - mean) * bend[t] * j->scale;
    const ptrdiff_t there = (from + t) * columns, r = vectors->rows[j->x.rows - 1 + from + t - row] * vectors->keys.ld;
    for (ptrdiff_t i = 0; i < w; i++) {
      dx[at_q + i] += ds * x[there + at_k + i];
      dx[there + at_k + i] += ds * x[at_q + i];
      if (vectors->has_keys) dx[at_q + i] += ds * vectors->keys.values[r + i];
      if (vectors->has_queries) dx[there + at_k + i] += ds * vectors->queries.values[r + i];
      dx[there + at_v + i] += p[t] * dz[i];
    }
  }
  free(p);
  return mean;  // Σ p·(dz·v) = dz·z
}

// ⟨dz, z(x)⟩, and its gradients added to `dx` if that is not NULL.
static double objective(const gradient *j, const double *x, double *dx) {
  double sum = 0;
  for (ptrdiff_t h = 0; h < j->heads; h++)
    for (ptrdiff_t g = 0; g < j->group; g++)
      for (ptrdiff_t r = 0; r < j->x.rows; r++) sum += backward_row(j, x, h, g, r, dx);
  return sum;
}

// The formula's gradient along a random direction against a central difference.
static void check_slope(const gradient *j, const subject *s, const double *x, random_source *source) {
  const ptrdiff_t count = s->rows * s->columns;
  double *up = malloc(sizeof(double) * (size_t)count), *down = malloc(sizeof(double) * (size_t)count), slope = 0;
  if (!up || !down) abort();
  const double step = 1e-6;
  for (ptrdiff_t i = 0; i < count; i++) {
    const double direction = draw_float(source, 1);
    slope += direction * s->expected[i];
    up[i] = x[i] + step * direction;
    down[i] = x[i] - step * direction;
  }
  const double difference = (objective(j, up, NULL) - objective(j, down, NULL)) / (2 * step);
  if (!(fabs(slope - difference) <= 1e-5 * (1 + fabs(slope)) * sqrt((double)j->x.rows)))
    fail("%s %s: the formula's slope %.9g is not the difference %.9g", s->kernel, s->shape, slope, difference);
  free(up);
  free(down);
}

static gradient gradient_draw(random_source *source, ptrdiff_t rows, ptrdiff_t width) {
  gradient j = {.heads = draw_between(source, 1, 3), .group = draw_between(source, 1, 3), .width = width};
  j.window = draw_between(source, 0, 2) ? 0 : draw_between(source, 1, rows + 2);
  j.soft_cap = draw_between(source, 0, 2) ? 0 : 2;
  j.scale = 1.f / sqrtf((float)width);
  j.both_ways = (int)draw_between(source, 0, 1);
  j.biased = (int)draw_between(source, 0, 1);
  j.bias = matrix_random(source, 1, 2 * rows - 1, 2);
  j.relative = relatives_draw(source, rows, width);
  j.x = matrix_random(source, rows, j.heads * stripe(&j), 1.5f);
  j.dz = matrix_random(source, rows, j.heads * j.group * width, 1);
  return j;
}

static void check_backward(const gradient *j, random_source *source) {
  subject s = {.kernel = "vk_attention_backward", .units = 1e9, .run = run_backward, .context = j};
  snprintf(s.shape, sizeof s.shape, "%td·%td heads of %td, %td rows, window %td, cap %g%s%s", j->heads, j->group, j->width,
           j->x.rows, j->window, (double)j->soft_cap, j->both_ways ? ", both ways" : "", j->biased ? ", biased" : "");
  subject_reserve(&s, j->x.rows, j->x.columns);
  const ptrdiff_t count = s.rows * s.columns;
  double *x = malloc(sizeof(double) * (size_t)count), largest = 1;
  if (!x) abort();
  for (ptrdiff_t i = 0; i < count; i++) x[i] = j->x.values[i / s.columns * j->x.ld + i % s.columns];
  objective(j, x, s.expected);
  for (ptrdiff_t i = 0; i < count; i++) largest = fmax(largest, fabs(s.expected[i]));
  for (ptrdiff_t i = 0; i < count; i++) s.size[i] = largest;
  if (s.rows <= 200) check_slope(j, &s, x, source);
  check(&s, source, NULL);
  free(x);
  subject_release(&s);
}

static void backward(random_source *source) {
  gradient j = gradient_draw(source, draw_size(source, 110), draw_size(source, 100));
  check_backward(&j, source);
  matrix_free(&j.x);
  matrix_free(&j.dz);
  matrix_free(&j.bias);
  relatives_free(&j.relative);
}

// As `forward_long`; the window keeps the time within bounds.
static void backward_long(random_source *source) {
  gradient j = gradient_draw(source, 4097 + draw_between(source, 0, 100), draw_between(source, 1, 3));
  j.window = draw_between(source, 1, 60);
  check_backward(&j, source);
  matrix out = matrix_new(j.x.rows, j.x.columns, 0);
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    refuse_memory(1);
    const int status = run_backward_status(&j, out.values, out.ld);
    refuse_memory(0);
    if (status != (refusals() ? -1 : 0))
      fail("vk_attention_backward: %d refusals of memory, result %d", refusals(), status);
  }
  matrix_free(&out);
  matrix_free(&j.x);
  matrix_free(&j.dz);
  matrix_free(&j.bias);
  relatives_free(&j.relative);
}

const named_case attention_cases[] = {
    {"attention", forward, 1},
    {"attention-long", forward_long, 40},
    {"attention-not-finite", forward_not_finite, 1},
    {"attention-backward", backward, 2},
    {"attention-backward-long", backward_long, 100},
    {0},
};
