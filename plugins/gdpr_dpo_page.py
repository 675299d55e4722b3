"""What Lacuna registers with Airflow: the officer's page, and an XCom backend for ids only.

The page is authenticated and authorized by Airflow's auth manager, whichever it is:

| right | asked of the auth manager |
|---|---|
| read | `GET` on the view `Privacy`, and on the tenant |
| decide | `PUT` on the view `Privacy`, and to answer required actions of `gdpr_fulfilment` |
| disclose | `GET` on the view `Privacy personal data`, and to answer required actions |
| submit | `POST` on the view `Privacy`, and to start a run of `gdpr_intake` |

The tenant is the view `Privacy tenant ORG`; where Airflow is set to `multi_team`, also the team ORG.
"""

import re
from functools import cache
from typing import Any, Final

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.bases.xcom import BaseXCom

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# No count of one run reaches it; a phone number does.
_LARGEST_COUNT: Final = 9_999_999


class IdsOnly(BaseXCom):
    """XCom for UUIDs, counts, booleans, SHA-256 digests, and lists of them; nothing else passes.

    XCom lies in Airflow's database, which no erasure reaches and every viewer reads.
    """

    @staticmethod
    def serialize_value(value: Any, **where: Any) -> str:
        """Serialize a value that says nothing of a person.

        Raises:
            ValueError: it is something else. The message does not hold it.
        """
        if not all(map(_is_id, value if isinstance(value, list) else [value])):
            raise ValueError(
                "XCom refused a value: UUIDs, counts, booleans, digests and lists of them only"
            )
        return BaseXCom.serialize_value(value, **where)


def _is_id(value: object) -> bool:
    match value:
        case bool():
            return True
        case int():
            return 0 <= value <= _LARGEST_COUNT
        case str():
            return (_UUID.fullmatch(value) or _DIGEST.fullmatch(value)) is not None
        case _:
            return False


# --- the page -------------------------------------------------------------------------------------

VIEW: Final = "Privacy"
PERSONAL: Final = "Privacy personal data"
TENANT: Final = "Privacy tenant"


def may(user: Any, right: Any, org_id: str) -> bool:
    """Whether Airflow's auth manager gives a person a right of the page for a tenant."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import (
        DagAccessEntity,
        DagDetails,
        TeamDetails,
    )
    from airflow.configuration import conf

    from pipelines.dpo_page import Right

    manager = get_auth_manager()

    def view(method: Any, name: str) -> bool:
        return manager.is_authorized_custom_view(method=method, resource_name=name, user=user)

    def dag(method: Any, entity: Any, dag_id: str) -> bool:
        return manager.is_authorized_dag(
            method=method, access_entity=entity, details=DagDetails(id=dag_id), user=user
        )

    if not (view("GET", VIEW) and view("GET", f"{TENANT} {org_id}")):
        return False
    if conf.getboolean("core", "multi_team") and not manager.is_authorized_team(
        method="GET", details=TeamDetails(name=org_id), user=user
    ):
        return False
    # A view says too little by itself: SimpleAuthManager lets everybody see every view, whatever
    # the method. Who may answer a required action is the nearest thing that Airflow knows.
    answers = ("PUT", DagAccessEntity.HITL_DETAIL, "gdpr_fulfilment")
    match right:
        case Right.READ:
            return True
        case Right.DECIDE:
            return view("PUT", VIEW) and dag(*answers)
        case Right.DISCLOSE:
            return view("GET", PERSONAL) and dag(*answers)
        case Right.SUBMIT:
            return view("POST", VIEW) and dag("POST", DagAccessEntity.RUN, "gdpr_intake")
        case _:
            return False


@cache
def page() -> Any:
    """Return the page with Airflow's users."""
    from airflow.api_fastapi.core_api.security import get_user

    from pipelines.dpo_page import Auth, create_app
    from pipelines.wiring import open_stores

    return create_app(
        auth=Auth(user=get_user, name=lambda user: str(user.get_id()), may=may), stores=open_stores
    )


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """Serve the page, made when it is first asked for: every part of Airflow loads this file."""
    await page()(scope, receive, send)


class LacunaPlugin(AirflowPlugin):
    """Registers the page with Airflow's web server."""

    name = "lacuna"
    fastapi_apps = [{"app": serve, "url_prefix": "/privacy", "name": VIEW}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": VIEW,
            "href": "privacy/",
            "destination": "nav",
            "url_route": "privacy",
            "nav_top_level": True,
        }
    ]
