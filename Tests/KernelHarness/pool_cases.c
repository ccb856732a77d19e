// The thread pool: every task once, callers at the same time, calls from within a task.
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"

typedef struct {
  ptrdiff_t tasks;
  int *done;  // written by the task alone, read after vk_parallel: its happens-before is what is checked
} board;

static void mark(void *context, ptrdiff_t task) {
  board *b = context;
  b->done[task] += 1;
}

static int every_task_once(ptrdiff_t tasks, int times) {
  board b = {tasks, calloc((size_t)tasks + 1, sizeof(int))};
  if (!b.done) abort();
  for (int i = 0; i < times; i++) vk_parallel(tasks, mark, &b);
  int good = 1;
  for (ptrdiff_t i = 0; i < tasks; i++) good &= b.done[i] == times;
  free(b.done);
  return good;
}

static void tasks(random_source *source) {
  vk_set_threads((int)draw_between(source, 1, 3));
  const ptrdiff_t count = draw_between(source, 0, 300);
  if (!every_task_once(count, (int)draw_between(source, 1, 20)))
    fail("vk_parallel of %td tasks on %d threads", count, vk_threads());
}

// A task that uses the pool: it is in use, so the inner tasks run on the spot.
static void nest(void *context, ptrdiff_t task) {
  int *good = context;
  good[task] = every_task_once(17, 3);
}

static void nested(random_source *source) {
  vk_set_threads((int)draw_between(source, 2, 3));
  int good[40] = {0};
  vk_parallel(40, nest, good);
  for (int i = 0; i < 40; i++)
    if (!good[i]) fail("vk_parallel within task %d of vk_parallel", i);
}

// MARK: Callers at the same time

enum { callers = 4, rows = 61, inner = 83, columns = 97 };

typedef struct {
  const float *a, *packed, *wanted;
  int number, good;
} caller;

static void *call(void *context) {
  caller *c = context;
  float *out = malloc(sizeof(float) * rows * columns);
  if (!out) abort();
  c->good = 1;
  for (int i = 0; i < 12; i++) {
    memset(out, 0, sizeof(float) * rows * columns);
    vk_gemm(rows, columns, inner, c->a, inner, c->packed, NULL, out, columns);
    c->good &= memcmp(out, c->wanted, sizeof(float) * rows * columns) == 0;
    c->good &= every_task_once(30 + c->number, 2);
    // The number of threads may be changed while others compute; no result depends on it.
    if (c->number == 0) vk_set_threads(1 + i % 3);
  }
  free(out);
  return NULL;
}

static void concurrent(random_source *source) {
  matrix a = matrix_new(rows, inner, 0), b = matrix_new(inner, columns, 0);
  for (ptrdiff_t i = 0; i < rows * inner; i++) a.values[i] = draw_float(source, 1);
  for (ptrdiff_t i = 0; i < inner * columns; i++) b.values[i] = draw_float(source, 1);
  for (int set = 0; set < set_count; set++) {
    vk_select_isa(sets[set]);
    vk_set_threads(3);
    float *packed = reserve(vk_packed_count(inner, columns)), *wanted = reserve(rows * columns);
    vk_pack(b.values, columns, 0, inner, columns, packed);
    vk_gemm(rows, columns, inner, a.values, inner, packed, NULL, wanted, columns);
    pthread_t threads[callers];
    caller jobs[callers];
    for (int i = 0; i < callers; i++) {
      jobs[i] = (caller){a.values, packed, wanted, i, 0};
      if (pthread_create(&threads[i], NULL, call, &jobs[i]) != 0) abort();
    }
    for (int i = 0; i < callers; i++) {
      pthread_join(threads[i], NULL);
      if (!jobs[i].good) fail("caller %d of %d at the same time on %s: other bits", i, callers, sets[set]);
    }
    release(packed);
    release(wanted);
  }
  matrix_free(&a);
  matrix_free(&b);
}

// MARK: Choices

static void choices(random_source *source) {
  (void)source;
  for (int set = 0; set < set_count; set++) {
    if (vk_select_isa(sets[set]) != 0 || strcmp(vk_isa(), sets[set]) != 0)
      fail("choosing %s gives %s", sets[set], vk_isa());
    if (vk_select_isa("avx1024") != -1 || vk_select_isa("") != -1 || strcmp(vk_isa(), sets[set]) != 0)
      fail("an unknown instruction set is accepted, or changes the choice to %s", vk_isa());
  }
  static const int given[] = {1, 2, 3, 0, -5, 1000}, taken[] = {1, 2, 3, 1, 1, 3};
  for (int i = 0; i < 6; i++) {
    vk_set_threads(given[i]);
    if (vk_threads() != taken[i]) fail("%d threads wanted: %d, not %d", given[i], vk_threads(), taken[i]);
  }
}

const named_case pool_cases[] = {
    {"parallel", tasks, 1},
    {"parallel-nested", nested, 4},
    {"concurrent-callers", concurrent, 10},
    {"choices", choices, 50},
    {0},
};
