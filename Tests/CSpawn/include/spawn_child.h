#ifndef SPAWN_CHILD_H
#define SPAWN_CHILD_H

#include <sys/types.h>

// Starts a program in a process group of its own, with no signal blocked or ignored, no open file but the three standard ones,
// an empty standard input, and files that are made or emptied for the two outputs.
//   words: the program's path and its arguments, ended by NULL; variables: the environment, NAME=VALUE, ended by NULL
//   folder: where it runs; NULL for the caller's
// Returns 0 and the child's number, or what errno would be.
int spawn_child(
    pid_t *child, char *const words[], char *const variables[], const char *folder, const char *out, const char *err);

#endif
