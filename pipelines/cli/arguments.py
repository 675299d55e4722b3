"""Arguments that several commands share."""

import uuid
from typing import Annotated

import typer


def _canonical(text: str | None) -> str | None:
    """Return a request's id as it is stored; refuse anything else without repeating it."""
    if text is None:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise typer.BadParameter(
            "an id is a UUID; see lacuna request list, or lacuna mail list"
        ) from None


RequestId = Annotated[str, typer.Argument(help="The request's id.", callback=_canonical)]
AnyRequestId = Annotated[str | None, typer.Argument(help="The request's id.", callback=_canonical)]
MailId = Annotated[str, typer.Argument(help="The mail's id.", callback=_canonical)]
