"""A small call centre whose recordings lie in a folder or in a bucket."""

from __future__ import annotations

from pathlib import Path

from tests.brought import Brought

SCHEMA = """
create schema post;
create table post.people (
    id uuid primary key, org_id text not null, email text, name text, erased_at timestamptz
);
create table post.calls (
    id bigint primary key, org_id text not null, person uuid references post.people,
    state text not null, minutes integer not null, voice text
);
create table post.notes (
    id bigint primary key, org_id text not null, call bigint not null references post.calls,
    body text
);
insert into post.people (id, org_id, email, name) values
    ('a0000000-0000-4000-8000-000000000001', 'north', 'anna.berg@example.org', 'Anna Berg'),
    ('a0000000-0000-4000-8000-000000000002', 'north', 'bo.lind@example.org', 'Bo Lind');
insert into post.calls (id, org_id, person, state, minutes, voice) values
    (10, 'north', 'a0000000-0000-4000-8000-000000000001', 'closed', 5, 'voice/10.wav'),
    (20, 'north', 'a0000000-0000-4000-8000-000000000002', 'closed', 7, 'voice/20.wav');
insert into post.notes values (100, 'north', 10, 'called'), (200, 'north', 20, 'called');
"""

DATAMAP = """
name: Post
version: "1"
controller: Post A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [post]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: post.people
  identifiers:
    - {kind: email, column: post.people.email}
    - {kind: name, column: post.people.name}
  levels: {contact: post.people, conversation: post.calls, message: post.notes}
  open_when: {column: state, values: [open]}
tables:
  post.people:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: What it says.}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: What it says.}
      erased_at: {category: system.operations, erase: keep}
  post.calls:
    processing: support
    key: id
    tenant: org_id
    links: {person: post.people}
    rows: anonymize
    measures: [minutes]
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: unlink, access: false, portability: false}
      state: {category: system.operations, erase: keep}
      minutes: {category: system.operations, erase: keep}
      voice: {category: user.content, erase: {delete_object: media}, access: true, portability: true, meaning: What it says.}
  post.notes:
    processing: support
    key: id
    tenant: org_id
    links: {call: post.calls}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      call: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: What it says.}
stores:
  media:
ADDRESS
    files:
      - {pattern: voice/**, format: binary, table: post.calls, mention: delete_object}
      - {pattern: notes/**, format: text, mention: redact}
      - {pattern: archive/**, format: parquet, table: post.calls, mention: redact}
sweeps: []
"""
ANNA, BO = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


def open_post(url: str, home: Path, address: str = "") -> Brought:
    """Set the call centre up; without an address its objects lie in a folder."""
    home.chmod(0o700)
    line = f"    address: {address}" if address else ""
    (home / "datamap.yaml").write_text(DATAMAP.replace("ADDRESS\n", f"{line}\n"), "utf-8")
    return Brought(url, home, [SCHEMA], home / "datamap.yaml")
