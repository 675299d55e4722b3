"""Cities, companies and streets for the slots of templates that hold no person."""

from random import Random

from finder_training.name_lists import NameLists

__all__ = ["city", "company", "street"]

_CITIES = {
    "da": (
        "København|Aarhus|Odense|Aalborg|Esbjerg|Randers|Kolding|Horsens|Vejle|"
        "Roskilde|Herning|Silkeborg|Næstved|Viborg|Køge|Holstebro|Svendborg|Hjørring"
    ),
    "de": (
        "Berlin|Hamburg|München|Köln|Frankfurt|Stuttgart|Düsseldorf|Leipzig|Dortmund|"
        "Essen|Bremen|Dresden|Hannover|Nürnberg|Duisburg|Bochum|Wien|Graz|Linz|"
        "Salzburg|Zürich|Bern|Basel|Kassel|Mainz|Halle|Jena|Ulm|Trier|Regensburg|"
        "Bad Homburg"
    ),
    "en": (
        "London|Leeds|Bristol|Manchester|Glasgow|Dublin|Cardiff|York|Bath|Reading|"
        "Lincoln|Leicester|Derby|Norwich|Exeter|Belfast|Cork|Galway|Boston|Denver|"
        "Austin|Houston|Sydney|Perth|Brighton|Chester|Preston"
    ),
    "es": (
        "Madrid|Barcelona|Sevilla|Valencia|Zaragoza|Málaga|Murcia|Bilbao|Granada|"
        "Córdoba|Vigo|Gijón|Toledo|León|Burgos|Santander|Cádiz|Huelva|Bogotá|Lima|"
        "Quito|Santiago"
    ),
    "fi": (
        "Helsinki|Espoo|Tampere|Vantaa|Oulu|Turku|Jyväskylä|Lahti|Kuopio|Pori|Joensuu|"
        "Lappeenranta|Vaasa|Kotka|Rovaniemi|Porvoo|Kerava|Salo"
    ),
    "fr": (
        "Paris|Lyon|Marseille|Toulouse|Nice|Nantes|Montpellier|Strasbourg|Bordeaux|"
        "Lille|Rennes|Reims|Toulon|Grenoble|Dijon|Angers|Nîmes|Brest|Tours|Limoges|"
        "Bruxelles|Liège|Namur|Genève|Lausanne"
    ),
    "it": (
        "Roma|Milano|Napoli|Torino|Palermo|Genova|Bologna|Firenze|Bari|Catania|Venezia|"
        "Verona|Padova|Trieste|Brescia|Parma|Modena|Perugia|Lecce|Pisa|Siena|Lugano|"
        "Como"
    ),
    "nb": (
        "Oslo|Bergen|Trondheim|Stavanger|Drammen|Fredrikstad|Kristiansand|Tromsø|"
        "Sandnes|Bodø|Ålesund|Hamar|Molde|Gjøvik|Halden|Moss|Larvik"
    ),
    "nl": (
        "Amsterdam|Rotterdam|Utrecht|Eindhoven|Groningen|Tilburg|Almere|Breda|Nijmegen|"
        "Arnhem|Haarlem|Zwolle|Leiden|Delft|Maastricht|Antwerpen|Gent|Brugge|Leuven|"
        "Mechelen|Assen|Venlo"
    ),
    "pl": (
        "Warszawa|Kraków|Łódź|Wrocław|Poznań|Gdańsk|Szczecin|Bydgoszcz|Lublin|Katowice|"
        "Białystok|Gdynia|Radom|Toruń|Kielce|Rzeszów|Olsztyn|Opole|Sopot"
    ),
    "pt": (
        "Lisboa|Porto|Braga|Coimbra|Faro|Aveiro|Setúbal|Évora|Leiria|Viseu|Guimarães|"
        "Funchal|Recife|Salvador|Curitiba|Fortaleza|Manaus|Brasília|Campinas"
    ),
    "sv": (
        "Stockholm|Göteborg|Malmö|Uppsala|Västerås|Örebro|Linköping|Helsingborg|"
        "Jönköping|Norrköping|Lund|Umeå|Gävle|Borås|Sundsvall|Kalmar|Växjö"
    ),
}
_COMPANIES = {
    "da": (
        "Matas|Bilka|Føtex|PostNord|Danske Bank|TDC|Elgiganten|Netto|Carlsberg|DSB|"
        "Telia|GLS|Magasin|Bog & Idé|Salling Group|YouSee|Coop|Hansen & Søn ApS|"
        "Jensens Bøfhus|Georg Jensen"
    ),
    "de": (
        "Deutsche Bahn|Telekom|Otto|Zalando|Rossmann|Müller|Bosch|Siemens|Lidl|Rewe|"
        "Commerzbank|Sparkasse|Hermes|DHL|Douglas|Vodafone|Allianz|Thalia|"
        "Karl Schmidt GmbH|Fielmann|Peek & Cloppenburg|Auto Wagner KG|Dr. Oetker"
    ),
    "en": (
        "Marks & Spencer|Tesco|John Lewis|Vodafone|Barclays|Lloyds|Royal Mail|Argos|"
        "Boots|Currys|Amazon|Sky|Morrisons|Sainsbury's|Harrods|Carter & Sons Ltd|"
        "Wells Fargo|Ralph Lauren|Hermes|EasyJet|Virgin Media"
    ),
    "es": (
        "El Corte Inglés|Mercadona|Movistar|Iberdrola|Correos|Seur|Zara|Santander|BBVA|"
        "Carrefour|Adolfo Domínguez|Vodafone|Endesa|Talleres García S.L.|Iberia|"
        "MediaMarkt|Mapfre"
    ),
    "fi": (
        "Posti|Nordea|Elisa|DNA|Verkkokauppa.com|Gigantti|Prisma|S-ryhmä|Kesko|"
        "Marimekko|Finnair|Tokmanni|Stockmann|Fazer|Osuuspankki|Matkahuolto|"
        "Rautia Virtanen Oy|Fiskars|Telia"
    ),
    "fr": (
        "Orange|SFR|La Poste|Carrefour|Fnac|Darty|Leclerc|Leroy Merlin|Renault|"
        "Société Générale|BNP Paribas|Chronopost|Free|Air France|Louis Vuitton|"
        "Garage Martin|Yves Rocher|Bouygues|Jules|Sephora"
    ),
    "it": (
        "Poste Italiane|Vodafone|TIM|Enel|Esselunga|Coop|UniCredit|Trenitalia|"
        "Luisa Spagnoli|Bartolini|Fastweb|Giorgio Armani|Mondadori|Fiat|Rossi S.r.l.|"
        "Euronics|Calzedonia|Unieuro|Conad"
    ),
    "nb": (
        "Posten|Telenor|DNB|Elkjøp|Rema 1000|Kiwi|Bring|Vinmonopolet|Coop|Komplett|"
        "Norwegian|Ruter|Hansen Bygg AS|Clas Ohlson|Sparebank 1|Gjensidige|"
        "Christiania Glasmagasin"
    ),
    "nl": (
        "PostNL|Bol.com|Albert Heijn|Jumbo|KPN|Ziggo|Hema|Blokker|ING|Rabobank|"
        "Coolblue|Wehkamp|Gamma|Jan de Vries BV|Action|Etos|Van der Valk|NS|"
        "Douwe Egberts|Kruidvat"
    ),
    "pl": (
        "Allegro|InPost|Orange|Play|Biedronka|Żabka|PKO BP|mBank|Empik|Poczta Polska|"
        "Rossmann|Media Expert|LOT|Reserved|Wedel|Kowalski i Syn|PZU|Lidl|Ryłko"
    ),
    "pt": (
        "CTT|MEO|NOS|Continente|Pingo Doce|Worten|EDP|Fnac|TAP|Millennium BCP|Correios|"
        "Magazine Luiza|Itaú|Bradesco|Renner|Oliveira & Filhos Lda|Vista Alegre|"
        "Vodafone"
    ),
    "sv": (
        "Postnord|Telia|Ica|Ikea|Elgiganten|Handelsbanken|Swedbank|Systembolaget|"
        "Clas Ohlson|Hennes & Mauritz|Coop|Willys|SJ|Tele2|Vattenfall|Lindex|"
        "Anderssons Bygg AB|Åhléns|Kjell & Company"
    ),
}
# {g} is a given name, {s} a surname: streets named after people are no people.
_STREETS = {
    "da": ("{s}svej|{s}sgade|{s}s Allé|{g} {s}s Vej"),
    "de": ("{s}straße|{s}weg|{g}-{s}-Straße|{s}platz|{s}gasse"),
    "en": ("{s} Street|{s} Road|{s} Avenue|{s} Close|{g} {s} Way"),
    "es": ("calle {s}|Calle {g} {s}|avenida {s}|plaza de {s}"),
    "fi": ("{s}nkatu|{s}ntie|{s}nkuja"),
    "fr": ("rue {g} {s}|rue de {s}|avenue {s}|boulevard {s}|place {g} {s}"),
    "it": ("via {g} {s}|Via {s}|piazza {s}|corso {s}|viale {g} {s}"),
    "nb": ("{s}s gate|{s}sveien|{s}gata|{g} {s}s vei"),
    "nl": ("{s}straat|{s}laan|{s}weg|{g} {s}plein"),
    "pl": ("{s}|{g} {s}|{s}ego|{s}skiego"),
    "pt": ("Rua {g} {s}|rua {s}|Avenida {s}|Travessa {s}"),
    "sv": ("{s}gatan|{s}s gata|{s}vägen|{g} {s}s väg"),
}
_NUMBER_FIRST = ("en", "fr")
_SAME = {"nn": "nb"}


def city(lang: str, rng: Random) -> str:
    """Return a city of the language's countries."""
    return rng.choice(_CITIES[_SAME.get(lang, lang)].split("|"))


def company(lang: str, rng: Random) -> str:
    """Return a company that customers there write about."""
    return rng.choice(_COMPANIES[_SAME.get(lang, lang)].split("|"))


def street(lang: str, rng: Random, names: NameLists) -> str:
    """Return a street, mostly with a number."""
    own = _SAME.get(lang, lang)
    given, surname = names.one("given", own, rng), names.one("surname", own, rng)
    text = rng.choice(_STREETS[own].split("|")).format(g=given, s=surname)
    if rng.random() < 0.4:
        return text
    number = rng.randrange(1, 180)
    return f"{number} {text}" if own in _NUMBER_FIRST else f"{text} {number}"
