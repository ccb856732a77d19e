// What the fuzzer needs from C: the attempt's number in every report of a crash, a time limit, guarded mappings.
#pragma once
#include <stdint.h>

/// Whether this was compiled with AddressSanitizer.
int fuzz_has_address_sanitizer(void);
/// Arranges that whatever ends the process says which attempt it was.
void fuzz_prepare(uint64_t seed);
/// An attempt begins; it fails if it takes longer than `seconds`.
void fuzz_begin(uint64_t attempt, unsigned seconds);
/// No attempt is running.
void fuzz_end(void);

/// Does on purpose what must be noticed, for the proof that it is: an overflow of a C integer.
int fuzz_overflow_integer(int value);
