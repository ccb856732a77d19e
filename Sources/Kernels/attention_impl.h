// Softmax attention of one head, causal or both ways. Included once per instruction set, after rows_impl.h.

// p[0..<n] = softmax(p[0..<n]), in place.
static inline __attribute__((always_inline)) void NAME(softmax)(float *p, ptrdiff_t n) {
  float most = p[0];
  for (ptrdiff_t j = 1; j < n; j++) most = p[j] > most ? p[j] : most;
  NAME(v16) sum = {0};
  for (ptrdiff_t j = 0; j < n; j += 16) {
    NAME(v16) e = NAME(exp)(NAME(load)(p + j, n - j) - most);
    if (n - j < 16)
      for (ptrdiff_t c = n - j; c < 16; c++) e[c] = 0;
    NAME(store)(p + j, e, n - j);
    sum += e;
  }
  const float total = NAME(fold)(sum);
  for (ptrdiff_t j = 0; j < n; j += 16) NAME(store)(p + j, NAME(load)(p + j, n - j) / total, n - j);
}

// The first two steps of NAME(fold): 16 lanes to 4.
static inline __attribute__((always_inline)) NAME(v4) NAME(fold_to_4)(NAME(v16) v) {
  return (__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 8, 9, 10, 11)) +
         (__builtin_shufflevector(v, v, 4, 5, 6, 7) + __builtin_shufflevector(v, v, 12, 13, 14, 15));
}

// out[j] = (x · y[j])·scale for `count` rows of y, four at a time, each with the bits of NAME(dot).
static inline __attribute__((always_inline)) void NAME(dots)(const float *x, const float *y, ptrdiff_t ldy,
                                                              ptrdiff_t count, ptrdiff_t n, float scale, float *out) {
  ptrdiff_t j = 0;
  for (; j + 4 <= count; j += 4, y += 4 * ldy) {
    NAME(v16) a = {0}, b = {0}, c = {0}, d = {0};
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const NAME(v16) s = NAME(load)(x + i, n - i);
      a += s * NAME(load)(y + i, n - i);
      b += s * NAME(load)(y + ldy + i, n - i);
      c += s * NAME(load)(y + 2 * ldy + i, n - i);
      d += s * NAME(load)(y + 3 * ldy + i, n - i);
    }
    const NAME(v4) e = NAME(fold_to_4)(a), f = NAME(fold_to_4)(b), g = NAME(fold_to_4)(c), h = NAME(fold_to_4)(d);
    const NAME(v4) ef = __builtin_shufflevector(e, f, 0, 4, 1, 5), ef2 = __builtin_shufflevector(e, f, 2, 6, 3, 7);
    const NAME(v4) gh = __builtin_shufflevector(g, h, 0, 4, 1, 5), gh2 = __builtin_shufflevector(g, h, 2, 6, 3, 7);
    const NAME(v4) even = __builtin_shufflevector(ef, gh, 0, 1, 4, 5) + __builtin_shufflevector(ef2, gh2, 0, 1, 4, 5);
    const NAME(v4) odd = __builtin_shufflevector(ef, gh, 2, 3, 6, 7) + __builtin_shufflevector(ef2, gh2, 2, 3, 6, 7);
    *(NAME(v4) *)(out + j) = (even + odd) * scale;
  }
  for (; j < count; j++, y += ldy) out[j] = NAME(dot)(x, y, n) * scale;
}

// z[0..<n] += Σ s[j]·y[j] over `count` rows of y in order; up to 64 columns stay in registers meanwhile.
static inline __attribute__((always_inline)) void NAME(mix)(const float *s, const float *y, ptrdiff_t ldy, ptrdiff_t count,
                                                             ptrdiff_t n, float *z) {
  ptrdiff_t i = 0;
  for (; i + 64 <= n; i += 64) {
    NAME(v16) a = *(const NAME(v16) *)(z + i), b = *(const NAME(v16) *)(z + i + 16);
    NAME(v16) c = *(const NAME(v16) *)(z + i + 32), d = *(const NAME(v16) *)(z + i + 48);
    const float *row = y + i;
    for (ptrdiff_t j = 0; j < count; j++, row += ldy) {
      a += s[j] * *(const NAME(v16) *)row;
      b += s[j] * *(const NAME(v16) *)(row + 16);
      c += s[j] * *(const NAME(v16) *)(row + 32);
      d += s[j] * *(const NAME(v16) *)(row + 48);
    }
    *(NAME(v16) *)(z + i) = a, *(NAME(v16) *)(z + i + 16) = b;
    *(NAME(v16) *)(z + i + 32) = c, *(NAME(v16) *)(z + i + 48) = d;
  }
  for (; i < n; i += 16) {
    NAME(v16) a = NAME(load)(z + i, n - i);
    for (ptrdiff_t j = 0; j < count; j++) a += s[j] * NAME(load)(y + j * ldy + i, n - i);
    NAME(store)(z + i, a, n - i);
  }
}

// y[0..<n] += s·x[0..<n].
static inline __attribute__((always_inline)) void NAME(axpy)(ptrdiff_t n, float s, const float *x, float *y) {
  for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(y + i, NAME(load)(y + i, n - i) + s * NAME(load)(x + i, n - i), n - i);
}

// s[0..<n] = cap·tanh(s/cap), in place.
static inline __attribute__((always_inline)) void NAME(soften)(float *s, ptrdiff_t n, float cap) {
  for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(s + i, NAME(tanh)(NAME(load)(s + i, n - i) / cap) * cap, n - i);
}

// The first position that a position sees.
static inline __attribute__((always_inline)) ptrdiff_t NAME(from)(ptrdiff_t position, ptrdiff_t window) {
  return window > 0 && position + 1 > window ? position + 1 - window : 0;
}

// One behind the last position that a position sees; `length` is 0 where attention is causal.
static inline __attribute__((always_inline)) ptrdiff_t NAME(to)(ptrdiff_t position, ptrdiff_t window, ptrdiff_t length) {
  if (!length) return position + 1;
  return window > 0 && length - position > window ? position + window : length;
}

// s[j] += scale·(q·keys[r] + queries[r]·k[j]) for `count` rows of k, r = rows[j].
static inline __attribute__((always_inline)) void NAME(relate)(const vk_relative_positions *p, const int32_t *rows,
                                                                const float *q, const float *k, ptrdiff_t ldk,
                                                                ptrdiff_t count, ptrdiff_t n, float scale, float *s) {
  for (ptrdiff_t j = 0; j < count; j++) {
    const ptrdiff_t row = rows[j] * p->ld;
    float sum = p->keys ? NAME(dot)(q, p->keys + row, n) : 0;
    if (p->queries) sum += NAME(dot)(k + j * ldk, p->queries + row, n);
    s[j] += sum * scale;
  }
}

// s[0..<n] += bias[0..<n].
static inline __attribute__((always_inline)) void NAME(add_bias)(float *s, const float *bias, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(s + i, NAME(load)(s + i, n - i) + NAME(load)(bias + i, n - i), n - i);
}

// One query row of a head. `scores` has room for every position that it sees.
static void NAME(attention)(const vk_attention_head *h, ptrdiff_t row, float *scores) {
  const ptrdiff_t position = h->first + row, from = NAME(from)(position, h->window);
  const ptrdiff_t seen = NAME(to)(position, h->window, h->length) - from;
  const float *q = h->q + row * h->ldq;
  // Cached positions first, then those of this run.
  const ptrdiff_t cached = from < h->first ? h->first - from : 0, skipped = from > h->first ? from - h->first : 0;
  if (cached) NAME(dots)(q, h->base_k + from * h->ldbase, h->ldbase, cached, h->width, h->scale, scores);
  const ptrdiff_t own = seen - cached;
  NAME(dots)(q, h->k + skipped * h->ldq, h->ldq, own, h->width, h->scale, scores + cached);
  if (h->relative.rows) {
    const int32_t *rows = h->relative.rows + (from - position);
    if (cached)
      NAME(relate)(&h->relative, rows, q, h->base_k + from * h->ldbase, h->ldbase, cached, h->width, h->scale, scores);
    NAME(relate)(&h->relative, rows + cached, q, h->k + skipped * h->ldq, h->ldq, own, h->width, h->scale, scores + cached);
  }
  if (h->bias) NAME(add_bias)(scores, h->bias + (from - position), seen);
  if (h->soft_cap > 0) NAME(soften)(scores, seen, h->soft_cap);
  NAME(softmax)(scores, seen);
  float *z = h->z + row * h->ldz;
  memset(z, 0, sizeof(float) * (size_t)h->width);
  if (cached) NAME(mix)(scores, h->base_v + from * h->ldbase, h->ldbase, cached, h->width, z);
  NAME(mix)(scores + cached, h->v + skipped * h->ldq, h->ldq, own, h->width, z);
}

// Forward: s = scale·(q·k + q·keys[r] + queries[r]·k) + bias, c = cap·tanh(s/cap), p = softmax(c), z = Σ p·v. Backward per query row: dv += p·dz, dp = dz·v,
// dc = p·(dp − Σ p·dp), ds = dc·(1 − (c/cap)²), dq = scale·Σ ds·(k + keys[r]), dk += scale·ds·(q + queries[r]). Without a
// cap c = s.
static inline __attribute__((always_inline)) void NAME(attention_row_backward)(
    const vk_attention_gradient *h, ptrdiff_t group, ptrdiff_t row, float *p, float *dp, float *slope) {
  const ptrdiff_t from = NAME(from)(row, h->window), column = group * h->width;
  const ptrdiff_t seen = NAME(to)(row, h->window, h->both_ways ? h->rows : 0) - from;
  const float *q = h->q + row * h->ldq + column, *dz = h->dz + row * h->lddz + column;
  const float *k = h->k + from * h->ldq, *v = h->v + from * h->ldq;
  float *dq = h->dq + row * h->lddq + column, *dk = h->dk + from * h->lddq, *dv = h->dv + from * h->lddq;
  NAME(dots)(q, k, h->ldq, seen, h->width, h->scale, p);
  const int32_t *rows = h->relative.rows ? h->relative.rows + (from - row) : NULL;
  if (rows) NAME(relate)(&h->relative, rows, q, k, h->ldq, seen, h->width, h->scale, p);
  if (h->bias) NAME(add_bias)(p, h->bias + (from - row), seen);
  if (h->soft_cap > 0) {
    NAME(soften)(p, seen, h->soft_cap);
    for (ptrdiff_t j = 0; j < seen; j++) slope[j] = 1.f - (p[j] / h->soft_cap) * (p[j] / h->soft_cap);
  }
  NAME(softmax)(p, seen);
  NAME(dots)(dz, v, h->ldq, seen, h->width, 1.f, dp);
  const float mean = NAME(dot)(p, dp, seen);
  for (ptrdiff_t j = 0; j < seen; j++) {
    dp[j] = p[j] * (dp[j] - mean) * h->scale;  // ds
    if (h->soft_cap > 0) dp[j] *= slope[j];
    NAME(axpy)(h->width, dp[j], q, dk + j * h->lddq);
    NAME(axpy)(h->width, p[j], dz, dv + j * h->lddq);
    if (!rows) continue;
    const ptrdiff_t there = rows[j] * h->relative.ld;
    if (h->relative.keys) NAME(axpy)(h->width, dp[j], h->relative.keys + there, dq);
    if (h->relative.queries) NAME(axpy)(h->width, dp[j], h->relative.queries + there, dk + j * h->lddq);
  }
  NAME(mix)(dp, k, h->ldq, seen, h->width, dq);
}

// Query heads of a group one after the other, rows in order: one fixed order of the sums into dk and dv.
static void NAME(attention_backward)(const vk_attention_gradient *h, float *p, float *dp, float *slope) {
  const size_t bytes = sizeof(float) * (size_t)h->width;
  for (ptrdiff_t i = 0; i < h->rows; i++) {
    memset(h->dq + i * h->lddq, 0, bytes * (size_t)h->group);
    memset(h->dk + i * h->lddq, 0, bytes);
    memset(h->dv + i * h->lddq, 0, bytes);
  }
  for (ptrdiff_t g = 0; g < h->group; g++)
    for (ptrdiff_t i = 0; i < h->rows; i++) NAME(attention_row_backward)(h, g, i, p, dp, slope);
}

static const vk_table NAME(table) = {
    .name = ISA_NAME,
    .panel = PANEL,
    .tile_rows = ROWS,
    .pack = NAME(pack),
    .repack = NAME(repack),
    .gather = NAME(gather),
    .gemm = NAME(gemm),
    .matrix_vector = NAME(matrix_vector),
    .layer_norm = NAME(layer_norm),
    .layer_norm_backward = NAME(layer_norm_backward),
    .rms_norm = NAME(rms_norm),
    .rms_norm_backward = NAME(rms_norm_backward),
    .layer_norm_held_backward = NAME(layer_norm_held_backward),
    .rms_norm_held_backward = NAME(rms_norm_held_backward),
    .add = NAME(add),
    .row_sum = NAME(row_sum),
    .gated = NAME(gated),
    .gated_backward = NAME(gated_backward),
    .activation_ratio_backward = NAME(activation_ratio_backward),
    .gated_ratio_backward = NAME(gated_ratio_backward),
    .rotary = NAME(rotary),
    .activation = NAME(activation),
    .activation_backward = NAME(activation_backward),
    .attention = NAME(attention),
    .attention_backward = NAME(attention_backward),
};
