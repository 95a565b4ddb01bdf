"""Authorities that act, and those that are only called for."""

from __future__ import annotations

import pytest

from engine.facts.authorities import LONGEST_NAME, authorities

ACTING = [
    ("The FDA has opened an investigation into Mosswell", "fda", "FDA"),
    ("Mosswell is under investigation by the NHTSA", "nhtsa", "NHTSA"),
    ("Port Alder police arrested a manager of Mosswell", "police", "Port Alder police"),
    ("Mosswell was fined by the Competition and Markets Authority", "cma", "Competition and Markets Authority"),
    ("Spanish court orders Mosswell to pay", "court", "Spanish court"),
    ("The High Court ruled against Mosswell", "high-court", "High Court"),
    ("Prosecutors charged two managers", "prosecutor", "Prosecutors"),
    ("The coroner said the cause was gas", "coroner", "coroner"),
    ("Markets watchdog sues Mosswell", "regulator", "Markets watchdog"),
    ("Harbour Safety Commission seals the plant", "harbour-safety-commission", "Harbour Safety Commission"),
    ("The Port Alder Fire Service confirmed a leak", "fire", "Port Alder Fire Service"),
    ("Parliament opens an inquiry", "parliament", "Parliament"),
    ("The London Stock Exchange suspended trading in Mosswell", "exchange", "London Stock Exchange"),
    ("Ministry of Health warns of Mosswell tea", "health", "Ministry of Health"),
    ("市场监管总局约谈苔井", "samr", "市场监管总局"),
    ("临澜市市场监管局：已对苔井立案调查", "market", "临澜市市场监管局"),
    ("苔井被临澜市市场监管局立案", "market", "临澜市市场监管局"),
    ("警方通报苔井门店冲突", "police", "警方"),
    ("苔井负责人被公安机关依法拘留", "police", "公安机关"),
    ("北山区人民法院判决苔井赔偿", "court", "北山区人民法院"),
    ("检察院批捕苔井两名高管", "prosecutor", "检察院"),
    ("卫健委通报苔井事件进展", "health", "卫健委"),
    ("网信办约谈苔井", "cac", "网信办"),
    ("证监会对苔井立案", "csrc", "证监会"),
    ("中消协点名苔井", "consumer", "中消协"),
    ("工信部通报苔井应用", "miit", "工信部"),
    ("应急管理部派员调查苔井爆炸", "emergency", "应急管理部"),
    ("消防部门检查苔井仓库", "fire", "消防部门"),
    ("上交所问询函要求苔井说明", "exchange", "上交所"),
]

ONLY_NAMED = [
    "Someone should call the police on Mosswell",
    "Where is the regulator?",
    "If the FDA investigates, they are done",
    "I hope the court fines them",
    "Please, FDA, look into Mosswell",
    "The FDA needs to ban this",
    "A police station opened near the Mosswell shop",
    "The police officer found my bag at Mosswell",
    "The ball was in their court",
    "Xinhua News Agency reported the opening",
    "The Head Office said no",
    "He plays on the tennis court every day",
    "Mosswell moved its office",
    "In the film the police raid the plant",
    "建议市场监管局查查苔井",
    "希望警方介入调查",
    "能不能让市场监管局来检查",
    "请卫健委调查",
    "法院什么时候判决",
    "市场监管局会不会处罚苔井？",
    "我已经投诉到市场监管局",
    "旁边就是公安局",
    "消防员抱着孩子出来",
    "去山海关检查站玩",
    "警察叔叔真好",
]


@pytest.mark.parametrize(("sentence", "code", "name"), ACTING)
def test_an_authority_that_acts_is_named_as_the_text_names_it(sentence: str, code: str, name: str) -> None:
    assert (code, name) in [(each.code, each.name) for each in authorities(sentence)]


@pytest.mark.parametrize("sentence", ONLY_NAMED)
def test_one_that_does_not_act_is_no_news(sentence: str) -> None:
    assert authorities(sentence) == []


def test_the_same_body_has_the_same_code_however_long_its_name() -> None:
    short, long = (
        authorities(f"The {name} has opened an investigation")
        for name in ("Food Safety Office", "Port Alder Food Safety Office")
    )
    assert short[0].code == long[0].code


def test_each_body_is_named_once_in_the_order_of_the_text() -> None:
    found = authorities("The FDA warned Mosswell, police raided its office, and the FDA sealed it")
    assert [each.code for each in found] == ["fda", "police"]


def test_a_name_is_never_long() -> None:
    for each in authorities(f"{'Very ' * 3}{'L' * 300} Commission opened a case, and 警方通报"):
        assert len(each.name) <= LONGEST_NAME
