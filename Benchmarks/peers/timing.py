"""Wall time of repeated calls, and the memory of this process."""

import resource
import statistics
import time


def timed(work, runs):
    """Seconds of `runs` calls after one warm-up call."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {"median_s": statistics.median(seconds), "min_s": min(seconds), "max_s": max(seconds), "runs": runs}


def peak_gb():
    """Largest resident set of this process since it began, or since `forget_peak`."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def forget_peak():
    """Lets the peak start anew (Linux), to tell the work's memory from the loading's."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
