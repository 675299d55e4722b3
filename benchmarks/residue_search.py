"""How fast the residual search is: many texts as one against text by text, and as a whole.

    python benchmarks/residue_search.py [--people 1 20] [--texts 20000] [--repeat 3]

The first part needs nothing: it draws the sample platform and searches texts of its rows, each
alone and all as one, and compares what is found. The second part searches a loaded sample
(`lacuna up; lacuna sample load`) as verification does: every table of both tenants, Lacuna's own
schemas, every file, with all canaries. Medians of wall and CPU seconds, for another machine may
be busy; people are half of the sample (they are found everywhere) and half invented.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from lacuna.errors import DependencyUnreachable
from lacuna.flows.fulfilment.verification import places
from lacuna.flows.run.opening import open_datamap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.run import Role
from lacuna.verify import search_residue
from lacuna.verify.search import KnownValues
from lacuna.wiring import open_stores
from lacuna_demo.sample import SampleOptions, SamplePlatform, generate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    platform = generate(SampleOptions())
    texts = list(texts_of(platform))[: arguments.texts]
    print(f"{len(texts)} texts, {sum(map(len, texts)) / 1e6:.1f} million characters")
    for people in (people_of(platform, count) for count in arguments.people):
        known_values = KnownValues([(one.ref, one.known) for one in people])
        alone = {n: found for n, text in enumerate(texts) if (found := known_values.find(text))}
        if known_values.find_all(texts) != alone:
            raise SystemExit("texts as one do not hold what each alone holds")
        slow = timed(partial(one_by_one, known_values, texts), arguments.repeat)
        fast = timed(partial(known_values.find_all, texts), arguments.repeat)
        print(f"{len(people):3} people, text by text: {said(slow)}")
        print(f"{len(people):3} people, texts as one: {said(fast)}, {slow[1] / fast[1]:.1f} x")
    try:
        stores = open_stores()
    except DependencyUnreachable:
        print("no sample is loaded: run lacuna up and lacuna sample load for the second part")
        return
    datamap = open_datamap(stores)
    for people in (people_of(platform, count) for count in arguments.people):

        def search(people: Sequence[Person] = people) -> object:
            with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
                verifying = transaction.verifying(datamap)
                return search_residue(people, datamap, verifying, places(stores, datamap))

        print(f"{len(people):3} people, everything:   {said(timed(search, arguments.repeat))}")


def texts_of(platform: SamplePlatform) -> Iterator[str]:
    for name in ("messages", "activity_log", "conversations"):
        for row in platform.tables[f"contact_center.{name}"].rows:
            yield from (value for value in row if isinstance(value, str))


def people_of(platform: SamplePlatform, count: int) -> list[Person]:
    found = []
    for number, one in enumerate(list(platform.people.values())[:count]):
        person = Person(
            ref=SubjectRef(one.contact_id),
            org_id=one.org_id,
            keys=(one.contact_id,),
            known=(
                Identifier(IdentifierKind.NAME, one.full_name),
                *(Identifier(IdentifierKind.EMAIL, value) for value in one.emails),
                *(Identifier(IdentifierKind.PHONE, value) for value in one.phones),
                *(Identifier(IdentifierKind.EXTERNAL_ID, value) for value in one.external_ids),
                Identifier(IdentifierKind.CONTACT_ID, one.contact_id),
            ),
        )
        if number % 2 == 0:
            known = (
                Identifier(IdentifierKind.NAME, f"Zelda Quistgård{number}"),
                Identifier(IdentifierKind.EMAIL, f"zelda.{number}@example.org"),
                Identifier(IdentifierKind.PHONE, f"+4598{number:06}"),
            )
            person = replace(person, known=known, keys=())
        found.append(person)
    return found


def one_by_one(known_values: KnownValues, texts: Sequence[str]) -> None:
    """Search each text alone."""
    for text in texts:
        known_values.find(text)


def timed(run: Callable[[], object], repeat: int) -> tuple[float, float]:
    wall, cpu = [], []
    for _ in range(repeat):
        began, began_cpu = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    return statistics.median(wall), statistics.median(cpu)


def said(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:6.2f} s, {seconds[1]:6.2f} CPU s"


if __name__ == "__main__":
    main()
