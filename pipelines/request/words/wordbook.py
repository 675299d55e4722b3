"""What is looked for in one language: how people ask for a right, and what makes it doubtful.

A pattern is groups joined by ` + `; each group is alternatives separated by spaces. `word*`
stands for every word that begins so, `two_words` for words in a row. A sentence fits a pattern if
each group has an alternative in it; the first group says what is to be done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.model.request import RequestKind


@dataclass(frozen=True)
class Wordbook:
    """The words of one language.

    Attributes:
        language: ISO 639-1.
        common: words by which the language is recognized.
        rights: for each right, patterns of sentences that ask for it.
        withdrawal: patterns of sentences that take a request back.
        negations: near one of these, a right is denied.
        nothing: words that deny a whole clause, wherever they stand in it.
        pronouns: words for what was spoken of before.
        hints: words of a mail that is about somebody's data, whatever it asks for.
        perhaps: in a sentence with one of these nobody has made up their mind.
        conditions: words that begin what may never come about.
        afters: words that put something off until something else happened.
        reports: words by which somebody tells what others said or did.
        fields: words for one value of many, e.g. an address.
        copies: words for what somebody gets who asks for access.
        ors: words between alternatives.
        selves: words by which somebody speaks of themselves, and not for a company.
        footers: words of advertising, and of what stands below it.
        holdings: patterns of sentences about what is held of somebody: they ask for access,
            unless they only say what is to be deleted or corrected.
        knowing: words that make such a sentence a wish to know.
        keeping: what is to be deleted here is to stay there: then nobody can tell.
        uncertain: the writer does not know what they want.
        hypothetical: the writer asks about a right, and not for it.
        others: the writer speaks for somebody else.
        authority: they say that they may.
        boilerplate: a paragraph with one of these is no part of what the writer says.
        idle: patterns of sentences by which data are to lie unused: they ask for a restriction, and
            what is denied in them is part of it.
        minds: words of somebody who wants something else than they did before.
        befores: words out of `conditions` that say when, and not whether.
        either: words for one of two people, or for both.
        catalog: words before rights that a writer wants to be told of.
        nouns: for each right, the nouns that name it in a list of rights.
        unwanted: words by which a writer says that data are not what they are after.
        hows: words before what a writer asks how to do.
        received: words that say that something came, or is settled.
        jobs: words of somebody who applies for a job.
        asks: words by which somebody asks for something, beside the imperative.
        titles: words for another person, where they stand beside what is asked.
        letters: words for a newsletter, which one leaves without using a right.
        past: words that say that something was deleted, and not that it is to be.
    """

    language: str
    common: str
    rights: Mapping[RequestKind, tuple[str, ...]]
    withdrawal: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    knowing: str = ""
    keeping: str = ""
    negations: str = ""
    nothing: str = ""
    pronouns: str = ""
    hints: str = ""
    perhaps: str = ""
    conditions: str = ""
    afters: str = ""
    reports: str = ""
    fields: str = ""
    copies: str = ""
    ors: str = ""
    selves: str = ""
    footers: str = ""
    uncertain: str = ""
    hypothetical: str = ""
    others: str = ""
    authority: str = ""
    boilerplate: str = ""
    idle: tuple[str, ...] = ()
    minds: str = ""
    befores: str = ""
    either: str = ""
    catalog: str = ""
    nouns: tuple[str, ...] = ()
    unwanted: str = ""
    past: str = ""
    hows: str = ""
    received: str = ""
    jobs: str = ""
    letters: str = ""
    asks: str = ""
    titles: str = ""
