"""Gradient descent into a long narrow valley: too small a learning rate crawls, too large a one leaps out.

kleio python examples/descent.py --lr 0.05
"""

from __future__ import annotations

import argparse
import random

from kleio.client.logger import kleio_logger

STEEP, FLAT = 20.0, 0.5

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--steps", type=int, default=60)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

random.seed(options.seed)
x, y = 1.0, 1.0
loss = 0.0
for step in range(1, options.steps + 1):
    x -= options.lr * (STEEP * x + random.gauss(0, 0.1))
    y -= options.lr * (FLAT * y + random.gauss(0, 0.1))
    loss = min((STEEP * x * x + FLAT * y * y) / 2, 1e6)
    kleio_logger.log_statistic(step=step, loss=loss)
print(f"lr {options.lr}: loss {loss:.6g}")
