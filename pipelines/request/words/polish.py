"""Polish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "klienta klientkę dane danych konto konta profil profilu informacje informacji wszystko wszystkie wszystkich"
    " o_mnie mnie_z"
    " systemu systemów bazy baz"
)
_FIELDS: Final = (
    "adres adresu numer numeru telefon telefonu nazwisko nazwiska imię imienia mail e_mail email"
    " urodzenia dane danych kod"
)

POLISH: Final = Wordbook(
    language="pl",
    common=(
        "i w na nie się do z że moje moich mnie mi jest proszę dzień dobry pozdrawiam państwo państwa"
        " o to od są oraz przez dziękuję poważaniem jestem"
    ),
    rights={
        RequestKind.ERASURE: (
            "zostać_usunięty zostać_usunięta",
            f"usuń usunąć usunięcie usunięcia usuńcie usuwan* skasuj* skasować kasowan* wymaz*"
            f" zapomn* zniszcz* + {_DATA}",
            "prawo_do_bycia_zapomnianym prawo_do_usunięcia bycia_zapomnianym",
        ),
        RequestKind.ACCESS: (
            "wykaz zestawienie listę + danych dane informacji",
            "prawo_dostępu wniosek_o_dostęp",
            "dostęp dostępu + danych dane informacji osobowych",
            "kopię kopia kopii + danych dane wszystkiego wszystkich informacji osobowych",
            "przesłać prześlij* wysłać wyślij* udostępni* zobaczyć otrzymać + dane danych"
            " wszystko informacje + o_mnie na_mój_temat moje mnie",
        ),
        RequestKind.PORTABILITY: (
            "przenoszenia przenoszenie przenieść przeniesienie przeniesienia przenaszalno* +"
            " dane danych danymi",
            "maszynow* ustrukturyzowan* powszechnie_używan* csv json + danych dane format* plik*",
        ),
        RequestKind.RECTIFICATION: (
            "to_poprawić poprawić_to to_sprostować zmiana_nazwiska zmiana_adresu",
            f"popraw* sprostow* skoryg* zmienić zmieńcie zmianę zmiany aktualiz* + {_FIELDS}",
            f"błędn* błąd nieprawidłow* nieaktualn* zły złe + {_FIELDS} nazwisku imieniu adresie numerze",
        ),
        RequestKind.RESTRICTION: (
            "ogranicz* zablok* zamroz* wstrzym* + przetwarzan* danych dane wykorzyst*",
        ),
        RequestKind.OBJECTION: (
            "usuńcie_mnie wypiszcie_mnie nie_chcę + listy listy_mailingowej reklam",
            "sprzeciw sprzeciwiam sprzeciwu + przetwarzan* marketing* profilowan* danych reklam*"
            " wykorzyst*",
            "wypis* rezygnuj* przestań* proszę_nie nie_chcę stop + newsletter* reklam* ofert*"
            " marketing* spam* promocj*",
        ),
    },
    holdings=(
        "jakie co wszystko + dane danych informacje macie wiecie przechowujecie posiadacie"
        " przetwarzacie zebraliście + o_mnie na_mój_temat mnie",
    ),
    withdrawal=(
        "anulujcie zignorujcie + mój_mail moją_wiadomość oba obie",
        "wycof* cofam anuluj* rezygnuj* odwołuj* + wniosek wniosku żądanie żądania prośbę prośby",
        "zmieniłem_zdanie zmieniłam_zdanie + wniosek usun* dane danych prośb*",
    ),
    nothing="nic żadnych",
    pronouns="je ich to",
    copies="kopia kopię kopii zestawienie",
    ors="lub albo czy",
    selves=(
        "ja mnie mi mną mój moja moje moich moimi mojego mojej chcę chciałbym chciałabym proszę"
        " wnoszę żądam"
    ),
    footers=(
        "wypisz_się otrzymujesz_tę w_przeglądarce miesięcznie darmowy bezpłatny bezpłatnie"
        " bez_zobowiązań"
    ),
    hints=(
        "dane danych rodo o_mnie na_mój_temat urodzenia nazwisko nagran* osobow* reklam*"
        " newsletter* marketing* spam*"
    ),
    perhaps="być_może",
    conditions="jeśli jeżeli gdyby zanim przed",
    afters="gdy kiedy po_tym",
    reports="powiedział powiedziała powiedziano potwierdził potwierdzono obiecał",
    fields="adres adresu numer numeru telefon imię nazwisko nazwiska",
    negations="nie nigdy bez ani zamiast",
    keeping="zachować zatrzymać",
    uncertain=(
        "nie_wiem_co nie_wiem_czy nie_jestem_pewien nie_jestem_pewna co_lepsze nie_zdecydowałem"
        " nie_zdecydowałam rozważam zastanawiam_się"
    ),
    knowing="wiedzieć zobaczyć poinformować informację poznać",
    hypothetical="jak_mogę jak_długo co_się_stanie czy_można czy_to_możliwe ogólnie",
    others=(
        "moja_żona mojej_żony mój_mąż mojego_męża mój_syn mojego_syna moja_córka mojej_córki"
        " moja_matka mojej_matki mama mojej_mamy mój_ojciec mojego_ojca mój_brat mojego_brata"
        " moja_siostra mojej_siostry w_imieniu mój_klient mojego_klienta babcia mojej_babci"
    ),
    authority="pełnomocnictwo pełnomocnik upoważniony upoważniona opiekun",
    boilerplate="poufn* przez_pomyłkę omyłkowo adresat* przeznaczon*",
)
