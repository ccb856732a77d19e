// How attention is shared among the threads.
#include <stdatomic.h>
#include <stdlib.h>

#include "table.h"

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
  const ptrdiff_t seen = h->length ? h->length : h->first + h->rows;
  float *p = seen <= positions_on_stack ? scores : malloc(sizeof(float) * (size_t)seen);
  if (!p) {
    atomic_store(&j->failed, 1);
    return;
  }
  for (ptrdiff_t row = 0; row < h->rows; row++) j->t->attention(h, row, p);
  if (p != scores) free(p);
}

int vk_attention(ptrdiff_t heads, const vk_attention_head *jobs) {
  attention_job j = {.t = vk_table_in_use(), .heads = jobs};
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
  attention_backward_job j = {.t = vk_table_in_use(), .heads = jobs};
  vk_parallel(heads, attention_backward_task, &j);
  return atomic_load(&j.failed) ? -1 : 0;
}
