"""Effects on objects: deleted, covered or written anew; what was absent is said to have been."""

import io
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.apply import ObjectWorkshop
from lacuna.errors import ApplyFailed
from lacuna.model.datamap import FilePattern, ObjectFormat
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.queue import Effect, EffectAction
from lacuna.model.treatment import Mention
from lacuna.redaction import build_redactor
from lacuna.stores.installation import FolderStores
from tests.shop import ANNA, ANNA_MAIL, ANNA_OLD, BO, BRIEFE, email, phone

PERSON = Person(
    ref=SubjectRef("r-1"),
    org_id="nord",
    keys=(ANNA, ANNA_OLD),
    known=(
        email(ANNA_MAIL),
        phone("+4520304050"),
        Identifier(IdentifierKind.NAME, "Anna Berg"),
        Identifier(IdentifierKind.CONTACT_ID, ANNA),
    ),
    short_names=("Anna",),
)
TRACES = (b"anna", b"Anna", b"berg", b"Berg", b"20304050", ANNA.encode())


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    for name in ("fotos", "briefe", "notizen", "exports"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def carry_out(shop_datamap, media):
    workshop = ObjectWorkshop(
        shop_datamap, FolderStores(media.parent, {}), build_redactor([PERSON]), [PERSON]
    )

    def done(action, path, pattern):
        return workshop.carry_out(Effect(1, "r-1", action, "media", pattern, path))

    return done


def rewritten(carry_out, media, table, **options):
    """Write a table as Parquet, carry the effect out, and return the table and the bytes."""
    path = media / "exports" / "x.parquet"
    pq.write_table(table, path, **options)
    assert carry_out(EffectAction.REWRITE_OBJECT, "exports/x.parquet", "exports/*.parquet")
    return pq.read_table(path), path.read_bytes()


def traces_in(content):
    return [trace for trace in TRACES if trace in content]


# --- delete ---------------------------------------------------------------------------------------


def test_a_deleted_object_is_gone_and_was_there(carry_out, media):
    (media / "fotos" / "1.png").write_bytes(b"png")
    assert carry_out(EffectAction.DELETE_OBJECT, "fotos/1.png", "fotos/*") is True
    assert not (media / "fotos" / "1.png").exists()


@pytest.mark.parametrize(
    ("action", "path", "pattern"),
    [
        (EffectAction.DELETE_OBJECT, "fotos/none.png", "fotos/*"),
        (EffectAction.REDACT_OBJECT, "notizen/none.txt", "notizen/*.txt"),
        (EffectAction.REWRITE_OBJECT, "exports/none.parquet", "exports/*.parquet"),
    ],
)
def test_an_absent_object_is_told_as_absent_and_stays_so(carry_out, media, action, path, pattern):
    assert carry_out(action, path, pattern) is False
    assert not (media / path).exists()


# --- redact ---------------------------------------------------------------------------------------


def test_the_persons_values_are_covered_and_the_rest_of_a_text_stays(carry_out, media):
    path = media / "notizen" / "todo.txt"
    path.write_text(f"1. call Bo Lind\n2. mail {ANNA_MAIL}\n3. Ænd\n", "utf-8")
    for _ in range(2):
        assert carry_out(EffectAction.REDACT_OBJECT, "notizen/todo.txt", "notizen/*.txt")
        text = path.read_text("utf-8")
        assert text.startswith("1. call Bo Lind\n2. mail ")
        assert text.endswith("\n3. Ænd\n")
        assert "anna" not in text


def test_a_text_in_another_encoding_is_refused_and_left_as_it_was(carry_out, media):
    path = media / "notizen" / "todo.txt"
    content = f"Grüße an {ANNA_MAIL}".encode("latin-1")
    path.write_bytes(content)
    with pytest.raises(ApplyFailed, match="not UTF-8 text") as caught:
        carry_out(EffectAction.REDACT_OBJECT, "notizen/todo.txt", "notizen/*.txt")
    assert path.read_bytes() == content
    assert "anna" not in str(caught.value)


# --- write anew -----------------------------------------------------------------------------------


def test_own_rows_of_an_export_are_treated_as_the_table_is(carry_out, media):
    table = pa.table(
        {
            "Kunde Nr": [ANNA, BO],
            "Name": ["Anna Berg", "Bo Lind"],
            "E-Mail": [ANNA_MAIL, "bo.lind@example.org"],
            "order": ["Anna", "Bo"],
            "org_id": ["nord", "nord"],
            "minutes": [5, 7],
        }
    )
    found, content = rewritten(carry_out, media, table)
    assert found.column_names == table.column_names
    anna, bo = found.to_pylist()
    assert bo == table.to_pylist()[1]
    assert anna["org_id"] == "nord"
    assert anna["minutes"] == 5
    assert traces_in(content) == []


def test_an_export_is_written_anew_for_several_people_as_for_each_alone(shop_datamap, media):
    names = {ANNA: "Anna Berg", BO: "Bo Lind", "c": "Cleo Dahl"}
    mails = {key: f"{name.split()[0].lower()}@example.org" for key, name in names.items()}
    table = pa.table(
        {
            "Kunde Nr": list(names),
            "Name": list(names.values()),
            "E-Mail": list(mails.values()),
            "note": [f"Ask {mails[BO]}", "Ask Cleo Dahl", f"Ask {mails[ANNA]}, not Bo"],
        }
    )
    people = [
        Person(
            ref=SubjectRef(f"r-{key}"),
            org_id="nord",
            keys=(key,),
            known=(email(mails[key]), Identifier(IdentifierKind.NAME, names[key])),
            short_names=(names[key].split()[0],),
        )
        for key in (ANNA, BO)
    ]

    def written(name, *parts):
        path = media / "exports" / name
        pq.write_table(table, path)
        for part in parts:
            effect = Effect(
                1,
                "r-1",
                EffectAction.REWRITE_OBJECT,
                "media",
                "exports/*.parquet",
                f"exports/{name}",
            )
            objects = FolderStores(media.parent, {})
            workshop = ObjectWorkshop(shop_datamap, objects, build_redactor(part), part)
            assert workshop.carry_out(effect)
        return pq.read_table(path).to_pylist()

    together = written("x.parquet", people)
    assert together == written("y.parquet", people[:1], people[1:])
    assert [row["Name"] for row in together] == [None, None, "Cleo Dahl"]
    assert [row["E-Mail"] for row in together] == [None, None, mails["c"]]
    # A first name alone is covered in the person's own rows only.
    assert together[1]["note"] == "Ask Cleo Dahl"
    assert together[2]["note"].endswith(", not Bo")
    assert mails[ANNA] not in str(together)


@pytest.mark.thorough
def test_own_texts_of_an_export_are_redacted_in_full_and_others_are_covered_alone(
    carry_out, shop_datamap, media
):
    stranger = "Write to somebody.else@example.org"
    table = pa.table({"Kunde Nr": [ANNA, BO], "note": [stranger, stranger]})
    # A copy of the letters has texts of its own.
    table = table.rename_columns(["autor", "body"])
    pq.write_table(table, media / "briefe" / "x.parquet")
    store = shop_datamap.stores["media"]
    pattern = FilePattern("briefe/*.parquet", ObjectFormat.PARQUET, BRIEFE, Mention.REDACT)
    datamap = replace(shop_datamap, stores={"media": replace(store, files=(pattern, *store.files))})
    workshop = ObjectWorkshop(
        datamap, FolderStores(media.parent, {}), build_redactor([PERSON]), [PERSON]
    )
    effect = Effect(
        1, "r-1", EffectAction.REWRITE_OBJECT, "media", pattern.pattern, "briefe/x.parquet"
    )
    assert workshop.carry_out(effect)
    anna, bo = pq.read_table(media / "briefe" / "x.parquet").to_pylist()
    assert anna["autor"] is None
    assert "somebody.else" not in anna["body"]
    assert anna["body"].startswith("Write to ")
    assert bo == {"autor": BO, "body": stranger}


def test_mentions_in_rows_of_others_are_covered_in_place(carry_out, media):
    table = pa.table(
        {
            "Kunde Nr": [BO, BO],
            "note": [f"Ask {ANNA_MAIL} first", "Ask nobody"],
            "list": [["a", f"b {ANNA_MAIL}"], None],
            "struct": [{"x": {"y": "Anna Berg"}, "n": 1}, None],
            "map": pa.array(
                [[("Anna Berg", "+45 20304050")], []], pa.map_(pa.string(), pa.string())
            ),
            "bytes": [ANNA_MAIL.encode(), b"\xff\x00"],
        }
    )
    found, content = rewritten(carry_out, media, table)
    assert found.num_rows == 2
    first, second = found.to_pylist()
    assert first["note"].startswith("Ask ")
    assert first["note"].endswith(" first")
    assert first["list"][0] == "a"
    assert first["struct"]["n"] == 1
    assert second == table.to_pylist()[1]
    assert traces_in(content) == []


def test_a_known_number_in_a_column_of_numbers_goes_and_other_numbers_stay(carry_out, media):
    known = 4520304050
    table = pa.table(
        {
            "Kunde Nr": [BO, BO, BO],
            "int": [known, 4599999999, None],
            "float": [float(known), 0.5, float("nan")],
            "decimal": pa.array([Decimal(known), Decimal(7), None], pa.decimal128(12, 0)),
            "list": [[known, 1], [2], None],
            "flag": [True, False, None],
        }
    )
    found, content = rewritten(carry_out, media, table)
    first, second, third = found.to_pylist()
    empty = {"int": None, "float": None, "decimal": None, "list": [None, 1], "flag": True}
    assert first == {"Kunde Nr": BO, **empty}
    assert second == table.to_pylist()[1]
    assert (third["int"], third["list"]) == (None, None)
    assert known.to_bytes(8, "little") not in content
    assert found.schema.field("int").type == pa.int64()


def test_short_names_are_covered_in_own_rows_alone(carry_out, media):
    table = pa.table(
        {"Kunde Nr": [ANNA, BO], "note": ["Anna came", "Anna came"], "all": [["Anna"], ["Anna"]]}
    )
    found, _ = rewritten(carry_out, media, table)
    anna, bo = found.to_pylist()
    assert "Anna" not in anna["note"]
    assert "Anna" not in anna["all"][0]
    assert (bo["note"], bo["all"]) == ("Anna came", ["Anna"])


def test_a_dictionary_keeps_no_value_that_no_row_holds(carry_out, media):
    values = pa.array([0, 0], pa.int32())
    coded = pa.DictionaryArray.from_arrays(values, pa.array(["fine", "Anna Berg"]))
    table = pa.table({"Kunde Nr": [BO, BO], "note": coded})
    pq.write_table(table, media / "check.parquet")
    assert traces_in((media / "check.parquet").read_bytes()), "the file must hold it before"
    found, content = rewritten(carry_out, media, table)
    assert found.column("note").to_pylist() == ["fine", "fine"]
    assert traces_in(content) == []


def test_statistics_and_metadata_of_the_writer_go(carry_out, media):
    table = pa.table({"Kunde Nr": [ANNA, BO], "E-Mail": [ANNA_MAIL, "bo@example.org"]})
    described = table.replace_schema_metadata({b"made for": b"Anna Berg"})
    found, content = rewritten(carry_out, media, described, compression="none")
    assert b"made for" not in (found.schema.metadata or {})
    assert traces_in(content) == []


def test_types_of_columns_stay(carry_out, media):
    kinds = {
        "id": pa.int64(),
        "at": pa.timestamp("us", tz="UTC"),
        "day": pa.date32(),
        "price": pa.decimal128(8, 2),
        "ok": pa.bool_(),
        "text": pa.large_string(),
        "tags": pa.list_(pa.string()),
        "coded": pa.dictionary(pa.int32(), pa.string()),
    }
    table = pa.table({name: pa.nulls(2, kind) for name, kind in kinds.items()})
    table = table.append_column("Kunde Nr", [[ANNA, BO]])
    found, _ = rewritten(carry_out, media, table)
    assert {name: found.schema.field(name).type for name in kinds} == kinds


def test_an_empty_file_stays_one(carry_out, media):
    table = pa.table({"Kunde Nr": pa.array([], pa.string()), "n": pa.array([], pa.int8())})
    found, _ = rewritten(carry_out, media, table)
    assert found.num_rows == 0
    assert found.column_names == ["Kunde Nr", "n"]


def test_a_second_time_changes_nothing(carry_out, media):
    table = pa.table({"Kunde Nr": [ANNA, BO], "note": [ANNA_MAIL, f"x {ANNA_MAIL}"]})
    _, first = rewritten(carry_out, media, table)
    assert carry_out(EffectAction.REWRITE_OBJECT, "exports/x.parquet", "exports/*.parquet")
    assert pq.read_table(media / "exports" / "x.parquet") == pq.read_table(io.BytesIO(first))


def test_what_is_no_parquet_is_refused_and_left_as_it_was(carry_out, media):
    path = media / "exports" / "x.parquet"
    path.write_bytes(ANNA_MAIL.encode())
    with pytest.raises(ApplyFailed, match="is not a Parquet file; repair or delete it") as caught:
        carry_out(EffectAction.REWRITE_OBJECT, "exports/x.parquet", "exports/*.parquet")
    assert path.read_bytes() == ANNA_MAIL.encode()
    assert "anna" not in str(caught.value)


def test_a_pattern_that_left_the_map_is_refused(carry_out, media):
    pq.write_table(pa.table({"x": [1]}), media / "exports" / "x.parquet")
    with pytest.raises(
        ApplyFailed, match=r"r-1: the data map no longer has the pattern old/\* in media"
    ):
        carry_out(EffectAction.REWRITE_OBJECT, "exports/x.parquet", "old/*")
