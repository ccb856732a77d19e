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

// One query row of a head. `scores` has room for first + rows values.
static void NAME(attention)(const vk_attention_head *h, ptrdiff_t row, float *scores) {
  const ptrdiff_t seen = h->first + row + 1;
  const float *q = h->q + row * h->ldq;
  for (ptrdiff_t j = 0; j < seen; j++) {
    const float *k = j < h->first ? h->base_k + j * h->ldbase : h->k + (j - h->first) * h->ldq;
    scores[j] = NAME(dot)(q, k, h->width) * h->scale;
  }
  NAME(softmax)(scores, seen);
  float *z = h->z + row * h->ldz;
  memset(z, 0, sizeof(float) * (size_t)h->width);
  for (ptrdiff_t j = 0; j < seen; j++) {
    const float *v = j < h->first ? h->base_v + j * h->ldbase : h->v + (j - h->first) * h->ldq;
    NAME(axpy)(h->width, scores[j], v, z);
  }
}

// Forward: s = scale·q·k, p = softmax(s), z = Σ p·v. Backward per query row: dv += p·dz, dp = dz·v,
// ds = p·(dp − Σ p·dp), dq = scale·Σ ds·k, dk += scale·ds·q.
static void NAME(attention_backward)(const vk_attention_gradient *h, float *p, float *dp) {
  const size_t bytes = sizeof(float) * (size_t)h->width;
  for (ptrdiff_t i = 0; i < h->rows; i++) {
    memset(h->dq + i * h->lddq, 0, bytes);
    memset(h->dk + i * h->lddq, 0, bytes);
    memset(h->dv + i * h->lddq, 0, bytes);
  }
  for (ptrdiff_t i = 0; i < h->rows; i++) {
    const ptrdiff_t seen = i + 1;
    const float *q = h->q + i * h->ldq, *dz = h->dz + i * h->lddz;
    float *dq = h->dq + i * h->lddq;
    for (ptrdiff_t j = 0; j < seen; j++) p[j] = NAME(dot)(q, h->k + j * h->ldq, h->width) * h->scale;
    NAME(softmax)(p, seen);
    for (ptrdiff_t j = 0; j < seen; j++) dp[j] = NAME(dot)(dz, h->v + j * h->ldq, h->width);
    const float mean = NAME(dot)(p, dp, seen);
    for (ptrdiff_t j = 0; j < seen; j++) {
      const float ds = p[j] * (dp[j] - mean) * h->scale;
      NAME(axpy)(h->width, ds, h->k + j * h->ldq, dq);
      NAME(axpy)(h->width, ds, q, h->dk + j * h->lddq);
      NAME(axpy)(h->width, p[j], dz, h->dv + j * h->lddq);
    }
  }
}

static const vk_table NAME(table) = {
    .name = ISA_NAME,
    .panel = PANEL,
    .tile_rows = ROWS,
    .pack = NAME(pack),
    .gemm = NAME(gemm),
    .matrix_vector = NAME(matrix_vector),
    .layer_norm = NAME(layer_norm),
    .layer_norm_backward = NAME(layer_norm_backward),
    .add = NAME(add),
    .activation = NAME(activation),
    .activation_backward = NAME(activation_backward),
    .attention = NAME(attention),
    .attention_backward = NAME(attention_backward),
};
