"""Learn to read drawn digits by stochastic gradient descent. Needs numpy only; a run takes a second.

    python examples/digits.py --epochs 5             runs on its own, prints its statistics
    kleio python examples/digits.py --epochs 5       is recorded, and goes on where it was stopped

The digits are drawn from a five-by-seven font and covered with noise.
"""

from __future__ import annotations

import argparse
import io
import time

import numpy as np

from kleio.client.logger import kleio_logger

FONT = """
.###. ..#.. .###. .###. ...#. ##### ..##. ##### .###. .###.
#...# .##.. #...# #...# ..##. #.... .#... ....# #...# #...#
#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#
#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .####
##..# ..#.. ..#.. ....# ##### ....# #...# .#... #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# .#... #...# ...#.
.###. .###. ##### .###. ...#. .###. .###. .#... .###. .##..
"""
PIXELS = 7 * 5
NOISE = 0.7


def glyphs() -> np.ndarray:
    """The ten digits as (10, 7, 5) zeros and ones."""
    rows = [line.split() for line in FONT.split("\n") if line]
    return np.array([[[pixel == "#" for pixel in row[digit]] for row in rows] for digit in range(10)], dtype=float)


def draw(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """``count`` pictures with the digits they show."""
    labels = random.integers(10, size=count)
    pictures = glyphs()[labels] + random.normal(0, NOISE, size=(count, 7, 5))
    return pictures.reshape(count, PIXELS), labels


def probabilities(weights: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Softmax of a linear model; the last row of ``weights`` is the bias."""
    scores = pictures @ weights[:-1] + weights[-1]
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    return odds / odds.sum(axis=1, keepdims=True)


def train_epoch(
    weights: np.ndarray, pictures: np.ndarray, labels: np.ndarray, rate: float, random: np.random.Generator
) -> float:
    """One pass over the pictures in random order, in batches of 32; changes ``weights``, returns the mean loss."""
    losses = []
    for batch in np.array_split(random.permutation(len(labels)), len(labels) // 32):
        guess = probabilities(weights, pictures[batch])
        losses.append(-np.log(guess[np.arange(len(batch)), labels[batch]] + 1e-12).mean())
        guess[np.arange(len(batch)), labels[batch]] -= 1
        weights[:-1] -= rate * pictures[batch].T @ guess / len(batch)
        weights[-1] -= rate * guess.mean(axis=0)
    return float(np.mean(losses))


def checkpoint(weights: np.ndarray, epoch: int) -> None:
    """Store the weights under a name, with the epoch they belong to."""
    file = io.BytesIO()
    np.save(file, weights, allow_pickle=False)
    file.seek(0)
    kleio_logger.log_artifact("weights", file, epoch=epoch)


def last_checkpoint() -> tuple[np.ndarray, int]:
    """The newest stored weights and their epoch: this trial's own if it was stopped before, else fresh ones."""
    stored = list(kleio_logger.load_artifacts("weights", {}))
    if not stored:
        return np.zeros((PIXELS + 1, 10)), 0
    file, metadata = max(stored, key=lambda entry: entry[1]["epoch"])
    return np.load(io.BytesIO(file.read()), allow_pickle=False), metadata["epoch"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn to read drawn digits.")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sleep", type=float, default=0.0, help="seconds of rest after each epoch")
    options = parser.parse_args()

    pictures, labels = draw(4000, np.random.default_rng(options.seed))
    test_pictures, test_labels = draw(1000, np.random.default_rng(options.seed + 1))
    weights, done = last_checkpoint()
    for epoch in range(done + 1, options.epochs + 1):
        # A generator for each epoch: a resumed run shuffles as an uninterrupted one would have.
        loss = train_epoch(weights, pictures, labels, options.lr, np.random.default_rng([options.seed, epoch]))
        accuracy = float((probabilities(weights, test_pictures).argmax(axis=1) == test_labels).mean())
        print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.3f}", flush=True)
        kleio_logger.log_statistic(epoch=epoch, loss=loss, accuracy=accuracy)
        checkpoint(weights, epoch)
        time.sleep(options.sleep)


if __name__ == "__main__":
    main()
