"""What the texts must say and must never say, language by language."""

from __future__ import annotations

import re
from dataclasses import dataclass

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


@dataclass(frozen=True, slots=True)
class Words:
    """The rules of one language.

    Attributes:
        sections: Headings of a class page, in order.
        opening: The sentence that every class page begins with.
        never: What no text may say.
        only_with: What a sentence may say only if the second pattern is in it, too.
    """

    sections: tuple[str, ...]
    opening: str
    never: tuple[str, ...]
    only_with: tuple[tuple[str, str], ...]


WORDS = {
    "en": Words(
        sections=(
            "What it is",
            "How it usually looks",
            "The ABCDE check",
            "What is usually done",
            "When to hurry",
            "Sources",
        ),
        opening="This page is about this kind of spot in general, not about your photo.",
        never=(
            r"\byou (\w+ )?have (an? )?(skin )?(cancer|melanoma|carcinoma|tumou?r|keratosis)",
            r"\byour (skin )?(cancer|melanoma|carcinoma|tumou?r)\b",
            r"\bsafe(ly|ty)?\b",
            r"\b(nothing|no need|no reason) to (worry|fear)",
            r"\b(don[’']t|do not) worry",
            r"\ball clear\b",
        ),
        only_with=(
            (r"\bharmless|\bbenign", r"\b(not|never|usually|often|only an examination)\b"),
            (r"\bno harm\b", r"\b(usually|often|most)\b"),
            (r"\bdiagnos", r"\b(no|not|never)\b|n[’']t\b"),
        ),
    ),
    "es": Words(
        sections=(
            "Qué es",
            "Qué aspecto suele tener",
            "La regla ABCDE",
            "Qué se suele hacer",
            "Cuándo darse prisa",
            "Fuentes",
        ),
        opening="Esta página habla de este tipo de mancha en general, no de su foto.",
        never=(
            r"\b(tiene|padece|sufre)( usted)? (un |una )?(cáncer|melanoma|carcinoma|tumor|queratosis)",
            r"\bsu (cáncer|melanoma|carcinoma|tumor)\b",
            r"\bsegur[oa]s?\b|\ba salvo\b|\bsin peligro\b",
            r"\bno (se preocupe|hay de qué preocuparse|tiene de qué preocuparse|es nada)\b",
            r"\b(tú|tus|contigo|tienes|puedes|quieres|debes)\b",  # the reader is “usted”
            r"\btu\b(?! martes)",  # but Tu is Tuesday in opening hours
        ),
        only_with=(
            (r"\binofensiv|\bbenign", r"\b(no|nunca|suelen?|por lo general|solo una revisión)\b"),
            (r"\bno (causan?|hacen?) daño\b", r"\b(suelen?|por lo general|la mayoría)\b"),
            (r"\bdiagn[oó]s", r"\b(no|nunca|ningún)\b"),
        ),
    ),
}


def offences(text: str, words: Words) -> list[str]:
    """Return the sentences of a text that break the rules; an empty list if none does.

    Headings and the list of sources are left alone: they are names and titles of works.
    """
    body = text.split(f"## {words.sections[-1]}\n", maxsplit=1)[0]
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    sentences = [sentence for line in lines for sentence in re.split(r"(?<=[.!?])\s+", line)]
    return [sentence for sentence in sentences if _offends(sentence.lower(), words)]


def _offends(sentence: str, words: Words) -> bool:
    if any(re.search(pattern, sentence) for pattern in words.never):
        return True
    return any(re.search(said, sentence) and not re.search(with_, sentence) for said, with_ in words.only_with)
