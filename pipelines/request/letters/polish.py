"""Polish."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

POLISH: Final = Letterhead(
    language="pl",
    greeting="Dzień dobry,",
    closing="Z poważaniem",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Otrzymaliśmy Państwa wniosek",
            (
                "{received} otrzymaliśmy Państwa wiadomość dotyczącą danych "
                "osobowych i zajmujemy się nią. Odpowiemy najpóźniej {due}.\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Prosimy o potwierdzenie wniosku",
            (
                "{received} otrzymaliśmy Państwa wiadomość dotyczącą danych "
                "osobowych. Zanim cokolwiek zrobimy, musimy wiedzieć, że pochodzi"
                " ona od osoby, której dotyczy.\n\n"
                "Prosimy odpowiedzieć na tę wiadomość z tego samego adresu, "
                "napisać powyżej tylko TAK i pozostawić w odpowiedzi ten wiersz:\n\n"
                "    {code}\n\n"
                "Mogą Państwo także podać numer, pod którym Państwa znamy, na "
                "przykład numer klienta. Jeśli to nie Państwo pisali, prosimy nic"
                " nie robić: wtedy nic się nie stanie.\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Pytanie do Państwa wiadomości",
            (
                "otrzymaliśmy Państwa wiadomość z {received} i nie mamy pewności,"
                " czego Państwo oczekują ani dla kogo. Prosimy napisać, czy chcą "
                "Państwo zobaczyć swoje dane, przenieść je, sprostować, "
                "ograniczyć lub usunąć, czy sprzeciwić się ich wykorzystaniu, "
                "oraz pod jakim adresem lub numerem klienta Państwa znamy. Kto "
                "pisze w imieniu innej osoby, powinien dołączyć pełnomocnictwo.\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Co z poniższego Państwo wybierają?",
            (
                "otrzymaliśmy Państwa wiadomość z {received} i nie mamy pewności, "
                "co mamy zrobić z danymi osobowymi. Prosimy odpowiedzieć na tę "
                "wiadomość z tego samego adresu: w pierwszym wierszu wpisać "
                "numery tego, czego Państwo chcą, i zostawić w odpowiedzi wiersz "
                "z kodem.\n\n"
                "    1  kopia moich danych\n"
                "    2  moje dane w formie, którą mogę zabrać ze sobą\n"
                "    3  sprostowanie moich danych\n"
                "    4  ograniczenie wykorzystania moich danych\n"
                "    5  sprzeciw wobec wykorzystania moich danych\n"
                "    6  usunięcie moich danych\n"
                "    7  nic z tego: chodziło o coś innego\n\n"
                "    {code}\n\n"
                "W razie wątpliwości prosimy napisać własnymi słowami; ktoś to "
                "przeczyta. Jeśli Państwo do nas nie pisali, nie trzeba nic "
                "robić: wtedy nic się nie stanie.\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Potrzebujemy więcej czasu na Państwa wniosek",
            (
                "otrzymaliśmy Państwa wniosek {received}. Ze względu na jego "
                "złożoność lub liczbę wniosków potrzebujemy do dwóch dalszych "
                "miesięcy i odpowiemy najpóźniej {due} (art. 12 ust. 3 RODO).\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Państwa wniosek",
            (
                "nie możemy uwzględnić Państwa wniosku z {received} na podstawie "
                "art. {ground} RODO. Mogą Państwo wnieść skargę do organu "
                "nadzorczego ({authority}) i skorzystać z drogi sądowej.\n\n"
                "Numer sprawy: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Państwa wniosek zrealizowano częściowo",
            (
                "Państwa wniosek z {received} został zrealizowany, z wyjątkiem tego, co "
                "przechowujemy do {until} na podstawie art. {ground} RODO; potem zostanie to "
                "rozpatrzone ponownie. Można wnieść skargę do organu nadzorczego ({authority}) "
                "oraz do sądu.\n\nNumer sprawy: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Państwa wniosek został wycofany",
            (
                "dnia {received} wycofali Państwo swój wcześniejszy wniosek. Zamknęliśmy go i "
                "nie podejmujemy w nim dalszych działań. Nowy wniosek można złożyć w każdej "
                "chwili.\n\nNumer sprawy: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Państwa wniosek został zrealizowany",
            ("Państwa wniosek z {received} został zrealizowany.\n\nNumer sprawy: {reference}"),
        ),
    },
)
