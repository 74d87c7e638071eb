"""The watch over forbidden words catches what it is there to catch."""

from __future__ import annotations

import pytest

from tests.content.words import WORDS, offences


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "You have melanoma."),
        ("en", "You probably have a skin cancer."),
        ("en", "Your melanoma is thin."),
        ("en", "This mole is safe."),
        ("en", "These spots are harmless."),
        ("en", "It is benign."),
        ("en", "They do no harm."),
        ("en", "Here is your diagnosis."),
        ("en", "There is nothing to worry about."),
        ("es", "Usted tiene un melanoma."),
        ("es", "Tiene usted cáncer."),
        ("es", "Su carcinoma es pequeño."),
        ("es", "Este lunar es seguro."),
        ("es", "Son manchas inofensivas."),
        ("es", "Es una lesión benigna."),
        ("es", "No causan daño."),
        ("es", "Este es su diagnóstico."),
        ("es", "No se preocupe."),
        ("es", "Muestra tu lunar."),
    ],
)
def test_a_verdict_is_caught(language: str, sentence: str) -> None:
    assert offences(f"Text. {sentence} Text.", WORDS[language]) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "A low number never means that a spot is harmless."),
        ("en", "They usually do no harm."),
        ("en", "It gives no diagnosis."),
        ("es", "Un número bajo nunca significa que una mancha sea inofensiva."),
        ("es", "Por lo general no causan daño."),
        ("es", "No da diagnósticos."),
    ],
)
def test_a_qualified_sentence_may_stand(language: str, sentence: str) -> None:
    assert offences(sentence, WORDS[language]) == []


def test_headings_and_titles_of_sources_are_left_alone() -> None:
    text = "# Benign keratosis\n\nText.\n\n## Sources\n\n- Diagnosis of melanoma, 2024\n"
    assert offences(text, WORDS["en"]) == []
