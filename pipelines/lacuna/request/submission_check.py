"""Whether an installation has what a submission names: its tenant, the kind of people, the columns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lacuna.errors import MalformedRequest
from lacuna.model.datamap import DataMap
from lacuna.model.person_kinds import of_kind
from lacuna.model.queue import Submission
from lacuna.model.tenant import Tenants

_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class SubmissionCheck:
    """What an installation has.

    Attributes:
        listed: the tenants of the file of tenants.
        tenants_of_rows: returns the tenants that have people in the platform; asked once, and only
            for a tenant that no file names.
    """

    datamap: DataMap
    listed: Tenants
    tenants_of_rows: Callable[[], Iterable[str]]

    def require(self, submission: Submission) -> None:
        """Refuse a submission that nobody would ever fulfil.

        Raises:
            MalformedRequest: no such tenant, no such kind of people, or a column that cannot be
                corrected; says which columns can. Names no other tenant.
        """
        if not self.has_tenant(submission.org_id):
            raise MalformedRequest("request: there is no such tenant; use its id in the platform")
        require_correctable(submission, self.datamap)

    def has_tenant(self, org_id: str) -> bool:
        """Whether the file of tenants, the data map or the platform's rows know a tenant."""
        return org_id in self._named or org_id in self._with_people

    def require_tenant(self, org_id: str) -> None:
        """Refuse a tenant that is not there, to somebody who may know all of them.

        Raises:
            MalformedRequest: names those that there are, up to twenty.
        """
        if self.has_tenant(org_id):
            return
        known = sorted(self._named | self._with_people)
        more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        raise MalformedRequest(
            "request: there is no such tenant; known tenants: "
            f"{', '.join(known[:_MOST_NAMED])}{more}"
        )

    @cached_property
    def _named(self) -> frozenset[str]:
        only = {self.datamap.only_tenant} - {""}
        return frozenset({*self.listed.by_org, *self.datamap.tenants, *only})

    @cached_property
    def _with_people(self) -> frozenset[str]:
        return frozenset(self.tenants_of_rows())


def require_correctable(submission: Submission, datamap: DataMap) -> None:
    """Refuse corrections of columns that a rectification cannot change.

    Raises:
        MalformedRequest: says how many, and which columns can be; or there is no such kind of
            people.
    """
    allowed = of_kind(datamap, submission.person_kind).correctable
    if wrong := sum(name not in allowed for name in submission.rectifications):
        raise MalformedRequest(
            f"request: {wrong} of {len(submission.rectifications)} fields cannot be corrected; "
            f"allowed: {', '.join(allowed)}"
        )
