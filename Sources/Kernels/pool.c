// The engine's one thread pool. The caller is worker 0; workers take tasks from a shared counter, spin for a moment after
// a batch (a dispatch then costs about 5 µs instead of the 45 µs of a wake-up) and sleep afterwards.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernels.h"

// A worker spins for some 100 µs before it sleeps: longer than the caller works by itself between two batches.
enum { max_threads = 64, spins_before_sleep = 10000, spins_before_yield = 2000 };

typedef struct {
  void (*fn)(void *, ptrdiff_t);
  void *context;
  ptrdiff_t tasks;
  _Atomic ptrdiff_t next;
} batch;

static struct {
  pthread_once_t once;
  pthread_mutex_t use;    // held by the caller whose batch runs
  pthread_mutex_t sleep;  // guards the condition
  pthread_cond_t wake;
  _Atomic unsigned epoch;    // raised for each batch
  _Atomic int inside;        // workers that may hold the current batch
  _Atomic int active;        // workers that take part, callers included
  _Atomic(batch *) current;  // NULL between batches
  int size;                  // callers included
} pool = {.once = PTHREAD_ONCE_INIT, .use = PTHREAD_MUTEX_INITIALIZER, .sleep = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void drain(batch *b) {
  for (ptrdiff_t t; (t = atomic_fetch_add_explicit(&b->next, 1, memory_order_relaxed)) < b->tasks;) b->fn(b->context, t);
}

static void *work(void *argument) {
  int id = (int)(intptr_t)argument;
  unsigned seen = 0;
  for (;;) {
    for (long spins = 0; atomic_load_explicit(&pool.epoch, memory_order_acquire) == seen;) {
      if (++spins < spins_before_sleep) {
        relax();
        continue;
      }
      pthread_mutex_lock(&pool.sleep);
      while (atomic_load(&pool.epoch) == seen) pthread_cond_wait(&pool.wake, &pool.sleep);
      pthread_mutex_unlock(&pool.sleep);
    }
    seen = atomic_load_explicit(&pool.epoch, memory_order_acquire);
    // Announce first, look afterwards: either this sees the batch closed, or the caller sees this inside. A worker that
    // wakes too late (a busy machine) thus never keeps the caller waiting.
    atomic_fetch_add(&pool.inside, 1);
    batch *b = atomic_load(&pool.current);
    if (b && id < atomic_load(&pool.active)) drain(b);
    atomic_fetch_sub(&pool.inside, 1);
  }
  return NULL;
}

static int available_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

static void start(void) {
  const char *wanted = getenv("VITRINE_THREADS");
  int n = wanted ? atoi(wanted) : 0;
  if (n < 1) n = available_processors();
  if (n > max_threads) n = max_threads;
  pool.size = 1;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int id = 1; id < n; id++) {
    pthread_t thread;
    // A thread that cannot be had makes the pool smaller, nothing else.
    if (pthread_create(&thread, &attributes, work, (void *)(intptr_t)id) != 0) break;
    pool.size++;
  }
  pthread_attr_destroy(&attributes);
  atomic_store(&pool.active, pool.size);
}

int vk_threads(void) {
  pthread_once(&pool.once, start);
  return atomic_load(&pool.active);
}

void vk_set_threads(int threads) {
  pthread_once(&pool.once, start);
  atomic_store(&pool.active, threads < 1 ? 1 : threads > pool.size ? pool.size : threads);
}

void vk_parallel(ptrdiff_t tasks, void (*fn)(void *, ptrdiff_t), void *context) {
  pthread_once(&pool.once, start);
  batch b = {.fn = fn, .context = context, .tasks = tasks};
  if (tasks < 2 || atomic_load(&pool.active) < 2 || pthread_mutex_trylock(&pool.use) != 0) {
    drain(&b);
    return;
  }
  atomic_store(&pool.current, &b);
  pthread_mutex_lock(&pool.sleep);
  atomic_fetch_add(&pool.epoch, 1);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.sleep);
  drain(&b);
  atomic_store(&pool.current, NULL);
  for (long spins = 0; atomic_load(&pool.inside) > 0;) {
    if (++spins < spins_before_yield)
      relax();
    else
      sched_yield();
  }
  pthread_mutex_unlock(&pool.use);
}
