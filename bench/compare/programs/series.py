# series.py <series> <port> <count>: serves that many histogram series. Answers each line of input with the CPU time used
# since the last one and the longest wait of another thread, in milliseconds.
import importlib.util
import json
import resource
import sys
import threading
import time

spec = importlib.util.spec_from_file_location("series", sys.argv[1])
series = importlib.util.module_from_spec(spec)
spec.loader.exec_module(series)
series.serve(int(sys.argv[2]), int(sys.argv[3]))

longest = 0.0


def watch():
    global longest
    while True:
        before = time.perf_counter()
        time.sleep(0.001)
        longest = max(longest, time.perf_counter() - before)


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


threading.Thread(target=watch, daemon=True).start()
cpu = used()
print("ready", flush=True)
for _ in sys.stdin:
    print(json.dumps({"cpu": (used() - cpu) * 1000, "block": longest * 1000}), flush=True)
    cpu = used()
    longest = 0.0
