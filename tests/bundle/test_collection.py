"""What goes into a bundle, what stays out, and what is said of it."""

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lacuna.bundle import BundleSources, collect
from lacuna.bundle.other_people import OTHERS, STAFF, Pseudonyms, TextCover
from lacuna.bundle.selection import portable_columns
from lacuna.errors import DependencyUnreachable, RedactionFailed, VerificationFailed
from lacuna.model.bundle import Article, SourceKind
from lacuna.model.location import TableName
from lacuna.model.plan import RowsFound
from lacuna.model.request import RequestKind
from lacuna.ports import Redacted
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.postgres.platform_reader import PlatformReader
from tests.bundle import example
from tests.hostile_mails import HOSTILE_MAILS

CUSTOMERS = TableName("shop", "customers")
COMMENTS = TableName("shop", "comments")


@pytest.fixture
def reader(shop_url, shop_map):
    engine = sa.create_engine(shop_url)
    with engine.connect() as connection:
        yield PlatformReader(connection, shop_map)
    engine.dispose()


@pytest.fixture
def gather(reader, shop_map, media, tmp_path):
    """Collect with something exchanged."""

    def gathered(inventory=None, kinds=example.EVERYTHING, datamap=shop_map, **sources):
        return collect(
            example.anna(),
            inventory or example.inventory(shop_map),
            datamap,
            example.order(kinds),
            BundleSources(
                **{
                    "rows": reader,
                    "objects": {"media": FolderObjects("media", media)},
                    "cover_others": example.cover,
                    "cover_version": "1",
                    "parts": tmp_path / "parts",
                    "agents": (example.AGENT,),
                    **sources,
                }
            ),
        )

    return gathered


class OddSource:
    """The real source, with the rows of one table changed."""

    def __init__(self, source, table, change):
        self.source, self.table, self.change = source, table, change

    def rows(self, table, columns, keys):
        rows = self.source.rows(table, columns, keys)
        yield from self.change(list(rows)) if table == self.table else rows


def table(content, name):
    return next(each for each in content.tables if str(each.table) == name)


def column(content, name, of):
    found = table(content, name)
    return [row[found.columns.index(of)] for row in found.rows()]


def copied(each):
    file = io.BytesIO()
    redactions = each.copy(file)
    return file.getvalue(), redactions


def reasons(content):
    return {each.source: each.reason for each in content.incomplete_sources}


def test_the_rows_of_the_inventory_go_in_with_the_columns_of_the_map(content, shop_map):
    assert [(str(each.table), each.count) for each in content.tables] == [
        ("shop.comments", 3),
        ("shop.customers", 1),
        ("shop.recordings", 1),
        ("shop.tickets", 1),
    ]
    for each in content.tables:
        mapped = shop_map.tables[each.table]
        wanted = {one.name for one in mapped.columns if one.in_access and one.name != "token"}
        assert set(each.columns) == wanted
    assert content.incomplete_sources == ()


def test_rows_stand_in_the_order_of_their_keys_as_numbers(content):
    assert column(content, "shop.comments", "comment_id") == [2, 11, 12]


def test_every_table_and_every_pattern_is_named_as_checked_also_where_nothing_is(content, shop_map):
    rows = {each.source: each.rows for each in content.sources_checked}
    assert {name: rows[name] for name in example.COUNTS} == example.COUNTS
    patterns = {f"media/{each.pattern}" for each in shop_map.stores["media"].files}
    assert {each.source for each in content.sources_checked if each.kind is SourceKind.FILES} == (
        patterns
    )
    assert rows["media/recordings/*.wav"] == 2


def test_a_credential_never_goes_in_whatever_the_map_says(content):
    assert "token" not in table(content, "shop.customers").columns
    excluded = {each.source: each.article for each in content.excluded}
    assert excluded["shop.customers.token"] == "32"
    assert excluded["shop.customers.org_id"] == "4(1)"


def test_portability_alone_takes_the_subset_alone(gather, shop_map):
    content = gather(kinds=(RequestKind.PORTABILITY, RequestKind.ERASURE))
    for each in content.tables:
        assert set(each.columns) == portable_columns(shop_map, shop_map.tables[each.table])
    assert "note" not in table(content, "shop.comments").columns
    assert "media/long/*.txt" not in {each.source for each in content.objects}
    assert {each.path for each in content.objects} == {
        "portability/media/photo-0001.jpg",
        "portability/media/recording-0001.wav",
        "portability/mail/1/11.eml",
        "portability/mail/2/12.eml",
    }
    excluded = {each.source: each.article for each in content.excluded}
    assert excluded["shop.comments.note"] == "20(1)"


def test_portability_alone_of_somebody_who_wrote_nothing_themselves(gather, reader):
    """All rows of a table are left out, and the bundle is made without it."""

    def by_agents(rows):
        return [tuple("agent" if value == "customer" else value for value in row) for row in rows]

    source = OddSource(reader, COMMENTS, by_agents)
    content = gather(kinds=(RequestKind.PORTABILITY,), rows=source)
    assert COMMENTS not in {each.table for each in content.tables}
    assert content.incomplete_sources == ()
    assert {one.rows for one in content.left_out if one.table == COMMENTS} == {3}


def test_only_consent_and_contract_make_a_column_portable(shop_map):
    customers = shop_map.tables[CUSTOMERS]
    assert "email" in portable_columns(shop_map, customers)
    assert "token" not in portable_columns(shop_map, customers)
    processings = {
        name: replace(processing, lawful_basis="6(1)(f)")
        for name, processing in shop_map.processings.items()
    }
    assert portable_columns(replace(shop_map, processings=processings), customers) == frozenset()


def test_an_order_for_neither_right_is_refused(gather):
    with pytest.raises(ValueError, match="neither access nor portability"):
        gather(kinds=(RequestKind.ERASURE,))


# --- other people -------------------------------------------------------------------------------


def test_other_people_are_covered_in_texts_and_documents_and_counted(content):
    comments = table(content, "shop.comments")
    for value in (example.BOS_NAME, example.BOS_EMAIL, example.BOS_PHONE, example.BO):
        assert value not in str(list(comments.rows()))
    assert comments.redactions["body"] == 1
    assert comments.redactions["note"] == 2
    counts = {(each.source, each.reason): each.count for each in content.redactions}
    assert counts["shop.comments", OTHERS] == 5
    assert {each.article for each in content.redactions} == {"15(4)"}


def test_an_agent_has_one_name_in_the_bundle_by_whatever_value_they_are_known(content):
    assert column(content, "shop.tickets", "assignee") == ["agent-1"]
    parties = column(content, "shop.comments", "parties")[1]
    assert parties["agent"] == {"name": "agent-1", "email": "agent-1"}
    # In a letter that the person was sent, the agent's name stays.
    assert "Carla Holm" in column(content, "shop.comments", "body")[0]


def test_no_key_of_an_agent_stands_beside_the_name_that_replaced_theirs():
    """By the same number the names that differ from bundle to bundle would be one again."""

    def nobody(passages):
        return [Redacted(each.text, ()) for each in passages]

    cover = TextCover(
        nobody, Pseudonyms([("Carla Holm", "carla@example.org")], [], "1"), frozenset()
    )
    documents = [
        {"id": 55, "author": {"id": 106, "name": "Carla Holm"}, "text": "hello"},
        {"agent_id": 106, "agent": "Carla Holm", "ticket_id": 7},
        [{"agentId": "106", "agentName": "carla@example.org", "orderId": 9}],
        {"id": 3, "name": "Anna Lind"},
    ]
    shown, places = cover.values(documents, [None] * 4, "text/plain")
    assert shown == [
        {"id": 55, "author": {"id": "agent-1", "name": "agent-1"}, "text": "hello"},
        {"agent_id": "agent-1", "agent": "agent-1", "ticket_id": 7},
        [{"agentId": "agent-1", "agentName": "agent-1", "orderId": 9}],
        {"id": 3, "name": "Anna Lind"},
    ]
    assert places == {STAFF: 6}


def test_pseudonyms_spare_the_persons_own_values_and_single_words():
    pseudonyms = Pseudonyms(
        [("Anna", "Anna Lind", "anna@example.org"), ("Carla", "Carla Holm")], ["ANNA  lind"], "1"
    )
    assert pseudonyms.find("Anna Lind") is None
    assert pseudonyms.find("Anna") is None
    assert pseudonyms.find("Carla") is None
    assert {pseudonyms.find("carla holm"), pseudonyms.find("Anna@example.org")} == {
        "agent-1",
        "agent-2",
    }
    assert pseudonyms.find("Carla Holm called") is None


def test_pseudonyms_are_the_same_in_a_second_try_and_others_in_another_request():
    agents = [(f"Agent Number{number}",) for number in range(20)]

    def names(request_id, agents):
        pseudonyms = Pseudonyms(agents, [], request_id)
        return [pseudonyms.find(f"Agent Number{number}") for number in range(20)]

    assert names("one", agents) == names("one", agents[::-1])
    assert names("one", agents) != names("two", agents)


def test_rows_of_somebody_else_stop_the_bundle(gather, reader):
    def with_bo(rows):
        return [*rows, (example.uuid_of(example.BO), *rows[0][1:])]

    with pytest.raises(VerificationFailed, match=r"shop\.customers gave 2 rows for 1") as refusal:
        gather(rows=OddSource(reader, CUSTOMERS, with_bo))
    assert example.BO not in str(refusal.value)


def test_a_row_in_place_of_another_stops_the_bundle(gather, reader):
    def as_bo(rows):
        return [(example.uuid_of(example.BO), *rows[0][1:])]

    with pytest.raises(VerificationFailed, match="1 of them with other keys"):
        gather(rows=OddSource(reader, CUSTOMERS, as_bo))


def test_a_row_given_twice_stops_the_bundle(gather, reader):
    with pytest.raises(VerificationFailed, match="gave 6 rows for 3"):
        gather(rows=OddSource(reader, COMMENTS, lambda rows: rows * 2))


# --- what could not be given ----------------------------------------------------------------------


def test_a_table_that_cannot_be_read_makes_the_bundle_incomplete(gather, reader):
    def fails(rows):
        raise DependencyUnreachable("the database went away")

    content = gather(rows=OddSource(reader, COMMENTS, fails))
    assert reasons(content) == {"shop.comments": "it could not be read (DependencyUnreachable)"}
    assert COMMENTS not in {each.table for each in content.tables}


def test_rows_that_are_gone_by_now_are_counted(gather, reader):
    content = gather(rows=OddSource(reader, COMMENTS, lambda rows: rows[:1]))
    assert reasons(content) == {"shop.comments": "rows that no longer exist: 2"}


def test_a_value_without_a_form_makes_its_table_incomplete(gather, reader):
    content = gather(
        rows=OddSource(reader, CUSTOMERS, lambda rows: [(rows[0][0], object(), *rows[0][2:])])
    )
    assert reasons(content) == {"shop.customers": "a value of type object has no agreed form"}


def test_a_table_of_the_inventory_that_the_map_lacks_is_named(gather, shop_map):
    found = example.inventory(shop_map)
    more = RowsFound(TableName("shop", "unmapped"), frozenset({("1",)}))
    content = gather(replace(found, rows=(*found.rows, more)))
    assert reasons(content) == {"shop.unmapped": "the data map does not contain this table"}


def test_a_text_that_cannot_be_searched_keeps_its_table_out(gather):
    def fails(passages):
        if any("called from" in passage.text for passage in passages):
            raise RedactionFailed("1 text timed out")
        return example.cover(passages)

    content = gather(cover_others=fails)
    reason = "it could not be searched for other people's data (RedactionFailed)"
    assert reasons(content) == {"shop.comments": reason}
    assert COMMENTS not in {each.table for each in content.tables}


# --- files ----------------------------------------------------------------------------------------


def test_files_get_neutral_names_and_rows_lead_to_them(content):
    assert {each.path: each.article for each in content.objects} == {
        "portability/media/photo-0001.jpg": Article.BOTH,
        "portability/media/recording-0001.wav": Article.BOTH,
        "access/media/long-0001.txt": Article.ACCESS,
        "portability/mail/1/11.eml": Article.BOTH,
        "portability/mail/2/12.eml": Article.BOTH,
    }
    assert column(content, "shop.recordings", "path") == ["portability/media/recording-0001.wav"]
    assert column(content, "shop.comments", "raw") == [
        None,
        "portability/mail/1/11.eml",
        "portability/mail/2/12.eml",
    ]


def test_files_of_nobody_known_and_files_of_many_people_stay_out(content):
    excluded = {each.source: (each.reason, each.article) for each in content.excluded}
    assert excluded["media/recordings/*.wav"] == (
        "files that no row names as the person's: 1",
        "15(4)",
    )
    assert "rows of many people" in excluded["media/exports/*.parquet"][0]


def test_a_file_that_a_row_names_and_the_store_lacks_is_counted(gather, tmp_path):
    media = example.put_files(tmp_path / "media")
    (media / "recordings/call-with-anna-lind.wav").unlink()
    content = gather(objects={"media": FolderObjects("media", media)})
    assert reasons(content) == {
        "media/recordings/*.wav": "files that could not be found in the store: 1"
    }
    assert column(content, "shop.recordings", "path") == [None]


def test_a_path_that_leaves_the_store_is_not_followed(gather, reader, tmp_path):
    media = example.put_files(tmp_path / "media")
    (tmp_path / "outside.wav").write_bytes(b"not in the store")

    class HostilePath:
        def rows(self, table, columns, keys):
            for row in reader.rows(table, columns, keys):
                values = dict(zip(columns, row, strict=True))
                if "recording_id" in values:
                    values["path"] = "recordings/../../outside.wav"
                yield tuple(values[name] for name in columns)

    content = gather(rows=HostilePath(), objects={"media": FolderObjects("media", media)})
    assert reasons(content) == {
        "media/recordings/*.wav": "files that could not be found in the store: 1"
    }


def test_a_file_under_no_pattern_is_counted(gather, shop_map):
    media = shop_map.stores["media"]
    files = tuple(each for each in media.files if each.pattern != "photos/**")
    datamap = replace(shop_map, stores={"media": replace(media, files=files)})
    content = gather(datamap=datamap)
    assert reasons(content) == {"media": "files that match no pattern of the data map: 1"}


def test_a_raw_mail_is_covered_in_its_headers_its_parts_and_its_file_names(content):
    mail = next(each for each in content.objects if each.path.endswith("/11.eml"))
    copy, redactions = copied(mail)
    assert redactions == 4
    assert b'attachment; filename="attachment"' in copy
    assert b"From: Anna Lind <anna.lind@example.org>" in copy
    assert b"AAECAwQ=" in copy


def test_a_file_without_other_people_is_copied_byte_for_byte(content):
    copies = {each.path: copied(each) for each in content.objects}
    assert copies["portability/mail/2/12.eml"] == (example.CLEAN_MAIL, 0)
    wav = example.FILES["recordings/call-with-anna-lind.wav"]
    assert copies["portability/media/recording-0001.wav"] == (wav, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/plain; charset=no-such-charset\n\nBo\n",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\xff\xfe\n",
        HOSTILE_MAILS["parts in parts"],
    ],
    ids=["no such character set", "not of its character set", "parts in parts"],
)
def test_a_raw_mail_that_cannot_be_read_is_not_given(gather, tmp_path, raw):
    media = example.put_files(tmp_path / "media")
    (media / "raw_mail/2026/anna-2.eml").write_bytes(raw)
    content = gather(objects={"media": FolderObjects("media", media)})
    mail = next(each for each in content.objects if each.path.endswith("/12.eml"))
    with pytest.raises(RedactionFailed, match="1 raw message could not be searched"):
        copied(mail)


def test_no_value_of_anybody_is_in_the_representation_of_the_content(content):
    text = repr(content)
    for value in ("anna", "lind", example.ANNA, example.BO, "Bergstr", "Carla"):
        assert value not in text


def test_a_tenants_own_basis_is_told_and_decides_what_is_portable(gather, shop_map):
    name = shop_map.tables[CUSTOMERS].column("email").processing
    usual = gather().datamap.processings[name]
    own = replace(usual, lawful_basis="6(1)(f)", retention="Ninety days.")
    org_id = example.anna().org_id
    tenant = replace(shop_map.tenant(org_id), processings={name: own})
    content = gather(datamap=replace(shop_map, tenants={org_id: tenant, "other": shop_map.own}))
    assert content.datamap.processings[name] == own
    assert not table(content, "shop.customers").portable
    assert table(gather(), "shop.customers").portable
    other = gather(datamap=replace(shop_map, tenants={"other": tenant}))
    assert other.datamap.processings[name] == usual
