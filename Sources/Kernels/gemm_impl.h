// Packed matrix multiply. Included once per instruction set (see isa.c) with WIDTH (floats of a register), ROWS (rows of
// the largest micro-tile), EACH_TILE (a list of 1...ROWS) and NAME defined.
//
// Layout: B's columns in panels of 2·WIDTH; a panel holds its k rows one after another, the last panel padded with 0.
// Each element of C is one chain of multiply-adds over k, starting from the bias, whatever the tile it falls in.

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

// MR rows of A, gathered (all rows' values of one k side by side), times `k` rows of a panel. The sums start from the bias,
// or go on from C where `more` says that earlier rows of the panel are in it. While it computes it fetches what `ahead` and
// `beside` point to, `step` floats further on with each k.
#define TILE(MR)                                                                                                      \
  static void NAME(tile_##MR)(const float *a, const float *panel, ptrdiff_t k, const float *bias, int more,           \
                              float *c, ptrdiff_t ldc, ptrdiff_t columns, const float *ahead, const float *beside,    \
                              ptrdiff_t step) {                                                                       \
    NAME(reg) left[MR], right[MR], b0 = {0}, b1 = {0};                                                                \
    if (bias) {                                                                                                       \
      float padded[PANEL] = {0};                                                                                      \
      memcpy(padded, bias, sizeof(float) * (size_t)columns);                                                          \
      memcpy(&b0, padded, sizeof b0);                                                                                 \
      memcpy(&b1, padded + WIDTH, sizeof b1);                                                                         \
    }                                                                                                                 \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) left[r] = b0, right[r] = b1;                      \
    if (more)                                                                                                         \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < MR; r++) {                                               \
        float padded[PANEL] = {0};                                                                                    \
        memcpy(padded, c + r * ldc, sizeof(float) * (size_t)columns);                                                 \
        memcpy(&left[r], padded, sizeof left[r]);                                                                     \
        memcpy(&right[r], padded + WIDTH, sizeof right[r]);                                                           \
      }                                                                                                               \
    _Pragma("clang loop unroll(disable)") for (ptrdiff_t i = 0; i < k; i++) {                                         \
      const NAME(reg) x = *(const NAME(reg) *)(panel + i * PANEL), y = *(const NAME(reg) *)(panel + i * PANEL + WIDTH); \
      __builtin_prefetch(ahead + i * step, 0, 3);                                                                     \
      __builtin_prefetch(beside + i * step, 0, 3);                                                                    \
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
  }                                                                                                                   \
  static void NAME(gather_##MR)(const float *a, ptrdiff_t lda, ptrdiff_t k, float *gathered) {                        \
    for (int r = 0; r < MR; r++)                                                                                      \
      for (ptrdiff_t i = 0; i < k; i++) gathered[i * MR + r] = a[r * lda + i];                                        \
  }
EACH_TILE(TILE)
#undef TILE

static const struct {
  void (*multiply)(const float *, const float *, ptrdiff_t, const float *, int, float *, ptrdiff_t, ptrdiff_t,
                   const float *, const float *, ptrdiff_t);
  void (*gather)(const float *, ptrdiff_t, ptrdiff_t, float *);
} NAME(tiles)[] = {
#define ENTRY(MR) {NAME(tile_##MR), NAME(gather_##MR)},
    EACH_TILE(ENTRY)
#undef ENTRY
};

// Gathers tile `tile` of the tiles that `rows` rows are cut into. They are of nearly equal height: a tile of few rows takes
// as many loads of the panel as a tall one.
static void NAME(gather)(ptrdiff_t tile, ptrdiff_t tiles, ptrdiff_t rows, ptrdiff_t k, const float *a, ptrdiff_t lda,
                         float *gathered) {
  const ptrdiff_t row = rows * tile / tiles, end = rows * (tile + 1) / tiles;
  NAME(tiles)[end - row - 1].gather(a + row * lda, lda, k, gathered + row * k);
}

// All rows of A times panels first..<last. A block of a panel stays in the cache while all tiles use it. One tile alone
// fetches the panel itself ahead of use; of several the first two fetch half of the next block each, so that memory never
// waits for arithmetic; the caller goes on with the panels up to `end`.
static void NAME(gemm)(ptrdiff_t tiles, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, ptrdiff_t end, ptrdiff_t n,
                       ptrdiff_t k, const float *gathered, const float *packed, const float *bias, float *c, ptrdiff_t ldc) {
  for (ptrdiff_t p = first; p < last; p++) {
    const ptrdiff_t columns = n - p * PANEL < PANEL ? n - p * PANEL : PANEL;
    for (ptrdiff_t done = 0; done < k; done += BLOCK) {
      const ptrdiff_t count = k - done < BLOCK ? k - done : BLOCK;
      const float *block = packed + (p * k + done) * PANEL, *next = block + count * PANEL;
      for (ptrdiff_t t = 0; t < tiles; t++) {
        const ptrdiff_t row = rows * t / tiles, height = rows * (t + 1) / tiles - row;
        const int fetches = t < 2 && (p + 1 < end || done + count < k);
        const float *ahead = tiles == 1 ? block + PREFETCH : fetches ? next + t * count * WIDTH : block;
        const float *beside = tiles == 1 ? ahead + WIDTH : ahead;
        NAME(tiles)[height - 1].multiply(gathered + row * k + done * height, block, count, bias ? bias + p * PANEL : 0,
                                         done > 0, c + row * ldc + p * PANEL, ldc, columns, ahead, beside,
                                         tiles == 1 ? PANEL : fetches ? WIDTH : 0);
      }
    }
  }
}
