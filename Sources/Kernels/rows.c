// How operations on rows are shared among the threads.
#include <stddef.h>
#include <string.h>

#include "table.h"

static int is_not_finite(const float *x) {
  uint32_t bits;
  memcpy(&bits, x, sizeof bits);
  return (bits & 0x7f800000u) == 0x7f800000u;
}

ptrdiff_t vk_first_not_finite(ptrdiff_t n, const float *x) {
  // Block by block without a way out of the inner loop, so that it is vectorized.
  for (ptrdiff_t first = 0; first < n; first += 4096) {
    const ptrdiff_t end = n - first < 4096 ? n : first + 4096;
    int found = 0;
    for (ptrdiff_t i = first; i < end; i++) found |= is_not_finite(x + i);
    for (ptrdiff_t i = first; found && i < end; i++)
      if (is_not_finite(x + i)) return i;
  }
  return -1;
}

enum { row_operations_per_task = 8 };

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
  matrix_vector_job j = {vk_table_in_use(), rows, k, ldm, matrix, x, y};
  vk_parallel((rows + 511) / 512, matrix_vector_task, &j);
}

typedef enum {
  forward_norm, backward_norm, held_norm, forward_rms, backward_rms, held_rms, addition, forward_gate, backward_gate,
  ratio_gate, rotation
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
    case held_norm:
      j->t->layer_norm_held_backward(count, j->n, x, j->ldx, j->weight, j->epsilon, dy, j->lddy, y, j->ldy);
      break;
    case forward_rms: j->t->rms_norm(count, j->n, x, j->ldx, j->weight, j->offset, j->epsilon, y, j->ldy); break;
    case backward_rms:
      j->t->rms_norm_backward(count, j->n, x, j->ldx, j->weight, j->offset, j->epsilon, dy, j->lddy, y, j->ldy);
      break;
    case held_rms:
      j->t->rms_norm_held_backward(count, j->n, x, j->ldx, j->weight, j->offset, j->epsilon, dy, j->lddy, y, j->ldy);
      break;
    case forward_gate: j->t->gated(j->activation, count, j->n, x, j->ldx, y, j->ldy); break;
    case backward_gate: j->t->gated_backward(j->activation, count, j->n, x, j->ldx, dy, j->lddy, y, j->ldy); break;
    case ratio_gate:
      j->t->gated_ratio_backward(j->activation, count, j->n, x, j->ldx, dy, j->lddy, y, j->ldy);
      break;
    case rotation:
      j->t->rotary(count, j->heads, j->n, j->half, j->positions + first, j->weight, j->bias, j->offset, y, j->ldy);
      break;
    case addition: j->t->add(count, j->n, x, j->ldx, y, j->ldy); break;
  }
}

static void run_rows(row_job j) {
  j.t = vk_table_in_use();
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

void vk_layer_norm_held_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                 float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = held_norm, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight, .epsilon = epsilon,
                     .dy = dy, .lddy = lddy, .y = dx, .ldy = lddx});
}

void vk_rms_norm_held_backward(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                               float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = held_rms, .rows = rows, .n = n, .x = x, .ldx = ldx, .weight = weight, .offset = offset,
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

void vk_gated_ratio_backward(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                             const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  run_rows((row_job){.kind = ratio_gate, .activation = kind, .rows = rows, .n = n, .x = x, .ldx = ldx, .dy = dy,
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
  ptrdiff_t sums, n;
  const vk_row_sum *jobs;
} row_sum_job;

// Columns of all rows that are added at once: they stay in the first-level cache for all sums.
enum { columns_per_sum = 64 };

static void row_sum_task(void *context, ptrdiff_t task) {
  const row_sum_job *j = context;
  const ptrdiff_t first = task * columns_per_sum, last = first + columns_per_sum < j->n ? first + columns_per_sum : j->n;
  for (ptrdiff_t s = 0; s < j->sums; s++) j->t->row_sum(j->jobs + s, first, last);
}

void vk_row_sums(ptrdiff_t sums, const vk_row_sum *jobs, ptrdiff_t n) {
  row_sum_job j = {.t = vk_table_in_use(), .sums = sums, .n = n, .jobs = jobs};
  vk_parallel((n + columns_per_sum - 1) / columns_per_sum, row_sum_task, &j);
}

typedef struct {
  const vk_table *t;
  vk_activation_kind kind;
  ptrdiff_t count;
  const float *x, *dy;
  float *y;
  int ratio;  // f(x)/x in place of f′(x)
} activation_job;

enum { activations_per_task = 8192 };

static void activation_task(void *context, ptrdiff_t task) {
  const activation_job *j = context;
  const ptrdiff_t first = task * activations_per_task;
  const ptrdiff_t count = j->count - first < activations_per_task ? j->count - first : activations_per_task;
  if (j->dy && j->ratio)
    j->t->activation_ratio_backward(j->kind, count, j->x + first, j->dy + first, j->y + first);
  else if (j->dy)
    j->t->activation_backward(j->kind, count, j->x + first, j->dy + first, j->y + first);
  else
    j->t->activation(j->kind, count, j->x + first, j->y + first);
}

static void run_activation(activation_job j) {
  j.t = vk_table_in_use();
  vk_parallel((j.count + activations_per_task - 1) / activations_per_task, activation_task, &j);
}

void vk_activation(vk_activation_kind kind, ptrdiff_t count, const float *x, float *y) {
  run_activation((activation_job){.kind = kind, .count = count, .x = x, .y = y});
}

void vk_activation_backward(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx) {
  run_activation((activation_job){.kind = kind, .count = count, .x = x, .dy = dy, .y = dx});
}

void vk_activation_ratio_backward(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx) {
  run_activation((activation_job){.kind = kind, .count = count, .x = x, .dy = dy, .y = dx, .ratio = 1});
}
