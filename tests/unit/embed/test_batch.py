from mirage.embed.batch import Pace, by_length, take


def requests(tokens: list[int], budget: int) -> list[list[int]]:
    waiting = by_length(tokens)
    batches = []
    while waiting:
        batches.append(take(waiting, tokens, budget))
    return batches


def test_batches_hold_texts_of_like_length_longest_first() -> None:
    assert requests([5, 50, 6, 48], 100) == [[1, 3], [2, 0]]


def test_batches_count_the_padding() -> None:
    assert requests([60, 10, 10, 10], 100) == [[0], [1, 2, 3]]


def test_batches_hold_at_least_one_text() -> None:
    assert requests([500, 400], 100) == [[0], [1]]


def test_texts_of_one_length_keep_their_order() -> None:
    assert requests([7, 7, 7], 14) == [[0, 1], [2]]


def test_pace_begins_with_a_small_request() -> None:
    assert Pace(4096).budget == 512
    assert Pace(100).budget == 100


def test_pace_aims_at_the_target_time() -> None:
    pace = Pace(4096, target_seconds=2.0)
    pace.record(450, 2.0)
    assert pace.budget == 450


def test_pace_follows_a_change_of_speed() -> None:
    pace = Pace(100_000, target_seconds=1.0)
    pace.record(1000, 1.0)
    pace.record(2000, 1.0)
    assert pace.budget == 1300


def test_pace_never_exceeds_the_limit_nor_stops() -> None:
    pace = Pace(4096)
    pace.record(1_000_000, 0.0)
    assert pace.budget == 4096
    slow = Pace(4096)
    slow.record(1, 100.0)
    assert slow.budget == 1
