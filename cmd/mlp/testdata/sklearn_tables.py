#!/usr/bin/env python3
"""scikit-learn's bundled tables as CSV files, split, with what its MLPClassifier makes of them.

  sklearn_tables.py DIR SEEDS

For each table and seed writes NAME-SEED-train.csv and NAME-SEED-test.csv to DIR, the target a column of names at the end, and prints
a line "NAME SEED ACCURACY": of the test rows, by StandardScaler and MLPClassifier with its defaults and random_state=SEED.
"""
import csv, sys, warnings

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")  # that 200 epochs were not enough
folder, seeds = sys.argv[1], int(sys.argv[2])
for name in ["iris", "wine", "breast_cancer", "digits"]:
    d = getattr(datasets, "load_" + name)()
    names = [str(n) for n in d.feature_names]
    classes = np.array([str(n) for n in d.target_names])
    for seed in range(seeds):
        a, b, ya, yb = train_test_split(d.data, d.target, test_size=0.25, random_state=seed, stratify=d.target)
        for part, x, y in (("train", a, ya), ("test", b, yb)):
            with open(f"{folder}/{name}-{seed}-{part}.csv", "w", newline="") as f:
                w = csv.writer(f)
                w.writerow(names + ["class"])
                w.writerows([*map(repr, map(float, row)), "class " + classes[label]] for row, label in zip(x, y))
        model = make_pipeline(StandardScaler(), MLPClassifier(random_state=seed)).fit(a, ya)
        print(name, seed, model.score(b, yb), flush=True)
