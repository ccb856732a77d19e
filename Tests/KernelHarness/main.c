// usage: harness [--rounds N] [--seed S] [--only CASE [--round I]]
#include "harness.h"

static const named_case *const groups[] = {linear_cases, slice_cases, row_cases, activation_cases, attention_cases, pool_cases};
enum { group_count = sizeof groups / sizeof *groups, pool_size = 3 };

static void find_sets(void) {
#if defined(__aarch64__)
  static const char *const names[] = {"neon"};
#else
  static const char *const names[] = {"baseline", "avx2", "avx512"};
#endif
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (vk_select_isa(names[i]) == 0)
      sets[set_count++] = names[i];
    else
      printf("SKIPPED: %s: this processor does not have it\n", names[i]);
  }
}

// The numbers of a case depend on its name and round alone, so that one can be run again by itself.
static random_source source_of(const char *name, long seed, long round) {
  random_source source = {(uint64_t)seed};
  for (const char *c = name; *c; c++) source.state = (source.state ^ (unsigned char)*c) * 0x100000001B3u;
  source.state += (uint64_t)round * 0xD1342543DE82EF95u;
  draw_bits(&source);
  return source;
}

static long run(long rounds, long seed, const char *only, long one_round) {
  long count = 0;
  for (long round = 0; round < rounds; round++)
    for (int g = 0; g < group_count; g++)
      for (const named_case *c = groups[g]; c->name; c++) {
        if (only ? strcmp(only, c->name) != 0 : round % c->share != 0) continue;
        if (one_round >= 0 && round != one_round) continue;
        const int before = failures();
        random_source source = source_of(c->name, seed, round);
        c->run(&source);
        count++;
        if (failures() > before) printf("        again with: --only %s --round %ld --seed %ld\n", c->name, round, seed);
      }
  return count;
}

int main(int argc, char **argv) {
  long rounds = 50, seed = 1, round = -1;
  const char *only = NULL;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "--rounds")) rounds = atol(argv[i + 1]);
    if (!strcmp(argv[i], "--seed")) seed = atol(argv[i + 1]);
    if (!strcmp(argv[i], "--only")) only = argv[i + 1];
    if (!strcmp(argv[i], "--round")) round = atol(argv[i + 1]);
  }
  if (round >= rounds) rounds = round + 1;
  char threads[8];
  snprintf(threads, sizeof threads, "%d", pool_size);
  setenv("VITRINE_THREADS", threads, 1);
  if (vk_threads() != pool_size) fail("the pool has %d threads, not %d", vk_threads(), pool_size);
  find_sets();
  const long count = run(rounds, seed, only, round);
  if (count == 0) fail("no case ran");
  print_results();
  printf("%s: %ld cases in %ld rounds of seed %ld on", failures() ? "FAILED" : "passed", count, rounds, seed);
  for (int set = 0; set < set_count; set++) printf(" %s", sets[set]);
  printf(", %d threads; %d failures\n", pool_size, failures());
  return failures() ? 1 : 0;
}
