// Operations on rows. Included once per instruction set. Sums run in 16 lanes whatever the register's width, folded by
// one fixed tree, so that AVX2 and AVX-512 give the same bits.

typedef float NAME(v16) __attribute__((vector_size(64), aligned(4)));
typedef int NAME(i16) __attribute__((vector_size(64), aligned(4)));

static inline __attribute__((always_inline)) NAME(v16) NAME(load)(const float *x, ptrdiff_t count) {
  NAME(v16) v = {0};
  if (count >= 16) return *(const NAME(v16) *)x;
  memcpy(&v, x, sizeof(float) * (size_t)count);
  return v;
}

static inline __attribute__((always_inline)) void NAME(store)(float *x, NAME(v16) v, ptrdiff_t count) {
  if (count >= 16)
    *(NAME(v16) *)x = v;
  else
    memcpy(x, &v, sizeof(float) * (size_t)count);
}

static inline __attribute__((always_inline)) float NAME(fold)(NAME(v16) v) {
  float t[16];
  memcpy(t, &v, sizeof t);
  for (int half = 8; half; half /= 2)
    for (int i = 0; i < half; i++) t[i] += t[i + half];
  return t[0];
}

static inline __attribute__((always_inline)) float NAME(dot)(const float *x, const float *y, ptrdiff_t n) {
  NAME(v16) sum = {0};
  ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) sum += *(const NAME(v16) *)(x + i) * *(const NAME(v16) *)(y + i);
  if (i < n) sum += NAME(load)(x + i, n - i) * NAME(load)(y + i, n - i);
  return NAME(fold)(sum);
}

// exp by range reduction (x = (e + f)·ln 2, |f| ≤ ½) and a polynomial of degree 7 for 2^f; relative error below 2e-7.
// Saturates below −87.3 and above 88.0. What is not finite gives NaN, so that no bad number is lost on the way.
static inline __attribute__((always_inline)) NAME(v16) NAME(exp)(NAME(v16) x) {
  NAME(v16) z = x * 1.44269504088896341f;
  z = __builtin_elementwise_min(__builtin_elementwise_max(z, (NAME(v16)){0} - 126.f), (NAME(v16)){0} + 127.f);
  const NAME(v16) whole = (z + 12582912.f) - 12582912.f;
  // The product above is rounded: take the remainder against x in two pieces of ln 2.
  const NAME(v16) clamped = __builtin_elementwise_min(__builtin_elementwise_max(x, (NAME(v16)){0} - 87.33654f), (NAME(v16)){0} + 88.02969f);
  NAME(v16) f = clamped - whole * 0.693145751953125f;
  f = f - whole * 1.42860682030941723e-6f;
  NAME(v16) p = 1.98412698e-4f * f + 1.38888889e-3f;
  p = p * f + 8.33333333e-3f;
  p = p * f + 4.16666667e-2f;
  p = p * f + 1.66666667e-1f;
  p = p * f + 0.5f;
  p = p * f + 1.f;
  p = p * f + 1.f;
  const NAME(i16) bits = (__builtin_convertvector(whole, NAME(i16)) + 127) << 23;
  NAME(v16) power;
  memcpy(&power, &bits, sizeof power);
  return p * power + (x - x);
}

static void NAME(matrix_vector)(ptrdiff_t rows, ptrdiff_t k, const float *matrix, ptrdiff_t ldm, const float *x, float *y) {
  for (ptrdiff_t r = 0; r < rows; r++) y[r] = NAME(dot)(matrix + r * ldm, x, k);
}

static inline __attribute__((always_inline)) void NAME(moments)(const float *x, ptrdiff_t n, float epsilon, float *mean,
                                                                float *inverse) {
  NAME(v16) sum = {0};
  for (ptrdiff_t i = 0; i < n; i += 16) sum += NAME(load)(x + i, n - i);
  const float m = NAME(fold)(sum) / (float)n;
  NAME(v16) squares = {0};
  for (ptrdiff_t i = 0; i < n; i += 16) {
    NAME(v16) d = NAME(load)(x + i, n - i) - m;
    if (n - i < 16)
      for (ptrdiff_t c = n - i; c < 16; c++) d[c] = 0;
    squares += d * d;
  }
  *mean = m;
  *inverse = 1.f / sqrtf(NAME(fold)(squares) / (float)n + epsilon);
}

static void NAME(layer_norm)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                             const float *bias, float epsilon, float *y, ptrdiff_t ldy) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, y += ldy) {
    float mean, inverse;
    NAME(moments)(x, n, epsilon, &mean, &inverse);
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      NAME(v16) normal = (NAME(load)(x + i, c) - mean) * inverse;
      NAME(store)(y + i, normal * NAME(load)(weight + i, c) + NAME(load)(bias + i, c), c);
    }
  }
}

// With g = dy·weight and x̂ the normalised row: dx = (g − mean(g) − x̂·mean(g·x̂))·inverse.
static void NAME(layer_norm_backward)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                      float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    float mean, inverse;
    NAME(moments)(x, n, epsilon, &mean, &inverse);
    NAME(v16) sum = {0}, product = {0};
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * NAME(load)(weight + i, c);
      sum += g;
      product += g * ((NAME(load)(x + i, c) - mean) * inverse);  // padding lanes: g = 0
    }
    const float mean_g = NAME(fold)(sum) / (float)n, mean_product = NAME(fold)(product) / (float)n;
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * NAME(load)(weight + i, c);
      const NAME(v16) normal = (NAME(load)(x + i, c) - mean) * inverse;
      NAME(store)(dx + i, NAME(load)(dx + i, c) + (g - mean_g - normal * mean_product) * inverse, c);
    }
  }
}

// What an RMS norm multiplies x with: 1/√(mean(x²) + ε).
static inline __attribute__((always_inline)) float NAME(inverse_rms)(const float *x, ptrdiff_t n, float epsilon) {
  return 1.f / sqrtf(NAME(dot)(x, x, n) / (float)n + epsilon);
}

static void NAME(rms_norm)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight, float offset,
                           float epsilon, float *y, ptrdiff_t ldy) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, y += ldy) {
    const float inverse = NAME(inverse_rms)(x, n, epsilon);
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      NAME(store)(y + i, (NAME(load)(x + i, c) * inverse) * (NAME(load)(weight + i, c) + offset), c);
    }
  }
}

// With g = dy·(weight + offset) and x̂ = x·inverse: dx = (g − x̂·mean(g·x̂))·inverse.
static void NAME(rms_norm_backward)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                    float offset, float epsilon, const float *dy, ptrdiff_t lddy, float *dx,
                                    ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    const float inverse = NAME(inverse_rms)(x, n, epsilon);
    NAME(v16) product = {0};
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * (NAME(load)(weight + i, c) + offset);
      product += g * (NAME(load)(x + i, c) * inverse);  // padding lanes: g = 0
    }
    const float mean_product = NAME(fold)(product) / (float)n;
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * (NAME(load)(weight + i, c) + offset);
      const NAME(v16) normal = NAME(load)(x + i, c) * inverse;
      NAME(store)(dx + i, NAME(load)(dx + i, c) + (g - normal * mean_product) * inverse, c);
    }
  }
}

// With g = dy·weight and the scale taken as a number: dx = (g − mean(g))·inverse.
static void NAME(layer_norm_held_backward)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                           float epsilon, const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    float mean, inverse;
    NAME(moments)(x, n, epsilon, &mean, &inverse);
    NAME(v16) sum = {0};
    for (ptrdiff_t i = 0; i < n; i += 16) sum += NAME(load)(dy + i, n - i) * NAME(load)(weight + i, n - i);
    const float mean_g = NAME(fold)(sum) / (float)n;
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * NAME(load)(weight + i, c);
      NAME(store)(dx + i, NAME(load)(dx + i, c) + (g - mean_g) * inverse, c);
    }
  }
}

// With the scale taken as a number: dx = dy·(weight + offset)·inverse.
static void NAME(rms_norm_held_backward)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, const float *weight,
                                         float offset, float epsilon, const float *dy, ptrdiff_t lddy, float *dx,
                                         ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    const float inverse = NAME(inverse_rms)(x, n, epsilon);
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) g = NAME(load)(dy + i, c) * (NAME(load)(weight + i, c) + offset);
      NAME(store)(dx + i, NAME(load)(dx + i, c) + g * inverse, c);
    }
  }
}

static void NAME(add)(ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, y += ldy)
    for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(y + i, NAME(load)(y + i, n - i) + NAME(load)(x + i, n - i), n - i);
}

// Columns first..<last of one sum; up to 64 stay in registers meanwhile.
static void NAME(row_sum)(const vk_row_sum *s, ptrdiff_t first, ptrdiff_t last) {
  if (s->count == 0) {
    memcpy(s->out + first, s->base + first, sizeof(float) * (size_t)(last - first));
    return;
  }
  ptrdiff_t i = first;
  for (; i + 64 <= last; i += 64) {
    NAME(v16) a = {0}, b = {0}, c = {0}, d = {0};
    for (ptrdiff_t j = 0; j < s->count; j++) {
      const float *row = s->rows[j] + i;
      a += *(const NAME(v16) *)row;
      b += *(const NAME(v16) *)(row + 16);
      c += *(const NAME(v16) *)(row + 32);
      d += *(const NAME(v16) *)(row + 48);
    }
    *(NAME(v16) *)(s->out + i) = *(const NAME(v16) *)(s->base + i) + a * s->sign;
    *(NAME(v16) *)(s->out + i + 16) = *(const NAME(v16) *)(s->base + i + 16) + b * s->sign;
    *(NAME(v16) *)(s->out + i + 32) = *(const NAME(v16) *)(s->base + i + 32) + c * s->sign;
    *(NAME(v16) *)(s->out + i + 48) = *(const NAME(v16) *)(s->base + i + 48) + d * s->sign;
  }
  for (; i < last; i += 16) {
    NAME(v16) a = {0};
    for (ptrdiff_t j = 0; j < s->count; j++) a += NAME(load)(s->rows[j] + i, last - i);
    NAME(store)(s->out + i, NAME(load)(s->base + i, last - i) + a * s->sign, last - i);
  }
}

// x where the mask's bits are set, 0 elsewhere.
static inline __attribute__((always_inline)) NAME(v16) NAME(keep)(NAME(v16) x, NAME(i16) mask) {
  NAME(i16) bits;
  memcpy(&bits, &x, sizeof bits);
  bits &= mask;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// σ(x) = 1/(1 + exp(−x)), by exp(−|x|) so that nothing overflows.
static inline __attribute__((always_inline)) NAME(v16) NAME(sigmoid)(NAME(v16) x) {
  const NAME(v16) e = NAME(exp)(-__builtin_elementwise_abs(x));
  const NAME(v16) high = 1.f / (1.f + e), low = e * high;
  const NAME(i16) negative = x < 0.f;
  return NAME(keep)(low, negative) + NAME(keep)(high, ~negative);
}

// tanh(x): an odd polynomial where |x| < 0.625 (coefficients of Cephes' tanhf), else 1 − 2/(1 + exp(2|x|)) with x's sign.
// Relative error below 3e-7; NaN stays NaN.
static inline __attribute__((always_inline)) NAME(v16) NAME(tanh)(NAME(v16) x) {
  const NAME(v16) size = __builtin_elementwise_abs(x), square = x * x;
  NAME(v16) p = -5.70498872745e-3f * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const NAME(v16) near = p * square * x + x;
  const NAME(v16) far = 1.f - 2.f / (1.f + NAME(exp)(2.f * size));
  const NAME(i16) small = size < 0.625f, negative = x < 0.f;
  return NAME(keep)(near, small) + NAME(keep)(NAME(keep)(-far, negative) + NAME(keep)(far, ~negative), ~small);
}

// ½(1 + tanh(u)) = σ(2u) with u = √(2/π)(x + 0.044715x³).
#define GELU_ARGUMENT(x) (1.59576912160573071f * ((x) + 0.044715f * (x) * (x) * (x)))
#define GELU_SLOPE(x) (1.59576912160573071f * (1.f + 0.134145f * (x) * (x)))

static void NAME(activation)(vk_activation_kind kind, ptrdiff_t count, const float *x, float *y) {
  for (ptrdiff_t i = 0; i < count; i += 16) {
    const NAME(v16) v = NAME(load)(x + i, count - i);
    NAME(v16) r = {0};
    switch (kind) {
      case vk_gelu_tanh: r = v * NAME(sigmoid)(GELU_ARGUMENT(v)); break;
      case vk_silu: r = v * NAME(sigmoid)(v); break;
      case vk_tanh: r = NAME(tanh)(v); break;
      case vk_relu: r = NAME(keep)(v, ~(v < 0.f)); break;  // keeps NaN
      case vk_gelu_erf:
        for (int c = 0; c < 16; c++) r[c] = (float)(0.5 * v[c] * erfc(-(double)v[c] * M_SQRT1_2));
        break;
    }
    NAME(store)(y + i, r, count - i);
  }
}

static void NAME(activation_backward)(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy, float *dx) {
  for (ptrdiff_t i = 0; i < count; i += 16) {
    const NAME(v16) v = NAME(load)(x + i, count - i);
    NAME(v16) slope = {0};
    switch (kind) {
      case vk_gelu_tanh: {
        const NAME(v16) s = NAME(sigmoid)(GELU_ARGUMENT(v));
        slope = s + v * s * (1.f - s) * GELU_SLOPE(v);
        break;
      }
      case vk_silu: {
        const NAME(v16) s = NAME(sigmoid)(v);
        slope = s + v * s * (1.f - s);
        break;
      }
      case vk_tanh: {
        const NAME(v16) t = NAME(tanh)(v);
        slope = 1.f - t * t;
        break;
      }
      case vk_relu:
        for (int c = 0; c < 16; c++) slope[c] = v[c] > 0 ? 1 : v[c] <= 0 ? 0 : v[c];  // keeps NaN
        break;
      case vk_gelu_erf:
        for (int c = 0; c < 16; c++) {
          const double d = v[c];
          slope[c] = (float)(0.5 * erfc(-d * M_SQRT1_2) + d * exp(-0.5 * d * d) * (0.5 * M_2_SQRTPI * M_SQRT1_2));
        }
        break;
    }
    NAME(store)(dx + i, NAME(load)(dy + i, count - i) * slope, count - i);
  }
}

// f(x)/x, without a division where the function has such a form: 0/0 does not arise.
static void NAME(activation_ratio_backward)(vk_activation_kind kind, ptrdiff_t count, const float *x, const float *dy,
                                            float *dx) {
  for (ptrdiff_t i = 0; i < count; i += 16) {
    const NAME(v16) v = NAME(load)(x + i, count - i);
    NAME(v16) ratio = {0};
    switch (kind) {
      case vk_gelu_tanh: ratio = NAME(sigmoid)(GELU_ARGUMENT(v)); break;
      case vk_silu: ratio = NAME(sigmoid)(v); break;
      case vk_tanh: {
        const NAME(i16) zero = v == 0.f;
        ratio = NAME(keep)(NAME(tanh)(v) / v, ~zero) + NAME(keep)(ratio + 1.f, zero);
        break;
      }
      case vk_relu:
        for (int c = 0; c < 16; c++) ratio[c] = v[c] > 0 ? 1 : v[c] <= 0 ? 0 : v[c];  // keeps NaN
        break;
      case vk_gelu_erf:
        for (int c = 0; c < 16; c++) ratio[c] = (float)(0.5 * erfc(-(double)v[c] * M_SQRT1_2));
        break;
    }
    NAME(store)(dx + i, NAME(load)(dy + i, count - i) * ratio, count - i);
  }
}
#undef GELU_ARGUMENT
#undef GELU_SLOPE

// x: gate and up side by side, [rows, 2n]. y = f(gate)·up.
static void NAME(gated)(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *y,
                        ptrdiff_t ldy) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, y += ldy) {
    NAME(activation)(kind, n, x, y);
    for (ptrdiff_t i = 0; i < n; i += 16) NAME(store)(y + i, NAME(load)(y + i, n - i) * NAME(load)(x + n + i, n - i), n - i);
  }
}

// dgate = dy·up·f′(gate), dup = dy·f(gate).
static void NAME(gated_backward)(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                                 const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    NAME(activation)(kind, n, x, dx + n);
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) d = NAME(load)(dy + i, c);
      NAME(store)(dx + i, d * NAME(load)(x + n + i, c), c);
      NAME(store)(dx + n + i, d * NAME(load)(dx + n + i, c), c);
    }
    NAME(activation_backward)(kind, n, x, dx, dx);
  }
}

// dgate = ½·dy·up·f(gate)/gate, dup = ½·dy·f(gate).
static void NAME(gated_ratio_backward)(vk_activation_kind kind, ptrdiff_t rows, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                                       const float *dy, ptrdiff_t lddy, float *dx, ptrdiff_t lddx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx, dy += lddy, dx += lddx) {
    NAME(activation)(kind, n, x, dx + n);
    for (ptrdiff_t i = 0; i < n; i += 16) {
      const ptrdiff_t c = n - i;
      const NAME(v16) d = NAME(load)(dy + i, c) * 0.5f;
      NAME(store)(dx + i, d * NAME(load)(x + n + i, c), c);
      NAME(store)(dx + n + i, d * NAME(load)(dx + n + i, c), c);
    }
    NAME(activation_ratio_backward)(kind, n, x, dx, dx);
  }
}

// Turns the pair (x[i], x[i + half]) of each head by the angle of its row's position, or back by it.
static void NAME(rotary)(ptrdiff_t rows, ptrdiff_t heads, ptrdiff_t width, ptrdiff_t half, const int32_t *positions,
                         const float *cosines, const float *sines, float direction, float *x, ptrdiff_t ldx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += ldx) {
    const float *cosine = cosines + positions[r] * half, *sine = sines + positions[r] * half;
    for (ptrdiff_t h = 0; h < heads; h++) {
      float *low = x + h * width, *high = low + half;
      for (ptrdiff_t i = 0; i < half; i += 16) {
        const ptrdiff_t c = half - i;
        const NAME(v16) a = NAME(load)(low + i, c), b = NAME(load)(high + i, c);
        const NAME(v16) u = NAME(load)(cosine + i, c), v = NAME(load)(sine + i, c) * direction;
        NAME(store)(low + i, a * u - b * v, c);
        NAME(store)(high + i, b * u + a * v, c);
      }
    }
  }
}
