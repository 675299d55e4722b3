"""What texts and files of rows become, made ready before the transaction that writes it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lacuna.apply import PreparedTexts, Work, prepare_texts, with_emptied_files
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Person
from lacuna.ports import PlatformReading, Redactor
from lacuna.redaction import build_matcher
from lacuna.subject import KeptFiles
from lacuna.verify import ObjectSearch


def prepare_changes(
    works: Sequence[Work],
    datamap: DataMap,
    reading: PlatformReading,
    redactors: Mapping[str, Redactor],
) -> PreparedTexts:
    """Treat the texts of a batch, and empty the files of others that name somebody of it.

    Args:
        redactors: as of `prepare_texts`.
    """
    texts = prepare_texts(works, datamap, reading, redactors)
    by_org: dict[str, list[Person]] = defaultdict(list)
    for work in works:
        by_org[work.person.org_id].append(work.person)
    files = KeptFiles(
        {work.person.ref: work.person for work in works},
        {org_id: build_matcher(people) for org_id, people in by_org.items()},
        ObjectSearch(work.person for work in works),
    )
    return with_emptied_files(texts, works, datamap, reading, files)
