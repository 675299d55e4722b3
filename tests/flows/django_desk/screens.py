"""Opens the screens of the desk as an agent, and prints which of them failed, as JSON."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from helpdesk.models import Ticket  # noqa: E402
from helpdesk.query import query_to_base64  # noqa: E402

PAGES = (
    "/", "/dashboard/", "/tickets/", "/reports/", "/kb/", "/kb/all/", "/saved-searches/", "/ignore/",
    "/rss/", "/settings/", "/rss/recent_activity/", "/rss/unassigned/",
)  # fmt: skip
REPORTS = (
    "daysuntilticketclosedbymonth", "usermonth", "userqueue", "userstatus", "userpriority",
    "queuestatus", "queuepriority", "queuemonth",
)  # fmt: skip


def open_all() -> dict[str, object]:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="nora"))
    searched = query_to_base64(
        {"filtering": {}, "filtering_null": {}, "sorting": "created", "search_string": "heater"}
    )
    tickets = list(Ticket.objects.values_list("id", flat=True))
    pages = [
        *PAGES,
        *(f"/reports/{one}/" for one in REPORTS),
        f"/datatables_ticket_list/{searched}?draw=1&start=0&length=500",
        f"/timeline_ticket_list/{searched}",
        *(f"/tickets/{one}/" for one in tickets),
        *(f"/tickets/{one}/edit/" for one in tickets),
    ]
    failed = [page for page in pages if client.get(page).status_code >= 400]
    return {"opened": len(pages), "tickets": len(tickets), "failed": failed}


if __name__ == "__main__":
    json.dump(open_all(), sys.stdout)
