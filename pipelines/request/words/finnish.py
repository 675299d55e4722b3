"""Finnish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "asiakkaan asiakas tiedot tietoni tietojani tietojeni tietoja henkilötiedot henkilötietoni henkilötieto*"
    " asiakastie* tili tilini tilin profiili profiilini kaikki kaiken"
    " järjestelmä* rekister*"
)
_FIELDS: Final = (
    "osoite osoitteeni numero numeroni puhelinnumero* nimi nimeni sukunimi* sähköposti* tiedot"
    " tietoni syntymäaika* postinumero*"
)

FINNISH: Final = Wordbook(
    language="fi",
    common=(
        "ja on ei minä minun minua te teidän että en olen hei terveisin kiitos mutta myös mitä jos"
        " voisitteko haluan pyydän tai se kun ystävällisin"
    ),
    rights={
        RequestKind.ERASURE: (
            "tulla_poistetuksi",
            f"poist* poistakaa poistaa poistamaan poistettava poistettavaksi tuhot* unohd* hävit*"
            f" + {_DATA}",
            "oikeus_tulla_unohdetuksi tulla_unohdetuksi unohtakaa_minut",
        ),
        RequestKind.ACCESS: (
            "yhteenveto lista luettelo + tiedo* tietoni henkilötie*",
            "tarkastusoikeus* tarkastuspyyntö* tietopyyntö*",
            "kopio kopion jäljennös jäljennöksen + tiedo* tietoni henkilötie* kaikki kaikista",
            "lähettä* toimitta* nähdä saada + tiedot tietoni henkilötie* kaikki + minusta itsestäni"
            " omat",
        ),
        RequestKind.PORTABILITY: (
            "siirrettävyy* tietojen_siirto",
            "koneluettava* koneellisesti_luettava* jäsennell* csv json + tiedo* tietoni muodossa",
            "siirtä* siirto* + tiedo* tietoni + yritykselle palveluntarjoaj* toiselle toiseen",
        ),
        RequestKind.RECTIFICATION: (
            "korjatkaa_se korjata_sen nimenmuutos osoitteenmuutos",
            f"korja* oikais* muutta* muuttaa päivit* + {_FIELDS}",
            f"väärä väärin virhe virheellinen vanhentunut + {_FIELDS}",
        ),
        RequestKind.RESTRICTION: ("rajoit* jäädyt* lukit* estä* + käsittely* käyttö* tietoj*",),
        RequestKind.OBJECTION: (
            "poistakaa_minut + listalta postituslistalta",
            "vastusta* kieltä* kiellän + käsittely* markkinointi* profilointi* suoramarkkinoin*",
            "peru* lopet* en_halua + uutiskirje* mainoks* mainont* markkinoin* tarjou*",
        ),
    },
    holdings=(
        "mitä kaikki + tietoja tiedot tiedätte teillä tallentaneet keränneet + minusta"
        " itsestäni minua",
    ),
    withdrawal=(
        "peruuttakaa unohtakaa + viestini molemmat poisto",
        "peru* perun peruutta* + pyyntö* pyynnön pyyntöni poistopyyntö*",
        "muutin_mieleni + pyyntö* tiedot poist*",
    ),
    nothing="mitään",
    pronouns="ne sen niitä sitä tämän nämä",
    copies="kopio kopion jäljennös yhteenveto",
    ors="tai vai",
    selves=(
        "minä minun minua minusta minulle itsestäni tietoni tietojani tilini haluan pyydän"
        " haluaisin vaadin vastustan"
    ),
    footers="peruuta_tilaus saat_tämän selaimessa kuukaudessa ilmainen maksutta",
    hints=(
        "tietoja tietoni tietojani gdpr minusta hänestä syntymäaika* sukunimi* tallenne*"
        " tallente* henkilötie* mainoks* mainont* uutiskirje* markkinoin*"
    ),
    perhaps="ehkä",
    conditions="jos mikäli ennen",
    afters="kun sitten_kun heti_kun",
    reports="sanoi sanottiin vahvisti lupasi väitti",
    fields="osoite* osoitt* numero* puhelinnumero* nimi nimeni sukunimi*",
    negations="ei en älkää älä eikä ilman sijaan sijasta",
    keeping="säilyttää pitää_tilini",
    uncertain="en_tiedä_mitä en_tiedä_kumpi en_ole_varma en_ole_päättänyt harkitsen",
    knowing="tietää nähdä kertokaa kertoa",
    hypothetical="miten_voin kuinka_kauan mitä_tapahtuu_jos onko_mahdollista yleensä",
    others=(
        "vaimoni mieheni poikani tyttäreni äitini isäni veljeni siskoni puolesta asiakkaani"
        " ystäväni isoäitini"
    ),
    authority="valtakirja valtuutettu edunvalvoja",
    boilerplate="luottamukselli* erehdyksessä vahingossa_saanut vastaanottaja",
)
