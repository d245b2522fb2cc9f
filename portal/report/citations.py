"""Numbers the sources of a report in the order in which it first cites them."""

from __future__ import annotations

from collections.abc import Iterable

from portal import formats
from portal.formats import Lang
from portal.marts import Marts, Row
from portal.report.model import Said, Source
from portal.sentences import Sentence
from portal.words import word


class Citations:
    """The sources cited so far; ``said`` turns a sentence into one with source numbers."""

    def __init__(self, marts: Marts, lang: Lang) -> None:
        self._marts = marts
        self._lang = lang
        self._by_source: dict[str, tuple[int, Row]] = {}
        self._of: dict[str, Row | None] = {}

    def said(self, sentence: Sentence | str) -> Said:
        """Return the sentence with the numbers of the sources it stands on."""
        if isinstance(sentence, str):
            return Said(sentence)
        return Said(sentence.text, self.numbers(sentence.evidence))

    def numbers(self, obs_ids: Iterable[str | None]) -> tuple[int, ...]:
        """Return the numbers of the sources of some observations, ascending."""
        wanted = [obs_id for obs_id in obs_ids if obs_id]
        unseen = [obs_id for obs_id in wanted if obs_id not in self._of]
        if unseen:
            self._of.update(dict.fromkeys(unseen))
            found = self._marts.ask("report_sources", ids=unseen)
            self._of.update({row["obs_id"]: row for row in found})
        rows = [self._of[obs_id] for obs_id in wanted]
        return tuple(sorted({self._number(row) for row in rows if row is not None}))

    def listed(self) -> tuple[Source, ...]:
        """Return every source cited, by number."""
        return tuple(
            Source(
                number=number,
                name=str(row["source_name"]),
                tier=word("tier", row["provenance_tier"], self._lang),
                known=self._known(row),
                url=_web_address(row["source_url"]),
            )
            for number, row in sorted(self._by_source.values(), key=lambda pair: pair[0])
        )

    def _number(self, row: Row) -> int:
        source = str(row["source_id"])
        if source not in self._by_source:
            self._by_source[source] = (len(self._by_source) + 1, row)
        return self._by_source[source][0]

    def _known(self, row: Row) -> str:
        day = formats.date(row["known_at"], self._lang)
        return f"{word('known_at_basis', row['known_at_basis'], self._lang)} {day}"


def _web_address(url: str | None) -> str:
    """Return an address that is safe to follow, or nothing."""
    return url if url and url.startswith(("https://", "http://")) else ""
