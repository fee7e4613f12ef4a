"""Keras Tuner's side of compare-bayesian.ts: its BayesianOptimization on ten test functions.

Needs `pip install keras-tuner keras jax scikit-learn scipy six`; trains nothing.
    KERAS_BACKEND=jax python scripts/compare_bayesian.py SEEDS TRIALS [FUNCTION...] > regrets.json
Prints {function: [the simple regret after TRIALS trials, for seeds 1 to SEEDS]}.
"""

import json
import os
import sys
import tempfile
import warnings
from math import cos, e, exp, pi, sin, sqrt

os.environ.setdefault("KERAS_BACKEND", "jax")
warnings.filterwarnings("ignore")

import keras_tuner
import sklearn
from keras_tuner.oracles import BayesianOptimizationOracle

# Checks of arguments take most of the time of a prediction for one point.
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)


def goldstein_price(x, y):
    a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return a * b


def ackley(x, y):
    return -20 * exp(-0.2 * sqrt((x**2 + y**2) / 2)) - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2) + 20 + e


# name: (function, bounds, least value)
FUNCTIONS = {
    "forrester": (lambda x: (6 * x - 2) ** 2 * sin(12 * x - 4), [(0, 1)], -6.020740055767083),
    "gramacy-lee": (lambda x: sin(10 * pi * x) / (2 * x) + (x - 1) ** 4, [(0.5, 2.5)], -0.8690111349894997),
    "two-sines": (lambda x: sin(x) + sin(10 * x / 3), [(2.7, 7.5)], -1.8995993491521),
    "parabola-exp": (lambda x: -(16 * x**2 - 24 * x + 5) * exp(-x), [(1.9, 3.9)], -3.8504507087979),
    "branin": (
        lambda x, y: (y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10,
        [(-5, 10), (0, 15)],
        0.39788735772973816,
    ),
    "six-hump-camel": (
        lambda x, y: (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2,
        [(-3, 3), (-2, 2)],
        -1.0316284534898774,
    ),
    "goldstein-price": (goldstein_price, [(-2, 2), (-2, 2)], 3),
    "himmelblau": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [(-5, 5), (-5, 5)], 0),
    "ackley": (ackley, [(-4, 6), (-4, 6)], 0),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [(-2, 2), (-1, 3)], 0),
}


def regret(name, seed, count):
    function, bounds, least = FUNCTIONS[name]
    hps = keras_tuner.HyperParameters()
    for axis, (low, high) in enumerate(bounds):
        hps.Float(f"x{axis}", low, high)
    objective = keras_tuner.Objective("value", "min")
    oracle = BayesianOptimizationOracle(objective, max_trials=count, hyperparameters=hps, seed=seed)
    oracle.verbose = 0
    best = float("inf")
    with tempfile.TemporaryDirectory() as directory:
        oracle._set_project_dir(directory, "project")
        for _ in range(count):
            trial = oracle.create_trial("tuner0")
            value = function(*[trial.hyperparameters.values[f"x{axis}"] for axis in range(len(bounds))])
            best = min(best, value)
            oracle.update_trial(trial.trial_id, {"value": value})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    return best - least


seeds, count = int(sys.argv[1]), int(sys.argv[2])
result = {}
for name in sys.argv[3:] or FUNCTIONS:
    result[name] = [regret(name, seed, count) for seed in range(1, seeds + 1)]
    print(name, [float(v) for v in result[name]], file=sys.stderr, flush=True)
json.dump({"kerasTuner": keras_tuner.__version__, "trials": count, "regrets": result}, sys.stdout)
