"""Walkthroughs of other designs: failing ones say so, bare ones stay grammatical, hostile ones stay text."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.compiler import compile_source
from archboard.script import Script, narrate
from archboard.source import Source

CHAIN = "client app { rate: 100 rps }\nservice work { latency: p50 2ms, p99 8ms }\napp -> work\n"


def spoken(text: str, minutes: float | None = None) -> Script:
    """Return the walkthrough of a design."""
    known = compile_source(Source("case.arch", text))
    return narrate(known.design, known.facts, known.scenarios, minutes=minutes)


def test_a_missed_latency_is_said_with_both_numbers_and_a_way_out() -> None:
    text = spoken(f"design d {{ sla: p99 < 5ms }}\n{CHAIN}").text
    assert "so this promise does not hold" in text
    assert "one promise does not hold" in text
    assert "a P ninety-nine of eight milliseconds (8 ms) where five milliseconds (5 ms) is the limit" in text
    assert "What would fix it: bring work from eight milliseconds (8 ms) down to" in text
    assert "this design is not there yet" in text
    assert "The result in one breath" not in text


def test_a_boastful_result_of_a_failing_design_is_not_left_standing() -> None:
    text = spoken(f'design d {{ sla: p99 < 5ms; result: "All is well." }}\n{CHAIN}').text
    assert text.index("On paper, the result would read like this.") < text.index("All is well.")
    assert text.index("All is well.") < text.index("this design is not there yet")


def test_a_miss_by_a_hair_can_be_heard() -> None:
    text = spoken("design d { sla: p99 < 8ms }\n" + CHAIN.replace("p99 8ms", "p99 8.0004ms")).text
    assert "a P ninety-nine of eight point zero zero zero four milliseconds" in text


def test_an_overloaded_component_is_named_and_nothing_is_promised() -> None:
    design = (
        "design d { sla: p99 < 50ms }\nclient app { rate: 100 rps }\n"
        "service work { latency: p50 2ms, p99 8ms; throughput: 50 rps }\napp -> work\n"
    )
    text = spoken(design).text
    assert "hundred requests a second (100/s) arrive" in text or "hundred a second (100/s) arrive" in text
    assert "I cannot say whether the P ninety-nine keeps to fifty milliseconds (50 ms): with work overloaded" in text
    assert "this design is not there yet; work gets more than it can carry." in text


LOSS = """design d {{}}
client app {{ rate: 1k rps }}
cache redis "Redis" {{ hit: 90%; latency: 1ms }}
store db "Main database" {{ latency: 5ms; throughput: {each} rps; replicas: 4 }}
app -> redis -> db
"""


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (1000, "gets all one thousand requests a second (1,000/s), and it carries four thousand a second (4,000/s)."),
        (250, "gets all one thousand requests a second (1,000/s), exactly what its four pods carry."),
        (100, "where it carries only four hundred a second (400/s): without the cache this design does not stand."),
    ],
)
def test_losing_a_cache_is_told_as_it_is(each: int, said: str) -> None:
    text = spoken(LOSS.format(each=each)).text
    assert said in text.replace("all a thousand", "all one thousand")


def test_a_design_without_anything_has_six_steps_and_no_nonsense() -> None:
    script = spoken('design empty "Nothing yet" {}')
    assert [step.number for step in script.steps] == [1, 2, 3, 4, 5, 6]
    assert "The board is still empty" in script.text
    assert script.text.endswith("That is all there is, so far.")


def test_one_component_is_told() -> None:
    text = spoken("service lonely").text
    assert "At the centre stands lonely." in text
    assert "I have drawn no failure modes" in text


def test_two_clients_and_a_fork_are_told_in_turn() -> None:
    text = spoken(
        "client phones { rate: 10 rps }\nclient browsers { rate: 5 rps }\nrouter split { latency: 1ms }\n"
        "model small { latency: 10ms }\nmodel large { latency: 90ms }\nphones & browsers -> split\n"
        "split -> small { share: 80% }\nsplit -> large\n"
    ).text
    assert "On the left, first, " in text
    assert "And then there " in text
    assert "eighty per cent (80%) goes to the small model, the rest to the large model." in text
    assert "One way leads to the small model." in text
    assert "The other leads to the large model." in text


def test_two_flows_are_budgeted_in_turn_and_the_article_of_a_hundred_goes() -> None:
    text = spoken(
        "client web { rate: 20 rps }\nclient admin { rate: 5 rps }\nservice search { latency: p50 8ms, p99 30ms }\n"
        'service writer { latency: p50 20ms, p99 200ms }\nexternal pay "Payment provider" { latency: 9ms }\n'
        'flow find "Product search" { sla: p99 < 100ms; web -> search; search <-> pay { share: 1% } }\n'
        'flow edit "Catalogue edits" { sla: p99 < 100ms; admin -> writer }\n'
    ).text
    assert "For product search I promise a P ninety-nine below a hundred milliseconds (100 ms)." in text
    assert "Now the budget for product search." in text
    assert "The same for catalogue edits." in text
    assert "a hundred milliseconds (100 ms) over the hundred milliseconds (100 ms) we promise" in text
    assert "One per cent (1%) of its requests also go to the payment provider." in text


def test_the_copies_of_a_region_are_told_once() -> None:
    text = spoken(
        "client users { rate: 9k rps }\ngateway dns { latency: 1ms }\n"
        "region us, eu { service api { latency: 5ms; throughput: 1k rps; replicas: 8 } }\nusers -> dns\n"
        "dns -> us.api { share: 50% }\ndns -> eu.api\nus -x> eu { on: down }\n"
    ).text
    assert "All this stands alike in us and eu; I draw it once." in text
    assert "If the api in us is down" in text or "What if the api in us is down? Then the api in eu takes over." in text


SETTINGS = ("runs: \"Rust\"", 'does: "parsing", "checks"', "latency: 4ms", "throughput: 200 rps", "replicas: 3",
            'say: "A line."', 'why: "A reason."', 'holds: "things"')  # fmt: skip
BAD = re.compile(
    r"\b(an? (?=[,.;:]))|  |\(\)|\bNone\b|[,;:]\.|\.\.|,,|: :| ,| \.|\b(the the|a a|it it|is is)\b"
    r"|\bthe an? |\b(the|a|an|of|in|with|and|to|for|on)[.;]|\{|\}|\bundefined\b"
)


@pytest.mark.parametrize("kind", ["client", "gateway", "service", "model", "router", "queue", "job", "external",
                                  "cache", "store", "telemetry"])  # fmt: skip
def test_every_combination_of_settings_is_a_sentence(kind: str) -> None:
    for count in (0, 1, 2, len(SETTINGS)):
        for chosen in itertools.combinations(SETTINGS, count):
            inside = "; ".join(chosen)
            body = f'client app {{ rate: 100 rps }}\n{kind} box "Thing store" {{ {inside} }}\nservice work\n'
            script = spoken(f"{body}app -> box -> work\n")
            for line in script.sentences:
                assert not BAD.search(line.text), line.text
                assert line.text[:1] == line.text[:1].upper(), line.text
                assert line.text.endswith((".", "?")), line.text


@given(
    title=st.text(alphabet=st.characters(codec="utf-8", exclude_characters='"\\'), max_size=30),
    note=st.text(alphabet=st.characters(codec="utf-8", exclude_characters='"\\'), max_size=30),
)
def test_any_title_and_note_can_be_told(title: str, note: str) -> None:
    text = (
        f'design d "{title}" {{ problem: "{note}" }}\nclient app "{title}" {{ rate: 100 rps }}\n'
        f'service work "{title}" {{ does: "{note}"; runs: "{title}"; latency: 2ms }}\napp -> work "{note}"\n'
        f'fallback plan "{title}"\nwork -x> plan "{note}" {{ on: error }}\n'
    )
    script = spoken(text)
    assert len(script.steps) == 6
    assert not re.search("[\ue000-\ue002\n]", "".join(line.text for line in script.sentences))


def test_a_thousand_components_are_told_in_time() -> None:
    boxes = [f"service s{n} {{ latency: 1ms }}" for n in range(1000)]
    chain = "app -> " + " -> ".join(f"s{n}" for n in range(1000))
    script = spoken("\n".join(["client app { rate: 1 rps }", *boxes, chain]), minutes=5)
    assert script.words < 5 * 110 + 400


def test_a_stream_that_is_only_fed_is_no_stage_of_the_road() -> None:
    text = spoken(
        f'{CHAIN}queue events "Event stream" {{ runs: "Kafka"; latency: 400ms }}\ntelemetry logs\n'
        "work ~> events ~> logs\n"
    ).text
    assert "At the centre stands work." in text
    assert "Work sends on to the event stream, on Kafka; it takes four hundred milliseconds (400 ms)" in text
    assert "no request waits for it." in text


def test_a_gateway_behind_a_gateway_is_not_another_way_in() -> None:
    text = spoken(
        'client app { rate: 10 rps }\ngateway edge "CDN" { latency: 1ms }\ngateway lb "Balancer" { latency: 1ms }\n'
        "service work { latency: 5ms }\napp -> edge -> lb -> work\n"
    ).text
    assert "Traffic enters through the CDN." in text
    assert "From there it goes through the balancer." in text


def test_a_what_if_goes_on_in_small_letters() -> None:
    text = spoken(CHAIN + 'scenario "Only half of them come" { app.rate: 50 rps }').text
    assert "What if: only half of them come?" in text


def test_people_have_places_and_not_pods() -> None:
    text = spoken(
        f'{CHAIN}external review "Reviewers" {{ throughput: 20/h; replicas: 300 }}\nwork ~> review {{ share: 1.5% }}\n'
    ).text
    assert "The reviewers have three hundred places of twenty requests an hour" in text
    assert "(300 places × 20/h = 1.667/s)" in text


def test_a_cache_that_is_called_stands_in_front_of_what_it_asks() -> None:
    text = spoken(
        'client app { rate: 100k rps }\nservice api "API server" { latency: 1ms }\nmodel scorer { latency: 5ms }\n'
        'cache hot "Redis" { hit: 90%; latency: 1ms }\nstore db "Database" { throughput: 200k rps; latency: 5ms }\n'
        "app -> api -> scorer\napi <-> hot\nhot -> db\n"
    ).text
    assert "In front of the database sits Redis" in text
    assert "Lose Redis, and the database gets all one hundred thousand requests a second (100,000/s)" in text


def test_what_nothing_waits_for_is_left_out_of_the_capacity_while_it_has_room() -> None:
    roomy, full = (
        spoken(f'{CHAIN}queue events "Event stream" {{ throughput: {each} rps; replicas: 2 }}\nwork ~> events\n').text
        for each in (1000, 60)
    )
    assert "event stream runs on" not in roomy
    assert "The event stream runs on two pods of sixty requests a second" in full


def test_what_takes_over_and_was_drawn_before_does_not_repeat_its_lines() -> None:
    text = spoken(
        "client app { rate: 10 rps }\nrouter split { latency: 1ms }\n"
        'model old { latency: 5ms; say: "It is big enough for everybody." }\nmodel fresh { latency: 9ms }\n'
        "app -> split -> old\nsplit -> fresh { share: 10% }\nfresh -x> old { on: down }\n"
    ).text
    assert text.count("It is big enough for everybody.") == 1


def test_what_answers_only_in_a_failure_stands_in_reserve() -> None:
    text = spoken(
        'client app { rate: 10 rps }\nmodel large { latency: 9ms }\nmodel small { runs: "DistilBERT"; latency: 2ms }\n'
        'app -> large\nlarge -x> small "the circuit breaker opens: the small one answers" { on: down }\n'
    ).text
    assert "At the centre stands the large model." in text
    assert "In reserve stands the small model, with DistilBERT." in text
    assert "Then the circuit breaker opens, and the answer is: the small one answers." in text


def test_half_a_request_a_second_keeps_its_unit() -> None:
    text = spoken(
        "client app { rate: 0.5/s }\nservice work { latency: 9ms; throughput: 0.5/s; replicas: 2 }\napp -> work\n"
    ).text
    assert "With half a request a second (0.5/s) arriving" in text


def test_time_is_spent_with_people_and_shares_end_in_an_and() -> None:
    text = spoken(
        "design d { sla: p99 < 9 min }\nclient app { rate: 10/h }\nrouter split { latency: 1ms }\n"
        'external doctors "Reviewers" { latency: 5 min }\nservice work { latency: 2ms }\n'
        "service rest { latency: 2ms }\n"
        "app -> split\nsplit -> work { share: 20% }\nsplit -> rest { share: 30% }\nsplit -> doctors { share: 50% }\n"
    ).text
    assert "five minutes with the reviewers" in text
    assert "twenty per cent (20%) goes to work, thirty per cent (30%) to rest and fifty per cent (50%) to the" in text
