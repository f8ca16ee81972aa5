"""Published versions: one live, the way back, and a pointer that is never half written."""

import json
import threading
from datetime import datetime, timezone

import pytest

from trainer import versions

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.fixture
def models(tmp_path):
    for name in "abc":
        (tmp_path / f"indgang-{name}.tar.gz").write_bytes(b"model")
    return tmp_path


def publish(folder, name):
    return versions.publish(folder / f"indgang-{name}.tar.gz", f"note {name}", folder, NOW)


def test_nothing_is_live_at_first(models):
    assert versions.read(models).live is None and versions.live_path(models) is None


def test_the_last_published_is_live_and_the_same_again_changes_nothing(models):
    publish(models, "a")
    assert publish(models, "b") == publish(models, "b")
    assert versions.live_path(models).name == "indgang-b.tar.gz"
    assert [one.name for one in versions.read(models).history] == ["indgang-a.tar.gz", "indgang-b.tar.gz"]
    assert versions.read(models).history[0].at == "2026-11-22T12:00:00+00:00"


def test_back_is_the_one_before_and_past_those_whose_file_is_gone(models):
    for name in "abc":
        publish(models, name)
    (models / "indgang-b.tar.gz").unlink()
    assert versions.rollback(models).live == "indgang-a.tar.gz"
    with pytest.raises(versions.NoEarlier):
        versions.rollback(models)
    assert versions.live_path(models).name == "indgang-a.tar.gz", "a failed way back changes nothing"


def test_a_live_model_whose_file_is_gone_is_not_served(models):
    publish(models, "a")
    (models / "indgang-a.tar.gz").unlink()
    assert versions.live_path(models) is None


def test_a_reader_never_sees_half_a_pointer(models):
    publish(models, "a")
    stop, seen = threading.Event(), []

    def look():
        while not stop.is_set():
            seen.append(json.loads((models / versions.FILE).read_text("utf-8"))["live"])

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(50):
        publish(models, "b")
        publish(models, "a")
    stop.set()
    reader.join()
    assert set(seen) <= {"indgang-a.tar.gz", "indgang-b.tar.gz"}
