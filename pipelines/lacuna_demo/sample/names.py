"""Name lists of several cultures, and the places people live in.

The lists are written so that a full name is never part of another full name: no first name ends
with another token of these lists, and no last name begins with another last name. A test holds
them to it. Combinations are invented; some will be the names of real people by chance.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Culture:
    """First and last names that go together."""

    first: tuple[str, ...]
    last: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CULTURES = MappingProxyType(
    {
        "da": Culture(
            _words(
                "Søren Mette Jørgen Kirsten Åse Rasmus Freja Bjørk Signe Mikkel Birgitte Troels"
                " Sidsel Esben Tove Karsten Dorthe Magnus Laerke Asger Pernille Thorkild Ditte"
                " Villads Ragnhild Kjeld Solvej Niels Bodil Jeppe"
            ),
            _words(
                "Østergaard Kjeldgaard Bjerregaard Nørgaard Skovbjerg Lauridsen Thygesen Vestager"
                " Krogsgaard Brøndum Fredslund Damgaard Munkholm Hedegaard Sønderby Toftegaard"
                " Rosenkilde Ravnsborg Ålykke Dalsgaard Græsbøll Kirkeby Mosegaard Pilegaard"
                " Overgaard Tvedebrink Ebbesen Yndgaard Højlund Fuglsang Storgaard Winther"
            ),
        ),
        "sv": Culture(
            _words(
                "Göran Åsa Linnéa Sigvard Gunilla Torbjörn Elsa Sixten Ingegerd Viggo Malin Håkan"
                " Ulrika Örjan Ebba Lovisa Staffan Kerstin Melker Tindra Hjalmar Saga Valter"
                " Birgitta Rune Alva Folke Disa"
            ),
            _words(
                "Sjöström Bergqvist Åkerlund Öberg Lindqvist Nyström Hallström Söderberg Wikström"
                " Ekdahl Rosengren Blomkvist Hägglund Forsell Grönvall Tornquist Almroth Stålhammar"
                " Dahlgren Palmqvist Ljungberg Sandell Vikander Enqvist Höglund Malmborg Backman"
                " Cederholm Hedlund Zetterlund"
            ),
        ),
        "de": Culture(
            _words(
                "Jürgen Käthe Günther Anneliese Jörg Ulrike Dietmar Hannelore Matthias Sieglinde"
                " Burkhard Elfriede Ruprecht Waltraud Detlef Ingeborg Konrad Gisela Thorsten Heike"
                " Ottilie Volker Brunhilde Lothar Swantje Wolfram Mechthild Gottfried Roswitha Falk"
            ),
            _words(
                "Brandt Kaltenbach Österreich Müllenhoff Schlüter Rautenberg Weißgerber Hohenstein"
                " Achterberg Niemeyer Grünewald Fassbender Lindenau Strohmeyer Vollrath Zschoche"
                " Puttkammer Ehrenfeld Jägersberg Quandt Rosenthal Uhlmann Dörfler Kühnast Tiedemann"
                " Wachsmuth Bröker Hellwig Immendorf Petersdorff Oberhauser Nagelschmidt"
            ),
        ),
        "nl": Culture(
            _words(
                "Sjoerd Femke Maarten Liesbeth Joost Wilhelmina Bram Saskia Pieter Anouk Diederik"
                " Geertje Hugo Jolanda Koen Mirthe Ruben Tjitske Wouter Yvonne Floris Marijke"
                " Reinier Doutzen Hendrik Loes"
            ),
            _words(
                "Vermeulen Hoogendoorn Kuipers Zonneveld Brouwer Dijkstra Oosterhuis Wagenaar"
                " Terpstra Bloemendaal Schouten Kloosterman Verhoeven Roodenburg Postma Huizinga"
                " Leeflang Nieuwenhuis Vlasblom Groeneveld Smeets Timmerman Eikelboom Paardekooper"
                " Buitenhuis Waterreus Spaargaren Mulders"
            ),
        ),
        "fr": Culture(
            _words(
                "Hélène Benoît Chloé Gérard Élodie Thibault Margaux François Anaïs Guillaume"
                " Solène Mathieu Océane Rémy Clémence Yannick Aurélie Baptiste Noémie Pascal"
                " Corentin Delphine Ghislain Maëlle Sylvain Véronique"
            ),
            _words(
                "Beaumont Lefèvre Dubreuil Châtelain Rousselot Garnier Montfort Delacroix Pelletier"
                " Vasseur Fontenay Marchais Bonnefoy Tessier Charpentier Lachaume Grandjean Morvan"
                " Desjardins Quesnel Jacquemin Béranger Sauvage Trémaux Villeneuve Hébrard"
                " Courtois Périgord"
            ),
        ),
        "en": Culture(
            _words(
                "Nigel Beatrice Malcolm Harriet Gareth Imogen Rupert Winifred Duncan Prudence"
                " Alistair Rosalind Clive Felicity Barnaby Philippa Desmond Georgina Hamish"
                " Cordelia Trevor Millicent Angus Tabitha Leopold Verity Dexter Maud Quentin Ottoline"
            ),
            _words(
                "Ashworth Blackwood Cartwright Dunstable Ellsworth Fairweather Greenhalgh"
                " Hathersage Inglethorpe Jessop Kingsley Lockhart Merriweather Netherby Oakeshott"
                " Pemberton Quayle Ravenscroft Stapleton Thistlewood Underhill Vauxhall Whitlock"
                " Yarborough Birtwistle Crabtree Dewhurst Featherstone Gathercole Hollingworth"
                " Marchbanks Tunstall"
            ),
        ),
        "pl": Culture(
            _words(
                "Zbigniew Agnieszka Łukasz Małgorzata Krzysztof Jadwiga Wojciech Elżbieta"
                " Przemysław Halina Grzegorz Bożena Mirosław Katarzyna Tadeusz Urszula Bogumił"
                " Zofia Kazimierz Dorota"
            ),
            _words(
                "Brzezicki Dąbrowiecki Gołębiewski Jaworowski Kołodziej Lisowski Morawiec"
                " Niedźwiecki Olszewski Piątkowski Rutkowiak Szczepański Śliwiński Trzaskowiak"
                " Wiśniowiecki Zawadzki Żurawski Borkowiak Cichocki Fijałek Grabowiecki Wróbel"
            ),
        ),
        "tr": Culture(
            _words(
                "Ayşegül Çağlar Özlem Mehmet Şebnem Tolga Gülşah Kerem Nurhan Yiğit Zeynep Burak"
                " Dilek Fatih Hülya İbrahim Leyla Murat Sevgi Serkan"
            ),
            _words(
                "Öztürkoğlu Karahan Çelikbaş Demirtaş Güneşli Şahinler Aydoğan Bozkurt Erdoğmuş"
                " Fidanoğlu Gürel Kutluer Taşdelen Uğurlu Sönmezer Tekinalp Özdemirci Çetinkaya"
                " Erdemli Korkmazer"
            ),
        ),
        "ar": Culture(
            _words(
                "Yusuf Khadija Tariq Nadia Hamza Samira Idris Layla Omar Zahra Bilal Rania Faisal"
                " Amina Jamal Salma Karim Huda Rashid Mariam"
            ),
            _words(
                "Haddad Mansour Benali Khoury Darwish Nasser Qabbani Sabbagh Tamimi Yassin"
                " Zaydan Bouazizi Elmasri Ghanem Jaber Lahlou Rahmani Shaheen Wahbi Ferjani"
            ),
        ),
    }
)

MIDDLE_NAMES = _words("Vilhelm Ingolf Josefa Emanuel Ludovica Anselm Theodora Bartholomew")
"""Disjoint from every first name, so that no full name hides in a longer one."""

NICKNAMES = _words(
    "solsikke nordstjerne laesehest kaffekop regnbue wanderfalke bastelfee leseratte sternschnuppe"
    " postduif fietsbel papillon hirondelle tournesol bookworm nightowl tealover seagull moonraker"
)
"""Local parts of e-mail addresses that say nothing of the name."""

COMPANIES = ("Nordkyst Papir", "Blaaregn Cykler", "Papierlampe", "Tulpenpost", "Cedar & Slate")
"""Companies that are nobody's surname."""


@dataclass(frozen=True)
class Region:
    """Where a person lives.

    Attributes:
        country: ISO 3166 code.
        towns: pairs of postcode and town.
        streets: street names; the house number is added by `address`.
        number_first: whether the house number stands before the street.
    """

    country: str
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    number_first: bool = False

    def line(self, street: str, number: int) -> str:
        """Return street and house number."""
        return f"{number} {street}" if self.number_first else f"{street} {number}"

    def address(self, line: str, town: tuple[str, str]) -> str:
        """Return one line: street and house number, postcode and town.

        >>> REGIONS["DK"].address("Rosenvej 12", ("8000", "Aarhus C"))
        'Rosenvej 12, 8000 Aarhus C'
        """
        if self.country in {"GB", "US", "IE"}:
            return f"{line}, {town[1]} {town[0]}"
        return f"{line}, {town[0]} {town[1]}"


REGIONS = MappingProxyType(
    {
        "DK": Region(
            "DK",
            (
                ("8000", "Aarhus C"),
                ("5000", "Odense C"),
                ("9000", "Aalborg"),
                ("2300", "København S"),
            ),
            ("Rosenvej", "Åboulevarden", "Møllestien", "Strandgade", "Lærkevænget", "Ndr. Ringvej"),
        ),
        "SE": Region(
            "SE",
            (("411 05", "Göteborg"), ("211 22", "Malmö"), ("114 35", "Stockholm")),
            ("Storgatan", "Björkvägen", "Hantverkargatan", "Ängsstigen", "Kyrkogatan"),
        ),
        "DE": Region(
            "DE",
            (("20457", "Hamburg"), ("10115", "Berlin"), ("50667", "Köln"), ("80331", "München")),
            ("Lindenstraße", "Am Alten Hafen", "Gartenweg", "Mühlenallee", "Goethestraße"),
        ),
        "NL": Region(
            "NL",
            (("1012 AB", "Amsterdam"), ("3511 CD", "Utrecht"), ("9711 EF", "Groningen")),
            ("Dorpsstraat", "Molenlaan", "Keizersweg", "Tulpenplein", "Havenkade"),
        ),
        "FR": Region(
            "FR",
            (("75011", "Paris"), ("69002", "Lyon"), ("59000", "Lille"), ("44000", "Nantes")),
            ("rue des Lilas", "avenue de la Gare", "impasse du Moulin", "quai aux Fleurs"),
            number_first=True,
        ),
        "GB": Region(
            "GB",
            (("LS1 4AB", "Leeds"), ("BS1 5CD", "Bristol"), ("EH1 2EF", "Edinburgh")),
            ("Mill Lane", "Church Road", "Orchard Close", "Harbour Street", "Station Terrace"),
            number_first=True,
        ),
        "US": Region(
            "US",
            (("97205", "Portland, OR"), ("02108", "Boston, MA"), ("80202", "Denver, CO")),
            ("Maple Avenue", "Juniper Street", "Old Quarry Road", "Lakeview Drive"),
            number_first=True,
        ),
    }
)
