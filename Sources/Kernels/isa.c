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

#if defined(__aarch64__)
#define ISA_NAME "neon"
#else
#define ISA_NAME "baseline"
#endif
#define WIDTH 4
#define ROWS 6
#define NAME(x) x##_base
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ISA_NAME "avx2"
#define WIDTH 8
#define ROWS 6
#define NAME(x) x##_avx2
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#define ISA_NAME "avx512"
#define WIDTH 16
#define ROWS 12
#define NAME(x) x##_avx512
#include "gemm_impl.h"
#include "rows_impl.h"
#include "attention_impl.h"
#undef ISA_NAME
#undef WIDTH
#undef ROWS
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

enum { rows_per_task = 48, row_operations_per_task = 16, floats_on_stack = 16384 };

typedef struct {
  const vk_table *t;
  ptrdiff_t m, n, k, lda, ldc, row_tasks, panels_per_task, panels;
  const float *a, *packed, *bias;
  float *c;
} gemm_job;

static void gemm_task(void *context, ptrdiff_t task) {
  const gemm_job *g = context;
  const ptrdiff_t row = task % g->row_tasks * rows_per_task, panel = task / g->row_tasks * g->panels_per_task;
  const ptrdiff_t last_row = row + rows_per_task < g->m ? row + rows_per_task : g->m;
  const ptrdiff_t last_panel = panel + g->panels_per_task < g->panels ? panel + g->panels_per_task : g->panels;
  float small[floats_on_stack];
  const ptrdiff_t needed = g->t->tile_rows * g->k;
  float *gathered = needed <= floats_on_stack ? small : malloc(sizeof(float) * (size_t)needed);
  g->t->gemm(row, last_row, panel, last_panel, g->n, g->k, g->a, g->lda, g->packed, g->bias, g->c, g->ldc, gathered);
  if (gathered != small) free(gathered);
}

void vk_gemm(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
             float *c, ptrdiff_t ldc) {
  const vk_table *t = table();
  const ptrdiff_t panels = (n + t->panel - 1) / t->panel;
  // About 2 million multiply-adds a task: long against the dispatch, short against the whole.
  const ptrdiff_t rows = m < rows_per_task ? m : rows_per_task;
  ptrdiff_t per_task = 2000000 / (rows * k * t->panel + 1);
  per_task = per_task < 1 ? 1 : per_task > panels ? panels : per_task;
  gemm_job g = {t, m, n, k, lda, ldc, (m + rows_per_task - 1) / rows_per_task, per_task, panels, a, packed, bias, c};
  vk_parallel(g.row_tasks * ((panels + per_task - 1) / per_task), gemm_task, &g);
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
