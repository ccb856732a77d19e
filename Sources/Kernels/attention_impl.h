// Causal softmax attention of one head. Included once per instruction set, after rows_impl.h.

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

// y[0..<n] += s·x[0..<n].
static inline __attribute__((always_inline)) void NAME(axpy)(ptrdiff_t n, float s, const float *x, float *y) {
  for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(y + i, NAME(load)(y + i, n - i) + s * NAME(load)(x + i, n - i), n - i);
}

// s[0..<n] = cap·tanh(s/cap), in place.
static inline __attribute__((always_inline)) void NAME(soften)(float *s, ptrdiff_t n, float cap) {
  for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(s + i, NAME(tanh)(NAME(load)(s + i, n - i) / cap) * cap, n - i);
}

// The first position that position `last` sees.
static inline __attribute__((always_inline)) ptrdiff_t NAME(from)(ptrdiff_t last, ptrdiff_t window) {
  return window > 0 && last + 1 > window ? last + 1 - window : 0;
}

// One query row of a head. `scores` has room for first + rows values.
static void NAME(attention)(const vk_attention_head *h, ptrdiff_t row, float *scores) {
  const ptrdiff_t last = h->first + row, from = NAME(from)(last, h->window), seen = last + 1 - from;
  const float *q = h->q + row * h->ldq;
  for (ptrdiff_t j = from; j <= last; j++) {
    const float *k = j < h->first ? h->base_k + j * h->ldbase : h->k + (j - h->first) * h->ldq;
    scores[j - from] = NAME(dot)(q, k, h->width) * h->scale;
  }
  if (h->soft_cap > 0) NAME(soften)(scores, seen, h->soft_cap);
  NAME(softmax)(scores, seen);
  float *z = h->z + row * h->ldz;
  memset(z, 0, sizeof(float) * (size_t)h->width);
  for (ptrdiff_t j = from; j <= last; j++) {
    const float *v = j < h->first ? h->base_v + j * h->ldbase : h->v + (j - h->first) * h->ldq;
    NAME(axpy)(h->width, scores[j - from], v, z);
  }
}

// Forward: s = scale·q·k, c = cap·tanh(s/cap), p = softmax(c), z = Σ p·v. Backward per query row: dv += p·dz, dp = dz·v,
// dc = p·(dp − Σ p·dp), ds = dc·(1 − (c/cap)²), dq = scale·Σ ds·k, dk += scale·ds·q. Without a cap c = s.
static inline __attribute__((always_inline)) void NAME(attention_row_backward)(
    const vk_attention_gradient *h, ptrdiff_t group, ptrdiff_t row, float *p, float *dp, float *slope) {
  const ptrdiff_t from = NAME(from)(row, h->window), seen = row + 1 - from, column = group * h->width;
  const float *q = h->q + row * h->ldq + column, *dz = h->dz + row * h->lddz + column;
  const float *k = h->k + from * h->ldq, *v = h->v + from * h->ldq;
  float *dq = h->dq + row * h->lddq + column, *dk = h->dk + from * h->lddq, *dv = h->dv + from * h->lddq;
  for (ptrdiff_t j = 0; j < seen; j++) p[j] = NAME(dot)(q, k + j * h->ldq, h->width) * h->scale;
  if (h->soft_cap > 0) {
    NAME(soften)(p, seen, h->soft_cap);
    for (ptrdiff_t j = 0; j < seen; j++) slope[j] = 1.f - (p[j] / h->soft_cap) * (p[j] / h->soft_cap);
  }
  NAME(softmax)(p, seen);
  for (ptrdiff_t j = 0; j < seen; j++) dp[j] = NAME(dot)(dz, v + j * h->ldq, h->width);
  const float mean = NAME(dot)(p, dp, seen);
  for (ptrdiff_t j = 0; j < seen; j++) {
    float ds = p[j] * (dp[j] - mean) * h->scale;
    if (h->soft_cap > 0) ds *= slope[j];
    NAME(axpy)(h->width, ds, k + j * h->ldq, dq);
    NAME(axpy)(h->width, ds, q, dk + j * h->lddq);
    NAME(axpy)(h->width, p[j], dz, dv + j * h->lddq);
  }
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
    .gemm = NAME(gemm),
    .matrix_vector = NAME(matrix_vector),
    .layer_norm = NAME(layer_norm),
    .layer_norm_backward = NAME(layer_norm_backward),
    .rms_norm = NAME(rms_norm),
    .rms_norm_backward = NAME(rms_norm_backward),
    .add = NAME(add),
    .gated = NAME(gated),
    .gated_backward = NAME(gated_backward),
    .rotary = NAME(rotary),
    .activation = NAME(activation),
    .activation_backward = NAME(activation_backward),
    .attention = NAME(attention),
    .attention_backward = NAME(attention_backward),
};
