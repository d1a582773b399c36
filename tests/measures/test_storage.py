"""What is stored and what leaves, and what both cost: figures worked out by hand."""

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation


def compiled(text: str) -> Compilation:
    return compile_source(Source("x.arch", text))


SHOP = """design shop "Shop" {{ sla: cost <= $400/month; {assume} }}
client web {{ rate: 100 rps }}
service api {{ latency: 5ms; throughput: 200 rps; replicas: 2; price: $0.10/h }}
store files {{ latency: 5ms; size: 1 TB; growth: 10 GB/day; retention: 30 days; copies: 3; throughput: 1k rps; replicas: 2 }}
web -> api -> files {{ payload: 20 KB }}
"""  # noqa: E501


def test_a_store_keeps_its_size_and_what_grows_within_its_retention_in_each_copy() -> None:
    facts = compiled(SHOP.format(assume="")).facts
    assert facts.value("stored", "files") == pytest.approx(3 * (1e12 + 30 * 10e9))
    assert facts.value("cost_storage", "files") is None
    assert facts.value("cost_month", "shop") == pytest.approx(2 * 0.10 * 730)


def test_storage_and_egress_are_paid_where_the_design_gives_their_prices() -> None:
    found = compiled(SHOP.format(assume="assume: storage $0.023/GB, egress $0.09/GB"))
    storage, egress = 3900 * 0.023, 20e3 * 100 * 730 * 3600 / 1e9 * 0.09
    assert found.facts.value("cost_storage", "files") == pytest.approx(storage)
    assert found.facts.value("egress", "web->api") == pytest.approx(2e6)
    assert found.facts.value("egress", "api->files") is None, "what stays inside does not leave"
    assert found.facts.value("cost_egress", "web->api") == pytest.approx(egress)
    assert found.facts.value("cost_month", "api") == pytest.approx(146 + egress)
    assert found.facts.value("cost_month", "shop") == pytest.approx(146 + storage + egress)
    assert "AB702" in {d.rule.code for d in found.diagnostics}


def test_what_goes_from_one_region_to_another_leaves_each() -> None:
    text = """design two "Two regions" { assume: egress $0.02/GB }
client web { rate: 10 rps }
region us, eu { service api { latency: 5ms }  store db { latency: 5ms } }
web -> us.api & eu.api
us.api -> us.db
us.db ~> eu.db { payload: 1 MB }
"""
    facts = compiled(text).facts
    assert facts.value("egress", "us.db~>eu.db") == pytest.approx(1e7)


@pytest.mark.parametrize("wrong", ["storage $0.023", "egress 5ms", "storage $0.02/h", "egress 9 GB"])
def test_a_price_that_is_not_per_gigabyte_is_told_with_an_example(wrong: str) -> None:
    found = [d for d in compiled(SHOP.format(assume=f"assume: {wrong}")).diagnostics if d.is_unclear]
    assert [d.rule.code for d in found] == ["AB205"]
    assert "GB" in (found[0].help or "") + found[0].message
