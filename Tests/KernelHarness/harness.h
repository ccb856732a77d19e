// Checks of the numeric kernels from outside: kernels.h and the C library, nothing else, so that it also builds with
// sanitizers and for another processor. scripts/check-kernels builds and runs it; see there for the configurations.
//
// Each case draws a shape and numbers from a seed, runs a kernel on every instruction set the processor has with one, two
// and three threads, and compares: with double precision; thread counts, AVX2 and AVX-512, and a row alone and in a batch
// as bit patterns; and what lies around each buffer with what was there before.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

// MARK: Seeded numbers (support.c)

typedef struct {
  uint64_t state;
} random_source;

uint64_t draw_bits(random_source *source);
/// A whole number from low to high, both included.
ptrdiff_t draw_between(random_source *source, ptrdiff_t low, ptrdiff_t high);
/// Mostly 1 to 70, now and then up to `most`.
ptrdiff_t draw_size(random_source *source, ptrdiff_t most);
/// Uniform in [-scale, scale).
float draw_float(random_source *source, float scale);

// MARK: Buffers (support.c)

/// Room for `count` floats, filled with a pattern. The bytes right behind it cannot be read or written (a page that is not
/// there; AddressSanitizer's red zone); those before it must keep their pattern until `release`.
float *reserve(ptrdiff_t count);
void release(float *buffer);

/// A matrix whose rows may stand further apart than they are long. It ends with its last row's last value.
typedef struct {
  ptrdiff_t rows, columns, ld;
  float *values;
} matrix;

matrix matrix_new(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t gap);
matrix matrix_random(random_source *source, ptrdiff_t rows, ptrdiff_t columns, float scale);
void matrix_free(matrix *m);
/// Whether the values between the rows are as `matrix_new` left them.
int gaps_kept(const matrix *m);

// MARK: Results (support.c)

/// Reports a failure; the program then ends with status 1.
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int failures(void);

/// The kernels' memory can be refused: while set, their `malloc` and `aligned_alloc` return NULL.
void refuse_memory(int refuse);
/// How often memory was refused since `refuse_memory(1)`.
int refusals(void);

// MARK: Subjects (subject.c)

enum { most_sets = 3 };
/// The instruction sets to run, in the order baseline (or neon), avx2, avx512.
extern const char *sets[most_sets];
extern int set_count;

/// One kernel on one set of inputs.
typedef struct {
  const char *kernel;
  char shape[200];             ///< for messages
  ptrdiff_t rows, columns;     ///< of the result
  const float *start;          ///< what the result holds before, dense; NULL: nothing that counts
  double *expected;            ///< [rows, columns] in double precision
  double *size;                ///< [rows, columns]: size of what was summed; an error counts against it
  double units;                ///< errors allowed, in float32 roundoffs (2^-24) of `size`; never above 1e-5 of it
  int by_row;                  ///< whether a row of the result depends on its own row alone
  /// Computes rows first..<first+count of the result into `out`.
  void (*run)(const void *context, ptrdiff_t first, ptrdiff_t count, float *out, ptrdiff_t ld);
  const void *context;
} subject;

/// Room for expected values and sizes.
void subject_reserve(subject *s, ptrdiff_t rows, ptrdiff_t columns);
void subject_release(subject *s);
/// Runs a subject on every instruction set and thread count and compares. Leaves its result on the last set in `result`
/// (dense, may be NULL).
void check(const subject *s, random_source *source, float *result);

/// Worst error, digest and number of cases by kernel and instruction set.
void print_results(void);

// MARK: Cases (…_cases.c)

/// Draws one case and checks it.
typedef void (*case_function)(random_source *source);
typedef struct {
  const char *name;
  case_function run;
  int share;  ///< runs in every `share`-th round only: slow ones
} named_case;

extern const named_case linear_cases[], slice_cases[], row_cases[], activation_cases[], attention_cases[], pool_cases[];

/// Whether a float is neither infinite nor NaN.
static inline int finite_float(float x) { return x - x == 0; }
