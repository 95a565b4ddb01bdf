"""What the stories of a topic have in common."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.stories.centering import HALVED_AT, Centering, tongue

AXES = np.eye(8, dtype=np.float32)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def test_what_all_stories_share_is_taken_off() -> None:
    background = Centering()
    for n in range(300):
        background.add(unit(AXES[0] + AXES[1 + n % 7]), "en")
    one, other = (background.strip(unit(AXES[0] + AXES[n]), "en") for n in (1, 2))
    assert float(one @ other) < 0.1 < 0.49 < float(unit(AXES[0] + AXES[1]) @ unit(AXES[0] + AXES[2]))
    assert float(one @ one) == pytest.approx(1, abs=1e-5)


def test_the_first_story_takes_off_next_to_nothing() -> None:
    background = Centering()
    background.add(AXES[0], "en")
    assert float(background.strip(unit(AXES[0] + AXES[1]), "en") @ unit(AXES[0] + AXES[1])) > 0.99


def test_each_script_has_a_background_of_its_own() -> None:
    background = Centering()
    for _ in range(300):
        background.add(AXES[0], "zh")
        background.add(AXES[1], "en")
    chinese = background.strip(unit(AXES[0] + AXES[2]), "zh-Hant")
    english = background.strip(unit(AXES[1] + AXES[2]), "nl")
    assert float(chinese @ english) > 0.9


def test_languages_of_latin_letters_are_one() -> None:
    assert tongue("en") == tongue("fr") == tongue("") == ""
    assert tongue("zh-Hans") == "zh"


def test_another_model_begins_anew() -> None:
    background = Centering()
    background.add(AXES[0], "en")
    background.add(np.ones(4, np.float32), "en")
    assert background.counts == {"": 1}
    assert np.array_equal(background.strip(AXES[0], "en"), AXES[0])


def test_old_stories_lose_weight() -> None:
    background = Centering()
    for _ in range(HALVED_AT):
        background.add(AXES[0], "en")
    background.add(AXES[1], "en")
    assert background.counts[""] == HALVED_AT // 2 + 1
    assert background.sums[""][0] == HALVED_AT / 2


def test_a_dump_reads_back_the_same() -> None:
    background, again = Centering(), Centering()
    again.load(*background.dump())
    assert again.dump() == background.dump()
    for n in range(5):
        background.add(AXES[n], ("en", "zh")[n % 2])
    again.load(*background.dump())
    assert again.dump() == background.dump()
    assert np.array_equal(again.strip(AXES[0], "en"), background.strip(AXES[0], "en"))
