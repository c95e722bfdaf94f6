from dataclasses import replace

import numpy as np
import pytest

from nncore import data, pretrained
from nncore.cases import check_run, runs
from nncore.run import Run
from tests.conftest import complete


@pytest.mark.parametrize("name", ["two_layer", "four_layer"])
def test_shipped_networks_claim_the_documented_numbers(name: str) -> None:
    assert check_run(runs()[name], pretrained.load(name)).agrees


def test_the_doodle_network_is_what_its_settings_give() -> None:
    shipped = pretrained.load("doodles")
    trained = complete(Run(data.load("doodles"), replace(shipped.settings, num_iterations=200)))
    np.testing.assert_allclose(shipped.costs[:201], trained.costs, rtol=0, atol=1e-9)


def test_arrays_are_read_only_and_shared() -> None:
    network = pretrained.load("four_layer")
    assert network is pretrained.load("four_layer")
    with pytest.raises(ValueError, match="read-only"):
        network.parameters["W1"][0, 0] = 0
    with pytest.raises(ValueError, match="no network 'five_layer'"):
        pretrained.load("five_layer")
