"""What tests of the assessment share."""

import pytest

from inference.assess import Assessment, assess
from inference.model import Model, load_model
from tests.inference.pictures import MODELS, MOLE, photo


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model(MODELS)


@pytest.fixture(scope="session")
def assessed_mole(model: Model) -> Assessment:
    return assess(photo(MOLE), model)
