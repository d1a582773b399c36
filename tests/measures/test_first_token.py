"""The time to the first token of a flow: what is waited for, and what is not; sums worked out by hand."""

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.verdicts import Unjudged
from archboard.words.verdicts import reason, told

PARTS = """
client web { rate: 1 rps }
service app { latency: 3ms..3ms; replicas: 2 }
service guard { latency: 10ms..10ms; replicas: 2 }
service post { latency: 100ms..100ms; replicas: 2 }
store notes { latency: 20ms..20ms; replicas: 2 }
cache memory { latency: 2ms..2ms; hit: 50%; replicas: 2 }
model small { ttft: 50ms..50ms; tpot: 10ms..10ms; output_tokens: 11; replicas: 2 }
model llm { ttft: 200ms..200ms; tpot: 10ms..10ms; output_tokens: 101; replicas: 2 }
model bare { ttft: 200ms..200ms; replicas: 2 }
model plain { latency: 9ms..9ms; replicas: 2 }
fallback canned { latency: 1ms..1ms }
"""


def compiled(arrows: str) -> Compilation:
    return compile_source(Source("x.arch", f'design d "D" {{ sla: ttft p99 < 1s }}\n{PARTS}\n{arrows}\n'))


WAYS = {
    "what follows is left out": ("web -> guard -> llm -> post { latency: 1ms..1ms }", 1 + 10 + 1 + 200),
    "an earlier model is waited for to its end": ("web -> small -> llm", 50 + 10 * 10 + 200),
    "what the model calls is waited for": ("web -> llm -> post; llm <-> notes", 200 + 20),
    "calls before the model, not after": ("web -> app; app <-> notes; app <-> llm; app <-> post", 3 + 20 + 200),
    "what follows the caller is left out": ("web -> app -> post; app <-> llm", 3 + 200),
    "arms that meet are waited for": ("web -> app; app -> llm & guard; llm & guard -> post", 3 + 200),
    "on a miss": ("web -> memory -> llm -> post", 2 + 200),
    "what follows a hit as well counts": ("web -> app; app <-> memory; memory -> llm; app -> post", 3 + 2 + 200 + 100),
    "either model": ("web -> app; app -> small { share: 10% }; app -> llm; small & llm -> post", 3 + 200),
    "one arm has a model by chance": ("web -> app; app -> llm { share: 10% }; app -> guard; llm & guard -> post", 303),
    "its whole latency need not be known": ("web -> bare", 200),
}


@pytest.mark.parametrize(("arrows", "milliseconds"), WAYS.values(), ids=WAYS)
def test_the_first_token_is_waited_for_and_nothing_after_it(arrows: str, milliseconds: float) -> None:
    verdict = compiled(arrows).facts.verdicts[0]
    assert verdict.value == pytest.approx(milliseconds / 1000), told(verdict)
    assert verdict.ok


def test_a_failing_model_is_replaced_by_what_answers_for_it() -> None:
    found = compiled("web -> llm -> post\nllm -x> canned { on: timeout 1200ms }")
    assert found.facts.failures[0].verdicts[0].value == pytest.approx(1.2 + 0.001 + 0.1)
    assert [d.rule.code for d in found.diagnostics if d.is_error] == ["AB402"]


def test_a_smaller_model_that_takes_over_speaks_in_its_place() -> None:
    found = compiled("web -> llm -> post\nllm -x> small { on: down }")
    assert found.facts.failures[0].verdicts[0].value == pytest.approx(0.05)


def test_without_a_model_that_says_when_it_begins_nothing_is_judged() -> None:
    verdict = compiled("web -> plain").facts.verdicts[0]
    assert isinstance(verdict, Unjudged)
    assert reason(verdict).startswith("no model on this flow has a `ttft`")


def test_a_missed_first_token_names_the_model_and_what_would_hold() -> None:
    text = f'design d "D" {{ sla: ttft p99 < 150ms }}\n{PARTS}\nweb -> guard -> llm -> post\n'
    found = [d for d in compile_source(Source("x.arch", text)).diagnostics if d.is_error]
    assert [d.rule.code for d in found] == ["AB401"]
    assert found[0].message == "ttft p99 is 210 ms by sum, and 150 ms is promised: 60 ms over"
    assert found[0].help == "`llm` ttft p99 200 ms → 130 ms would hold it"
