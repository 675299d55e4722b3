"""English."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

ENGLISH: Final = Letterhead(
    language="en",
    greeting="Hello,",
    closing="Kind regards",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "We have received your request",
            (
                "we have received your message about your personal data on "
                "{received} and are dealing with it. You will hear from us by "
                "{due} at the latest.\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Please confirm your request",
            (
                "we have received your message about personal data on {received}."
                " Before we do anything, we have to know that it comes from the "
                "person whom it is about.\n\n"
                "Please reply to this mail from the same address, write YES and "
                "nothing else above, and leave this line in your reply:\n\n"
                "    {code}\n\n"
                "You can also tell us a number that we know you by, such as your "
                "customer number. If you did not write to us, do nothing: then "
                "nothing happens.\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "A question about your message",
            (
                "we have received your message of {received}, and we are not sure"
                " what you want us to do, or for whom. Please tell us whether you"
                " want to see your data, take it with you, have it corrected, "
                "restricted or erased, or object to its use, and by which address"
                " or customer number we know you. Whoever writes for somebody "
                "else should enclose proof of their authority.\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Which of these do you want?",
            (
                "we have received your message of {received}, and we are not sure "
                "what you want us to do with personal data. Please reply to this "
                "mail from the same address: write the numbers of what you want "
                "in the first line, and leave the line with the code in your "
                "reply.\n\n"
                "    1  a copy of my data\n"
                "    2  my data in a form that I can take to others\n"
                "    3  have my data corrected\n"
                "    4  have the use of my data restricted\n"
                "    5  object to the use of my data\n"
                "    6  have my data erased\n"
                "    7  none of these: it was about something else\n\n"
                "    {code}\n\n"
                "If you are not sure, tell us in your own words; somebody will "
                "read it. If you did not write to us, do nothing: then nothing "
                "happens.\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "We need more time for your request",
            (
                "we received your request on {received}. Because it is complex, "
                "or because there are many requests, we need up to two further "
                "months and will answer by {due} at the latest (Art. 12(3) GDPR).\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Your request",
            (
                "we cannot act on your request of {received}, on the ground of "
                "Art. {ground} GDPR. You may lodge a complaint with a supervisory"
                " authority ({authority}) and seek a judicial remedy.\n\n"
                "Your reference: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Your request has been carried out in part",
            (
                "your request of {received} has been carried out, except for what we keep "
                "until {until} on the ground of Art. {ground} GDPR; after that it is looked at "
                "anew. You may lodge a complaint with a supervisory authority ({authority}) "
                "and seek a judicial remedy.\n\nYour reference: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Your request is taken back",
            (
                "you wrote on {received} that you take your earlier request back. We have "
                "closed it, and nothing more is done on it. You may ask again at any "
                "time.\n\nYour reference: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Your request has been carried out",
            ("your request of {received} has been carried out.\n\nYour reference: {reference}"),
        ),
    },
)
