// Numeric kernels of the engine: packed matrix multiply, softmax attention, layer norm, activations, thread pool.
// No knowledge of models. All matrices are row-major float32; `ld*` is the distance between rows in floats.
//
// Bits: a row of a result depends on that row of the input alone, never on the other rows, the thread count or the
// task split, and is the same on AVX2 and AVX-512 (each sum runs in one fixed order, multiply-add fused). The
// baseline path has no fused multiply-add and differs in the last bits.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction set

/// The instruction set in use: "avx512", "avx2", "neon" or "baseline". First use chooses the best the CPU has, or what the
/// environment variable VITRINE_ISA names if the CPU has it.
const char *vk_isa(void);
/// Chooses an instruction set by name, for tests. Packed matrices made before are no longer usable if the panel width
/// changes. Returns 0, or -1 (and changes nothing) if the name is unknown or the CPU lacks it.
int vk_select_isa(const char *name);

// MARK: Thread pool

/// Threads that the kernels use: VITRINE_THREADS, or the number of processors available to this process.
int vk_threads(void);
/// Sets the number of threads, for tests: 1 runs everything on the caller. At most the pool's size counts.
void vk_set_threads(int threads);
/// Runs fn(context, task) for each task in 0..<tasks. Tasks must write to disjoint places. A caller that finds the pool in
/// use runs all tasks itself.
void vk_parallel(ptrdiff_t tasks, void (*fn)(void *context, ptrdiff_t task), void *context);

// MARK: Matrix multiply

/// Floats that a packed [k, n] matrix takes.
ptrdiff_t vk_packed_count(ptrdiff_t k, ptrdiff_t n);
/// Packs B[k, n] for vk_gemm. With `transposed`, `b` holds B's transpose, [n, k].
void vk_pack(const float *b, ptrdiff_t ldb, int transposed, ptrdiff_t k, ptrdiff_t n, float *packed);
/// Packs the transpose [n, k] of a matrix that vk_pack packed as [k, n]: what the backward multiplies with.
void vk_repack(const float *packed, ptrdiff_t k, ptrdiff_t n, float *transposed);
/// C[m, n] = A[m, k] · B[k, n] + bias[n]; `bias` may be null. O(m·n·k).
void vk_gemm(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed,
             const float *bias, float *c, ptrdiff_t ldc);
/// Some columns of vk_gemm's C, those from `first` on: C[m, columns] = A[m, k] · B[:, first..<first + columns] + bias, where
/// B[k, n] is packed whole and `bias` has n values. The bits are those of the same columns of vk_gemm.
/// O(m·k·(columns, rounded up to whole panels)). Returns 0, or -1 if memory for rows of the panels cannot be had.
int vk_gemm_columns(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t first, ptrdiff_t columns, const float *a, ptrdiff_t lda,
                    const float *packed, const float *bias, float *c, ptrdiff_t ldc);
/// C[m, n] = A[m, rows] · B[first..<first + rows, :], where B[k, n] is packed whole; `a` is column `first` of A.
void vk_gemm_rows(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t first, ptrdiff_t rows, const float *a, ptrdiff_t lda,
                  const float *packed, float *c, ptrdiff_t ldc);
/// The place of the first of n values that is NaN or infinite, or -1. O(n), on the caller's thread.
ptrdiff_t vk_first_not_finite(ptrdiff_t n, const float *x);
/// y[r] = matrix[r, :] · x for each of `rows` rows; `matrix` is not packed. O(rows·k).
void vk_matrix_vector(ptrdiff_t rows, ptrdiff_t k, const float *matrix, ptrdiff_t ldm, const float *x, float *y);

// MARK: Rows

/// y = (x − mean)/sqrt(variance + epsilon)·weight + bias per row of n; `y` may be `x`. Biased variance.
void vk_layer_norm(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, const float *bias,
                   float epsilon, float *y, ptrdiff_t ldy);
/// dx += gradient of vk_layer_norm at x given dy (forward: y = x̂·weight + bias).
void vk_layer_norm_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                            float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);
/// y = x/sqrt(mean(x²) + epsilon)·(weight + offset) per row of n; `y` may be `x`. Zhang, Sennrich 2019, eq. 4.
void vk_rms_norm(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                 float epsilon, float *y, ptrdiff_t ldy);
/// dx += gradient of vk_rms_norm at x given dy.
void vk_rms_norm_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                          float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);
/// dx += what vk_layer_norm_backward adds if the norm's scale is held at its value for x: (g − mean(g))/sqrt(variance + epsilon)
/// with g = dy·weight. The LN rule of Ali et al. 2022, arXiv:2202.07304.
void vk_layer_norm_held_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                 float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);
/// dx += what vk_rms_norm_backward adds if the norm's scale is held at its value for x: dy·(weight + offset)/sqrt(mean(x²) +
/// epsilon).
void vk_rms_norm_held_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                               float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);
/// y += x over rows of n.
void vk_add(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy);

/// One sum of rows: out[i] = base[i] + sign·Σ rows[j][i] over `count` rows in order, i < n; the bits of `base` without rows.
typedef struct {
  const float *base;
  const float *const *rows;
  ptrdiff_t count;
  float sign;
  float *out;
} vk_row_sum;
/// Sums of rows, in parallel over blocks of columns, all sums of a block together: rows that many of them share are read from
/// the cache. O(n·Σ count).
void vk_row_sums(ptrdiff_t sums, const vk_row_sum *jobs, ptrdiff_t n);

/// Elementwise activation functions.
typedef enum {
  vk_gelu_tanh = 0,  ///< 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))): "gelu_new", "gelu_pytorch_tanh"
  vk_gelu_erf = 1,   ///< x·Φ(x): "gelu"
  vk_relu = 2,       ///< max(x, 0)
  vk_silu = 3,       ///< x/(1 + exp(−x)): "silu", "swish"
  vk_tanh = 4,       ///< tanh(x); NaN at ±∞, which is no value of a model
} vk_activation_kind;
/// y = f(x) over count values; `y` may be `x`.
void vk_activation(vk_activation_kind kind, ptrdiff_t count, const float *x, float *y);
/// dx = dy·f′(x) over count values; `dx` may be `dy`.
void vk_activation_backward(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx);
/// dx = dy·f(x)/x over count values, at 0 the limit (ReLU: 0); `dx` may be `dy`. The identity rule of relevance propagation: f is
/// taken as a multiplication with what it multiplies x with here.
void vk_activation_ratio_backward(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx);

/// y[rows, n] = f(gate)·up with x = gate and up side by side, [rows, 2n]. `y` is not `x`. Shazeer 2020, eq. 5 and 6.
void vk_gated(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy);
/// dx[rows, 2n] = gradient of vk_gated at x given dy; overwrites. `dx` is neither `x` nor `dy`.
void vk_gated_backward(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                       const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);
/// dx[rows, 2n] as vk_gated_backward, with half of dy for each factor of the product (half rule; Arras et al. 2019) and f(gate)/gate
/// in place of f′(gate): gate gets ½·dy·up·f(gate)/gate, up gets ½·dy·f(gate). Overwrites; `dx` is neither `x` nor `dy`.
void vk_gated_ratio_backward(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                             const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx);

/// Rotary position embedding in place (Su et al. 2021, eq. 34, in the half-split layout): in each of `heads` heads, `width`
/// apart, the pairs (x[i], x[i + half]) for i < half turn by the angle whose cosine and sine stand in row positions[r] of
/// the tables [positions, half]. Values from 2·half on stay.
void vk_rotary(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
               const float *cosines, const float *sines, float *x, ptrdiff_t ldx);
/// The gradient of vk_rotary in place: turns back, which is its transpose.
void vk_rotary_backward(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
                        const float *cosines, const float *sines, float *dx, ptrdiff_t lddx);

// MARK: Attention

/// Positions that take part in attention as vectors of their own (disentangled attention; He et al. 2021, eq. 4): the score of
/// query i and key j has scale·(q_i·keys[r] + queries[r]·k_j) added, r = rows[j − i]. Rows of `keys` and `queries` are `ld` apart
/// and as wide as the head; either may be null. `rows` null: nothing is added.
typedef struct {
  const float *keys, *queries;
  ptrdiff_t ld;
  const int32_t *rows;
} vk_relative_positions;

/// One head of one sequence. Queries stand at positions first..<first+rows. Keys and values of positions 0..<first come
/// from `base_*` (cached), those from `first` on from `k` and `v`. Row i sees positions 0...first+i (causal), or the positions
/// after it too, where `length` is not 0.
typedef struct {
  ptrdiff_t first, rows, width;  ///< width: head dimension
  const float *q;                ///< [rows, width]
  const float *k, *v;            ///< [rows, width], or [length − first, width]; ldq apart, as q
  ptrdiff_t ldq;
  const float *base_k, *base_v;  ///< [first, width]; may be null if first = 0
  ptrdiff_t ldbase;
  float scale;                   ///< multiplies q·k
  float *z;                      ///< out: [rows, width]
  ptrdiff_t ldz;
  ptrdiff_t window;              ///< positions that a row sees on each side, its own included; 0 = all
  float soft_cap;                ///< scores become cap·tanh(score/cap); 0 = as they are
  ptrdiff_t length;              ///< positions in all, where attention looks both ways; 0 = causal
  const float *bias;             ///< bias[j − i] is added to the score of i and j, before the cap; null: none
  vk_relative_positions relative;
} vk_attention_head;
/// z = softmax(cap(scale·q·kᵀ + positions + bias) + mask)·v for each head, in parallel. O(Σ rows·positions·width).
/// Returns 0, or -1 if memory for one row of scores per task cannot be had (then the outputs are undefined).
int vk_attention(ptrdiff_t heads, const vk_attention_head *jobs);

/// The backward of one whole sequence (first = 0) for one key/value head and the query heads that share it.
typedef struct {
  ptrdiff_t rows, width;
  const float *q, *k, *v;        ///< q: [rows, group·width], k and v: [rows, width]; ldq apart
  ptrdiff_t ldq;
  float scale;
  const float *dz;               ///< [rows, group·width], lddz apart
  ptrdiff_t lddz;
  float *dq, *dk, *dv;           ///< out (overwritten): as q, k and v, lddq apart
  ptrdiff_t lddq;
  ptrdiff_t window;              ///< as in the forward
  float soft_cap;                ///< as in the forward
  ptrdiff_t group;               ///< query heads, side by side, at least 1
  int both_ways;                 ///< whether a row sees the positions after it too
  const float *bias;             ///< as in the forward; one for the whole group
  vk_relative_positions relative;  ///< as in the forward; one for the whole group
} vk_attention_gradient;
/// Gradients of vk_attention to q, k and v; the softmax is computed again from q and k.
/// Returns 0, or -1 if memory for one row of scores per task cannot be had (then the outputs are undefined).
int vk_attention_backward(ptrdiff_t heads, const vk_attention_gradient *jobs);

#ifdef __cplusplus
}
#endif
