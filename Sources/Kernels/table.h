// What each instruction set provides; see kernels.h for what the functions do.
#pragma once
#include "kernels.h"

typedef struct {
  const char *name;
  ptrdiff_t panel;  // columns of a packed panel
  // Last index: the panel to pack.
  void (*pack)(const float *, ptrdiff_t, int, ptrdiff_t, ptrdiff_t, ptrdiff_t, float *);
  void (*repack)(const float *, ptrdiff_t, ptrdiff_t, ptrdiff_t, float *);
  ptrdiff_t tile_rows;  // rows of the largest tile
  // Tile, tiles, rows, k, A, lda, gathered: gathers one tile of A for gemm.
  void (*gather)(ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *);
  // Tiles, rows, first panel, last panel, end of the share, n, k, k of the pack, gathered A, packed B, bias, C, ldc.
  void (*gemm)(ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, const float *,
               const float *, const float *, float *, ptrdiff_t);
  void (*matrix_vector)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float *);
  void (*layer_norm)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, const float *, float, float *, ptrdiff_t);
  void (*layer_norm_backward)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, const float *, ptrdiff_t,
                              float *, ptrdiff_t);
  void (*rms_norm)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, float, float *, ptrdiff_t);
  void (*rms_norm_backward)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, float, const float *,
                            ptrdiff_t, float *, ptrdiff_t);
  void (*layer_norm_held_backward)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, const float *,
                                   ptrdiff_t, float *, ptrdiff_t);
  void (*rms_norm_held_backward)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, float, float, const float *,
                                 ptrdiff_t, float *, ptrdiff_t);
  void (*add)(ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t);
  void (*row_sum)(const vk_row_sum *, ptrdiff_t first, ptrdiff_t last);
  void (*activation)(vk_activation_kind, ptrdiff_t, const float *, float *);
  void (*activation_backward)(vk_activation_kind, ptrdiff_t, const float *, const float *, float *);
  void (*gated)(vk_activation_kind, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t);
  void (*gated_backward)(vk_activation_kind, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, ptrdiff_t,
                         float *, ptrdiff_t);
  void (*activation_ratio_backward)(vk_activation_kind, ptrdiff_t, const float *, const float *, float *);
  void (*gated_ratio_backward)(vk_activation_kind, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, const float *, ptrdiff_t,
                               float *, ptrdiff_t);
  void (*rotary)(ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, const int32_t *, const float *, const float *, float, float *,
                 ptrdiff_t);
  void (*attention)(const vk_attention_head *, ptrdiff_t row, float *scores);
  void (*attention_backward)(const vk_attention_gradient *, float *scores, float *gradients, float *slopes);
} vk_table;

// The table of the instruction set in use.
const vk_table *vk_table_in_use(void);
