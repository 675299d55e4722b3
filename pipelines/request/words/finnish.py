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
            "pyyhkikää pyyhkiä siivotkaa hävittäkää tyhjentäkää + tiedot tietoni tietojani"
            " tilini profiilini kaikki kaiken",
            "tulla_poistetuksi",
            f"poist* poistakaa poistaa poistamaan poistettava poistettavaksi tuhot* unohd* hävit*"
            f" + {_DATA}",
            "oikeus_tulla_unohdetuksi tulla_unohdetuksi unohtakaa_minut",
        ),
        RequestKind.ACCESS: (
            "lähettäkää_minulle antakaa_minulle + tietoni tiedot",
            "mitä mitkä + tiedätte teillä tallennettu tallentaneet + tietää lähettäkää"
            " kertokaa nähdä saada + minusta",
            "kopio kopion kopiot + kaikki kaikista kaikesta tallente* puhelu*",
            "yhteenveto lista luettelo + tiedo* tietoni henkilötie*",
            "tarkastusoikeus* tarkastuspyyntö* tietopyyntö*",
            "kopio kopion jäljennös jäljennöksen + tiedo* tietoni henkilötie* kaikki kaikista",
            "lähettä* toimitta* nähdä saada + tiedot tietoni henkilötie* kaikki + minusta itsestäni"
            " omat",
        ),
        RequestKind.PORTABILITY: (
            "viedä_mukanani mukaani + tiedot tietoni tietojani",
            "siirrettävyy* tietojen_siirto",
            "koneluettava* koneellisesti_luettava* jäsennell* csv json + tiedo* tietoni muodossa",
            "siirtä* siirto* + tiedo* tietoni + yritykselle palveluntarjoaj* toiselle toiseen",
        ),
        RequestKind.RECTIFICATION: (
            "uusi_osoite uusi_sukunimi uusi_numero muuttanut + muutta* korja* päivit* vaihta*",
            "kirjoitetaan pitäisi_olla pitää_olla sen_sijaan + nimi nimeni sukunimi* osoite*"
            " numero* syntymä*",
            "korjatkaa_se korjata_sen nimenmuutos osoitteenmuutos",
            f"korja* oikais* muutta* muuttaa päivit* + {_FIELDS}",
            f"väärä väärin virhe virheellinen vanhentunut + {_FIELDS}",
        ),
        RequestKind.RESTRICTION: ("rajoit* jäädyt* lukit* estä* + käsittely* käyttö* tietoj*",),
        RequestKind.OBJECTION: (
            "älkää_käyttäkö ei_saa_käyttää + markkinoin* profiloin* mainon* analyys*",
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
        "unohtakaa jättäkää_huomiotta jättäkää_huomioimatta älkää_välittäkö perun + edellinen"
        " edellisen aiempi aiemman aiempaa aikaisempi aikaisemman viestini viestistäni"
        " pyyntöni",
        "unohtakaa unohda + pyyntöni pyynnön aiempi_pyyntöni",
        "peruuttakaa unohtakaa + viestini molemmat poisto",
        "peru* perun peruutta* + pyyntö* pyynnön pyyntöni poistopyyntö*",
        "muutin_mieleni + pyyntö* tiedot poist*",
    ),
    nothing=("mitään en_halua_että en_pyydä en_tarkoita"),
    pronouns="ne sen niitä sitä tämän nämä",
    copies="kopio kopion jäljennös yhteenveto",
    ors="tai vai",
    selves=(
        "minä minun minua minusta minulle itsestäni tietoni tietojani tilini haluan pyydän"
        " haluaisin vaadin vastustan"
    ),
    footers="peruuta_tilaus saat_tämän selaimessa kuukaudessa ilmainen maksutta",
    hints=(
        "järjestelmästänne järjestelmästä rekisteristänne rekisteristä tietokannastanne"
        " tietokannasta unohtakaa_minut poistakaa_minut "
        "tietoja tietoni tietojani gdpr minusta hänestä syntymäaika* sukunimi* tallenne*"
        " tallente* henkilötie* mainoks* mainont* uutiskirje* markkinoin*"
    ),
    perhaps="ehkä joko",
    conditions="jos mikäli ennen",
    afters="kun sitten_kun heti_kun",
    reports="sanoi sanottiin vahvisti lupasi väitti",
    fields="osoite* osoitt* numero* puhelinnumero* nimi nimeni sukunimi*",
    negations=("ei en älkää älä eikä ilman sijaan sijasta välttäkää pidättäytyä"),
    keeping="säilyttää pitää_tilini",
    uncertain="en_tiedä_mitä en_tiedä_kumpi en_ole_varma en_ole_päättänyt harkitsen",
    knowing="tietää nähdä kertokaa kertoa",
    hypothetical="miten_voin kuinka_kauan mitä_tapahtuu_jos onko_mahdollista yleensä",
    others=(
        "lainaan lainassa naapurin exäni ex_mieheni ex_vaimoni pomoni vaimoni mieheni poikani tyttäreni äitini isäni veljeni siskoni puolesta asiakkaani"
        " ystäväni isoäitini"
    ),
    authority="valtakirja valtuutettu edunvalvoja",
    boilerplate="luottamukselli* erehdyksessä vahingossa_saanut vastaanottaja",
    idle=(
        "älkää_käyttäkö ei_käytetä ei_saa_käyttää ei_käsitellä älkää_käsitelkö älkää_koskeko"
        " ei_jaeta älkää_jakako + tiedo* tietoja tietojani tietoni tili* niitä mitään +"
        " kunnes siihen_asti sillä_välin toistaiseksi kesken oikeud* riita* selvitetty"
        " selvitetään",
        "tauolle jäihin vain_säilyt* ainoastaan_säilyt* pelkästään_säilyt* + tiedo* tietoja"
        " tietojani tietoni tili*",
    ),
    minds=(
        "muutin_mieleni muuttanut_mieleni toisiin_ajatuksiin sittenkään sittenkin_jään"
        " haluankin_jäädä"
    ),
    befores=("ennen kunnes"),
    either=("toinen_meistä meidät_molemmat meidän_molempien kumpikin_meistä"),
    catalog=("oikeus_tehdä_valitus oikeudesta_tehdä_valitus olemassaolo*"),
    nouns=(
        "oikaisu* oikaise*",
        "poistami*",
        "rajoittami*",
        "vastustami* vastusta*",
        "siirtämi* siirrettävyy*",
        "tarkastus* pääsy*",
    ),
    unwanted=(
        "en_pyydä_tietojani en_halua_tietojani ei_ole_kyse saatte_säilyttää saa_säilyttää"
        " sopii_hyvin"
    ),
    past=(
        "vahingossa poistin olen_poistanut kiitos_että kiitos_siitä poistettiin on_poistettu poistitte olette_poistaneet jo_poistettu poistui katosi"
    ),
    hows=("miten kuinka"),
    received=("sain saapui saapunut vastaanotin tuli_perille"),
    jobs=("työhakemus hakemus haen_paikkaa ansioluettelo"),
    letters=("uutiskirje* postituslista*"),
    asks=(
        "riittää poistakaa hävittäkää tuhotkaa unohtakaa pyyhkikää haluan haluaisin pyydän toivon vaadin voitteko voisitteko ole_hyvä olkaa_hyvä"
        " kiitos pitää täytyy tahdon"
    ),
    titles=("herra rouva"),
)
