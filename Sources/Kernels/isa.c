// Compiles the kernels once per instruction set and picks one at run time.
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#ifndef M_SQRT1_2
#define M_SQRT1_2 0.70710678118654752440
#endif
#ifndef M_2_SQRTPI
#define M_2_SQRTPI 1.12837916709551257390
#endif

// Vectors wider than a register never cross a call: every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define PANEL (2 * WIDTH)
// Floats ahead of the panel row in use that are fetched: far enough to hide the memory's latency.
#define PREFETCH 2048
// Rows of a panel that all tiles use before the next rows are taken: two such blocks and the tiles fit the second-level
// cache.
#define BLOCK 768
#define UP_TO_6(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define UP_TO_14(X) UP_TO_6(X) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)

#if defined(__aarch64__)
#define ISA_NAME "neon"
#else
#define ISA_NAME "baseline"
#endif
#define WIDTH 4
#define ROWS 6
#define EACH_TILE UP_TO_6
#define NAME(x) x##_base
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
#undef EACH_TILE
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA_NAME "avx2"
#define WIDTH 8
#define ROWS 6
#define EACH_TILE UP_TO_6
#define NAME(x) x##_avx2
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
#undef EACH_TILE
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#define ISA_NAME "avx512"
#define WIDTH 16
#define ROWS 14
#define EACH_TILE UP_TO_14
#define NAME(x) x##_avx512
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
#undef EACH_TILE
#undef NAME
#pragma clang attribute pop
#endif

static const vk_table *named(const char *name) {
  if (!strcmp(name, table_base.name)) return &table_base;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!strcmp(name, "avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &table_avx2;
  if (!strcmp(name, "avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return &table_avx512;
#endif
  return NULL;
}

static _Atomic(const vk_table *) chosen;

static const vk_table *table(void) {
  const vk_table *t = atomic_load_explicit(&chosen, memory_order_acquire);
  if (t) return t;
  const char *wanted = getenv("VITRINE_ISA");
  if (wanted) t = named(wanted);
  if (!t) t = named("avx512");
  if (!t) t = named("avx2");
  if (!t) t = &table_base;
  atomic_store_explicit(&chosen, t, memory_order_release);
  return t;
}

const char *vk_isa(void) { return table()->name; }

int vk_select_isa(const char *name) {
  const vk_table *t = named(name);
  if (!t) return -1;
  atomic_store_explicit(&chosen, t, memory_order_release);
  return 0;
}

ptrdiff_t vk_packed_count(ptrdiff_t k, ptrdiff_t n) {
  const ptrdiff_t panel = table()->panel;
  return (n + panel - 1) / panel * panel * k;
}

typedef struct {
  const vk_table *t;
  const float *source;
  ptrdiff_t ld, k, n;
  int transposed;
  float *packed;
} pack_job;

static void pack_task(void *context, ptrdiff_t panel) {
  const pack_job *j = context;
  j->t->pack(j->source, j->ld, j->transposed, j->k, j->n, panel, j->packed);
}

void vk_pack(const float *b, ptrdiff_t ldb, int transposed, ptrdiff_t k, ptrdiff_t n, float *packed) {
  pack_job j = {.t = table(), .source = b, .ld = ldb, .k = k, .n = n, .transposed = transposed, .packed = packed};
  vk_parallel((n + j.t->panel - 1) / j.t->panel, pack_task, &j);
}

static void repack_task(void *context, ptrdiff_t panel) {
  const pack_job *j = context;
  j->t->repack(j->source, j->k, j->n, panel, j->packed);
}

void vk_repack(const float *packed, ptrdiff_t k, ptrdiff_t n, float *transposed) {
  pack_job j = {.t = table(), .source = packed, .k = k, .n = n, .packed = transposed};
  vk_parallel((k + j.t->panel - 1) / j.t->panel, repack_task, &j);
}

// MARK: Splitting the work

// Rows of A that are multiplied together: enough that a panel read from memory is used many times.
enum { tiles_together = 8, row_operations_per_task = 16, most_shares = 64 };

typedef struct {
  const vk_table *t;
  ptrdiff_t rows, n, k, lda, ldc, tiles, panels_together;
  const float *a, *packed, *bias;
  float *gathered, *c;
  ptrdiff_t shares;
  _Atomic ptrdiff_t next[most_shares];  // first panel of each share that nobody has taken
  ptrdiff_t end[most_shares];
} gemm_job;

static void gather_task(void *context, ptrdiff_t tile) {
  const gemm_job *g = context;
  g->t->gather(tile, g->tiles, g->rows, g->k, g->a, g->lda, g->gathered);
}

// Each thread has a share of neighbouring panels, so that it can fetch the next one ahead of use; one that is done early
// helps with the other shares.
static void gemm_task(void *context, ptrdiff_t task) {
  gemm_job *g = context;
  for (ptrdiff_t s = 0; s < g->shares; s++) {
    const ptrdiff_t share = (task + s) % g->shares, end = g->end[share];
    ptrdiff_t p;
    while ((p = atomic_fetch_add_explicit(&g->next[share], g->panels_together, memory_order_relaxed)) < end) {
      const ptrdiff_t last = p + g->panels_together < end ? p + g->panels_together : end;
      g->t->gemm(g->tiles, g->rows, p, last, end, g->n, g->k, g->gathered, g->packed, g->bias, g->c, g->ldc);
    }
  }
}

// Memory of the calling thread for gathered rows; grows and stays. NULL if there is none to be had.
static float *gathering_room(ptrdiff_t count) {
  static _Thread_local struct {
    float *floats;
    ptrdiff_t count;
  } room;
  if (room.count < count) {
    free(room.floats);
    room.floats = aligned_alloc(64, (sizeof(float) * (size_t)count + 63) / 64 * 64);
    room.count = room.floats ? count : 0;
  }
  return room.floats;
}

void vk_gemm(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
             float *c, ptrdiff_t ldc) {
  const vk_table *t = table();
  const ptrdiff_t panels = (n + t->panel - 1) / t->panel;
  const ptrdiff_t most = tiles_together * t->tile_rows, rows = m < most ? m : most;
  float *room = gathering_room(rows * k);
  ptrdiff_t shares = vk_threads();
  shares = shares > most_shares ? most_shares : shares > panels ? panels : shares;
  for (ptrdiff_t row = 0; row < m;) {
    // Without room every row is a tile of its own, which needs no gathering: slower, with the same bits.
    const ptrdiff_t count = !room ? 1 : m - row < most ? m - row : most;
    gemm_job g = {.t = t, .rows = count, .n = n, .k = k, .lda = lda, .ldc = ldc,
                  .tiles = (count + t->tile_rows - 1) / t->tile_rows, .shares = shares, .a = a + row * lda,
                  .packed = packed, .bias = bias, .gathered = room, .c = c + row * ldc};
    // At least half a million multiply-adds: long against the dispatch.
    g.panels_together = 1 + 500000 / (count * k * t->panel + 1);
    for (ptrdiff_t s = 0; s < g.shares; s++) {
      atomic_init(&g.next[s], panels * s / g.shares);
      g.end[s] = panels * (s + 1) / g.shares;
    }
    if (room && count > 1)
      vk_parallel(g.tiles, gather_task, &g);
    else
      g.gathered = (float *)g.a;  // only read
    vk_parallel(shares, gemm_task, &g);
    row += count;
  }
}

typedef struct {
  const vk_table *t;
  ptrdiff_t rows, n, ldm;
  const float *matrix, *x;
  float *y;
} matrix_vector_job;

static void matrix_vector_task(void *context, ptrdiff_t task) {
  const matrix_vector_job *j = context;
  const ptrdiff_t first = task * 512, count = j->rows - first < 512 ? j->rows - first : 512;
  j->t->matrix_vector(count, j->n, j->matrix + first * j->ldm, j->ldm, j->x, j->y + first);
}

void vk_matrix_vector(ptrdiff_t rows, ptrdiff_t k, const float *matrix, ptrdiff_t ldm, const float *x, float *y) {
  matrix_vector_job j = {table(), rows, k, ldm, matrix, x, y};
  vk_parallel((rows + 511) / 512, matrix_vector_task, &j);
}

typedef enum {
  forward_norm, backward_norm, forward_rms, backward_rms, addition, forward_gate, backward_gate, rotation
} row_kind;

typedef struct {
  const vk_table *t;
  row_kind kind;
  ptrdiff_t rows, n, ldx, ldy, lddy;
  const float *x, *weight, *bias, *dy;
  float epsilon, offset;
  float *y;
  vk_activation_kind activation;
  const int32_t *positions;
  ptrdiff_t heads, half;
} row_job;

static void row_task(void *context, ptrdiff_t task) {
  const row_job *j = context;
  const ptrdiff_t first = task * row_operations_per_task;
  const ptrdiff_t count = j->rows - first < row_operations_per_task ? j->rows - first : row_operations_per_task;
  const float *x = j->x ? j->x + first * j->ldx : NULL, *dy = j->dy ? j->dy + first * j->lddy : NULL;
  float *y = j->y + first * j->ldy;
  switch (j->kind) {
    case forward_norm: j->t->layer_norm(count, j->n, x, j->ldx, j->weight, j->bias, j->epsilon, y, j->ldy); break;
    case backward_norm:
      j->t->layer_norm_backward(count, j->n, x, j->ldx, j->weight, j->epsilon, dy, j->lddy, y, j->ldy);
      break;
    case forward_rms: j->t->rms_norm(count, j->n, x, j->ldx, j->weight, j->offset, j->epsilon, y, j->ldy); break;
    case backward_rms:
      j->t->rms_norm_backward(count, j->n, x, j->ldx, j->weight, j->offset, j->epsilon, dy, j->lddy, y, j->ldy);
      break;
    case forward_gate: j->t->gated(j->activation, count, j->n, x, j->ldx, y, j->ldy); break;
    case backward_gate: j->t->gated_backward(j->activation, count, j->n, x, j->ldx, dy, j->lddy, y, j->ldy); break;
    case rotation:
      j->t->rotary(count, j->heads, j->n, j->half, j->positions + first, j->weight, j->bias, j->offset, y, j->ldy);
      break;
    case addition: j->t->add(count, j->n, x, j->ldx, y, j->ldy); break;
  }
}

static void run_rows(row_job j) {
  j.t = table();
  vk_parallel((j.rows + row_operations_per_task - 1) / row_operations_per_task, row_task, &j);
}

void vk_layer_norm(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, const float *bias,
                   float epsilon, float *y, ptrdiff_t ldy) {
  run_rows((row_job){.kind = forward_norm, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight, .bias = bias,
                     .epsilon = epsilon, .y = y, .ldy = ldy});
}

void vk_layer_norm_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float epsilon,
                            const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = backward_norm, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight,
                     .epsilon = epsilon, .dy = dy, .lddy = lddy, .y = dx, .ldy = lddx});
}

void vk_add(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy) {
  run_rows((row_job){.kind = addition, .rows = rows, .n = n, .x = x, .ldx = ldx, .y = y, .ldy = ldy});
}

void vk_rms_norm(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                 float epsilon, float *y, ptrdiff_t ldy) {
  run_rows((row_job){.kind = forward_rms, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight, .offset = offset,
                     .epsilon = epsilon, .y = y, .ldy = ldy});
}

void vk_rms_norm_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                          float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = backward_rms, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight, .offset = offset,
                     .epsilon = epsilon, .dy = dy, .lddy = lddy, .y = dx, .ldy = lddx});
}

void vk_gated(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy) {
  run_rows((row_job){.kind = forward_gate, .activation = kind, .rows = rows, .n = n, .x = x, .ldx = ldx, .y = y,
                     .ldy = ldy});
}

void vk_gated_backward(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                       const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = backward_gate, .activation = kind, .rows = rows, .n = n, .x = x, .ldx = ldx, .dy = dy,
                     .lddy = lddy, .y = dx, .ldy = lddx});
}

static void rotate(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
                   const float *cosines, const float *sines, float direction, float *x, ptrdiff_t ldx) {
  run_rows((row_job){.kind = rotation, .rows = rows, .heads = heads, .n = width, .half = half, .positions = positions,
                     .weight = cosines, .bias = sines, .offset = direction, .y = x, .ldy = ldx});
}

void vk_rotary(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
               const float *cosines, const float *sines, float *x, ptrdiff_t ldx) {
  rotate(rows, heads, width, half, positions, cosines, sines, 1, x, ldx);
}

void vk_rotary_backward(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
                        const float *cosines, const float *sines, float *dx, ptrdiff_t lddx) {
  rotate(rows, heads, width, half, positions, cosines, sines, -1, dx, lddx);
}

typedef struct {
  const vk_table *t;
  vk_activation_kind kind;
  ptrdiff_t count;
  const float *x, *dy;
  float *y;
} activation_job;

enum { activations_per_task = 8192 };

static void activation_task(void *context, ptrdiff_t task) {
  const activation_job *j = context;
  const ptrdiff_t first = task * activations_per_task;
  const ptrdiff_t count = j->count - first < activations_per_task ? j->count - first : activations_per_task;
  if (j->dy)
    j->t->activation_backward(j->kind, count, j->x + first, j->dy + first, j->y + first);
  else
    j->t->activation(j->kind, count, j->x + first, j->y + first);
}

static void run_activation(activation_job j) {
  j.t = table();
  vk_parallel((j.count + activations_per_task - 1) / activations_per_task, activation_task, &j);
}

void vk_activation(vk_activation_kind kind, ptrdiff_t count, const float *x, float *y) {
  run_activation((activation_job){.kind = kind, .count = count, .x = x, .y = y});
}

void vk_activation_backward(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx) {
  run_activation((activation_job){.kind = kind, .count = count, .x = x, .dy = dy, .y = dx});
}

// A task's scores live on its stack while they fit.
enum { positions_on_stack = 4096 };

typedef struct {
  const vk_table *t;
  const vk_attention_head *heads;
  _Atomic int failed;
} attention_job;

static void attention_task(void *context, ptrdiff_t task) {
  attention_job *j = context;
  const vk_attention_head *h = j->heads + task;
  float scores[positions_on_stack];
  float *p = h->first + h->rows <= positions_on_stack ? scores : malloc(sizeof(float) * (size_t)(h->first + h->rows));
  if (!p) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (ptrdiff_t row = 0; row < h->rows; row++) j->t->attention(h, row, p);
  if (p != scores) free(p);
}

int vk_attention(ptrdiff_t heads, const vk_attention_head *jobs) {
  attention_job j = {.t = table(), .heads = jobs};
  vk_parallel(heads, attention_task, &j);
  return atomic_load(&j.failed) ? -1 : 0;
}

typedef struct {
  const vk_table *t;
  const vk_attention_gradient *heads;
  _Atomic int failed;
} attention_backward_job;

static void attention_backward_task(void *context, ptrdiff_t task) {
  attention_backward_job *j = context;
  const vk_attention_gradient *h = j->heads + task;
  float scores[3 * positions_on_stack];
  float *p = h->rows <= positions_on_stack ? scores : malloc(3 * sizeof(float) * (size_t)h->rows);
  if (!p) {
    atomic_store(&j->failed, 1);
    return;
  }
  j->t->attention_backward(h, p, p + h->rows, p + 2 * h->rows);
  if (p != scores) free(p);
}

int vk_attention_backward(ptrdiff_t heads, const vk_attention_gradient *jobs) {
  attention_backward_job j = {.t = table(), .heads = jobs};
  vk_parallel(heads, attention_backward_task, &j);
  return atomic_load(&j.failed) ? -1 : 0;
}
