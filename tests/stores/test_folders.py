"""Whatever Lacuna makes a folder for, nobody else may enter it, or the folders above it."""

import os
import stat

import pytest

from lacuna.errors import ConfigurationError
from lacuna.stores.private_folders import make_private


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_every_folder_on_the_way_is_private(tmp_path, umask):
    make_private(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_a_folder_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    make_private(tmp_path / "open" / "new")
    make_private(tmp_path / "open")
    assert (mode(tmp_path / "open"), mode(tmp_path / "open" / "new")) == (0o755, 0o700)


def test_a_file_in_the_way_is_an_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="Not a directory"):
        make_private(tmp_path / "file" / "below")
