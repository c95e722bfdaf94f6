"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import ui

import nncore

MODULES = [
    module.name
    for package in (nncore, ui)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np})
    assert failed == 0


def test_examples_are_found() -> None:
    found = doctest.DocTestFinder(exclude_empty=True).find(
        importlib.import_module("nncore.training")
    )
    assert any(test.examples for test in found)
