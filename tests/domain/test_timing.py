from broadcast_service.domain.timing import count_syllables, estimate_ms


def test_a_syllable_stands_between_blanks_and_signs() -> None:
    assert count_syllables("Năm hai nghìn, mười héc-ta; “tốt”.") == 7


def test_a_text_lasts_its_syllables_and_its_pauses() -> None:
    assert estimate_ms("một hai.\nba.\n\nbốn.", ms_per_syllable=100) == 4 * 100 + 420 + 700 + 700


def test_nothing_lasts_no_time() -> None:
    assert estimate_ms("", ms_per_syllable=300) == 0
    assert estimate_ms(" \n\n \n", ms_per_syllable=300) == 0
