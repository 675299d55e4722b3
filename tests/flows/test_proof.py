"""A data map is proved on people of the platform before anybody is erased by it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lacuna.datamap import merged
from lacuna.errors import StatementRefused, VerificationFailed
from lacuna.flows.fulfilment import prove
from lacuna.model.finding import Gate
from lacuna.model.identity import IdentifierKind, ValueClass
from lacuna.model.proof import Fate, Proof, ProvedPlace
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.brought import Brought

ADA = "ada.fjeld@example.org"
SCHEMA = """
create schema shop;
create table shop.people (
    id bigint primary key, email text, phone text, name text, first text, born date, agent boolean
);
create table shop.orders (
    id bigint primary key, buyer bigint references shop.people, reference text, label text,
    callback bigint, birthday date, details jsonb, total integer, city text, state text
);
create table shop.notes (id bigint primary key, orders bigint references shop.orders, body text);
create table shop.teams (id bigint primary key, title text);
create table shop.jobs (id bigint primary key, payload jsonb);
insert into shop.people values
    (1, 'ada.fjeld@example.org', '+44 1632 960003', 'Ada Fjeld', 'Ada', '1981-02-03', false),
    (2, 'bo.lund@example.org', '+44 1632 960009', 'Bo Lund', 'Bo', '1982-03-04', false),
    (3, 'cy.moe@example.org', '+44 1632 960015', 'Cy Moe', 'Cy', '1983-04-05', false),
    (9, 'nora.desk@example.org', '+44 1632 960021', 'Nora Desk', 'Nora', null, true);
insert into shop.orders
select n, n, 'ORD-700' || n || '-AV', 'spring', null, null, '{"tier": "gold"}', 10 * n, 'Adamstown',
    'closed' from generate_series(1, 3) n;
insert into shop.notes select n, n, 'All is well.' from generate_series(1, 3) n;
insert into shop.teams values (1, 'Support');
insert into shop.jobs values (1, '{"what": "nothing"}');
"""
COLUMN = "{category: %s, erase: %s, access: true, portability: true, meaning: What it says.}"
DATAMAP = """
name: Shop
version: "1"
controller: Shop A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [shop]
only_tenant: north
longest_backup_days: 35
processings:
  sale: {purpose: Sell., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: shop.people
  where: {agent: "false"}
  identifiers:
    - {kind: email, column: shop.people.email}
    - {kind: phone, column: shop.people.phone}
    - {kind: name, column: shop.people.name}
    - {kind: name, column: shop.people.first, short: true}
  others: [shop.people.name]
  levels: {contact: shop.people, conversation: shop.orders, message: shop.notes}
  open_when: {column: state, values: [open]}
ignored: {shop.jobs: A queue of the framework.}
tables:
  shop.people:
    processing: sale
    key: id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: It.}
      phone: {category: user.contact.phone_number, erase: suppress, access: true, portability: true, meaning: It.}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: It.}
      first: {category: user.name.first, erase: suppress, access: true, portability: true, meaning: It.}
      born: {category: user.demographic.date_of_birth, erase: suppress, access: true, portability: true, meaning: It.}
      agent: {category: system.operations, erase: keep}
  shop.orders:
    processing: sale
    key: id
    links: {buyer: shop.people}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      buyer: {category: user.unique_id, erase: unlink, access: false, portability: false}
      reference: {category: user.unique_id, erase: suppress, access: true, portability: true, meaning: It.}
      label: {category: system.operations, erase: keepSTAYS}
      callback: {category: system.operations, erase: keep}
      birthday: {category: system.operations, erase: keep}
      details: {category: user.content, erase: {json_keys: [tier]}, access: true, portability: true, meaning: It.}
      total: {category: system.operations, erase: keep}
      city: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
  shop.notes:
    processing: sale
    key: id
    links: {orders: shop.orders}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      orders: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: It.}
  shop.teams:
    processing: sale
    key: id
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      title: {category: system.operations, erase: keep}
stores:
  media:
    files:
      - {pattern: scans/**, format: text, table: shop.notes, mention: MENTION}
sweeps: []
"""


class Shop(Brought):
    """A shop whose map is not proved."""

    def prove(self, people: int = 50) -> Proof:
        return prove(self.stores, people)

    def findings(self) -> dict[str, tuple[int, int]]:
        """Return by place how many rows and people a proof finds."""
        return {one.place: (one.rows, one.people) for one in self.prove().findings}

    def place(self, name: str) -> ProvedPlace:
        (found,) = (one for one in self.prove().places if one.place == name)
        return found

    def write_file(self, path: str, text: str) -> None:
        file = self.stores.home / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def write_map(
        self,
        *,
        stays: str = "",
        mention: str = "delete_object",
        entry: str = "",
        table: str = "teams",
    ) -> None:
        """Write the map; `entry` is of one more column of a table."""
        reason = f', stays: "{stays}"' if stays else ""
        text = DATAMAP.replace("STAYS", reason).replace("MENTION", mention)
        if entry:
            column = f"tables:\n  shop.{table}:\n    columns:\n      {entry}\n"
            text = merged(text, column)
        self.stores.datamap_path.write_text(text, "utf-8")

    def paste(self, place: ProvedPlace) -> None:
        """Settle a finding as the proof says."""
        path = self.stores.datamap_path
        path.write_text(merged(path.read_text("utf-8"), place.entry), "utf-8")


@pytest.fixture
def shop(database, lacuna_home) -> Iterator[Shop]:
    path = lacuna_home / "datamap.yaml"
    path.write_text(DATAMAP.replace("STAYS", "").replace("MENTION", "delete_object"), "utf-8")
    made = Shop(database("lacuna"), lacuna_home, [SCHEMA], path)
    made.query("delete from lacuna.proof")
    return made


def test_a_platform_whose_map_covers_everything_is_proved(shop):
    proof = shop.prove()
    assert proof.passed
    assert proof.people == {"contact": 3}
    assert {one.place: one.fate for one in proof.places} == {
        "shop.orders.reference": Fate.ERASED,
        **{f"shop.people.{name}": Fate.ERASED for name in ("email", "phone", "name")},
    }


# --- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("label", ADA, ValueClass.CONTACT),
        ("label", "for Fjeld, Ada", ValueClass.FULL_NAME),
        ("label", "Ada's", ValueClass.NAME_PART),
        ("label", "born 1981-02-03"[5:], ValueClass.DATE_OF_BIRTH),
        ("label", "ORD-7001-AV", ValueClass.IDENTIFIER),
        ("callback", "1632960003", ValueClass.CONTACT),
        ("birthday", "1981-02-03", ValueClass.DATE_OF_BIRTH),
        ("details", '{"tier": "gold for ada.fjeld@example.org"}', ValueClass.CONTACT),
    ],
)
def test_a_value_in_what_stays_of_the_persons_own_row_is_found(shop, column, value, said):
    shop.query(f"update shop.orders set {column} = %s where id = 1", value)  # noqa: S608
    found = shop.place(f"shop.orders.{column}")
    assert (found.fate, found.rows, found.people) == (Fate.STAYS, 1, 1)
    assert said in found.classes
    assert found.is_finding
    shop.paste(found)
    assert not shop.findings()


def test_a_value_in_a_kept_column_of_nobodys_row_is_found(shop):
    shop.query("insert into shop.teams values (2, 'Friends of Ada Fjeld')")
    assert shop.findings() == {"shop.teams.title": (1, 1)}
    shop.paste(shop.place("shop.teams.title"))
    assert not shop.findings()


@pytest.mark.parametrize(
    ("kind", "harmless", "value", "settled"),
    [
        ("text not null", "fine", "for Ada Fjeld", "own others"),
        ("text unique", None, "Ada Fjeld", "own others"),
        ("varchar(10) not null", "fine", "Ada Fjeld", "own"),
        ("varchar(9)", None, "Ada Fjeld", "own"),
        ("text[] not null", "{fine}", "{Ada Fjeld}", "own others"),
        ("jsonb not null", "{}", '{"to": "ada.fjeld@example.org"}', "own others"),
        ("bytea not null", "fine", "for Ada Fjeld", "own others"),
        ("date not null", "1999-12-31", "1981-02-03", "own"),
        ("bigint not null", "5", "441632960003", "own"),
        ("text not null check (extra in ('fine', 'Ada Fjeld'))", "fine", "Ada Fjeld", "others"),
    ],
)
@pytest.mark.parametrize(("table", "whose"), [("orders", "own"), ("teams", "others")])
@pytest.mark.thorough
def test_the_entry_that_settles_a_finding_can_be_copied(
    shop, kind, harmless, value, settled, table, whose
):
    default = "" if harmless is None else f" default '{harmless}'"
    shop.query(f"alter table shop.{table} add extra {kind}{default}")
    shop.query(f"update shop.{table} set extra = '{value}' where id = 1")  # noqa: S608
    shop.write_map(entry="extra: {category: system.operations, erase: keep}", table=table)
    found = shop.findings()
    if whose == "others" and kind.startswith(("date", "bigint")):
        assert not found  # a number or a day in somebody else's row says nothing by itself
        return
    assert found == {f"shop.{table}.extra": (1, 1)}
    place = shop.place(f"shop.{table}.extra")
    if whose in settled:
        shop.paste(place)
        assert not shop.findings()
    else:
        assert not place.entry
        assert place.settlement.startswith("no treatment of this column")


def test_an_entry_for_what_somebody_searched_for_names_its_category(shop):
    shop.query("alter table shop.teams add last_query text default 'Ada Fjeld'")
    shop.write_map(entry="last_query: {category: system.operations, erase: keep}", table="teams")
    found = shop.place("shop.teams.last_query")
    assert "category: user.behavior.search_history," in found.entry


def test_a_value_in_a_table_that_the_map_ignores_is_found(shop):
    shop.query('insert into shop.jobs values (2, \'{"to": ["ada.fjeld@example.org"]}\')')
    found = shop.place("shop.jobs.payload")
    assert (found.fate, found.mapped_as, found.is_finding) == (
        Fate.STAYS, "not mapped, ignored", True,
    )  # fmt: skip


@pytest.mark.thorough
def test_a_value_in_another_schema_is_found_where_the_verifier_may_read_it_and_else_said(shop):
    shop.query(
        "create schema billing; create table billing.invoices (id int primary key, paid_by text); "
        "create table billing.rates (id int primary key); "
        "insert into billing.invoices values (1, 'Ada Fjeld')"
    )
    proof = shop.prove()
    assert (proof.passed, proof.outside) == (True, {"billing": 2})
    shop.query(
        "grant usage on schema billing to lacuna_verifier; "
        "grant select on billing.invoices to lacuna_verifier"
    )
    again = shop.prove()
    (found,) = again.findings
    assert (found.place, found.mapped_as, found.rows) == (
        "billing.invoices.paid_by", "not mapped, schema outside", 1,
    )  # fmt: skip
    assert again.outside == {"billing": 1}
    assert again.tables == proof.tables + 1
    # What a policy hides from the verifier counts as not searched.
    shop.query("alter table billing.invoices enable row level security")
    assert shop.prove().outside == {"billing": 2}


def test_a_value_in_a_file_or_name_that_no_pattern_claims_is_found(shop):
    shop.write_file("other/a.txt", f"From: {ADA}")
    shop.write_file("other/Ada Fjeld.txt", "nothing")
    assert shop.findings() == {"media": (1, 1), "names of media": (1, 1)}


def test_what_a_pattern_claims_is_no_finding(shop):
    shop.write_file("scans/a.txt", f"From: {ADA}")
    assert shop.place("media/scans/**").fate is Fate.DELETED
    shop.write_map(mention="refuse")
    assert shop.place("media/scans/**").fate is Fate.REFUSED


def test_a_first_name_among_cities_or_in_a_row_of_somebody_else_is_none(shop):
    shop.query("update shop.orders set city = 'Ada' where id = 2")
    shop.query("insert into shop.teams values (2, 'Ada')")
    assert shop.findings() == {}


def test_a_name_that_an_agent_bears_too_is_none(shop):
    shop.query("update shop.people set name = 'Ada Deskwell' where id = 9")
    shop.query("update shop.orders set label = 'Ada' where id = 1")
    assert shop.findings() == {}


def test_what_an_erasure_covers_is_said_and_is_no_finding(shop):
    shop.query("update shop.notes set body = 'Call +44 1632 960003.' where id in (1, 2)")
    found = shop.place("shop.notes.body")
    assert (found.fate, found.rows, found.people) == (Fate.COVERED, 2, 1)
    assert shop.prove().passed


def test_nobody_to_look_for_proves_nothing(shop):
    shop.query("update shop.people set agent = true")
    proof = shop.prove()
    assert (proof.sampled, proof.passed) == (0, False)


def test_a_store_that_is_not_there_proves_nothing(shop):
    (shop.stores.home / "media" / ".lacuna-store").unlink()
    assert shop.prove().unread == ("media, not mounted or not marked",)


def test_files_that_are_no_texts_are_counted_and_the_message_leads_to_a_format(shop):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
    for number in range(3):
        shop.write_file(f"scans/{number}.txt", "Hello")
        (shop.stores.home / "media" / "scans" / f"{number}.png").write_bytes(picture)
    # For two reasons, and one file.
    with zipfile.ZipFile(shop.stores.home / "media" / "scans" / "both.png", "w") as both:
        both.writestr("a.png", picture)
        both.writestr("b.age", b"age-encryption.org/v1\n" + bytes(range(256)))
    (said,) = shop.prove().unread
    assert said.startswith(
        "media/scans/**, files that cannot be searched as the format of the pattern says: 4; "
    )
    assert "with format: detect" in said
    # As it says: a pattern of these files before it.
    text = shop.stores.datamap_path.read_text("utf-8")
    pictures = (
        "- {pattern: scans/**.png, format: detect, table: shop.notes, mention: delete_object}"
    )
    changed = text.replace("    files:\n", f"    files:\n      {pictures}\n")
    shop.stores.datamap_path.write_text(changed, "utf-8")
    assert shop.prove().passed


@pytest.mark.thorough
def test_a_folder_in_which_nothing_lies_that_rows_name_is_not_the_platforms(shop):
    named = 'mention: delete_object, named: "scans/{id}.txt"'
    text = DATAMAP.replace("STAYS", "").replace("mention: MENTION", named)
    shop.stores.datamap_path.write_text(text, "utf-8")
    lost = (
        "media: none of 3 files that rows name is there; let the store be the folder or bucket with the "
        "platform's files; if all were deleted, take the paths out of the rows"
    )
    assert (shop.prove().unread, shop.prove().passed) == ((lost,), False)
    shop.query("update shop.notes set id = 4 where id = 3")
    shop.stores.datamap_path.write_text(text.replace("{id}", "{body}{id}"), "utf-8")
    shop.query("update shop.notes set body = '../../x' where id = 1")
    assert shop.prove().unread == (lost,), "what is no path is no file, and stops nothing"
    shop.stores.datamap_path.write_text(text, "utf-8")
    shop.write_file("scans/2.txt", "of nobody")
    assert shop.prove().passed, "some files of a platform are gone"
    (shop.stores.home / "media" / "scans" / "2.txt").unlink()
    shop.query("delete from shop.notes where id = 4")
    assert shop.prove().passed, "of two, both may be gone"


def test_those_with_most_rows_are_among_the_few_who_are_looked_for(shop):
    shop.query(
        "insert into shop.people select n, 'p' || n || '@example.org', null, 'Person ' || n "
        "from generate_series(100, 160) n"
    )
    shop.query("update shop.people set agent = false where id >= 100")
    shop.query("insert into shop.orders (id, buyer) select n, 150 from generate_series(100, 160) n")
    shop.query("update shop.orders set label = 'p150@example.org' where id = 130")
    assert shop.prove(people=2).findings[0].place == "shop.orders.label"


def test_nothing_of_a_person_is_in_what_is_returned_or_kept(shop, caplog):
    shop.query("update shop.orders set label = 'Ada Fjeld' where id = 1")
    shop.write_file("other/Ada Fjeld.txt", ADA)
    proof = shop.prove()
    kept = shop.query("select t::text from lacuna.proof t")
    assert "jeld" not in f"{proof!r} {caplog.text} {kept}".lower()


# --- what it is for -------------------------------------------------------------------------------


def wait_for(shop: Shop, kinds: tuple[RequestKind, ...] = (RequestKind.ERASURE,)) -> str:
    request_id = shop.submit(IdentifierKind.EMAIL, ADA, kinds=kinds)
    with pytest.raises(VerificationFailed):
        shop.run()
    with shop.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.MAP_UNPROVED
    return request_id


@pytest.mark.thorough
def test_no_erasure_is_planned_before_the_map_is_proved(shop, caplog):
    request_id = wait_for(shop)
    assert shop.state(request_id) is RequestState.RESOLVED
    assert "lacuna datamap prove" in caplog.text
    assert shop.prove().passed
    shop.run()
    shop.approve(request_id)
    shop.run()
    assert shop.state(request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_finding_refuses_the_first_erasure_until_the_map_says_why_it_stays(shop):
    shop.query("update shop.orders set label = 'ORD-7001-AV' where id = 1")
    assert not shop.prove().passed
    request_id = wait_for(shop)
    shop.write_map(stays="A label; the reference leads nowhere once the link is cut.")
    proof = shop.prove()
    assert [one.place for one in proof.places if one.reason] == ["shop.orders.label"]
    assert proof.passed
    shop.run()
    assert shop.state(request_id) is RequestState.PLANNED


@pytest.mark.thorough
def test_another_map_has_to_be_proved_anew_also_for_what_was_approved(shop):
    assert shop.prove().passed
    request_id = shop.submit(IdentifierKind.EMAIL, ADA)
    shop.run()
    shop.approve(request_id)
    shop.write_map(stays="Nobody's.")
    with pytest.raises(VerificationFailed):
        shop.run()
    assert shop.query("select email from shop.people where id = 1") == [(ADA,)]


def test_the_ledger_names_each_map_that_passed_and_for_how_many_people(shop):
    def recorded():
        return shop.query(
            "select digest, rows, location, actor from lacuna_evidence.entry "
            "where action = 'map_proved' order by position"
        )

    shop.query("update shop.orders set label = 'ORD-7001-AV' where id = 1")
    assert not shop.prove().passed
    assert recorded() == []
    shop.write_map(stays="Nobody's.")
    proof = shop.prove()
    assert recorded() == [(proof.datamap_digest, 3, "lacuna.proof", "flow:fulfilment")]


@pytest.mark.thorough
def test_a_proof_that_passed_once_counts_no_more_when_it_fails(shop):
    assert shop.prove().passed
    shop.query("update shop.orders set label = 'ORD-7001-AV' where id = 1")
    assert not shop.prove().passed
    wait_for(shop)


# --- what each erasure looks for besides ----------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "ORD-7001-AV"),
        ("label", "Ada's"),
        ("callback", "1632960003"),
        ("birthday", "1981-02-03"),
        ("details", '{"tier": "order ORD-7001-AV"}'),
    ],
)
def test_what_stays_of_somebody_outside_the_sample_refuses_their_plan(shop, caplog, column, value):
    assert shop.prove().passed
    shop.query(f"update shop.orders set {column} = %s where id = 1", value)  # noqa: S608
    request_id = shop.submit(IdentifierKind.EMAIL, ADA)
    with pytest.raises(VerificationFailed):
        shop.run()
    with shop.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert f"shop.orders.{column} in 1 row;" in caplog.text
    assert value not in caplog.text


@pytest.mark.thorough
@pytest.mark.parametrize("is_shared", [False, True])
def test_what_comes_into_a_kept_column_of_an_erased_row_is_found(shop, is_shared):
    if is_shared:
        # Somebody else holds it too: it counts in her own rows alone.
        shop.query("update shop.orders set reference = 'ORD-7001-AV' where id = 2")
    assert shop.prove().passed
    request_id = shop.submit(IdentifierKind.EMAIL, ADA)
    shop.run()
    shop.approve(request_id)
    shop.query(
        "create function shop.note() returns trigger language plpgsql as "
        "'begin new.label := old.reference; return new; end'; "
        "create trigger note before update on shop.orders for each row execute function shop.note()"
    )
    with pytest.raises(VerificationFailed):
        shop.run()
    with shop.stores.transaction(Role.PLANNER) as transaction:
        result = transaction.queue.results.get(request_id)
    assert [(one.gate, one.location, one.count) for one in result.findings] == [
        (Gate.RESIDUE, "shop.orders.label", 1)
    ]


@pytest.mark.thorough
def test_what_an_erasure_left_is_erased_by_another_request_and_both_are_completed(shop):
    assert shop.prove().passed
    shop.query(
        "create function shop.put_back() returns trigger language plpgsql as "
        "$$begin new.email := old.email; return new; end$$; "
        "create trigger put_back before update on shop.people for each row "
        "execute function shop.put_back()"
    )
    first = shop.submit(IdentifierKind.EMAIL, ADA)
    shop.run()
    shop.approve(first)
    with pytest.raises(VerificationFailed):
        shop.run()
    assert shop.state(first) is RequestState.APPLIED
    shop.query("drop trigger put_back on shop.people")
    second = shop.submit(IdentifierKind.EMAIL, ADA)
    assert second != first
    with pytest.raises(VerificationFailed):
        shop.run()  # of the first, something is still left
    shop.approve(second)
    shop.run()
    assert {shop.state(one) for one in (first, second)} == {RequestState.COMPLETED}
    assert shop.query("select email from shop.people order by email")[0] == ("bo.lund@example.org",)


def test_other_rights_need_no_proof(shop):
    request_id = shop.submit(IdentifierKind.EMAIL, ADA, kinds=(RequestKind.RESTRICTION,))
    shop.run()
    assert shop.state(request_id) is RequestState.COMPLETED


def test_the_search_writes_nothing_to_the_platform_and_reads_as_the_verifier(shop):
    before = shop.query("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables "
                        "where schemaname = 'shop' order by 1")  # fmt: skip
    with shop.stores.database.transaction(Role.OWNER) as connection:
        connection.execute(sa.text("revoke select on shop.teams from lacuna_verifier"))
    with pytest.raises(StatementRefused, match=r"42501.*teams.*role lacuna_verifier"):
        shop.prove()
    assert shop.query("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables "
                      "where schemaname = 'shop' order by 1") == before  # fmt: skip
