"""A run on a data set: what the command line and the live pages advance, each at its own pace."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from nncore.checks import require_positive
from nncore.data.dataset import Dataset
from nncore.gram import Products
from nncore.history import History, Settings
from nncore.training import Training, count_correct, first_parameters
from nncore.types import Parameters


@dataclass(frozen=True)
class Recipe:
    """What makes a run, to the last bit: so little is enough to keep it.

    Attributes
    ----------
    settings : Settings
    parent : Recipe or None
        For a branch, the run that it left,
    at : int
        and after how many of its updates.
    """

    settings: Settings
    parent: "Recipe | None" = None
    at: int = 0

    @property
    def root(self) -> "Recipe":
        """The run at the beginning of all these branches; of no branch, itself."""
        return self if self.parent is None else self.parent.root

    @property
    def offset(self) -> int:
        """How many updates lie before this run, in all of its parents together."""
        return 0 if self.parent is None else self.parent.offset + self.at

    def branch(self, at: int, learning_rate: float) -> "Recipe":
        """Return the run that leaves this one after `at` updates and goes on to the same end."""
        left = self.settings.num_iterations - at
        settings = replace(
            self.settings, learning_rate=learning_rate, num_iterations=left, init="given"
        )
        return Recipe(settings, self, at)


class Run(Training):
    """A training on a data set, from its settings.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
        Its first size needs to be that of the data set's columns, its last 1.
    engine : str
        "auto", or one of `nncore.training.ENGINES`.
    record_every : int
    start : dict, optional
        Parameters to go on from, in place of those that the settings draw.
    products : Products, optional
        Of the data set's pictures, where several runs use them.

    Raises
    ------
    ValueError
        If the settings do not fit the data set.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        *,
        engine: str = "auto",
        record_every: int = 1,
        start: Parameters | None = None,
        products: Products | None = None,
    ) -> None:
        if settings.layers_dims[-1] != 1:
            raise ValueError(
                f"The last layer has {settings.layers_dims[-1]} units: one class or the other is one "
                f"answer, so it needs 1."
            )
        require_positive("learning_rate", settings.learning_rate)
        self.dataset = dataset
        # The textbook reads all pictures anew each time: test pictures would slow it by a tenth.
        watched = engine != "textbook"
        super().__init__(
            dataset.train_x,
            dataset.train_labels.astype(np.float64),
            start or partial(first_parameters, settings),
            learning_rate=settings.learning_rate,
            num_iterations=settings.num_iterations,
            engine=engine,
            record_every=record_every,
            X_test=dataset.test_x if watched else None,
            Y_test=dataset.test_labels.astype(np.float64) if watched else None,
            products=products,
            settings=settings,
        )

    def history(self) -> History:
        """Return the run as it stands, with the network that it has trained so far."""
        data, history = self.dataset, super().history()
        history = replace(history, classes=data.classes, data_digest=data.digest)
        if "test" in history.correct:
            return history
        test = count_correct(data.test_x, data.test_labels, history.parameters)
        return replace(history, correct={**history.correct, "test": test})
