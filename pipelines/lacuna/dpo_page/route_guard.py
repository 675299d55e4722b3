"""FastAPI dependencies that let nobody past without the right."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fastapi import Depends, HTTPException, Request

from lacuna.dpo_page.forms import read_form
from lacuna.dpo_page.user_rights import Auth, Right, Visit, visit
from lacuna.ports import Stores

_DEEDS: Final = MappingProxyType(
    {
        Right.READ: "read",
        Right.DECIDE: "decide",
        Right.DISCLOSE: "see personal data",
        Right.SUBMIT: "submit requests",
    }
)


@dataclass(frozen=True)
class Sent:
    """A form of ours, with who sent it."""

    visit: Visit
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Guard:
    """Makes the dependencies of routes below `/{org_id}`."""

    auth: Auth
    stores: Callable[[], Stores]

    def visit(self, right: Right = Right.READ) -> Callable[..., Visit]:
        """Return a dependency: the visit of a person who has the right; else 403, or 404."""
        auth, stores = self.auth, self.stores

        def check(request: Request, org_id: str, user: object = Depends(auth.user)) -> Visit:
            visited = visit(request, user, org_id, auth, stores())
            if not visited.may(right):
                why = ""
                if visited.is_unregistered and right in (Right.DECIDE, Right.DISCLOSE):
                    why = (
                        "You are not registered as an officer of this tenant (lacuna officer add). "
                    )
                raise HTTPException(
                    403, f"You are not allowed to {_DEEDS[right]} here. {why}Nothing changed."
                )
            return visited

        return check

    def sent(self, right: Right) -> Callable[..., Awaitable[Sent]]:
        """Return a dependency: a form that came from our own page, by a person with the right."""
        check = self.visit(right)

        async def read(request: Request, visited: Visit = Depends(check)) -> Sent:
            return Sent(visited, await read_form(request, visited))

        return read
