"""A small data map that is right, as text and as nested values, to make wrong ones from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from lacuna.datamap import load
from lacuna.model.datamap import DataMap

SMALL = """\
name: crm
version: "1"
controller: Example A/S, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [crm]
longest_backup_days: 35
processings:
  support:
    purpose: Answer customers.
    lawful_basis: 6(1)(b)
    retention: As long as the customer relationship lasts.
    recipients: [the support team]
  statistics:
    purpose: Know how support does.
    lawful_basis: 6(1)(f)
    keep_for_days: 365
    retention: One year.
    recipients: []
subject:
  table: crm.customers
  identifiers:
    - {kind: email, column: crm.customers.email}
    - {kind: name, column: crm.customers.name}
  levels: {contact: crm.customers, conversation: crm.tickets, message: crm.comments}
  open_when: {column: state, values: [open]}
tables:
  crm.customers:
    processing: support
    key: customer_id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    columns:
      customer_id: {category: user.unique_id, erase: new_key, access: true, portability: false, meaning: Number of the customer.}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: E-mail address.}
      name: {category: user.name, erase: {replace: "[erased]"}, access: true, portability: true, meaning: Full name.}
      photo: {category: user.content.self_image, erase: {delete_object: media}, access: true, portability: true, meaning: Photograph.}
      settings: {category: user.settings, erase: {json_keys: [theme, size]}, access: false, portability: false}
      country: {category: user.contact.address.country, erase: keep, access: true, portability: true, meaning: Country., legend: {NO: Norway, DK: Denmark}}
      created_at: {category: user.account, erase: {generalize: day}, access: true, portability: false, meaning: When the account was made.}
      erased_at: {category: system.operations, erase: keep}
  crm.tickets:
    processing: support
    key: ticket_id
    tenant: org_id
    links: {customer_id: crm.customers}
    rows: anonymize
    measures: minutes
    columns:
      ticket_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: true, portability: false, meaning: Number of the customer.}
      state: {category: system.operations, erase: keep, access: true, meaning: Whether the ticket is open.}
      minutes: {category: system.operations, erase: keep}
      closed_at: {category: system.operations, erase: keep}
  crm.comments:
    processing: support
    key: comment_id
    tenant: org_id
    links: {ticket_id: crm.tickets}
    rows: anonymize
    columns:
      comment_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content.private, erase: redact, text: html, access: true, portability: true, meaning: What was written.}
  crm.agents:
    processing: statistics
    key: agent_id
    tenant: org_id
    rows: keep
    columns:
      agent_id: {category: user.unique_id, erase: keep, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      name: {category: user.name, erase: keep, access: false, portability: false}
stores:
  media:
    files:
      - {pattern: photos/**, format: binary, table: crm.customers, mention: delete_object}
      - {pattern: exports/*.parquet, format: parquet, table: crm.tickets, mention: redact}
sweeps:
  - {name: comments, table: crm.comments, closed: crm.tickets.closed_at, after_days: 90}
"""


CRM = """\
create schema crm;
create table crm.agents (agent_id int primary key, org_id text not null, name text not null);
create table crm.customers (
    customer_id uuid primary key, org_id text not null, email text, name text not null,
    photo text, settings jsonb, country text, created_at timestamptz not null,
    erased_at timestamptz
);
create table crm.tickets (
    ticket_id bigint primary key, org_id text not null, customer_id uuid references crm.customers,
    state text not null, minutes int not null, closed_at timestamptz
);
create table crm.comments (
    comment_id bigint primary key, org_id text not null,
    ticket_id bigint not null references crm.tickets, body text
);
"""


@pytest.fixture(scope="session")
def _crm(template_database) -> Iterator[sa.Engine]:
    with template_database.clones() as fresh:
        engine = sa.create_engine(fresh())
        with engine.begin() as connection:
            connection.exec_driver_sql(CRM)
        yield engine
        engine.dispose()


@pytest.fixture
def crm(_crm) -> Iterator[sa.Connection]:
    """A connection to a database that the small map fits; what a test changes is rolled back."""
    with _crm.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def small() -> str:
    return SMALL


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[[str | bytes], DataMap]:
    """Load a map from text."""

    def loaded(text: str | bytes) -> DataMap:
        path = tmp_path / "datamap.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path)

    return loaded


def all_text(text: str) -> dict:
    # BaseLoader makes nothing but text, lists and dicts.
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506


def merge(into: dict, more: dict) -> dict:
    """Merge nested values: mappings by key, lists by appending; a treatment and all else replaced."""
    for key, value in more.items():
        if key != "erase" and isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            into[key] = [*into[key], *(each for each in value if each not in into[key])]
        else:
            into[key] = value
    return into


@pytest.fixture
def load_changed(load_text: Callable[[str], DataMap]) -> Callable[..., DataMap]:
    """Load a map (by default the small one) with YAML fragments merged into it."""

    def loaded(*fragments: str, base: str = SMALL) -> DataMap:
        tree = all_text(base)
        for fragment in fragments:
            merge(tree, all_text(fragment))
        return load_text(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))

    return loaded
