from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.domain.roles import Role
from broadcast_service.errors import Conflict, Invalid
from broadcast_service.services import lexicon, lexicon_effect, scripts
from broadcast_service.services.lexicon import AT_CENTRE, SCRIPT, STATION, Change, Scope
from broadcast_service.services.lexicon_effect import Answer
from broadcast_service.storage.tables import Broadcast
from broadcast_service.studio import Studio
from tests import factories

UNKNOWN = "Câu lạc bộ NNTH của xã họp mỗi tháng.\n\nBà con vui."


def test_a_nearer_layer_goes_before_a_wider_one(session: Session, studio: Studio) -> None:
    script, station = _script(session, studio), factories.make_station(session)
    now = studio.now()
    for scope, spoken in (
        (AT_CENTRE, "một"),
        (Scope(STATION, station.id), "hai"),
        (Scope(SCRIPT, script.id), "ba"),
    ):
        lexicon.save_entry(session, scope, written="NNTH", spoken=spoken, author_id=None, now=now)

    assert lexicon.merged(session) == {"NNTH": "một"}
    assert lexicon.merged(session, station_id=station.id) == {"NNTH": "hai"}
    assert lexicon.merged(session, station_id=station.id, script_id=script.id) == {"NNTH": "ba"}
    assert lexicon.Layers(session).merged(station_id=station.id) == {"NNTH": "hai"}


def test_a_decision_takes_the_place_of_the_one_before_and_can_be_taken_back(session: Session, studio: Studio) -> None:
    first = lexicon.save_entry(session, AT_CENTRE, written=" NNTH ", spoken="một", author_id=None, now=studio.now())
    again = lexicon.save_entry(session, AT_CENTRE, written="NNTH", spoken="hai", author_id=None, now=studio.now())
    assert (first.id, again.spoken) == (again.id, "hai")

    lexicon.remove_entry(session, again)
    assert lexicon.merged(session) == {}


@pytest.mark.parametrize("written", ["", " . ", "x" * 201])
def test_an_entry_for_nothing_or_for_a_whole_page_is_refused(session: Session, studio: Studio, written: str) -> None:
    with pytest.raises(Invalid):
        lexicon.save_entry(session, AT_CENTRE, written=written, spoken="một", author_id=None, now=studio.now())


def test_what_is_decided_is_said_and_asked_no_more(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    assert [question["written"] for question in lexicon.open_questions(session, script.latest)] == ["NNTH"]

    revision = _decide(session, studio, script, "nông nghiệp tuần hoàn")

    assert "Câu lạc bộ nông nghiệp tuần hoàn của xã" in revision.spoken
    assert revision.number == 2
    assert lexicon.open_questions(session, revision) == []


def test_agreeing_with_what_is_said_anyway_adds_no_revision(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    assert "en-nờ en-nờ tê hát" in script.latest.spoken
    revision = _decide(session, studio, script, "en-nờ en-nờ tê hát")
    assert revision.number == 1
    assert lexicon.open_questions(session, revision) == []


def test_a_script_with_an_open_question_is_not_put_forward(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    editor = factories.make_account(session, Role.EDITOR)
    with pytest.raises(Conflict, match="1 chỗ chưa rõ cách đọc"):
        scripts.submit(session, script.id, account_id=editor.id, now=studio.now())

    _decide(session, studio, script, "nông nghiệp tuần hoàn")
    scripts.submit(session, script.id, account_id=editor.id, now=studio.now())


def test_paragraphs_worded_by_hand_outlive_a_new_reading(session: Session, studio: Studio) -> None:
    script = _script(session, studio, spoken="Câu lạc bộ của xã họp.\n\nBà con rất vui.")
    revision = _decide(session, studio, script, "nông nghiệp tuần hoàn")
    assert revision.spoken == "Câu lạc bộ của xã họp.\n\nBà con rất vui."


def test_what_an_entry_changes_is_told_before_it_is_saved(session: Session, studio: Studio) -> None:
    touched, other = _script(session, studio), _script(session, studio, written="Bài này không có chữ tắt nào.")

    effects = lexicon_effect.effects(session, studio, AT_CENTRE, "NNTH", "nông nghiệp tuần hoàn")

    assert [effect.script.id for effect in effects] == [touched.id]
    assert "nông nghiệp tuần hoàn" in effects[0].shifts[0].after
    assert "nông nghiệp" not in effects[0].shifts[0].before
    assert lexicon.merged(session) == {}, "nothing was saved"
    assert lexicon_effect.drift(session, studio, other.latest) == ()


def test_a_decision_of_the_centre_shows_in_the_scripts_it_would_change(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    lexicon.save_entry(session, AT_CENTRE, written="NNTH", spoken="nông học", author_id=None, now=studio.now())
    assert [shift.after for shift in lexicon_effect.drift(session, studio, script.latest)]

    lexicon_effect.reread(
        session, studio, script.id, author_id=factories.make_account(session, Role.EDITOR).id, note=""
    )
    assert "nông học" in script.latest.spoken
    assert lexicon_effect.drift(session, studio, script.latest) == ()


def test_several_decisions_are_weighed_together(session: Session, studio: Studio) -> None:
    script = _script(session, studio, written="NNTH và KTCS.\n\nBà con vui.")
    changes = [Change.of(AT_CENTRE, "NNTH", "nông học"), Change.of(AT_CENTRE, "KTCS", "kinh tế cơ sở")]

    effects = lexicon_effect.effects_of(session, studio, changes)

    assert [(effect.script.id, effect.is_draft) for effect in effects] == [(script.id, True)]
    assert [shift.after for shift in effects[0].shifts] == ["Nông học và kinh tế cơ sở."]


def test_what_is_decided_already_or_counts_nowhere_changes_nothing(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    _decide(session, studio, script, "nông nghiệp tuần hoàn")
    own = Scope(SCRIPT, script.id)
    same = [Change.of(own, "NNTH", "nông nghiệp tuần hoàn"), Change.of(AT_CENTRE, "NNTH", "nông học")]
    assert lexicon_effect.effects_of(session, studio, same) == []


def test_a_decision_of_a_script_is_weighed_in_that_script_alone(session: Session, studio: Studio) -> None:
    mine, _ = _script(session, studio), _script(session, studio)
    effects = lexicon_effect.effects(session, studio, Scope(SCRIPT, mine.id), "NNTH", "nông học")
    assert [effect.script.id for effect in effects] == [mine.id]


def test_a_decision_of_a_station_is_weighed_with_its_words_and_region(session: Session, studio: Studio) -> None:
    _script(session, studio, written="NNTH có 1.000 hộ.")
    south = factories.make_station(session, region="nam")

    effects = lexicon_effect.effects(session, studio, Scope(STATION, south.id), "NNTH", "nông học")

    assert [effect.station for effect in effects] == [south]
    assert [shift.after for shift in effects[0].shifts] == ["Nông học có một ngàn hộ."]


def test_paragraphs_worded_by_hand_and_scripts_put_away_are_left_out(session: Session, studio: Studio) -> None:
    _script(session, studio, spoken="Câu lạc bộ của xã họp.\n\nBà con rất vui.")
    _script(session, studio).status = "retired"
    assert lexicon_effect.effects(session, studio, AT_CENTRE, "NNTH", "nông học") == []


def test_a_part_of_a_word_is_not_the_word(session: Session, studio: Studio) -> None:
    _script(session, studio)
    assert lexicon_effect.effects(session, studio, AT_CENTRE, "NNT", "nông học") == []


def test_where_a_script_is_heard_next_is_told(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    for day in (24, 25):
        broadcast = factories.make_broadcast(session, day=date(2026, 11, day))
        factories.plan_script(session, studio, broadcast, script)
    session.flush()

    effect = lexicon_effect.effects(session, studio, AT_CENTRE, "NNTH", "nông học")[0]

    assert effect.stations_ahead == 2
    assert effect.next_at == min(b.starts_at for b in session.scalars(select(Broadcast)))


def test_words_of_shells_and_of_what_they_are_filled_with_are_noticed(session: Session, studio: Studio) -> None:
    factories.make_shells(session)
    factories.make_station(session, name="Đài truyền thanh xã Hòa Trí")
    scripts.create_script(session, studio, title="Hội thi KTCS", written="Bà con vui.", author_id=None)

    def noticed(written: str) -> bool:
        return lexicon_effect.in_shells(session, [Change.of(AT_CENTRE, written, "khác")])

    assert all(noticed(written) for written in ("bà con", "Hòa Trí", "KTCS"))
    assert not any(noticed(written) for written in ("NNTH", "Bà con", "KTC"))


def test_making_what_stands_already_keeps_its_author_and_day(session: Session, studio: Studio) -> None:
    author = factories.make_account(session, Role.EDITOR)
    entry = lexicon.save_entry(
        session, AT_CENTRE, written="NNTH", spoken="nông học", author_id=author.id, now=factories.MORNING
    )
    changes = [
        Change.of(AT_CENTRE, "NNTH", "nông học"),
        Change.of(AT_CENTRE, "KTCS", "kinh tế"),
        Change.of(AT_CENTRE, "QQ", None),
    ]

    made = lexicon.make(session, changes, author_id=None, now=factories.soon(days=1))

    assert made == 1
    assert (entry.author_id, entry.changed_at) == (author.id, factories.MORNING)
    assert lexicon.merged(session) == {"NNTH": "nông học", "KTCS": "kinh tế"}


def test_what_somebody_revised_meanwhile_is_not_overwritten(session: Session, studio: Studio) -> None:
    script = _script(session, studio)
    editor = factories.make_account(session, Role.EDITOR)
    change = Change.of(AT_CENTRE, "NNTH", "nông học")
    read = lexicon_effect.read_anew(session, studio, [change], [script.id])
    scripts.revise_script(session, studio, script.id, title="Bài khác", written=UNKNOWN, author_id=editor.id)

    assert lexicon_effect.write_anew(session, studio, read, author_id=editor.id, note="") == [script]
    assert script.latest.title == "Bài khác"


def _script(session: Session, studio: Studio, written: str = UNKNOWN, **more: Any) -> Any:
    return scripts.create_script(session, studio, title="Bài thử", written=written, author_id=None, **more)


def _decide(session: Session, studio: Studio, script: Any, spoken: str) -> Any:
    answer = Answer("NNTH", spoken, Scope(SCRIPT, script.id))
    editor = factories.make_account(session, Role.EDITOR)
    return lexicon_effect.decide(session, studio, script.id, [answer], author_id=editor.id, base=1)


def test_an_example_is_cut_at_blanks() -> None:
    dates = "ngày 14/3/2026 " * 9
    example = lexicon_effect.sentence_with(f"Một.\n{dates}NNTH {dates}\nHai.", "NNTH")
    assert example == f"{'ngày 14/3/2026 ' * 4}NNTH{' ngày 14/3/2026' * 4}"
    assert lexicon_effect.sentence_with("Một câu NNTH.", "NNTH") == "Một câu NNTH."
    assert lexicon_effect.sentence_with("x" * 99 + "NNTH" + "x" * 99, "NNTH") == "NNTH"
    assert lexicon_effect.sentence_with("Một.", "NNTH") == ""
