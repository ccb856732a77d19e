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

typedef float NAME(v4) __attribute__((vector_size(16), aligned(4)));

// to[c·ldto + r] = from[r·ldfrom + c] for r, c < 4.
static inline __attribute__((always_inline)) void NAME(transpose_4)(const float *from, ptrdiff_t ldfrom, float *to,
                                                                     ptrdiff_t ldto) {
  const NAME(v4) a = *(const NAME(v4) *)from, b = *(const NAME(v4) *)(from + ldfrom);
  const NAME(v4) c = *(const NAME(v4) *)(from + 2 * ldfrom), d = *(const NAME(v4) *)(from + 3 * ldfrom);
  const NAME(v4) ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const NAME(v4) cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(NAME(v4) *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(NAME(v4) *)(to + ldto) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(NAME(v4) *)(to + 2 * ldto) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
  *(NAME(v4) *)(to + 3 * ldto) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
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
    ptrdiff_t i = 0;                                                                                                  \
    for (; i + 4 <= k; i += 4) {                                                                                      \
      float *to = gathered + i * MR;                                                                                  \
      _Pragma("clang loop unroll(full)") for (int r = 0; r + 4 <= MR; r += 4)                                         \
          NAME(transpose_4)(a + r * lda + i, lda, to + r, MR);                                                        \
      _Pragma("clang loop unroll(full)") for (int r = MR / 4 * 4; r < MR; r++)                                        \
          _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) to[c * MR + r] = a[r * lda + i + c];         \
    }                                                                                                                 \
    for (; i < k; i++)                                                                                                \
      for (int r = 0; r < MR; r++) gathered[i * MR + r] = a[r * lda + i];                                             \
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
// waits for arithmetic; the caller goes on with the panels up to `end`. `depth` is the k that B was packed with; `packed` may
// begin at a later row of it.
static void NAME(gemm)(ptrdiff_t tiles, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, ptrdiff_t end, ptrdiff_t n,
                       ptrdiff_t k, ptrdiff_t depth, const float *gathered, const float *packed, const float *bias, float *c, ptrdiff_t ldc) {
  for (ptrdiff_t p = first; p < last; p++) {
    const ptrdiff_t columns = n - p * PANEL < PANEL ? n - p * PANEL : PANEL;
    for (ptrdiff_t done = 0; done < k; done += BLOCK) {
      const ptrdiff_t count = k - done < BLOCK ? k - done : BLOCK;
      const float *block = packed + (p * depth + done) * PANEL;
      const float *next = done + count < k ? block + count * PANEL : packed + (p + 1) * depth * PANEL;
      for (ptrdiff_t t = 0; t < tiles; t++) {
        const ptrdiff_t row = rows * t / tiles, height = rows * (t + 1) / tiles - row;
        const int fetches = t < 2 && (done + count < k || p + 1 < end);
        const float *ahead = tiles == 1 ? block + PREFETCH : fetches ? next + t * count * WIDTH : block;
        const float *beside = tiles == 1 ? ahead + WIDTH : ahead;
        NAME(tiles)[height - 1].multiply(gathered + row * k + done * height, block, count, bias ? bias + p * PANEL : 0,
                                         done > 0, c + row * ldc + p * PANEL, ldc, columns, ahead, beside,
                                         tiles == 1 ? PANEL : fetches ? WIDTH : 0);
      }
    }
  }
}
