"""Read scanned digits; every choice stands in a file. Needs scikit-learn (and PyYAML, which kleio brings along).

    kleio python examples/configured.py examples/configured.yaml
    kleio python examples/configured.py examples/configured.yaml --loss hinge

The content of the YAML file is part of what makes a trial: edit it, and the same line is another trial.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import yaml
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from kleio.client.logger import kleio_logger


def main() -> None:
    parser = argparse.ArgumentParser(description="Read scanned digits.")
    parser.add_argument("config", type=Path, help="YAML file: epochs, seed, test_size and options of SGDClassifier")
    parser.add_argument("--loss", help="in place of the file's")
    options = parser.parse_args()
    config = yaml.safe_load(options.config.read_text())
    choices = dict(config["classifier"])
    if options.loss:
        choices["loss"] = options.loss

    pictures, labels = load_digits(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(
        StandardScaler().fit_transform(pictures), labels, test_size=config["test_size"], random_state=config["seed"]
    )
    classifier = SGDClassifier(**choices, random_state=config["seed"])
    random = np.random.default_rng(config["seed"])
    for epoch in range(1, config["epochs"] + 1):
        order = random.permutation(len(train))
        classifier.partial_fit(train[order], train_labels[order], classes=np.unique(labels))
        accuracy = classifier.score(test, test_labels)
        print(f"epoch {epoch}: accuracy {accuracy:.3f}", flush=True)
        kleio_logger.log_statistic(epoch=epoch, accuracy=accuracy)


if __name__ == "__main__":
    main()
