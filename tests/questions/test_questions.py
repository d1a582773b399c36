"""The interview: what is asked of which design, in which words, and in which form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archboard.compiler import Reading, read_bytes, read_source
from archboard.questions import interview
from archboard.script.interview import Interview, Question
from archboard.source import Source
from tests.commands import RECSYS, ROOT, archboard

SHOP = """design shop "A shop" { sla: p99 < 60ms, throughput >= 900 rps }
client web "Browsers" { rate: 1k rps }
cache redis "Redis cache" { hit: 50%; latency: p50 1ms, p99 2ms; throughput: 10k rps; replicas: 2 }
service shop "Shop" { latency: p50 12ms, p99 40ms; throughput: 300 rps; replicas: 3 }
web -> redis -> shop
"""
MODEL = """design chat "Chat" {}
client web { rate: 1 rps }
model llm "Language model" { runs: "Llama-2-7B"; gpu: "A100-80"; batch: 32; prompt_tokens: 1848; output_tokens: 200 }
web -> llm
"""


def asked(text: str | Reading) -> Interview:
    found = interview(read_source(Source("x.arch", text)) if isinstance(text, str) else text)
    assert found is not None
    return found


def about(found: Interview, topic: str) -> list[Question]:
    return [question for question in found.questions if question.topic == topic]


@pytest.fixture(scope="module")
def recsys() -> Interview:
    return asked(read_bytes("designs/recsys.arch", RECSYS.read_bytes()))


def test_a_lost_cache_is_answered_with_what_is_behind_it_and_what_would_carry_it() -> None:
    (question,) = about(asked(SHOP), "caches")
    assert question.asked.text == "What if the Redis cache is lost?"
    assert question.text == (
        "Then the fifty per cent (50%) it answered go through: the shop gets a thousand requests a second (1,000/s) "
        "instead of five hundred (500/s), but carries nine hundred (900/s). To live without it I would have to run "
        "five (5) replicas of the shop. Down to a hit ratio of ten per cent (10%) everything holds; below that, the "
        "first promise goes."
    )
    assert question.what_ifs == (
        ("redis.hit=0%",), ("redis.hit=0%", "shop.replicas=5"), ("redis.hit=10%",),
    )  # fmt: skip


def test_three_times_the_traffic_is_tried_with_the_limit_as_it_is_and_raised(recsys: Interview) -> None:
    question = about(recsys, "traffic")[0]
    assert question.what_ifs == (
        ("web.rate=30000 rps",),
        ("web.rate=30000 rps", "edge.limit=31500 rps"),
        ("web.rate=30000 rps", "edge.limit=31500 rps", "edge.replicas=3"),
    )
    assert "lets through ten and a half thousand requests a second (10,500/s)" in question.text
    assert "three (3) replicas of the API gateway instead of two (2)" in question.text


def test_the_hop_to_speed_up_first_is_the_one_that_buys_most(recsys: Interview) -> None:
    question = about(recsys, "speed")[0]
    assert question.answer[0].text.startswith("Ranking. A tenth off its ten milliseconds (10 ms) takes one millisecond")
    assert "Twice as fast, and the P ninety-nine is nineteen milliseconds (19 ms)." in question.text


def test_a_limit_that_is_too_generous_without_the_cache_is_lowered_until_it_is_not(recsys: Interview) -> None:
    (question,) = about(recsys, "limits")
    assert question.what_ifs == (("edge.limit=10000 rps",),)
    assert question.text.endswith("At ten thousand a second (10,000/s), it would hold that day as well.")


def test_one_more_nine_is_bought_where_most_downtime_is(recsys: Interview) -> None:
    (question,) = about(recsys, "nines")
    assert question.what_ifs == (("redis.replicas=4",),)
    assert "the nine costs about two hundred and twenty dollars ($219.00) a month" in question.text


def test_a_claim_of_cost_is_held_against_what_is_computed(recsys: Interview) -> None:
    (question,) = about(recsys, "costs")
    assert question.answer[0].text.startswith(
        "Far less: twenty-two and a half cents per million requests ($0.000000225"
    )


def test_a_model_is_asked_for_twice_the_context_and_twice_the_batch() -> None:
    context, batch = about(asked(MODEL), "memory")
    assert context.asked.text == "Does the language model still fit with twice the context?"
    assert context.what_ifs == (("llm.prompt_tokens=3696", "llm.output_tokens=400"),)
    assert context.text.startswith("No. It would need about eighty-three gigabytes (83.46 GB)")
    assert batch.what_ifs == (("llm.batch=64",),)
    assert "The most that fits is fifty-eight (58) requests at a time." in batch.text


def test_the_first_token_is_sped_up_where_it_is_waited_for() -> None:
    (question,) = about(asked(MODEL.replace("{}", "{ sla: ttft p99 < 1s }", 1)), "speed")
    assert question.asked.text == "Which hop would you speed up first, and what would it buy?"
    assert question.text.startswith(
        "The language model. A tenth off its hundred and seventy-eight milliseconds (177.6 ms) takes about eighteen "
        "milliseconds (17.76 ms) off"
    )


def test_a_scenario_whose_model_does_not_fit_says_so() -> None:
    text = MODEL + 'scenario "half the memory" { llm.gpu: "A10G" }\n'
    (question,) = about(asked(text), "scenarios")
    assert "The language model does not fit any more: about forty-nine gigabytes" in question.text


def test_each_region_is_lost_in_turn() -> None:
    path = ROOT / "tests" / "designs" / "three_regions.arch"
    found = about(asked(read_bytes("three_regions.arch", path.read_bytes())), "regions")
    assert [question.asked.text for question in found] == [
        "What if the region us is lost, all of it?", "And the region eu?", "What about the region ap?",
    ]  # fmt: skip
    assert all(len(question.what_ifs) == 1 for question in found)


def test_what_ifs_of_the_command_line_come_first() -> None:
    ran = archboard("questions", RECSYS, "--set", "redis.hit=50%", "--to", "json")
    lost = next(one for one in json.loads(ran.out)["questions"] if one["topic"] == "caches")
    assert lost["answer"][0]["text"].startswith("Then the fifty per cent (50%) it answered")


def test_a_bare_design_is_told_what_it_takes_to_be_asked() -> None:
    ran = archboard("questions", "-", given=b'design x "Nothing yet" {}\nclient web\n')
    assert (ran.code, ran.err) == (0, "")
    assert "nothing to ask yet" in ran.out


def test_a_design_with_missed_promises_is_asked_and_exits_1() -> None:
    ran = archboard("questions", "-", given=SHOP.replace("60ms", "20ms").encode())
    assert ran.code == 1
    assert "Which hop would you speed up first" in ran.out


def test_a_design_that_was_not_understood_is_not_asked() -> None:
    ran = archboard("questions", "-", given=b'design x "A" {}\nclient web { rate: 10ms }\n')
    assert (ran.code, ran.out) == (1, "")
    assert "AB205" in ran.err


def test_every_answer_shows_what_to_type_to_see_it() -> None:
    ran = archboard("questions", "designs/recsys.arch", at=ROOT)
    assert "    archboard whatif designs/recsys.arch --set redis.hit=0%\n" in ran.out
    assert (
        "    archboard whatif designs/recsys.arch --set 'web.rate=30000 rps' --set 'edge.limit=31500 rps'\n" in ran.out
    )


def test_the_form_follows_the_name_of_the_file(tmp_path: Path) -> None:
    assert archboard("questions", RECSYS, "-o", "q.md", at=tmp_path).code == 0
    assert archboard("questions", RECSYS, "-o", "q.json", at=tmp_path).code == 0
    page = (tmp_path / "q.md").read_text("utf-8")
    assert page.startswith("# Low-latency recommendations at 10k RPS: questions and answers\n\n## 1. Three times")
    assert page.count("```sh") == page.count("```") // 2
    made = json.loads((tmp_path / "q.json").read_text("utf-8"))
    assert set(made) == {"archboard", "file", "name", "title", "questions"}
    assert set(made["questions"][0]) == {"topic", "question", "answer", "what_ifs", "about"}


def test_titles_that_look_like_markup_stay_words() -> None:
    text = SHOP.replace('"Redis cache"', '"<b>`{{ x }}`|cache"')
    ran = archboard("questions", "-", "--to", "md", given=text.encode())
    assert ran.code == 0
    assert "<b>" not in ran.out
