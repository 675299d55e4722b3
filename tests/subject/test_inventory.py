"""What is found of people: their rows, where others' rows mention them, and their objects."""

import gzip
import io
from email.message import EmailMessage

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.errors import ConfigurationError, PlanRefused
from lacuna.model.identity import SubjectRef
from lacuna.model.location import ColumnName, ObjectPath
from lacuna.model.plan import ObjectFound
from lacuna.model.request import Level
from lacuna.model.run import Role
from lacuna.redaction import build_matcher
from lacuna.stores.installation import FolderStores
from lacuna.subject import (
    Sought,
    Surroundings,
    know,
    own_rows,
    pattern_of,
    take_inventory,
    texts_in,
)
from lacuna.verify import ObjectSearch
from tests.shop import (
    ALIAS,
    ANNA,
    ANNA_MAIL,
    ANNA_OLD,
    BO,
    BRIEFE,
    CACHE,
    CLARA,
    DORA,
    KUNDEN,
    LAGER,
    LINES,
    SHARED_PHONE,
    TICKETS,
)


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "home" / "media"
    for name in ("fotos", "briefe", "notizen", "tresor", "exports"):
        (folder / name).mkdir(parents=True)
    (folder / "fotos" / "1.png").write_bytes(b"png of Anna")
    (folder / "briefe" / "100.eml").write_bytes(b"Subject: mine\n\nhello")
    return folder


class Survey:
    """Takes inventories of people of a shop."""

    def __init__(self, shop, home):
        self.shop = shop
        self.objects = FolderStores(home, {})

    def people(self, *groups, org_id="nord"):
        """Return the inventory of each group of keys, as contacts who are forgotten."""
        return self.take(*(self.contact(*keys, org_id=org_id) for keys in groups))

    def contact(self, *keys, org_id="nord"):
        return Sought(self.know(*keys, org_id=org_id), Level.CONTACT, keys, is_everywhere=True)

    def know(self, *keys, org_id="nord"):
        with self.shop.open(Role.PLANNER) as transaction:
            reading = transaction.reading(self.shop.datamap)
            return know(SubjectRef(f"r-{keys[0]}"), org_id, keys, reading)

    def take(self, *sought):
        by_org = {}
        for one in sought:
            by_org.setdefault(one.person.org_id, []).append(one.person)
        matchers = {org_id: build_matcher(people) for org_id, people in by_org.items()}
        with self.shop.open(Role.PLANNER, is_read_only=True) as transaction:
            reading = transaction.reading(self.shop.datamap)
            found = take_inventory(
                sought,
                own_rows(sought, self.shop.datamap, reading),
                self.shop.datamap,
                reading,
                Surroundings(matchers, self.objects, ObjectSearch(one.person for one in sought)),
            )
        return [found[one.person.ref] for one in sought]


@pytest.fixture
def survey(still_shop, media):
    return Survey(still_shop, media.parent)


@pytest.fixture
def survey_of_own(shop, media):
    """A survey of a shop that the test may change."""
    return Survey(shop, media.parent)


def rows(inventory):
    return {found.table: {"/".join(key) for key in found.keys} for found in inventory.rows}


def mentions(inventory):
    return {found.column: {"/".join(key) for key in found.keys} for found in inventory.mentions}


def paths(inventory):
    return {found.path.path: found for found in inventory.objects}


def column(table, name):
    return ColumnName(table, name)


# --- rows -----------------------------------------------------------------------------------------


def test_a_row_is_a_persons_by_any_way_that_leads_to_them(survey):
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert rows(anna) == {
        KUNDEN: {ANNA, ANNA_OLD},
        ALIAS: {"1", "2", "3"},
        TICKETS: {"10", "11"},
        # 101 is Clara's answer in Anna's ticket.
        BRIEFE: {"100", "101"},
        LINES: {"10/A", "10/B"},
        CACHE: {"k1"},
        LAGER: {"2"},
    }
    assert anna.open_conversations == 0
    assert anna.kept_identifiers == 1


def test_a_row_of_two_people_is_in_both_inventories(survey):
    anna, clara = survey.people((ANNA, ANNA_OLD), (CLARA,))
    assert "101" in rows(anna)[BRIEFE]
    assert rows(clara)[BRIEFE] == {"101", "300", "301"}


def test_open_conversations_are_counted(survey):
    (bo,) = survey.people((BO,))
    assert bo.open_conversations == 1


def test_a_conversation_alone_takes_what_hangs_on_it_and_not_the_person(survey):
    person = survey.know(ANNA, ANNA_OLD)
    (found,) = survey.take(Sought(person, Level.CONVERSATION, ("10",)))
    assert rows(found) == {
        TICKETS: {"10"},
        BRIEFE: {"100", "101"},
        LINES: {"10/A", "10/B"},
        LAGER: {"2"},
    }
    assert found.mentions == ()


def test_a_message_alone_takes_itself_and_its_object(survey):
    (found,) = survey.take(Sought(survey.know(ANNA, ANNA_OLD), Level.MESSAGE, ("100",)))
    assert rows(found) == {BRIEFE: {"100"}}
    assert set(paths(found)) == {"briefe/100.eml"}


def test_people_of_several_levels_and_tenants_are_surveyed_in_one_pass(survey):
    anna, bo, dora = survey.take(
        survey.contact(ANNA, ANNA_OLD),
        Sought(survey.know(BO), Level.CONVERSATION, ("20",)),
        survey.contact(DORA, org_id="sued"),
    )
    assert rows(anna)[TICKETS] == {"10", "11"}
    assert rows(bo)[TICKETS] == {"20"}
    assert rows(dora) == {KUNDEN: {DORA}, TICKETS: {"40"}}


# --- mentions -------------------------------------------------------------------------------------


def test_mentions_are_found_outside_the_persons_own_rows_alone(survey):
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert mentions(anna) == {
        column(TICKETS, "betreff"): {"30"},
        column(BRIEFE, "body"): {"300"},
        column(BRIEFE, "cc"): {"300"},
        column(LAGER, "notiz"): {"1"},
    }


def test_a_shared_value_stays_in_the_rows_of_who_shares_it(survey):
    (anna,) = survey.people((ANNA, ANNA_OLD))
    # Bo wrote the number of the household in a row of his own.
    assert "200" not in mentions(anna)[column(BRIEFE, "body")]
    (bo,) = survey.people((BO,))
    # Clara's row is nobody's who shares it: there it is a mention of Bo, too.
    assert mentions(bo)[column(BRIEFE, "body")] == {"300"}


def test_a_row_with_a_shared_value_and_a_value_of_their_own_is_a_mention(survey_of_own):
    survey_of_own.shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief = 200',
        f"{SHARED_PHONE}, or write to {ANNA_MAIL}",
    )
    (anna,) = survey_of_own.people((ANNA, ANNA_OLD))
    assert mentions(anna)[column(BRIEFE, "body")] == {"200", "300"}


def test_a_mention_in_another_tenant_is_none(survey):
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert "40" not in mentions(anna)[column(TICKETS, "betreff")]


def test_mentions_are_told_apart_by_person(survey):
    anna, bo = survey.people((ANNA, ANNA_OLD), (BO,))
    assert mentions(bo) == {
        column(BRIEFE, "body"): {"300"},
        column(BRIEFE, "cc"): {"100"},
    }
    assert column(TICKETS, "betreff") in mentions(anna)


# --- objects --------------------------------------------------------------------------------------


def test_objects_that_own_rows_name_are_deleted_and_those_not_there_are_told(survey):
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert paths(anna)["fotos/1.png"] == ObjectFound(
        ObjectPath("media", "fotos/1.png"), "fotos/*", len(b"png of Anna"), 1, False
    )
    assert paths(anna)["briefe/100.eml"].byte_count == len(b"Subject: mine\n\nhello")
    (bo,) = survey.people((BO,))
    assert paths(bo)["fotos/2.png"].byte_count is None


@pytest.mark.parametrize(
    "path", ["fotos/anna_berg-2.png", "fotos/Anna Berg.png", f"fotos/{ANNA_MAIL}.png"]
)
def test_an_orphan_with_a_persons_name_in_its_path_is_theirs(survey, media, path):
    (media / path).write_bytes(b"x")
    (media / "fotos" / "stranger.png").write_bytes(b"x")
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert set(paths(anna)) == {"fotos/1.png", "briefe/100.eml", path}
    assert not paths(anna)[path].is_rewritten


def test_an_object_of_somebody_else_with_the_persons_name_in_its_path_is_deleted(
    survey_of_own, media
):
    (media / "fotos" / "anna_berg.png").write_bytes(b"x")
    survey_of_own.shop.query(
        'update "Odd Shop"."Kunden" set "Foto" = %s where "Kunde Nr" = %s',
        *("fotos/anna_berg.png", CLARA),
    )
    (anna,) = survey_of_own.people((ANNA, ANNA_OLD))
    assert not paths(anna)["fotos/anna_berg.png"].is_rewritten
    assert mentions(anna)[column(KUNDEN, "Foto")] == {CLARA}


@pytest.mark.parametrize(
    ("folder", "name"), [("fotos", "3.png"), ("briefe", "300.eml"), ("briefe", "301.eml")]
)
def test_what_the_gate_reads_in_a_file_of_somebody_else_is_found_before(
    survey, media, folder, name
):
    packed = gzip.compress(f"about {ANNA_MAIL}".encode())
    content = packed
    if folder == "briefe":
        message = EmailMessage()
        message.set_content("Nothing")
        message.add_attachment(packed, maintype="application", subtype="gzip")
        content = message.as_bytes()
    (media / folder / name).write_bytes(content)
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert not paths(anna)[f"{folder}/{name}"].is_rewritten


def test_a_text_that_others_rows_name_by_the_person_is_not_deleted_for_it(survey_of_own, media):
    (media / "notizen" / "anna_berg.txt").write_text("nobody")
    survey_of_own.shop.query(
        'update "Odd Shop"."Kunden" set "Foto" = %s where "Kunde Nr" = %s',
        *("notizen/anna_berg.txt", CLARA),
    )
    with pytest.raises(PlanRefused, match=r"1 object of notizen/\*\.txt") as refused:
        survey_of_own.people((ANNA, ANNA_OLD))
    assert "anna" not in str(refused.value)


def test_a_mail_of_somebody_else_that_mentions_a_person_is_deleted_and_its_row_told(survey, media):
    message = EmailMessage()
    message["Subject"] = "About Ånna Bérg"
    message.set_content("Nothing")
    (media / "briefe" / "300.eml").write_bytes(message.as_bytes())
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert not paths(anna)["briefe/300.eml"].is_rewritten
    # The path leaves the row with the object.
    assert mentions(anna)[column(BRIEFE, "roh")] == {"300"}


def test_an_object_with_a_shared_value_stays_with_who_shares_it(survey_of_own, media):
    (media / "briefe" / "200.eml").write_bytes(f"Subject: x\n\n{SHARED_PHONE}".encode())
    (media / "briefe" / "300.eml").write_bytes(f"Subject: x\n\n{SHARED_PHONE}".encode())
    survey_of_own.shop.query(
        'update "Odd Shop"."Briefe" set roh = \'briefe/200.eml\' where brief = 200'
    )
    (anna,) = survey_of_own.people((ANNA, ANNA_OLD))
    assert "briefe/200.eml" not in paths(anna)
    assert "briefe/300.eml" in paths(anna)


def test_a_text_that_mentions_a_person_is_written_anew(survey, media):
    (media / "notizen" / "todo.txt").write_text(f"call {SHARED_PHONE}\nmail {ANNA_MAIL}")
    (media / "notizen" / "other.txt").write_text("nobody")
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert paths(anna)["notizen/todo.txt"].is_rewritten
    assert "notizen/other.txt" not in paths(anna)


def test_where_nobody_may_be_mentioned_nothing_is_read(survey, media):
    (media / "tresor" / "log.txt").write_text(f"{ANNA_MAIL}")
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert "tresor/log.txt" not in paths(anna)


def test_a_parquet_file_is_searched_in_its_lists_and_structures_too(survey, media):
    table = pa.table(
        {
            "plain": pa.array(["nobody", "nobody"]).dictionary_encode(),
            "inside": [[{"mails": [ANNA_MAIL]}], None],
        }
    )
    pq.write_table(table, media / "exports" / "one.parquet")
    pq.write_table(table.select(["plain"]), media / "exports" / "two.parquet")
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert paths(anna)["exports/one.parquet"].is_rewritten
    assert "exports/two.parquet" not in paths(anna)


def test_a_value_that_only_the_dictionary_of_a_file_holds_is_found(survey, media):
    indices = pa.array([0, 0], pa.int32())
    coded = pa.DictionaryArray.from_arrays(indices, pa.array(["fine", ANNA_MAIL]))
    pq.write_table(pa.table({"note": coded}), media / "exports" / "one.parquet")
    (anna,) = survey.people((ANNA, ANNA_OLD))
    assert paths(anna)["exports/one.parquet"].is_rewritten


def test_an_object_of_another_tenant_is_left_alone(survey_of_own, media):
    # Dora has the same address, at another controller.
    (media / "briefe" / "400.eml").write_bytes(f"From: {ANNA_MAIL}\n\nhello".encode())
    survey_of_own.shop.query(
        'insert into "Odd Shop"."Briefe" values '
        "(400, 'sued', 40, %s, 'x', null, null, 'briefe/400.eml')",
        DORA,
    )
    (anna,) = survey_of_own.people((ANNA, ANNA_OLD))
    assert "briefe/400.eml" not in paths(anna)
    assert column(BRIEFE, "roh") not in mentions(anna)
    (dora,) = survey_of_own.people((DORA,), org_id="sued")
    assert set(paths(dora)) == {"briefe/400.eml"}


def test_who_is_not_forgotten_is_not_looked_for_in_objects(survey, media):
    (media / "notizen" / "todo.txt").write_text(ANNA_MAIL)
    person = survey.know(ANNA, ANNA_OLD)
    (found,) = survey.take(Sought(person, Level.CONTACT, (ANNA, ANNA_OLD), is_everywhere=False))
    assert set(paths(found)) == {"fotos/1.png", "briefe/100.eml"}
    assert found.mentions == ()


def test_an_object_that_nobody_mapped_stops_the_run_without_its_name(survey, media):
    (media / "surprise").mkdir()
    (media / "surprise" / "anna_berg.doc").write_bytes(b"x")
    with pytest.raises(
        ConfigurationError, match="store media contains an object that matches no"
    ) as caught:
        survey.people((ANNA, ANNA_OLD))
    assert "anna" not in str(caught.value)


def test_the_first_pattern_that_fits_counts(shop_datamap):
    store = shop_datamap.stores["media"]
    assert pattern_of(store, "fotos/a/b/c.png").pattern == "fotos/*"
    with pytest.raises(ConfigurationError):
        pattern_of(store, "FOTOS/1.png")


# --- the text of objects --------------------------------------------------------------------------


def texts(content, kind):
    return [text for _, text in texts_in(content, kind)]


def test_each_part_of_a_mail_is_read_in_its_own_encoding(shop_datamap):
    pattern = pattern_of(shop_datamap.stores["media"], "briefe/1.eml")
    message = EmailMessage()
    message["From"] = "Zoë Østergård <zoe@example.org>"
    message.set_content("Grüße von Zoë", charset="iso-8859-1", cte="base64")
    message.add_alternative("<p>Gr&uuml;&szlig;e</p>", subtype="html")
    found = list(texts_in(message.as_bytes(), pattern.format))
    assert ("text/html", "<p>Gr&uuml;&szlig;e</p>\n") in found
    assert any("Grüße von Zoë" in text for _, text in found)
    assert any("Zoë Østergård" in text for _, text in found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Content-Type: text/plain; charset=no-such-charset\n\ntell",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Subject: =?utf-8?b?//8=?=\n\n\xff\xfe",
        b"From: <<<>>>@@\nTo: \xc3\x28\n\nx",
    ],
)
def test_a_broken_mail_is_read_as_far_as_it_goes(shop_datamap, content):
    pattern = pattern_of(shop_datamap.stores["media"], "briefe/1.eml")
    assert texts(content, pattern.format)[0] == content.decode("utf-8", "replace")


def test_a_binary_object_has_no_text(shop_datamap):
    pattern = pattern_of(shop_datamap.stores["media"], "fotos/1.png")
    assert texts(b"anything", pattern.format) == []


def test_a_parquet_column_gives_each_text_it_holds(shop_datamap):
    pattern = pattern_of(shop_datamap.stores["media"], "exports/1.parquet")
    target = io.BytesIO()
    columns = {
        "plain": ["a", "a", None],
        "large": pa.array(["b", None, "b"], pa.large_string()),
        "coded": pa.array(["c", "d", None]).dictionary_encode(),
        "list": [["e"], None, []],
        "struct": [{"x": "f", "y": 1}, None, {"x": None, "y": 2}],
        "map": pa.array([[("g", "h")], None, []], pa.map_(pa.string(), pa.string())),
        "number": [1, 2, 3],
        "bytes": [b"i", None, b""],
    }
    pq.write_table(pa.table(columns), target)
    assert set(texts(target.getvalue(), pattern.format)) >= set("abcdefghi")
