#include "interruption.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

// Where requests are passed on to; -1 while nobody reads them.
static _Atomic int passed_on = -1;

static void request(int number) {
  int error = errno;
  int sink = atomic_load(&passed_on);
  if (sink < 0) {
    static const char text[] = "vitrine: interrupted; nothing half-written\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(130);
  }
  unsigned char byte = (unsigned char)number;
  (void)!write(sink, &byte, 1);
  errno = error;
}

static void take_requests(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = request;
  action.sa_flags = SA_RESTART;
  for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    struct sigaction former;
    // What 'nohup' started goes on when its terminal is closed.
    if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &former) == 0 && former.sa_handler == SIG_IGN) continue;
    sigaction(numbers[i], &action, NULL);
  }
}

int vitrine_watch_interruptions(void) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  // A handler must never wait; more requests than a pipe holds say nothing new.
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  atomic_store(&passed_on, ends[1]);
  return ends[0];
}

#if defined(__linux__)
// Before the constructors of the libraries, which take most of a short command's time. What comes before, between the start of the
// process and the end of the loader's work, is not this program's to change.
static void take_requests_early(int count, char **arguments, char **environment) {
  (void)count, (void)arguments, (void)environment;
  take_requests();
}
__attribute__((section(".preinit_array"), used)) static void (*const early)(int, char **, char **) = take_requests_early;
#else
__attribute__((constructor)) static void take_requests_early(void) { take_requests(); }
#endif
