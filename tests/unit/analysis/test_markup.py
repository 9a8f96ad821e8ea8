from __future__ import annotations

from kleio.analysis.markup import cell_html, facts_html, records_html, table_html

EVIL = '<img src=x onerror="alert(1)">\x1b[2J'


def test_no_text_becomes_markup() -> None:
    for shown in (
        table_html([EVIL], [[EVIL]], EVIL),
        facts_html(EVIL, [(EVIL, {EVIL: [EVIL]})]),
        records_html([{EVIL: EVIL}], 1),
    ):
        assert "<img" not in shown
        assert "\x1b" not in shown
        assert shown.count("&lt;img") >= 2


def test_cells_are_short() -> None:
    assert cell_html(None) == ""
    assert cell_html(0.123456789) == "0.123457"
    assert cell_html([1, "a"]) == "[1, &quot;a&quot;]"
    assert len(cell_html("x" * 1000)) == 201


def test_many_columns_are_counted_instead_of_shown() -> None:
    shown = records_html([{f"c{number}": number for number in range(30)}], 5)
    assert "<caption>5 records, the first 1, 10 more columns</caption>" in shown
