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
            "wyczyść* wyczyśćcie wykreśl* wyrzuć* likwid* zlikwid* pozbądźcie + dane danych"
            " konto konta wszystko profil mnie bazy",
            "zostać_usunięty zostać_usunięta",
            f"usuń usunąć usunięcie usunięcia usuńcie usuwan* skasuj* skasować kasowan* wymaz*"
            f" zapomn* zniszcz* + {_DATA}",
            "prawo_do_bycia_zapomnianym prawo_do_usunięcia bycia_zapomnianym",
        ),
        RequestKind.ACCESS: (
            "przyślijcie_mi wyślijcie_mi dajcie_mi + moje dane danych",
            "co jakie + wiecie macie przechowujecie posiadacie + wiedzieć przesłać powiedzieć"
            " zobaczyć otrzymać + mnie",
            "kopię kopia kopii + wszystko wszystkiego całości nagrań rozmów",
            "wykaz zestawienie listę + danych dane informacji",
            "prawo_dostępu wniosek_o_dostęp",
            "dostęp dostępu + danych dane informacji osobowych",
            "kopię kopia kopii + danych dane wszystkiego wszystkich informacji osobowych",
            "przesłać prześlij* wysłać wyślij* udostępni* zobaczyć otrzymać + dane danych"
            " wszystko informacje + o_mnie na_mój_temat moje mnie",
        ),
        RequestKind.PORTABILITY: (
            "zabrać_ze eksport* wyeksport* + dane danych historię",
            "przenoszenia przenoszenie przenieść przeniesienie przeniesienia przenaszalno* +"
            " dane danych danymi",
            "maszynow* ustrukturyzowan* powszechnie_używan* csv json + danych dane format* plik*",
        ),
        RequestKind.RECTIFICATION: (
            "nowy_adres nowe_nazwisko nowy_numer przeprowadził* przeprowadziłam + zmie*"
            " popraw* aktualiz* systemie",
            "pisze_się nazywam_się zamiast powinno_być powinien_być + nazwisko imię adres"
            " numer urodzenia",
            "to_poprawić poprawić_to to_sprostować zmiana_nazwiska zmiana_adresu",
            f"popraw* sprostow* skoryg* zmienić zmieńcie zmianę zmiany aktualiz* + {_FIELDS}",
            f"błędn* błąd nieprawidłow* nieaktualn* zły złe + {_FIELDS} nazwisku imieniu adresie numerze",
        ),
        RequestKind.RESTRICTION: (
            "ogranicz* zablok* zamroz* wstrzym* + przetwarzan* danych dane wykorzyst*",
        ),
        RequestKind.OBJECTION: (
            "nie_używać nie_wykorzystywać nie_wykorzystujcie przestańcie_używać + marketing*"
            " reklam* profilow* analiz*",
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
        "zignorujcie zapomnijcie zignorować zapomnieć nie_zwracajcie + poprzedni poprzednią"
        " poprzedniej poprzedniego poprzednim mój_poprzedni moją_poprzednią ostatni_mail"
        " ostatnią_wiadomość",
        "zapomnijcie zapomnieć + o_moim_wniosku o_wniosku o_mojej_prośbie o_prośbie o_poprzednim_wniosku",
        "anulujcie zignorujcie + mój_mail moją_wiadomość oba obie",
        "wycof* cofam anuluj* rezygnuj* odwołuj* + wniosek wniosku żądanie żądania prośbę prośby",
        "zmieniłem_zdanie zmieniłam_zdanie + wniosek usun* dane danych prośb*",
    ),
    nothing=("nic żadnych nie_chcę_żeby nie_chcę_aby nie_proszę_o nie_żądam"),
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
        "z_waszego_systemu z_systemu z_waszej_bazy z_bazy z_państwa_bazy zapomnijcie_o_mnie"
        " usuńcie_mnie "
        "dane danych rodo o_mnie na_mój_temat urodzenia nazwisko nagran* osobow* reklam*"
        " newsletter* marketing* spam*"
    ),
    perhaps="być_może albo_albo",
    conditions="jeśli jeżeli gdyby zanim przed",
    afters="gdy kiedy po_tym",
    reports="powiedział powiedziała powiedziano potwierdził potwierdzono obiecał",
    fields="adres adresu numer numeru telefon imię nazwisko nazwiska",
    negations=("nie nigdy bez ani zamiast powstrzym* zaniechaj* unikać"),
    keeping="zachować zatrzymać",
    uncertain=(
        "nie_wiem_co nie_wiem_czy nie_jestem_pewien nie_jestem_pewna co_lepsze nie_zdecydowałem"
        " nie_zdecydowałam rozważam zastanawiam_się"
    ),
    knowing="wiedzieć zobaczyć poinformować informację poznać",
    hypothetical="jak_mogę jak_długo co_się_stanie czy_można czy_to_możliwe ogólnie",
    others=(
        "pożyczam pożyczonego sąsiada sąsiadki mój_były moja_była były_mąż była_żona mój_szef moja_żona mojej_żony mój_mąż mojego_męża mój_syn mojego_syna moja_córka mojej_córki"
        " moja_matka mojej_matki mama mojej_mamy mój_ojciec mojego_ojca mój_brat mojego_brata"
        " moja_siostra mojej_siostry w_imieniu mój_klient mojego_klienta babcia mojej_babci"
    ),
    authority="pełnomocnictwo pełnomocnik upoważniony upoważniona opiekun",
    boilerplate="poufn* przez_pomyłkę omyłkowo adresat* przeznaczon*",
    idle=(
        "nie_używać nie_używajcie nie_wykorzystywać nie_wykorzystujcie nie_przetwarzać"
        " nie_przetwarzajcie nie_ruszać nie_ruszajcie nie_udostępniać + danych dane konta"
        " konto ich nic + dopóki do_czasu tymczasem w_międzyczasie na_razie sąd* spór sporu"
        " wyjaśni*",
        "zawiesi* wstrzyma* tylko_przechow* jedynie_przechow* wyłącznie_przechow* + dane"
        " danych konto konta",
    ),
    minds=(
        "zmieniłem_zdanie zmieniłam_zdanie rozmyśliłem rozmyśliłam jednak_nie jednak_zostaję"
        " jednak_chcę"
    ),
    befores=("zanim przed"),
    either=("jednego_z_nas jedno_z_nas nas_oboje nas_obu nas_dwoje"),
    catalog=("istnieniu_prawa istnienie_prawa prawo_do_wniesienia prawie_do_wniesienia"),
    nouns=(
        "sprostowani* poprawieni*",
        "usunięci*",
        "ograniczeni*",
        "sprzeciw*",
        "przenoszeni*",
        "dostęp*",
    ),
    unwanted=(
        "nie_proszę_o_moje nie_chcę_moich nie_chodzi_o możecie_zachować mogą_państwo_zachować"
        " może_być"
    ),
    past=(
        "przypadkiem usunąłem usunęłam skasowałem skasowałam dziękuję_za dzięki_za został_usunięty została_usunięta zostało_usunięte zostały_usunięte usunięto"
        " usunęliście skasowaliście skasowano już_usunięto"
    ),
    hows=("jak_mogę jak_usun* jak_się jak_mam jak_skasow*"),
    received=("otrzymałem otrzymałam dotarła dotarły doszła doszły przyszła"),
    jobs=("aplikuję ofertę_pracy życiorys list_motywacyjny"),
    letters=("newsletter* biuletyn*"),
    asks=(
        "wystarczy usuńcie usuń skasujcie wymażcie zapomnijcie zniszczcie proszę chcę chciałbym chciałabym żądam wnoszę domagam czy_możecie czy_mogą mogliby"
        " uprzejmie życzę niniejszym"
    ),
    titles=("pana_jana pani_anny panu"),
)
