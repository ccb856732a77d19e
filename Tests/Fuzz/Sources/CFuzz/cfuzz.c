#define _GNU_SOURCE
#include "cfuzz.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

static uint64_t seed_in_use, attempt_in_progress;
static int running;

int fuzz_has_address_sanitizer(void) {
#if __has_feature(address_sanitizer)
  return 1;
#else
  return 0;
#endif
}

// Swift's traps are SIGILL or SIGTRAP. A leak at the end of the process is no finding here.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "handle_sigill=1:handle_sigtrap=1:handle_abort=1:detect_leaks=0:max_allocation_size_mb=4096";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "print_stacktrace=1:halt_on_error=1"; }

static void report(void) {
  if (!running) return;
  char line[160];
  const int n = snprintf(line, sizeof line, "\nFAILED in attempt %llu; again with: scripts/fuzz --only %llu --seed %llu\n",
                         (unsigned long long)attempt_in_progress, (unsigned long long)attempt_in_progress,
                         (unsigned long long)seed_in_use);
  if (write(STDERR_FILENO, line, (size_t)n) < 0) _exit(3);
}

static void too_long(int signal) {
  (void)signal;
  static const char message[] = "\nan attempt takes too long";
  if (write(STDERR_FILENO, message, sizeof message - 1) >= 0) report();
  _exit(3);
}

#if !__has_feature(address_sanitizer)
static void died(int number) {
  report();
  signal(number, SIG_DFL);
  raise(number);
}
#endif

void fuzz_prepare(uint64_t seed) {
  seed_in_use = seed;
  signal(SIGALRM, too_long);
#if __has_feature(address_sanitizer)
  __asan_set_death_callback(report);
#else
  static const int numbers[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) signal(numbers[i], died);
#endif
}

void fuzz_begin(uint64_t attempt, unsigned seconds) {
  attempt_in_progress = attempt;
  running = 1;
  alarm(seconds);
}

void fuzz_end(void) {
  alarm(0);
  running = 0;
}

int fuzz_overflow_integer(int value) { return value + 0x7FFFFFFF; }

// MARK: Guarded mappings (the linker's --wrap)

void *__real_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset);
int __real_munmap(void *address, size_t length);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void *address, size_t length);

static size_t rounded(size_t length) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (length + page - 1) / page * page;
}

// A file's mapping: behind its last byte the rest of the page is poisoned, and then comes a page that is not there.
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  if (address || file < 0) return __real_mmap(address, length, protection, flags, file, offset);
  const size_t inner = rounded(length), page = (size_t)sysconf(_SC_PAGESIZE);
  char *room = __real_mmap(NULL, inner + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return MAP_FAILED;
  void *start = __real_mmap(room, length, protection, flags | MAP_FIXED, file, offset);
  if (start == MAP_FAILED) {
    __real_munmap(room, inner + page);
    return MAP_FAILED;
  }
#if __has_feature(address_sanitizer)
  __asan_poison_memory_region(room + length, inner - length);
#endif
  return start;
}

// Every mapping that the program itself gives back is one of those above.
int __wrap_munmap(void *address, size_t length) {
  const size_t inner = rounded(length);
#if __has_feature(address_sanitizer)
  __asan_unpoison_memory_region((char *)address + length, inner - length);
#endif
  return __real_munmap(address, inner + (size_t)sysconf(_SC_PAGESIZE));
}
