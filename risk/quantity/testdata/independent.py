# SPDX-License-Identifier: Apache-2.0
"""The same question asked of another program: annual loss of scenarios, by the
standard library of Python alone. Reads scenarios as JSON, prints mean and
quantiles as JSON. Written from the definitions, not from the Go code."""
import json
import math
import random
import sys

Z95 = 1.6448536269514722


def draw(spread):
    low, mode, high = spread["low"], spread.get("mode", 0), spread.get("high", 0)
    if spread["shape"] == "fixed":
        return low
    if spread["shape"] == "lognormal":
        mu, sigma = (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / (2 * Z95)
        return random.lognormvariate(mu, sigma)
    if spread["shape"] == "triangular":
        return random.triangular(low, high, mode)
    width = high - low
    return low + width * random.betavariate(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width)


def times(expected):
    """Counts exponential waits that fit into a year."""
    if expected <= 0:
        return 0
    n, at = 0, random.expovariate(expected)
    while at <= 1:
        n, at = n + 1, at + random.expovariate(expected)
    return n


question = json.load(sys.stdin)
random.seed(question["seed"])
years = []
for _ in range(question["trials"]):
    years.append(sum(sum(draw(s["loss"]) for _ in range(times(draw(s["frequency"])))) for s in question["scenarios"]))
years.sort()
print(json.dumps({"mean": sum(years) / len(years), "p50": years[len(years) // 2], "p95": years[int(len(years) * 0.95)], "p99": years[int(len(years) * 0.99)]}))
