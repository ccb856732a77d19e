// For what posix_spawn has beyond POSIX, which Swift's module of glibc does not show.
#define _GNU_SOURCE
#include "spawn_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>

int spawn_child(
    pid_t *child, char *const words[], char *const variables[], const char *folder, const char *out, const char *err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);

  int problem = posix_spawn_file_actions_init(&actions);
  if (problem != 0) return problem;
  problem = posix_spawnattr_init(&attributes);
  if (problem != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return problem;
  }
  const int making = O_WRONLY | O_CREAT | O_TRUNC;
  if (problem == 0) problem = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (problem == 0) problem = posix_spawn_file_actions_addopen(&actions, 1, out, making, 0600);
  if (problem == 0) problem = posix_spawn_file_actions_addopen(&actions, 2, err, making, 0600);
  if (problem == 0 && folder != NULL) problem = posix_spawn_file_actions_addchdir_np(&actions, folder);
#ifdef __APPLE__
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#else
  if (problem == 0) problem = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
  if (problem == 0) problem = posix_spawnattr_setsigmask(&attributes, &none);
  if (problem == 0) problem = posix_spawnattr_setsigdefault(&attributes, &all);
  if (problem == 0) problem = posix_spawnattr_setpgroup(&attributes, 0);
  if (problem == 0) problem = posix_spawnattr_setflags(&attributes, flags);
  if (problem == 0) problem = posix_spawn(child, words[0], &actions, &attributes, words, variables);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return problem;
}
