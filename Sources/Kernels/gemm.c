// Packing, and how a product is shared among the threads.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

ptrdiff_t vk_packed_count(ptrdiff_t k, ptrdiff_t n) {
  const ptrdiff_t panel = vk_table_in_use()->panel;
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
  pack_job j = {.t = vk_table_in_use(), .source = b, .ld = ldb, .k = k, .n = n, .transposed = transposed, .packed = packed};
  vk_parallel((n + j.t->panel - 1) / j.t->panel, pack_task, &j);
}

static void repack_task(void *context, ptrdiff_t panel) {
  const pack_job *j = context;
  j->t->repack(j->source, j->k, j->n, panel, j->packed);
}

void vk_repack(const float *packed, ptrdiff_t k, ptrdiff_t n, float *transposed) {
  pack_job j = {.t = vk_table_in_use(), .source = packed, .k = k, .n = n, .packed = transposed};
  vk_parallel((k + j.t->panel - 1) / j.t->panel, repack_task, &j);
}

// Rows of A that are multiplied together: enough that a panel read from memory is used many times.
enum { tiles_together = 8, most_shares = 64 };

typedef struct {
  const vk_table *t;
  ptrdiff_t rows, n, k, depth, lda, ldc, tiles, panels_together;
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
      g->t->gemm(g->tiles, g->rows, p, last, end, g->n, g->k, g->depth, g->gathered, g->packed, g->bias, g->c, g->ldc);
    }
  }
}

static pthread_once_t room_once = PTHREAD_ONCE_INIT;
static pthread_key_t room_key;
static int room_has_key;

static void make_room_key(void) { room_has_key = pthread_key_create(&room_key, free) == 0; }

// Memory of the calling thread for gathered rows; grows and stays until the thread ends. NULL if there is none to be had.
static float *gathering_room(ptrdiff_t count) {
  static _Thread_local struct {
    float *floats;
    ptrdiff_t count;
  } room;
  if (room.count < count) {
    free(room.floats);
    room.floats = aligned_alloc(64, (sizeof(float) * (size_t)count + 63) / 64 * 64);
    room.count = room.floats ? count : 0;
    // The key's destructor gives it back when the thread ends.
    pthread_once(&room_once, make_room_key);
    if (room_has_key) pthread_setspecific(room_key, room.floats);
  }
  return room.floats;
}

// C[m, n] = A[m, k] · B[k, n] + bias, where the panels of B hold `depth` rows, of which these k are used.
static void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t depth, const float *a, ptrdiff_t lda,
                     const float *packed, const float *bias, float *c, ptrdiff_t ldc) {
  const vk_table *t = vk_table_in_use();
  const ptrdiff_t panels = (n + t->panel - 1) / t->panel;
  const ptrdiff_t most = tiles_together * t->tile_rows, rows = m < most ? m : most;
  float *room = gathering_room(rows * k);
  ptrdiff_t shares = vk_threads();
  shares = shares > most_shares ? most_shares : shares > panels ? panels : shares;
  for (ptrdiff_t row = 0; row < m;) {
    // Without room every row is a tile of its own, which needs no gathering: slower, with the same bits.
    const ptrdiff_t count = !room ? 1 : m - row < most ? m - row : most;
    gemm_job g = {.t = t, .rows = count, .n = n, .k = k, .depth = depth, .lda = lda, .ldc = ldc,
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

void vk_gemm(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
             float *c, ptrdiff_t ldc) {
  multiply(m, n, k, k, a, lda, packed, bias, c, ldc);
}

int vk_gemm_columns(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t first, ptrdiff_t columns, const float *a, ptrdiff_t lda,
                    const float *packed, const float *bias, float *c, ptrdiff_t ldc) {
  const ptrdiff_t panel = vk_table_in_use()->panel, from = first / panel * panel;
  ptrdiff_t to = (first + columns + panel - 1) / panel * panel;
  if (to > n) to = n;
  packed += from * k;
  if (bias) bias += from;
  if (from == first && to == first + columns) {
    multiply(m, columns, k, k, a, lda, packed, bias, c, ldc);
    return 0;
  }
  // Whole panels into rows of their own, of which the wanted columns are kept.
  float *wide = malloc(sizeof(float) * (size_t)(m * (to - from)));
  if (!wide) return -1;
  multiply(m, to - from, k, k, a, lda, packed, bias, wide, to - from);
  for (ptrdiff_t r = 0; r < m; r++)
    memcpy(c + r * ldc, wide + r * (to - from) + (first - from), sizeof(float) * (size_t)columns);
  free(wide);
  return 0;
}

void vk_gemm_rows(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ptrdiff_t first, ptrdiff_t rows, const float *a, ptrdiff_t lda,
                  const float *packed, float *c, ptrdiff_t ldc) {
  multiply(m, n, rows, k, a, lda, packed + first * vk_table_in_use()->panel, NULL, c, ldc);
}
