"""E-mails of a thread: paragraphs, signature, quotation; rendered as text and as HTML in step."""

from dataclasses import dataclass
from datetime import datetime

from lacuna_demo.sample.company import Agent
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.script import Script, Turn
from lacuna_demo.sample.text import AnnotatedText, SampleWords, fill, join

_MAX_RUNS = 6
_DEPTH = 2


@dataclass(frozen=True, repr=False)
class SampleLetter:
    """One mail.

    Attributes:
        contact: the contact who wrote it; None if an agent did.
        sender: display name and address, as a mail has them.
        paragraphs: what it says, salutation first.
        signature: lines under it.
        wrote: the line above it where it is quoted, without the time: holds `{when}`.
        quoted: the mail it answers.
    """

    contact: Contact | None
    sender: tuple[SampleWords, SampleWords]
    sent_at: datetime
    paragraphs: tuple[AnnotatedText, ...]
    signature: tuple[SampleWords, ...]
    wrote: AnnotatedText
    quoted: "SampleLetter | None" = None

    def text(self, depth: int = _DEPTH) -> AnnotatedText:
        """Return the plain body, quotations down to `depth`."""
        body = join("\n\n", (*self.paragraphs, join("\n", self.signature)))
        if self.quoted is None or depth == 0:
            return body
        quotation = self.quoted.text(depth - 1).quoted()
        return join("\n\n", (body, join("\n", (self.quoted.heading(), quotation))))

    def html(self, depth: int = _DEPTH) -> AnnotatedText:
        """Return the HTML body that says the same."""
        parts = ["<p>" + paragraph.as_html() + "</p>" for paragraph in self.paragraphs]
        lines = [
            line if isinstance(line, AnnotatedText) else AnnotatedText(line)
            for line in self.signature
        ]
        signature = '<p class="signature">' + join("<br>", [x.as_html() for x in lines]) + "</p>"
        body = join("\n", (*parts, signature))
        if self.quoted is None or depth == 0:
            return body
        heading = "<p>" + self.quoted.heading().as_html() + "</p>"
        quotation = "<blockquote>" + self.quoted.html(depth - 1) + "</blockquote>"
        return join("\n", (body, '<div class="quote">' + heading, quotation + "</div>"))

    def heading(self) -> AnnotatedText:
        """Return the line above a quotation of this mail."""
        when = self.sent_at.strftime("%Y-%m-%d %H:%M")
        return AnnotatedText(self.wrote.string.replace("{when}", when), self.wrote.said)

    def quotes_another_contact(self) -> bool:
        """Whether a contact who did not write this mail is quoted in it."""
        earlier, depth = self.quoted, _DEPTH
        while earlier is not None and depth:
            if earlier.contact is not None and earlier.contact is not self.contact:
                return True
            earlier, depth = earlier.quoted, depth - 1
        return False


def fold_turns(turns: tuple[Turn, ...]) -> list[list[Turn]]:
    """Return the turns as mails: what one side says in a row; long talks become four mails."""
    runs: list[list[Turn]] = []
    for turn in turns:
        if runs and runs[-1][0].speaker == turn.speaker:
            runs[-1].append(turn)
        else:
            runs.append([turn])
    if len(runs) <= _MAX_RUNS:
        return runs
    half = len(turns) // 2
    folded = []
    for part in (turns[:half], turns[half:]):
        for speaker in ("customer", "agent"):
            said = [turn for turn in part if turn.speaker == speaker]
            if said:
                folded.append(said)
    return folded


def by_contact(
    script: Script,
    contact: Contact,
    words: list[AnnotatedText],
    sent_at: datetime,
    quoted: SampleLetter | None,
) -> SampleLetter:
    """Return a mail of a contact: name and number under it, the street under the first."""
    book = script.phrases
    email = contact.email_at(sent_at)
    signature: list[SampleWords] = [book.signoff, contact.name, contact.phone(1)]
    if quoted is None:
        signature.append(contact.street)
    return SampleLetter(
        contact,
        (contact.name, email),
        sent_at,
        (AnnotatedText(book.hello), *words),
        tuple(signature),
        _wrote(book.wrote, contact.name, email),
        quoted,
    )


def by_agent(
    script: Script,
    agent: Agent,
    words: list[AnnotatedText],
    sent_at: datetime,
    quoted: SampleLetter | None,
) -> SampleLetter:
    """Return a mail of an agent, whose full name stands in the signature (trap 16)."""
    book = script.phrases
    return SampleLetter(
        None,
        (agent.name, agent.email),
        sent_at,
        (script.say(book.agent_hello), *words),
        (book.signoff, *agent.signature.split("\n")),
        _wrote(book.wrote, agent.name, agent.email),
        quoted,
    )


def _wrote(template: str, name: SampleWords, email: SampleWords) -> AnnotatedText:
    return fill(template, {"when": "{when}", "name": name, "email": email})
