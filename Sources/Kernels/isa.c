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

const vk_table *vk_table_in_use(void) {
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

const char *vk_isa(void) { return vk_table_in_use()->name; }

int vk_select_isa(const char *name) {
  const vk_table *t = named(name);
  if (!t) return -1;
  atomic_store_explicit(&chosen, t, memory_order_release);
  return 0;
}
