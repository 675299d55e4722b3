"""What Lacuna registers with Airflow: the officer's page, figures, and an XCom backend for ids only.

The page is authenticated and authorized by Airflow's auth manager, whichever it is:

| right | asked of the auth manager |
|---|---|
| read | `GET` on the view `Privacy`, and on the tenant |
| decide | `PUT` on the view `Privacy`, and to answer required actions of `gdpr_fulfilment` |
| disclose | `GET` on the view `Privacy personal data`, and to answer required actions |
| submit | `POST` on the view `Privacy`, and to start a run of `gdpr_intake` |

The tenant is the view `Privacy tenant ORG`; where Airflow is set to `multi_team`, also the team ORG.
"""

import logging
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from airflow.listeners import hookimpl
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

    from lacuna.dpo_page import Right

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


def next_run(dag_id: str) -> Any:
    """Return when Airflow runs a flow next, and whether it is paused; None if it does not know it."""
    try:
        from airflow.models.dag import DagModel
        from airflow.utils.session import create_session
    except ImportError:  # no public interface: the page works without it
        return None

    from lacuna.dpo_page import NextRun

    with create_session() as session:
        found = session.get(DagModel, dag_id)
        if found is None:
            return None
        at = found.next_dagrun_create_after
        # One that is due already starts as soon as the scheduler gets to it.
        return NextRun(None if at is None else max(at, datetime.now(UTC)), bool(found.is_paused))


@cache
def page() -> Any:
    """Return the page with Airflow's users."""
    from airflow.api_fastapi.core_api.security import get_user

    from lacuna.dpo_page import Auth, Schedule, create_app
    from lacuna.wiring import open_stores

    return create_app(
        auth=Auth(
            user=get_user,
            name=lambda user: str(user.get_name()),
            may=may,
            # As Airflow's own pages do: whichever auth manager it is, and `next` is checked there.
            login="api/v2/auth/login",
        ),
        stores=open_stores,
        schedule=Schedule(next_run),
    )


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """Serve the page, made when it is first asked for: every part of Airflow loads this file."""
    await page()(scope, receive, send)


# --- figures --------------------------------------------------------------------------------------


class FigureListener:
    """Sends figures to Airflow's own statistics (StatsD, OpenTelemetry) when a task has ended.

    Nothing is read where Airflow is told to send none. docs/observability.md names them.
    """

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        """Measure after a task that succeeded."""
        send_figures(task_instance)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        """Measure after a task that failed."""
        send_figures(task_instance)


def send_figures(task_instance: Any) -> None:
    """Send what is open, due and failed, and how fast a task was; a flaw here fails no task."""
    from airflow.configuration import conf
    from airflow.sdk.observability.stats import Stats

    is_on = ("statsd_on", "statsd_datadog_enabled", "otel_on")
    if not task_instance.dag_id.startswith("gdpr_") or not any(
        conf.getboolean("metrics", name) for name in is_on
    ):
        return
    from lacuna.errors import PipelineError
    from lacuna.flows.run import edge, figures
    from lacuna.wiring import open_stores

    def measure() -> dict[str, float]:
        stores = open_stores()
        lines = stores.run_log.read(edge.run_name(task_instance))
        return figures.standing(stores) | figures.pace(lines, edge.try_of(task_instance))

    try:
        found = edge.without_values(measure)()
    except PipelineError as error:
        logging.getLogger(__name__).warning("no figures: %s", type(error).__name__)
        return
    tags = {"flow": task_instance.dag_id, "task": task_instance.task_id}
    for name, value in found.items():
        of_run = name.startswith("lacuna.run.")
        # StatsD by itself has no tags: there the flow stands in the name.
        Stats.gauge(f"{name}.{task_instance.dag_id}" if of_run else name, value, tags=tags)


class LacunaPlugin(AirflowPlugin):
    """Registers the page with Airflow's web server."""

    name = "lacuna"
    listeners = [FigureListener()]  # noqa: RUF012
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
