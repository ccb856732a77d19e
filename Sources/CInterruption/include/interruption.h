#pragma once
// Requests to end (SIGINT, SIGTERM, SIGHUP), taken from the first instruction of this program on.
//
// Until `vitrine_watch_interruptions` is called nothing has been written, and a request ends the process with status 130 at once.
// From then on each request is one byte to read, so that an ordinary thread can tidy up, which a signal handler may not.

// Returns the descriptor from which one byte per request can be read; -1 if there is none: then requests go on ending the process
// at once.
int vitrine_watch_interruptions(void);
