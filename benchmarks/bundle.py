"""How much memory a bundle takes, and how fast it is: a person with very much of everything.

    python benchmarks/bundle.py [--messages 100000] [--recordings 200] [--megabytes 50]

Draws the sample platform, makes up that many messages (every second one an e-mail, ten a
conversation) and recordings for one of its people, and does what the flow does, with everybody
else's identifiers to be kept out: gather, write, check, seal, open. Rows come from memory, as
the database gives them, a few at a time; files are real and are made first. Each step is
a line: wall and CPU seconds, the largest memory of the process so far. So are the pages of the
bundle: how many, and the largest. The folder needs about four times the size of the recordings.

Figures are in docs/measurements/bundles.md.
"""

import argparse
import resource
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pyrage

from lacuna.bundle import BundleSources, collect, open_sealed, seal, write
from lacuna.datamap import load
from lacuna.model.bundle import BundleOrder, PrivateKey
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import RowKey, TableName
from lacuna.model.plan import Inventory, RowsFound
from lacuna.model.request import RequestKind
from lacuna.redaction import build_redactor
from lacuna.stores.objects.folder import FolderObjects
from lacuna.verify import CountedRows, check_bundle
from lacuna_demo.sample import REFERENCE_DATE, SampleOptions, SamplePlatform, generate

MAP = Path(__file__).parents[1] / "sql" / "contact_center" / "datamap.yaml"
SCHEMA = "contact_center"
CONTACTS, CONVERSATIONS, MESSAGES, CALLS, RECORDINGS = (
    TableName(SCHEMA, name)
    for name in ("contacts", "conversations", "messages", "calls", "call_recordings")
)
A_CONVERSATION = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--recordings", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=50, help="of each recording")
    parser.add_argument("--folder", type=Path, help="where there is room; default: temporary")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        run(arguments, Path(folder))


def run(arguments: argparse.Namespace, folder: Path) -> None:
    platform = generate(SampleOptions())
    person, others = people(platform)
    rows = MadeUpRows(platform, person, arguments)
    media = folder / "media"
    put_recordings(media, arguments)
    gigabytes = arguments.recordings * arguments.megabytes / 1000
    print(
        f"{arguments.messages} messages, {arguments.recordings} recordings, {gigabytes:.1f} GB; "
        f"{len(others)} other people; {memory()} MB before it begins"
    )
    datamap = load(MAP)
    order = BundleOrder(
        request_id=person.ref,
        kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
        snapshot_at=REFERENCE_DATE,
        generated_at=REFERENCE_DATE,
    )
    cover = step("build the search", lambda: build_redactor(others).cover)
    sources = BundleSources(
        rows=rows,
        objects={"media": FolderObjects("media", media)},
        cover_others=cover,
        cover_version="benchmark",
        parts=folder / "parts",
    )
    inventory = Inventory(
        rows=tuple(RowsFound(table, rows.keys(table)) for table in rows.counts),
        mentions=(),
        objects=(),
        open_conversations=0,
        kept_identifiers=0,
    )
    plain = folder / f"bundle_{person.ref}"
    content = step("gather", lambda: collect(person, inventory, datamap, order, sources))
    manifest = step("write", lambda: write(plain, content))
    shutil.rmtree(folder / "parts")
    byte_count = sum(each.byte_count for each in manifest.files)
    print(f"  {len(manifest.files)} files, {byte_count / 1e9:.2f} GB")
    own = set(person.known)
    foreign = [one for other in others for one in other.known if one not in own]
    print_pages(plain)
    counts = {str(name): rows.counts.get(name, 0) for name in datamap.tables}
    written = {str(MESSAGES): [key for key in rows.keys(MESSAGES) if int(key[0]) % 2]}
    counted = CountedRows(counts, written)
    findings = step("check", lambda: check_bundle(plain, datamap, foreign, counted))
    print(f"  findings: {len(findings)}, {', '.join(one.location for one in findings[:5])}")
    identity = pyrage.x25519.Identity.generate()
    sealed = step("seal", lambda: seal(plain, folder / "sealed", str(identity.to_public())))
    key = PrivateKey(str(identity))
    step("open", lambda: open_sealed(sealed.path, key, folder / "opened", digest=sealed.digest))


def step(name, act):
    """Do one step and print what it took."""
    wall, cpu = time.monotonic(), time.process_time()
    result = act()
    print(
        f"{name}: {time.monotonic() - wall:.1f} s, CPU {time.process_time() - cpu:.1f} s, "
        f"largest memory so far {memory()} MB",
        flush=True,
    )
    return result


def print_pages(plain: Path) -> None:
    """Print how many pages a bundle has, and the largest."""
    pages = sorted(plain.rglob("*.html"), key=lambda page: page.stat().st_size, reverse=True)
    largest = ", ".join(f"{page.name} {page.stat().st_size / 1e6:.2f} MB" for page in pages[:3])
    print(f"  {len(pages)} pages; the largest: {largest}")


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def people(platform: SamplePlatform) -> tuple[Person, list[Person]]:
    """Return the person, and everybody else of the tenant."""
    table = platform.tables[str(CONTACTS)]
    names = {str(row["contact_id"]): row["display_name"] for row in table.records()}

    def as_person(contact: str) -> Person:
        one = platform.people[contact]
        known = [Identifier(IdentifierKind.CONTACT_ID, contact)]
        known += [Identifier(IdentifierKind.EMAIL, value) for value in one.emails]
        known += [Identifier(IdentifierKind.PHONE, value) for value in one.phones]
        known += [Identifier(IdentifierKind.EXTERNAL_ID, value) for value in one.external_ids]
        known.append(Identifier(IdentifierKind.NAME, str(names[contact])))
        ref = SubjectRef(str(uuid.uuid5(uuid.NAMESPACE_URL, contact)))
        return Person(ref, one.org_id, (contact,), tuple(known))

    mine, *theirs = [as_person(one) for one in platform.people]
    return mine, [one for one in theirs if one.org_id == mine.org_id]


class MadeUpRows:
    """The person's rows: those of the sample, over and over with other keys."""

    def __init__(
        self, platform: SamplePlatform, person: Person, arguments: argparse.Namespace
    ) -> None:
        self._own = platform.tables[str(CONTACTS)].records()
        self._own = [row for row in self._own if str(row["contact_id"]) == person.keys[0]]
        self._own[0]["avatar_url"] = None
        self._texts = [
            row["body_text"] for row in platform.tables[str(MESSAGES)].records() if row["body_text"]
        ]
        address = next(one.value for one in person.known if one.kind is IdentifierKind.EMAIL)
        self._me = {"name": self._own[0]["display_name"], "email": address}
        self.counts = {
            CONTACTS: 1,
            CONVERSATIONS: arguments.messages // A_CONVERSATION,
            MESSAGES: arguments.messages,
            CALLS: arguments.recordings,
            RECORDINGS: arguments.recordings,
        }

    def keys(self, table: TableName) -> frozenset[RowKey]:
        if table == CONTACTS:
            return frozenset({(str(self._own[0]["contact_id"]),)})
        return frozenset((str(number),) for number in range(1, self.counts[table] + 1))

    def rows(
        self, table: TableName, columns: Sequence[str], keys: frozenset[RowKey]
    ) -> Iterator[tuple[object, ...]]:
        for (key,) in keys:
            row = self._own[0] if table == CONTACTS else self._row(table, int(key))
            yield tuple(row.get(name) for name in columns)

    def _row(self, table: TableName, number: int) -> dict[str, object]:
        at = REFERENCE_DATE - timedelta(minutes=number)
        conversation = number // A_CONVERSATION + 1
        match table.name:
            case "conversations":
                return {"conversation_id": number, "channel": "email", "created_at": at}
            case "messages":
                text = self._texts[number % len(self._texts)]
                return {
                    "message_id": number,
                    "conversation_id": min(conversation, self.counts[CONVERSATIONS]),
                    "author_type": "contact" if number % 2 else "agent",
                    "author_contact_id": self._own[0]["contact_id"] if number % 2 else None,
                    "direction": "inbound" if number % 2 else "outbound",
                    "body_text": f"{number}\n{text}",
                    "from_party": self._me if number % 2 else None,
                    "to_parties": [],
                    "cc_parties": [],
                    "created_at": at,
                }
            case "calls":
                return {"call_id": number, "conversation_id": conversation, "started_at": at}
            case _:
                return {
                    "recording_id": number,
                    "call_id": number,
                    "uri": f"recordings/{number}.wav",
                    "started_at": at,
                }


def put_recordings(folder: Path, arguments: argparse.Namespace) -> None:
    """Write sound files of the wanted size: noise, which no packing makes smaller."""
    (folder / "recordings").mkdir(parents=True)
    noise = bytes((number * number + number // 7) % 251 for number in range(1_000_000))
    size = arguments.megabytes * len(noise)
    head = b"RIFF" + (size + 36).to_bytes(4, "little") + b"WAVEfmt \x10\x00\x00\x00"
    head += bytes.fromhex("01000100401f0000803e000002001000") + b"data" + size.to_bytes(4, "little")
    for number in range(1, arguments.recordings + 1):
        with (folder / "recordings" / f"{number}.wav").open("wb") as file:
            file.write(head)
            for _ in range(arguments.megabytes):
                file.write(noise)


if __name__ == "__main__":
    main()
