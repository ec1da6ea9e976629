# calls.py <bare code> <user code>: prints nanoseconds per call of `add`, of the bare handler and of two clock readings,
# as JSON.
import importlib.util
import json
import os
import statistics
import sys
import time
import timeit


def load(path):
    spec = importlib.util.spec_from_file_location("user_code", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bare = load(sys.argv[1]).CalculatorHandler()
measured = load(sys.argv[2]).CalculatorHandler()


def clock():
    start = time.perf_counter()
    return time.perf_counter() - start


CALLS = {
    "clock": clock,
    "bare": lambda: bare.add(1, 2),
    "measured": lambda: measured.add(1, 2),
}
NUMBER = 20_000
rounds = {name: [] for name in CALLS}
for _ in range(1 if os.environ.get("BENCH_QUICK") else 15):
    for name, call in CALLS.items():
        rounds[name].append(timeit.timeit(call, number=NUMBER) / NUMBER * 1e9)
print(json.dumps({name: statistics.median(times) for name, times in rounds.items()}))
