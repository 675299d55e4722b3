"""What visitors are shown and sent: headers, languages, the age file, the ZIP file, the mail with the code."""

import io
import os
import re
import resource
import shutil
import subprocess
import tracemalloc
import zipfile
from datetime import timedelta

import pyrage
import pytest
from starlette.testclient import TestClient

from lacuna.bundle.passphrase_encryption import encrypt
from lacuna.delivery.encrypted_zip import encrypted_zip
from lacuna.delivery.pages import LANGUAGES, readable_size
from lacuna.delivery.visits import Bounds, Visits
from lacuna.errors import EvidenceBroken
from lacuna.model.queue import Purpose
from lacuna.model.run import Role
from lacuna.request import new_secret
from tests.delivery.conftest import FILES, MAIL, OTHER_MAIL, URL, WORDS, archive, passphrase_in

KEY = pyrage.x25519.Identity.generate()


def code_in(mail: str) -> str:
    found = re.search(r"^    (\d{4} \d{4})\r?$", mail, re.MULTILINE)
    assert found is not None
    return found[1]


def opened_by_7z(content: bytes, passphrase: str, folder) -> dict[str, bytes]:
    """Unpack with the program that people use; return each file."""
    file, to = folder / "data.zip", folder / "unpacked"
    file.write_bytes(content)
    done = subprocess.run(
        ["7z", "x", "-y", f"-p{passphrase}", f"-o{to}", file], capture_output=True, check=False
    )
    if done.returncode:
        return {}
    return {str(one.relative_to(to)): one.read_bytes() for one in to.rglob("*") if one.is_file()}


# --- pages ----------------------------------------------------------------------------------------


def test_every_response_keeps_the_link_to_itself(counter):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    responses = [
        counter.client.get(f"/{token}"),
        counter.client.get("/x"),
        counter.client.get("/a/b"),
        counter.client.get("/delivery.css"),
        counter.client.delete(f"/{token}"),
        counter.client.post("/open", data={"token": token}),
        counter.client.post("/open", content=b"x" * 5000),
        counter.download(token, secret),
    ]
    for response in responses:
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "set-cookie" not in response.headers


def test_a_page_has_no_script_no_style_of_its_own_and_nothing_from_elsewhere(counter):
    request_id, token = counter.ready()
    for page in (counter.client.get(f"/{token}"), counter.enter(token, counter.code(request_id))):
        assert not re.search(r"<script|style=|<style|\son\w+=|https?:|//", page.text)
        assert request_id not in page.text
        assert MAIL not in page.text
        assert OTHER_MAIL not in page.text


def test_a_page_that_is_reloaded_without_its_form_says_what_to_do(counter):
    for name in ("open", "code", "download"):
        page = counter.client.get(f"/{name}")
        assert page.status_code == 405
        assert "open the link" in page.text


def test_the_page_speaks_the_language_of_the_request(counter):
    _, token = counter.ready(language="en")
    page = counter.client.get(f"/{token}", headers={"accept-language": "fr"})
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("xx, no;q=0.5", "nb"),
        ("de;q=0, en", "en"),
        ("de;q=1.2.3, sv;q=0.1", "sv"),
        ("*", "en"),
        (",;q=" * 4000, "en"),
        ("", "en"),
    ],
)
def test_without_a_language_of_the_request_the_browsers_counts(counter, header, language):
    page = counter.client.get("/nothing", headers={"accept-language": header})
    assert f'<html lang="{language}">' in page.text


def test_there_are_twelve_languages():
    assert len(LANGUAGES) == 12


def test_a_large_or_strange_form_is_refused(counter):
    assert counter.client.post("/open", content=b"x" * 5000).status_code == 413
    assert counter.client.post("/open", content="token=é".encode()).status_code == 400
    assert counter.client.post("/open", data={str(n): "x" for n in range(30)}).status_code == 400


def test_a_database_that_does_not_answer_is_no_reason_to_tell_anything(counter, monkeypatch):
    _, token = counter.ready()
    counter.office.query("alter table lacuna.delivery rename to gone")
    page = counter.client.get(f"/{token}")
    assert page.status_code == 503
    assert "gone" not in page.text


# --- the code -------------------------------------------------------------------------------------


def test_a_code_goes_to_the_mailbox_on_file(counter, mails):
    request_id, token = counter.ready()
    page = counter.client.post("/code", data={"token": token})
    assert page.status_code == 200
    (mail,) = mails()
    assert token not in mail
    assert counter.enter(token, code_in(mail)).status_code == 200
    assert counter.actions(request_id) == ["code_given", "link_opened"]


def test_only_five_codes_are_mailed_for_a_link(counter, mails):
    _, token = counter.ready()
    for _ in range(7):
        counter.client.post("/code", data={"token": token})
    assert len(mails()) == 5


def test_no_code_is_mailed_for_a_link_that_is_none(counter, mails):
    counter.ready()
    assert counter.client.post("/code", data={"token": new_secret()}).status_code == 404
    assert mails() == []


def test_a_mail_that_cannot_be_sent_is_told(counter, mails):
    _, token = counter.ready()
    (counter.office.stores.home / "outbox").write_text("no folder")
    page = counter.client.post("/code", data={"token": token})
    assert page.status_code == 200
    assert 'role="status"' in page.text


def test_an_address_that_is_none_is_told_too(counter, mails):
    request_id = counter.bundle()
    stores = counter.office.stores
    with stores.transaction(Role.PLANNER) as transaction:
        kept = stores.keys.encrypt(request_id, b'{"mailboxes": ["ada lind@@example.org"]}')
        transaction.queue.secrets.put(request_id, Purpose.DELIVERY, kept)
    page = counter.client.post("/code", data={"token": counter.token(request_id)})
    assert page.status_code == 200
    assert 'role="status"' in page.text
    assert mails() == []


def test_an_error_that_nobody_expected_keeps_the_link_to_itself(counter, monkeypatch):
    _, token = counter.ready()

    def fail(*_: object) -> None:
        raise KeyError("ada@example.org")

    monkeypatch.setattr(Visits, "look", fail)
    client = TestClient(counter.client.app, base_url=URL, raise_server_exceptions=False)
    page = client.get(f"/{token}")
    assert page.status_code == 503
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "ada@" not in page.text


# --- the file -------------------------------------------------------------------------------------


def test_a_bundle_for_a_key_is_sent_as_it_is(counter):
    request_id, token = counter.ready(recipient=str(KEY.to_public()))
    page = counter.enter(token, counter.code(request_id))
    assert "passphrase" not in page.text
    secret = re.search(r'name="pass" value="([^"]+)"', page.text)[1]
    sent = counter.download(token, secret)
    assert (
        sent.content == (counter.office.stores.home / f"bundles/{request_id}.zip.age").read_bytes()
    )
    assert int(sent.headers["content-length"]) == len(sent.content)
    assert sent.headers["content-disposition"] == 'attachment; filename="my-data.zip.age"'
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(sent.content, [KEY]))) as unpacked:
        assert len(unpacked.infolist()) == len(FILES)


@pytest.mark.seven_zip
def test_another_program_opens_the_zip_file_with_the_passphrase_alone(counter, tmp_path):
    request_id, token = counter.ready()
    page = counter.enter(token, counter.code(request_id))
    secret = re.search(r'name="pass" value="([^"]+)"', page.text)[1]
    sent = counter.download(token, secret)
    assert sent.headers["content-disposition"] == 'attachment; filename="my-data.zip"'
    for other in ("", WORDS, "wrong"):
        assert opened_by_7z(sent.content, other, tmp_path) == {}
    found = opened_by_7z(sent.content, passphrase_in(page.text), tmp_path)
    assert found == FILES
    assert request_id.encode() not in sent.content
    assert b"Ada Lind" not in sent.content


@pytest.mark.seven_zip
def test_the_zip_file_is_encrypted_by_aes_256(counter, tmp_path):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    (tmp_path / "data.zip").write_bytes(counter.download(token, secret).content)
    listed = subprocess.run(
        ["7z", "l", "-slt", tmp_path / "data.zip"], capture_output=True, text=True, check=True
    )
    assert listed.stdout.count("AES-256") == len(FILES)
    with zipfile.ZipFile(tmp_path / "data.zip") as packed:
        # Of AE-2 the sum of the clear content is not stored, which would tell short contents.
        assert {one.CRC for one in packed.infolist()} == {0}


def test_the_passphrase_is_shown_once_and_belongs_to_the_code(counter):
    request_id, token = counter.ready()
    code = counter.code(request_id)
    first = passphrase_in(counter.enter(token, code).text)
    assert "passphrase" not in counter.enter(token, code).text
    second = passphrase_in(counter.enter(token, counter.code(request_id)).text)
    assert first != second
    assert re.fullmatch(r"([a-z2-9]{4}-){6}[a-z2-9]{4}", first)
    stored = str(counter.office.query("select * from lacuna.delivery"))
    assert second not in stored


def test_an_exchanged_file_is_handed_to_nobody_and_the_link_stays(counter):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    path = counter.office.stores.home / f"bundles/{request_id}.zip.age"
    genuine = path.read_bytes()
    path.write_bytes(genuine[:-1] + b"x")
    assert counter.download(token, secret).status_code == 503
    path.unlink()
    assert counter.download(token, secret).status_code == 503
    path.write_bytes(genuine)
    assert counter.download(token, secret).status_code == 200


def test_somebody_elses_bundle_in_its_place_is_handed_to_nobody(counter):
    """Anybody can encrypt for a key: only the digest tells whose file it is."""
    request_id, token = counter.ready(recipient=str(KEY.to_public()))
    secret = counter.secret(request_id, token)
    other = counter.bundle(recipient=str(KEY.to_public()), files={"a.txt": b"Otto Kern"})
    folder = counter.office.stores.home / "bundles"
    (folder / f"{other}.zip.age").replace(folder / f"{request_id}.zip.age")
    assert counter.download(token, secret).status_code == 503


def test_a_changed_bundle_stops_before_its_changed_part_is_sent():
    clear, sealed = archive("x", {"a.txt": b"a" * 300_000, "b.png": b"b" * 300_000}), io.BytesIO()
    encrypt(io.BytesIO(clear), sealed, WORDS)
    data = bytearray(sealed.getvalue())
    data[200_000] ^= 1
    with pytest.raises(EvidenceBroken):
        list(encrypted_zip(io.BytesIO(bytes(data)), "it", WORDS, "words"))


def test_a_large_bundle_passes_through_little_memory(tmp_path):
    part = bytes(range(256)) * 4096
    file = tmp_path / "sealed"
    with (tmp_path / "clear").open("wb") as clear, zipfile.ZipFile(clear, "w") as packed:
        for number in range(48):
            packed.writestr(f"top/{number}.png", part)
    with (tmp_path / "clear").open("rb") as clear, file.open("wb") as sealed:
        encrypt(clear, sealed, WORDS)
    with file.open("rb") as sealed:
        tracemalloc.start()
        sent = sum(map(len, encrypted_zip(sealed, "it", WORDS, "words")))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert sent > 48 * len(part)
    assert peak < 5_000_000


@pytest.mark.long
@pytest.mark.seven_zip
def test_ten_gigabytes_pass_through_little_memory(tmp_path):
    """Written and read as streams; 7z tests every byte."""
    if shutil.disk_usage(tmp_path).free < 24 * 10**9:
        pytest.skip("needs 24 GB of disk")
    part = os.urandom(2**20)
    with (tmp_path / "clear").open("wb") as clear, zipfile.ZipFile(clear, "w") as packed:
        for number in range(10):
            with packed.open(f"top/{number}.png", "w", force_zip64=True) as member:
                for _ in range(1000):
                    member.write(part)
    with (tmp_path / "clear").open("rb") as clear, (tmp_path / "sealed").open("wb") as sealed:
        encrypt(clear, sealed, WORDS)
    (tmp_path / "clear").unlink()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (tmp_path / "sealed").open("rb") as sealed, (tmp_path / "sent.zip").open("wb") as sent:
        sent.writelines(encrypted_zip(sealed, "it", WORDS, "words"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    subprocess.run(["7z", "t", "-pwords", tmp_path / "sent.zip"], check=True, capture_output=True)


def test_the_time_that_a_download_may_take_grows_with_its_size(counter_of, delivering):
    visits = Visits(lambda: delivering.stores, Bounds())
    assert visits.longest(100) < timedelta(minutes=11)
    assert timedelta(hours=24) < visits.longest(10**10) < timedelta(hours=48)


def test_a_size_is_readable():
    assert [readable_size(n) for n in (1, 1_000, 1_500_000, 12_000_000_000, 10**13)] == [
        "1 kB",
        "1 kB",
        "2 MB",
        "12 GB",
        "10000 GB",
    ]
