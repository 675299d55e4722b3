"""Fills the desk by its own models: customers, tickets, follow-ups, attachments, custom fields."""

from __future__ import annotations

import sys

import django

django.setup()

from datetime import timedelta  # noqa: E402

from django.contrib.admin.models import CHANGE, LogEntry  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.utils import timezone  # noqa: E402
from helpdesk.models import (  # noqa: E402
    Checklist,
    ChecklistTask,
    CustomField,
    FollowUp,
    FollowUpAttachment,
    IgnoreEmail,
    KBCategory,
    KBItem,
    Queue,
    Ticket,
    TicketCC,
    TicketChange,
    TicketCustomFieldValue,
)

from tests.flows.django_desk.people import LOGGED_IN, TOWNS, WITHOUT_ACCOUNT, Customer  # noqa: E402

STATES = (Ticket.OPEN_STATUS, Ticket.CLOSED_STATUS, Ticket.CLOSED_STATUS)
WHAT = (
    "The heater makes a noise again.",
    "I would like to know when somebody comes.",
    "The invoice is wrong.",
    "Please call me back in the afternoon.",
)


def fill(customers: int) -> None:
    agents = [
        User.objects.create_user(
            login,
            f"{login}@desk.example.com",
            "secret",
            first_name=first,
            last_name=last,
            is_staff=True,
            is_superuser=True,
        )
        for login, first, last in (("nora", "Nora", "Deskwell"), ("piet", "Piet", "Queueberg"))
    ]
    queues = [
        Queue.objects.create(
            title=slug.title(), slug=slug, email_address=f"{slug}@desk.example.com"
        )
        for slug in ("support", "billing")
    ]
    fields = [
        CustomField.objects.create(
            name=name, label=label, data_type="varchar", max_length=200, required=False
        )
        for name, label in (
            ("order_no", "Order number"),
            ("phone", "Phone"),
            ("customer_no", "Customer number"),
            ("delivery", "Delivery note"),
        )
    ]
    category = KBCategory.objects.create(name="All", title="All", slug="all", description="All")
    item = KBItem.objects.create(category=category, title="Orders", question="How?", answer="So.")
    for number in range(customers):
        one = Customer(number)
        user = None
        if number not in WITHOUT_ACCOUNT:
            user = User.objects.create_user(
                one.login, one.email, "secret", first_name=one.first, last_name=one.last
            )
        for repeat in range(1 + number % 2):
            ticket = Ticket.objects.create(
                title=f"Heater for {one.name}" if number % 3 == 0 else "Invoice",
                queue=queues[number % 2],
                submitter_email=one.email,
                assigned_to=(*agents, None)[(number + repeat) % 3],
                status=STATES[number % 3],
                description=f"{WHAT[number % 4]} My order is {one.order}.\n\nRegards\n{one.name}\n"
                f"{one.street}, {TOWNS[number % 4]}\n{one.phone}",
                resolution="Sent a new one." if number % 2 else None,
                kbitem=item if number % 5 == 0 else None,
            )
            held = (one.order, one.phone, one.customer_number, one.delivery)
            for field, value in zip(fields, held, strict=True):
                TicketCustomFieldValue.objects.create(ticket=ticket, field=field, value=value)
            asked = FollowUp.objects.create(
                ticket=ticket,
                title="Ticket Opened",
                comment=f"Hello, it is me, {one.first}. {WHAT[(number + 1) % 4]}",
                public=True,
                user=user if number % 2 else None,
                message_id=f"<{number}.{repeat}@mail.example.org>",
                email_recipients=[one.email],
            )
            said = FollowUp.objects.create(
                ticket=ticket,
                title="Comment",
                comment=f"Dear {one.name}, we look into order {one.order}.",
                public=True,
                user=agents[number % 2],
                time_spent=timedelta(minutes=5 + number % 30),
            )
            TicketChange.objects.create(
                followup=said, field="Title", old_value=f"Call from {one.name}", new_value="Heater"
            )
            if number % 2 == 0:
                attached = FollowUpAttachment(
                    followup=asked, filename=one.file, mime_type="text/plain", size=20
                )
                content = f"{one.name}\n{one.street}\n{one.order}\n"
                attached.file.save(one.file, ContentFile(content.encode()))
                attached.save()
            if number % 7 == 0:
                other = Customer((number + 3) % customers)
                TicketCC.objects.create(ticket=ticket, email=other.email)
            if number % 11 == 0:
                tasks = Checklist.objects.create(ticket=ticket, name="Return")
                ChecklistTask.objects.create(
                    checklist=tasks, description=f"Call {one.name} on {one.phone}", position=1
                )
            # A follow-up saves its ticket as it was made.
            opened = timezone.now() - timedelta(days=1 + number)
            Ticket.objects.filter(id=ticket.id).update(created=opened)
            FollowUp.objects.filter(id=asked.id).update(date=opened)
            FollowUp.objects.filter(id=said.id).update(
                date=opened + timedelta(hours=1 + number % 5)
            )
        if user is not None and number % 9 == 0:
            item.voted_by.add(user)
    for number in LOGGED_IN:
        user = User.objects.get(username=Customer(number).login)
        remembered = SessionStore()
        remembered["_auth_user_id"] = str(user.id)
        remembered["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        remembered["_auth_user_hash"] = user.get_session_auth_hash()
        remembered["helpdesk_submitter"] = user.email
        remembered.save()
        LogEntry.objects.create(
            user=agents[0],
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(user.id),
            object_repr=user.username,
            action_flag=CHANGE,
            change_message='[{"changed": {"fields": ["Email address"]}}]',
        )
    IgnoreEmail.objects.create(
        name="Loops", date=timezone.now().date(), email_address=Customer(9).email
    )


if __name__ == "__main__":
    fill(int(sys.argv[1]))
