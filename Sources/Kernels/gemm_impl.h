// Packed matrix multiply. Included once per instruction set (see isa.c) with WIDTH (floats of a register), ROWS (rows of a
// micro-tile) and NAME defined.
//
// Layout: B's columns in panels of 2·WIDTH; a panel holds its k rows one after another, the last panel padded with 0.
// Each element of C is one chain of multiply-adds over k, starting from the bias, whatever the tile it falls in.
// A's rows are gathered by tile (all rows' values of one k side by side), so that the inner loop walks one pointer.

typedef float NAME(reg) __attribute__((vector_size(4 * WIDTH), aligned(4)));

// One panel.
static void NAME(pack)(const float *b, ptrdiff_t ldb, int transposed, ptrdiff_t k, ptrdiff_t n, ptrdiff_t panel,
                       float *packed) {
  const ptrdiff_t j = panel * PANEL, columns = n - j < PANEL ? n - j : PANEL;
  packed += j * k;
  for (ptrdiff_t i = 0; i < k; i++, packed += PANEL)
    for (ptrdiff_t c = 0; c < PANEL; c++)
      packed[c] = c >= columns ? 0 : transposed ? b[(j + c) * ldb + i] : b[i * ldb + j + c];
}

// One panel of the transpose.
static void NAME(repack)(const float *packed, ptrdiff_t k, ptrdiff_t n, ptrdiff_t panel, float *transposed) {
  const ptrdiff_t j = panel * PANEL;
  transposed += j * n;
  for (ptrdiff_t i = 0; i < n; i++, transposed += PANEL)
    for (ptrdiff_t c = 0; c < PANEL; c++)
      transposed[c] = j + c < k ? packed[i / PANEL * PANEL * k + (j + c) * PANEL + i % PANEL] : 0;
}

#define TILE(MR)                                                                                                      \
  static inline __attribute__((always_inline)) void NAME(tile_##MR)(                                                  \
      const float *a, const float *panel, ptrdiff_t k, const float *bias, float *c, ptrdiff_t ldc,                    \
      ptrdiff_t columns) {                                                                                            \
    NAME(reg) left[MR], right[MR], b0 = {0}, b1 = {0};                                                                \
    if (bias) {                                                                                                       \
      float padded[PANEL] = {0};                                                                                      \
      memcpy(padded, bias, sizeof(float) * (size_t)columns);                                                          \
      memcpy(&b0, padded, sizeof b0);                                                                                 \
      memcpy(&b1, padded + WIDTH, sizeof b1);                                                                         \
    }                                                                                                                 \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) left[r] = b0, right[r] = b1;                      \
    for (ptrdiff_t i = 0; i < k; i++) {                                                                               \
      const NAME(reg) x = *(const NAME(reg) *)(panel + i * PANEL), y = *(const NAME(reg) *)(panel + i * PANEL + WIDTH); \
      __builtin_prefetch(panel + (i + 64) * PANEL);                                                                   \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) {                                               \
        const float s = a[i * MR + r];                                                                                \
        left[r] += s * x;                                                                                             \
        right[r] += s * y;                                                                                            \
      }                                                                                                               \
    }                                                                                                                 \
    if (columns == PANEL) {                                                                                           \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) {                                               \
        *(NAME(reg) *)(c + r * ldc) = left[r];                                                                        \
        *(NAME(reg) *)(c + r * ldc + WIDTH) = right[r];                                                               \
      }                                                                                                               \
    } else {                                                                                                          \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) {                                               \
        const NAME(reg) l = left[r], h = right[r];                                                                    \
        float padded[PANEL];                                                                                          \
        memcpy(padded, &l, sizeof l);                                                                                 \
        memcpy(padded + WIDTH, &h, sizeof h);                                                                         \
        memcpy(c + r * ldc, padded, sizeof(float) * (size_t)columns);                                                 \
      }                                                                                                               \
    }                                                                                                                 \
  }
#if ROWS >= 12
TILE(12)
TILE(8)
#endif
TILE(6)
TILE(4)
TILE(2)
TILE(1)
#undef TILE

// Rows of A, gathered for tiles of `rows` rows: k groups of `rows` values.
static inline __attribute__((always_inline)) void NAME(gather)(const float *a, ptrdiff_t lda, ptrdiff_t k, int rows,
                                                                float *gathered) {
  for (ptrdiff_t i = 0; i < k; i++)
    for (int r = 0; r < rows; r++) gathered[i * rows + r] = a[r * lda + i];
}

// `gathered` has room for ROWS·k floats; without it every row is a tile of its own, slower but with the same bits.
static void NAME(gemm)(ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t panel0, ptrdiff_t panel1, ptrdiff_t n, ptrdiff_t k,
                       const float *a, ptrdiff_t lda, const float *packed, const float *bias, float *c, ptrdiff_t ldc,
                       float *gathered) {
  ptrdiff_t i = row0;
#define STEP(MR)                                                                                                      \
  for (; i + MR <= row1 && (MR == 1 || gathered); i += MR) {                                                           \
    const float *tile = a + i * lda;                                                                                  \
    if (MR > 1) {                                                                                                     \
      NAME(gather)(tile, lda, k, MR, gathered);                                                                       \
      tile = gathered;                                                                                                \
    }                                                                                                                 \
    for (ptrdiff_t p = panel0; p < panel1; p++)                                                                       \
      NAME(tile_##MR)(tile, packed + p * k * PANEL, k, bias ? bias + p * PANEL : 0, c + i * ldc + p * PANEL, ldc,      \
                      n - p * PANEL < PANEL ? n - p * PANEL : PANEL);                                                  \
  }
#if ROWS >= 12
  STEP(12)
  STEP(8)
#endif
  STEP(6) STEP(4) STEP(2) STEP(1)
#undef STEP
}
