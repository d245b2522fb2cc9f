"""Half-years are read, named and bounded as people mean them."""

import datetime

import pytest

from portal.report.period import Half, PeriodError


def test_a_half_year_is_read_and_written() -> None:
    assert Half.parse(" 2025-s2 ") == Half(2025, 2)
    assert str(Half(2025, 2)) == "2025-S2"
    assert Half(2025, 1).end == datetime.date(2025, 6, 30)
    assert Half(2025, 2).end == datetime.date(2025, 12, 31)
    assert Half(2025, 2).name("id") == "semester II 2025"


@pytest.mark.parametrize("text", ["2025", "2025-S3", "2025-Q2", "S2-2025", "0025-S1", "", "../x"])
def test_anything_else_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(PeriodError, match="2025-S1"):
        Half.parse(text)


def test_months_belong_to_their_half() -> None:
    second = Half(2025, 2)
    assert [month for month in range(1, 13) if second.has_month(2025, month)] == [*range(7, 13)]
    assert not second.has_month(2024, 8)


@pytest.mark.parametrize(
    ("day", "half"),
    [
        (datetime.date(2026, 1, 1), Half(2025, 2)),
        (datetime.date(2026, 6, 30), Half(2025, 2)),
        (datetime.date(2026, 7, 1), Half(2026, 1)),
        (datetime.date(2026, 12, 31), Half(2026, 1)),
    ],
)
def test_the_last_half_that_is_over(day: datetime.date, half: Half) -> None:
    assert Half.last_ended(day) == half
