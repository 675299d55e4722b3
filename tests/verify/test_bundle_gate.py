"""The gate before a bundle is sealed: it sees what is missing, different, or somebody else's."""

import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.bundle import write
from lacuna.errors import VerificationFailed
from lacuna.model.finding import Finding, Gate
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.request import RequestKind
from lacuna.verify import CountedRows, bundle_contents, bundle_gate, bundle_search, check_bundle
from tests.bundle import example

COMMENTS_JSON = "access/json/shop.comments.json"
COMMENTS_PARQUET = "access/parquet/shop.comments.parquet"
FOREIGN = example.foreign()


@pytest.fixture(scope="module")
def shop(template_database, tmp_path_factory):
    """The data map, the database's address and the media of the example."""
    with template_database.clones() as fresh:
        url = fresh()
        example.fill(url)
        yield (
            example.load_map(tmp_path_factory.mktemp("map")),
            url,
            example.put_files(tmp_path_factory.mktemp("media")),
        )


@pytest.fixture(scope="module")
def datamap(shop):
    return shop[0]


def make(shop, tmp_path_factory, kinds=example.EVERYTHING) -> Path:
    datamap, url, media = shop
    folder = tmp_path_factory.mktemp("bundle") / f"bundle_{example.REQUEST_ID}"
    write(folder, example.gather(url, datamap, media, kinds))
    return folder


@pytest.fixture(scope="module")
def right(shop, tmp_path_factory) -> Path:
    return make(shop, tmp_path_factory)


@pytest.fixture
def folder(right, tmp_path) -> Path:
    """A copy of a right bundle, to be spoiled."""
    return Path(shutil.copytree(right, tmp_path / right.name))


@pytest.fixture
def check(datamap):
    def checked(
        folder,
        foreign=FOREIGN,
        counts=example.COUNTS,
        datamap=datamap,
        provided=example.COUNTED.provided,
    ):
        findings = check_bundle(folder, datamap, foreign, CountedRows(counts, provided))
        assert {finding.gate for finding in findings} <= {Gate.BUNDLE}
        return {finding.location: finding.count for finding in findings}

    return checked


def relist(folder: Path, change=lambda manifest: None) -> None:
    """Make manifest and digests fit the files again, as a careful forger would."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for file in manifest["files"]:
        if (folder / file["path"]).is_file():
            data = (folder / file["path"]).read_bytes()
            file["sha256"], file["bytes"] = hashlib.sha256(data).hexdigest(), len(data)
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    sums = {file["path"]: file["sha256"] for file in manifest["files"]}
    sums["manifest.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def change_rows(folder: Path, path: str, change) -> None:
    """Change the rows of a JSON file and make everything fit."""
    rows = json.loads((folder / path).read_bytes())
    rows = change(rows) or rows
    (folder / path).write_text(json.dumps(rows), "utf-8")
    relist(folder)


# --- a right bundle -------------------------------------------------------------------------------


def test_a_right_bundle_may_be_sealed(right, check):
    assert check(right) == {}


@pytest.mark.parametrize("kind", [RequestKind.ACCESS, RequestKind.PORTABILITY])
def test_a_right_bundle_for_one_right_may_be_sealed(shop, tmp_path_factory, check, kind):
    assert check(make(shop, tmp_path_factory, (kind,))) == {}


def test_the_gate_shares_no_code_with_what_wrote_the_bundle():
    for module in (bundle_gate, bundle_contents, bundle_search):
        source = Path(module.__file__).read_text("utf-8")
        assert "lacuna.bundle" not in source
        assert "lacuna.redaction" not in source


# --- files and digests ----------------------------------------------------------------------------


@pytest.mark.thorough
def test_every_file_counts_changed_missing_or_cut(folder, check):
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 1
        for damaged in (bytes(flipped), data[:-1], None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            assert check(folder), path.name
            path.write_bytes(data)
    assert check(folder) == {}


def test_a_file_that_nobody_listed_is_found_without_its_name(folder, check):
    (folder / "access/media/bo-bergström.wav").write_bytes(b"RIFF")
    assert check(folder) == {"bundle/file name": 1, "bundle/file outside the manifest": 1}


def test_a_link_is_found(folder, check):
    (folder / "access/link").symlink_to("/etc/hostname")
    assert check(folder) == {"bundle/file outside the manifest": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest.pop("kinds"),
        lambda manifest: manifest.update(kinds=[]),
        lambda manifest: manifest.update(datamap_digest="0" * 64),
        lambda manifest: manifest["files"].append(manifest["files"][0]),
    ],
)
def test_a_manifest_that_does_not_fit_is_found(folder, check, change):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    assert "bundle/manifest.json" in check(folder)


def test_no_manifest_is_a_finding_and_not_a_pass(folder, check):
    (folder / "manifest.json").unlink()
    assert check(folder) == {"bundle/manifest.json": 1}


# --- completeness ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["shop.visits", "media/photos/**"])
def test_a_source_that_was_not_looked_into_is_found(folder, check, source):
    def forget(manifest):
        checked = manifest["sources_checked"]
        manifest["sources_checked"] = [each for each in checked if each["source"] != source]

    relist(folder, forget)
    assert check(folder) == {source: 1}


def test_an_incomplete_source_is_found(folder, check):
    def lack(manifest):
        manifest["incomplete_sources"] = [
            {"source": "shop.comments", "reason": "x"},
            {"source": "Bo Bergström", "reason": "x"},
        ]

    relist(folder, lack)
    assert check(folder, foreign=()) == {"shop.comments": 1, "bundle/incomplete source": 1}


def test_a_row_that_the_verifier_counted_and_the_bundle_lacks_is_found(folder, check):
    counts = {**example.COUNTS, "shop.comments": 4}
    found = check(folder, counts=counts)
    assert set(found) == {"shop.comments"}


def test_a_table_that_was_not_counted_could_not_be_checked(folder, check):
    counts = {name: rows for name, rows in example.COUNTS.items() if name != "shop.visits"}
    assert check(folder, counts=counts) == {"shop.visits": 1}


def test_a_table_whose_files_are_missing_altogether_is_found(folder, check):
    def drop(manifest):
        manifest["files"] = [each for each in manifest["files"] if each["source"] != "shop.tickets"]

    for path in folder.rglob("shop.tickets.*"):
        path.unlink()
    relist(folder, drop)
    # Once as a whole and once as the portability subset.
    assert check(folder) == {"shop.tickets": 2}


# --- both formats, columns, the subset ------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[0].update(note="something else"),
        lambda rows: rows[0].update(comment_id=2.0),  # equal in Python, another value in JSON
        lambda rows: rows[0].update(parties=None),
        lambda rows: rows[::-1],
        lambda rows: rows[:2],
        lambda rows: [*rows, rows[0]],
    ],
)
def test_json_unlike_parquet_is_found(folder, check, change):
    change_rows(folder, COMMENTS_JSON, change)
    assert "shop.comments" in check(folder)


def test_parquet_unlike_json_is_found(folder, check):
    table = pq.read_table(folder / COMMENTS_PARQUET)
    pq.write_table(table.slice(1), folder / COMMENTS_PARQUET)
    relist(folder)
    assert "shop.comments" in check(folder)


@pytest.mark.parametrize("path", [COMMENTS_JSON, COMMENTS_PARQUET])
def test_a_file_that_cannot_be_read_is_found(folder, check, path):
    (folder / path).write_bytes(b"neither JSON nor Parquet")
    relist(folder)
    assert "shop.comments" in check(folder)


def both_formats(folder: Path, root: str, name: str, change) -> None:
    """Change a table in both formats alike and make everything fit."""
    path = folder / f"{root}/json/{name}.json"
    rows = json.loads(path.read_bytes())
    for row in rows:
        change(row)
    path.write_text(json.dumps(rows), "utf-8")
    table = pa.Table.from_pylist(rows)
    encoded = io.BytesIO()
    pq.write_table(table, encoded)
    (folder / f"{root}/parquet/{name}.parquet").write_bytes(encoded.getvalue())
    relist(folder)


def test_a_column_that_the_map_leaves_out_is_found(folder, check):
    both_formats(folder, "access", "shop.recordings", lambda row: row.update(org_id="org-1"))
    assert check(folder) == {"shop.recordings.org_id": 1}


def test_a_column_that_the_map_does_not_know_is_found_without_its_name(folder, check):
    both_formats(folder, "access", "shop.recordings", lambda row: row.update({"Bo": 1}))
    assert check(folder) == {"shop.recordings: unmapped column": 1}


def test_a_credential_is_found_although_the_map_lets_it_in(folder, check):
    both_formats(folder, "portability", "shop.customers", lambda row: row.update(token="t"))
    assert check(folder)["shop.customers.token"] == 1


def test_a_column_that_is_missing_is_found(folder, check):
    both_formats(folder, "access", "shop.recordings", lambda row: row.pop("seconds"))
    assert check(folder)["shop.recordings.seconds"] == 1


def test_a_portability_subset_with_more_than_was_provided_is_found(folder, check):
    both_formats(folder, "portability", "shop.recordings", lambda row: row.update(seconds=1))
    assert check(folder) == {"shop.recordings": 1}
    both_formats(folder, "portability", "shop.tickets", lambda row: row.update(assignee="agent-1"))
    assert check(folder)["shop.tickets.assignee"] == 1


def pass_on(folder: Path, change) -> None:
    """Change the rows of the portability subset in both formats alike, and make everything fit."""
    path = folder / "portability/json/shop.comments.json"
    rows = change(json.loads(path.read_bytes()))
    path.write_text(json.dumps(rows), "utf-8")
    parquet = folder / "portability/parquet/shop.comments.parquet"
    schema = pq.read_schema(parquet)
    rows = [{**row, "parties": json.dumps(row["parties"])} for row in rows]
    encoded = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), encoded)
    parquet.write_bytes(encoded.getvalue())
    relist(folder)


def of_an_agent(folder: Path, take: int, copy: Path | None = None) -> None:
    """Put the agent's row into the portability subset in place of `take` rows."""
    whole = json.loads(((copy or folder) / COMMENTS_JSON).read_bytes())
    (agents,) = [row for row in whole if row["sender"] == "agent"]
    # In the order of the copy, as a part of it.
    pass_on(folder, lambda rows: [{name: agents[name] for name in rows[0]}, *rows[take:]])


@pytest.mark.parametrize("take", [0, 1])
def test_a_row_of_an_agent_in_the_portability_subset_is_found(folder, check, take):
    of_an_agent(folder, take)
    found = check(folder)
    assert found["shop.comments"] >= 1
    if take:  # As many rows as there should be: one is the agent's, a letter is without its row.
        assert found == {"shop.comments": 1, "media/raw_mail/**": 1}


@pytest.mark.parametrize("take", [0, 1])
def test_a_row_of_an_agent_is_found_where_portability_alone_was_asked_for(
    shop, tmp_path_factory, check, take, right
):
    folder = make(shop, tmp_path_factory, (RequestKind.PORTABILITY,))
    assert check(folder) == {}
    of_an_agent(folder, take, right)
    found = check(folder)
    assert found["shop.comments"] >= 1


def test_a_code_is_looked_at_also_where_a_count_and_a_key_say_nothing(folder, check, datamap):
    """The rows are what the query says; it and the map disagree."""
    comments = TableName("shop", "comments")
    rule = replace(datamap.tables[comments].portable, where=(("sender", ("agent",)),))
    tables = {**datamap.tables, comments: replace(datamap.tables[comments], portable=rule)}
    assert check(folder, datamap=replace(datamap, tables=tables)) == {"shop.comments": 2}


@pytest.mark.parametrize("change", [lambda rows: rows[1:], lambda rows: [*rows, rows[-1]]])
@pytest.mark.parametrize("kinds", [example.EVERYTHING, (RequestKind.PORTABILITY,)])
def test_a_row_that_was_provided_and_stands_there_never_or_twice_is_found(
    shop, tmp_path_factory, check, kinds, change
):
    folder = make(shop, tmp_path_factory, kinds)
    pass_on(folder, change)
    assert check(folder)["shop.comments"] >= 1


def test_rows_that_nobody_counted_as_provided_could_not_be_checked(right, check):
    assert check(right, provided={})["shop.comments"] > 1


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.clear(),
        lambda said: said[0].update(rows=2),
        lambda said: said[0].update(source="shop.tickets"),
        lambda said: said[1].update(columns=["customer_id"]),
        lambda said: said.append({**said[0], "source": "Bo"}),
        lambda said: said[0].update(reason=""),
    ],
)
def test_what_the_subset_lacks_and_the_manifest_does_not_name_is_found(folder, check, change):
    relist(folder, lambda manifest: change(manifest["left_out_of_portability"]))
    found = check(folder)
    assert found
    assert {*found} <= {*example.COUNTS, "bundle/manifest.json"}


def test_a_file_of_a_row_that_the_subset_lacks_is_found_among_what_is_passed_on(folder, check):
    path = "portability/mail/1/2.eml"
    data = (folder / "portability/mail/1/11.eml").read_bytes()
    (folder / path).write_bytes(data)
    for source in ("media/raw_mail/**", "shop.comments"):

        def add(manifest, source=source):
            files = [each for each in manifest["files"] if each["path"] != path]
            manifest["files"] = [*files, {**files[0], "path": path, "source": source, "rows": None}]

        relist(folder, add)
        relist(folder)
        assert check(folder) == {source: 1}


def test_portability_rests_on_consent_or_contract_alone(folder, check, datamap):
    processings = {
        name: replace(processing, lawful_basis="6(1)(f)")
        for name, processing in datamap.processings.items()
    }
    found = check(folder, datamap=replace(datamap, processings=processings))
    assert "shop.customers.email" in found


def test_a_copy_where_only_portability_was_asked_for_is_found(folder, check):
    relist(folder, lambda manifest: manifest.update(kinds=["portability"]))
    assert "shop.comments.note" in check(folder)


def test_a_row_that_names_a_file_that_is_not_there_is_found(folder, check):
    def drop(manifest):
        manifest["files"] = [each for each in manifest["files"] if "recording-" not in each["path"]]

    (folder / "portability/media/recording-0001.wav").unlink()
    relist(folder, drop)
    # The row stands in the copy and in the subset.
    assert check(folder) == {"shop.recordings.path": 2}


# --- other people ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "planted"),
    [
        (IdentifierKind.EMAIL, "carl@example.org", "write to <Carl@Example.org>, please"),
        (IdentifierKind.EMAIL, "carl@example.org", "Y2FybEBleGFtcGxlLm9yZyBoYXMgaXQu"),
        (IdentifierKind.PHONE, "+4531415926", "call 31 41 59 26"),
        (IdentifierKind.PHONE, "+4531415926", "(0045) 31-41-59-26"),
        (IdentifierKind.NAME, "Émile Åkesson", "ask E\u0301MILE  AKESSON for it"),
        (IdentifierKind.NAME, "Émile Åkesson", "<b>Émile</b> &Aring;kesson"),
        (IdentifierKind.EXTERNAL_ID, "CUST-0000012345", "order of cust-0000012345"),
    ],
)
def test_anothers_identifier_is_found_in_either_format_and_never_quoted(
    folder, check, kind, value, planted
):
    foreign = (Identifier(kind, value),)
    assert check(folder, foreign=foreign) == {}
    both_formats(folder, "access", "shop.recordings", lambda row: row.update(seconds=planted))
    found = check(folder, foreign=foreign)
    # In JSON and in Parquet; the portability subset then differs as well.
    assert found == {"shop.recordings.seconds": 2, "shop.recordings": 1}
    assert value not in str(found)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("README.html", "bundle/README.html"),
        ("information.html", "bundle/information.html"),
        ("information.json", "bundle/information.json"),
        ("data_dictionary.json", "bundle/data_dictionary.json"),
        ("history/consents.json", "bundle/history/consents.json"),
        ("portability/schemas/shop.tickets.schema.json", "shop.tickets"),
        ("portability/mail/2/12.eml", "media/raw_mail/**"),
        ("access/media/long-0001.txt", "media/long/*.txt"),
        ("portability/media/recording-0001.wav", "media/recordings/*.wav"),
        ("portability/media/photo-0001.jpg", "media/photos/**"),
    ],
)
def test_anothers_identifier_is_found_in_every_other_kind_of_file(folder, check, path, location):
    file = folder / path
    data = file.read_bytes()
    added = f" {example.BOS_EMAIL} ".encode()
    if path.endswith(".json"):
        document = json.loads(data)
        planted = (
            [*document, added.decode()]
            if isinstance(document, list)
            else {**document, "x": added.decode()}
        )
        file.write_text(json.dumps(planted), "utf-8")  # escaped as \\u00f6
    else:
        file.write_bytes(data + added)
    relist(folder)
    assert check(folder) == {location: 1}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "latin-1", "utf-8"])
def test_anothers_name_in_the_tags_of_a_recording_is_found(folder, check, encoding):
    path = folder / "portability/media/recording-0001.wav"
    path.write_bytes(path.read_bytes() + example.BOS_NAME.encode(encoding) + b"\x00\x00\x01\x02")
    relist(folder)
    assert check(folder) == {"media/recordings/*.wav": 1}


def test_anothers_identifier_inside_an_encoded_mail_is_found(folder, check):
    # The mail as it arrived, before it was covered.
    (folder / "portability/mail/1/11.eml").write_bytes(example.RAW_MAIL)
    relist(folder)
    assert check(folder) == {"media/raw_mail/**": 1}
    base64_part_alone = (Identifier(IdentifierKind.NAME, "Bo Bergström has the parcel"),)
    assert check(folder, foreign=base64_part_alone) == {"media/raw_mail/**": 1}


def test_anothers_identifier_in_a_file_name_is_found_although_listed(folder, check):
    def move(manifest):
        for file in manifest["files"]:
            file["path"] = file["path"].replace("long-0001", "bo bergstrom")

    change_rows(
        folder,
        COMMENTS_JSON,
        lambda rows: [
            {**row, "side_file": row["side_file"] and row["side_file"].replace("long-0001", "x")}
            for row in rows
        ],
    )
    (folder / "access/media/long-0001.txt").rename(folder / "access/media/bo bergstrom.txt")
    relist(folder, move)
    found = check(folder)
    assert found["bundle/file name"] == 1
    assert "bergstrom" not in str(found)


def test_dates_times_digests_and_ids_are_no_phone_numbers(folder, check):
    def plant(row):
        row["path"] = None
        row["seconds"] = "2026-03-01T09:20:20.304051Z or 2030-40-51"

    digest = json.loads((folder / "manifest.json").read_bytes())["files"][0]["sha256"]
    number = "".join(character for character in digest if character.isdigit())
    foreign = (
        Identifier(IdentifierKind.PHONE, "+4520304051"),
        Identifier(IdentifierKind.PHONE, number[:7]),
        Identifier(IdentifierKind.EXTERNAL_ID, digest),
    )
    both_formats(folder, "access", "shop.recordings", plant)
    assert not {"shop.recordings.seconds", "bundle/manifest.json", "bundle/other file"} & set(
        check(folder, foreign=foreign)
    )


def test_the_persons_own_values_do_not_disturb(right, check):
    assert check(right, foreign=(Identifier(IdentifierKind.NAME, "Anna Lindberg"),)) == {}


def test_a_search_that_is_blind_is_no_pass(right, datamap, monkeypatch):
    class Blind(bundle_search.KnownValues):
        def find(self, text):
            return frozenset()

    monkeypatch.setattr(bundle_search, "KnownValues", Blind)
    with pytest.raises(VerificationFailed, match="did not find its canary"):
        check_bundle(right, datamap, FOREIGN, example.COUNTED)


def test_a_finding_says_where_and_how_many_alone(folder, datamap):
    both_formats(
        folder, "access", "shop.recordings", lambda row: row.update(seconds="Bo Bergström")
    )
    findings = check_bundle(folder, datamap, FOREIGN, example.COUNTED)
    assert Finding(Gate.BUNDLE, "shop.recordings.seconds", 2) in findings
    assert str(TableName("shop", "recordings")) in {finding.location for finding in findings}
    assert "Bergstr" not in repr(findings)


# --- what is read a piece at a time ---------------------------------------------------------------


def test_a_value_cut_by_a_folded_line_of_a_card_is_found(folder, check):
    card = folder / "portability/contact.vcf"
    name, rest = example.BOS_NAME[:5], example.BOS_NAME[5:]
    card.write_bytes(card.read_bytes() + f"NOTE:{name}\r\n {rest}\r\n".encode())
    relist(folder)
    assert check(folder) == {"shop.customers": 1}


@pytest.mark.parametrize("before", [0, 2**17 - 8, 2**17, 2**18 - 3])
def test_what_stands_across_two_pieces_of_a_page_is_found(folder, check, before):
    page = folder / "information.html"
    page.write_text("x" * before + f" {example.BOS_NAME} " + "y" * 2**17, "utf-8")
    relist(folder)
    assert check(folder) == {"bundle/information.html": 1}


@pytest.mark.thorough
@pytest.mark.parametrize("before", [0, 2**22 - 6, 2**22])
def test_what_stands_across_two_pieces_of_any_other_file_is_found(folder, check, before):
    path = folder / "access/media/long-0001.txt"
    path.write_bytes(b"\0" * before + f" {example.BOS_EMAIL} ".encode() + b"\0" * 2**20)
    relist(folder)
    assert check(folder) == {"media/long/*.txt": 1}


def sound(samples: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A WAV file with chunks before its samples."""
    inside = b"WAVE" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in (*chunks, (b"data", samples))
    )
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


NAMED = example.BOS_NAME.encode()


@pytest.mark.parametrize(
    ("data", "is_found"),
    [
        (sound(b"\1\2" * 50, (b"LIST", b"INFOIART\x0d\0\0\0" + NAMED)), True),
        (sound(b"\1\2" * 50, (b"id3 ", NAMED + b"\0")), True),
        (sound(b"\1\2" * 50) + NAMED, True),  # behind the end
        (sound(b"\1\2" * 50)[:-4] + NAMED, True),  # another length than it says
        (sound(b"\0\0 " + NAMED + b" \0\0"), False),  # samples: a voice, whatever they spell
    ],
)
def test_a_sound_file_is_searched_wherever_it_can_hold_text(folder, check, data, is_found):
    (folder / "portability/media/recording-0001.wav").write_bytes(data)
    relist(folder)
    assert check(folder) == ({"media/recordings/*.wav": 1} if is_found else {})


def test_many_small_files_are_searched_together_and_counted_one_by_one(folder, check):
    added = []
    for number in range(40):
        path = f"access/mail/1/{100 + number}.eml"
        name = example.BOS_NAME if number % 4 == 0 else "Nobody At All"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"From: x@shop.example.org\n\n{name}\n", "utf-8")
        added.append({"path": path, "source": "shop.comments", "bytes": 0, "sha256": ""})

    def add(manifest):
        manifest["files"] += added

    relist(folder, add)
    relist(folder)
    assert check(folder) == {"shop.comments": 10}


def test_a_large_document_is_searched_as_text_in_pieces(right, folder, check, monkeypatch):
    monkeypatch.setattr(bundle_contents, "_LARGE", 0)
    monkeypatch.setattr(bundle_contents, "CHARACTERS_AT_ONCE", 301)
    monkeypatch.setattr(bundle_search, "CHARACTERS_AT_ONCE", 301)
    assert check(right) == {}
    information = json.loads((folder / "information.json").read_bytes())
    for planted in (example.BOS_NAME, example.BOS_EMAIL, f"call {example.BOS_PHONE}"):
        text = json.dumps({**information, "x": planted}, indent=2)  # escaped as \\u00f6
        (folder / "information.json").write_text(text, "utf-8")
        relist(folder)
        assert check(folder) == {"bundle/information.json": 1}
    # A size of a file is nobody's number.
    (folder / "information.json").write_text(
        json.dumps({**information, "x": 701740605}, indent=2), "utf-8"
    )
    relist(folder)
    assert check(folder) == {}


@pytest.mark.parametrize("piece", [1, 2, 7, 64])
def test_a_json_file_is_read_the_same_in_pieces_of_any_size(monkeypatch, tmp_path, piece):
    monkeypatch.setattr(bundle_contents, "_PIECE", piece)
    path = tmp_path / "rows.json"
    rows = [{"a": 'x"]},{ é', "b": [1, {"c": None}]}, {}, {"n": 12345.5}]
    for text in (json.dumps(rows), json.dumps(rows, indent=3), "[]", " [ ] \n"):
        path.write_text(text, "utf-8")
        assert list(bundle_contents.json_rows(path)) == json.loads(text)
    for broken in ("", "[", "{}", "[{}", "[{},", "[{} {}]", "[1]", "[{}]x", '[{"a": 1]', "[{},]"):
        path.write_text(broken, "utf-8")
        with pytest.raises(ValueError, match=r"\w"):
            list(bundle_contents.json_rows(path))
