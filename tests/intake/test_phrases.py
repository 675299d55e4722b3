"""What people write in passing, in every language: each asks for exactly this, or opens nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lacuna import translations
from lacuna.intake import phrases, read_mail, what_is_asked
from lacuna.intake.sentences import fold, sentences
from lacuna.model.request import RequestKind

ASKED = {
    "Jag utövar min rätt till radering.": "erasure",
    "Hello, kindly remove all personal information relating to me from your systems and confirm once that is done.": "erasure",
    "Hi. Please let me have everything you've got on file about me, including call recordings.": "access",
    "Dear team, I would like to know what personal data you process about me, where you got it and who you share it with.": "access",
    "Hello, my surname is spelt wrongly in your records: it is Appleby, not Applebee. Please fix it.": "rectification",
    "Hi, please stop sending me marketing emails and stop profiling me.": "objection",
    "Hello, please do not use my data for anything until you have sorted out whether the address is right.": "restriction",
    "Hi, I'm moving to another provider. Please send me my data in a machine readable format so I can hand it over.": "portability",
    "Guten Tag, ich möchte, dass Sie alles über mich löschen. Mein Konto brauche ich nicht mehr.": "erasure",
    "Guten Tag, bitte teilen Sie mir mit, welche Daten Sie über mich gespeichert haben.": "access",
    "Sehr geehrte Damen und Herren, ich widerspreche der Nutzung meiner Daten zu Werbezwecken.": "objection",
    "Hallo, bitte sperren Sie meine Daten, bis die Sache vor Gericht geklärt ist. Gelöscht werden darf nichts.": "restriction",
    "Hallo, in Ihrem System steht mein Geburtsdatum falsch, richtig ist der 4. Mai. Bitte ändern.": "rectification",
    "Guten Tag, ich hätte gern meine Daten in einem maschinenlesbaren Format, damit ich sie zum neuen Anbieter mitnehmen kann.": "portability",
    "Hej, jeg vil gerne have slettet alt, hvad I har liggende om mig.": "erasure",
    "Hej, kan I sende mig en kopi af alle de oplysninger I har om mig?": "access",
    "Hej, I har stavet mit efternavn forkert. Det hedder Kjær og ikke Kær. Vil I rette det?": "rectification",
    "Hej, jeg vil ikke have flere reklamer fra jer.": "objection",
    "Hej, I må ikke bruge mine oplysninger, før sagen er afgjort. Lad dem ligge.": "restriction",
    "Hei, jeg ønsker å få slettet alle opplysninger dere har om meg.": "erasure",
    "Hei, jeg ber om innsyn i alt dere har lagret om meg.": "access",
    "Hei, slutt å bruke opplysningene mine til markedsføring.": "objection",
    "Hei, kan dere flytte dataene mine til den nye leverandøren min?": "portability",
    "Hej, jag vill att ni raderar alla mina uppgifter och stänger kontot.": "erasure",
    "Hej, jag vill ha ut allt ni har sparat om mig.": "access",
    "Hej, mitt efternamn är felstavat hos er, det ska vara Åkesson. Ändra det tack.": "rectification",
    "Hej, sluta skicka reklam till mig.": "objection",
    "Beste, ik wil dat jullie al mijn gegevens wissen.": "erasure",
    "Beste, graag ontvang ik een overzicht van alle gegevens die u over mij heeft.": "access",
    "Hallo, ik maak bezwaar tegen het gebruik van mijn gegevens voor marketing.": "objection",
    "Beste, gebruik mijn gegevens niet zolang de klacht loopt.": "restriction",
    "Bonjour, je souhaite que vous effaciez l'ensemble de mes données personnelles.": "erasure",
    "Bonjour, merci de me communiquer toutes les informations que vous détenez à mon sujet.": "access",
    "Bonjour, mon nom est mal orthographié : c'est Lefèvre et non Lefebvre. Merci de corriger.": "rectification",
    "Bonjour, je m'oppose à l'utilisation de mes données à des fins de prospection.": "objection",
    "Bonjour, n'utilisez plus mes données tant que le litige n'est pas réglé, mais ne les effacez pas.": "restriction",
    "Bonjour, je voudrais récupérer mes données dans un format réutilisable pour les donner à un autre opérateur.": "portability",
    "Hola, quiero que eliminen toda la información que tienen sobre mí.": "erasure",
    "Hola, ¿pueden decirme qué datos míos tienen guardados?": "access",
    "Hola, mi apellido está mal escrito, es Ibáñez. Por favor, cámbienlo.": "rectification",
    "Hola, no quiero recibir más publicidad de ustedes.": "objection",
    "Hola, no usen mis datos hasta que se resuelva la reclamación, pero no los borren.": "restriction",
    "Olá, quero que apaguem todos os meus dados.": "erasure",
    "Buongiorno, vorrei sapere quali dati avete su di me.": "access",
    "Hei, pyydän teitä poistamaan kaikki tietoni.": "erasure",
    "Dzień dobry, proszę o usunięcie wszystkich moich danych.": "erasure",
    "Dzień dobry, chciałabym dostać kopię wszystkich danych, które macie o mnie.": "access",
    "Hej, send mig først en kopi af alt, og slet derefter alle mine oplysninger.": "access,erasure",
    "Bonjour, envoyez-moi une copie de mes données puis supprimez mon compte et toutes mes données.": "access,erasure",
    "Ich fordere Auskunft nach Art. 15 DSGVO und Löschung nach Art. 17 DSGVO.": "access,erasure",
    "Hello, under Article 18 GDPR I want processing of my data restricted, and under Article 16 my address corrected.": "restriction,rectification",
    "Hiya, bit of an odd one. I've been a customer since 2014 and honestly you've been fine, but I'm simplifying my life. Could you bin my account and every scrap of information that goes with it? Ta.": "erasure",
    "To whom it may concern, I am exercising my right to erasure. Kindly confirm in writing once completed.": "erasure",
    "please remove all my personal data": "erasure",
    "Kindly delete my details, I have never been your customer and do not know where you got my address.": "erasure",
    "Please send me a list of the data you store about me and tell me who you have passed it on to.": "access",
    "I'd like a copy of the chat I had with your agent on 3 May, and anything else you've noted about me.": "access",
    "What do you know about me? I want to see it all.": "access",
    "You keep writing to me as Mrs, I am Mr Peter Kant. Please correct your records.": "rectification",
    "My date of birth is wrong in your system, I was born in 1980, not 1908. Please correct it.": "rectification",
    "I object to you analysing my purchases for personalised offers. Please stop it.": "objection",
    "Please stop calling me for sales purposes and take me off your marketing lists.": "objection",
    "Could you put a block on my data while my complaint with the authority is pending? Do not erase anything please.": "restriction",
    "I'm switching to Otherphone. Please transfer my contact history directly to them.": "portability",
    "Please export my data as CSV.": "portability",
    "Ich habe kein Interesse mehr. Bitte löschen Sie mein Kundenkonto samt allen Daten.": "erasure",
    "Bitte nehmt mich aus eurer Kartei raus und löscht alles, was ihr von mir habt!": "erasure",
    "Ich möchte von meinem Recht auf Löschung Gebrauch machen.": "erasure",
    "Können Sie mir bitte sagen, was Sie alles über mich wissen?": "access",
    "Ich bitte um Zusendung einer Kopie aller zu meiner Person gespeicherten Daten.": "access",
    "Mein Name wird mit ß geschrieben, nicht mit ss. Bitte korrigieren.": "rectification",
    "Ich möchte keine Werbung mehr von Ihnen erhalten.": "objection",
    "Ich wechsle den Anbieter und hätte meine Daten gern als JSON.": "portability",
    "Hej, jeg er ikke kunde mere, så slet bare det hele om mig.": "erasure",
    "Hej. Jeg beder om indsigt i mine personoplysninger.": "access",
    "Kan I fortælle mig, hvad I har registreret om mig?": "access",
    "Jeg vil gerne have mine data udleveret, så jeg kan tage dem med til en anden udbyder.": "portability",
    "I har min gamle adresse. Den nye er Testvej 4. Vil I ændre den?": "rectification",
    "Hei, fjern alt dere har på meg.": "erasure",
    "Vennligst slett kontoen min og alle data.": "erasure",
    "Jeg vil vite hva dere har lagret om meg.": "access",
    "Jeg vil ikke at dere bruker dataene mine til reklame.": "objection",
    "Kan dere fryse opplysningene mine til klagen er avgjort?": "restriction",
    "Hej, ta bort alla uppgifter om mig.": "erasure",
    "Jag begär registerutdrag.": "access",
    "Använd inte mina uppgifter förrän tvisten är löst.": "restriction",
    "Jag vill ha mina uppgifter i maskinläsbart format.": "portability",
    "Verwijder mijn account en alles wat daarbij hoort.": "erasure",
    "Ik wil graag weten welke gegevens jullie van mij bewaren.": "access",
    "Mijn naam is verkeerd gespeld, het is Janssen met dubbel s. Graag aanpassen.": "rectification",
    "Stop met het sturen van reclame.": "objection",
    "Kunt u mijn gegevens overdragen aan mijn nieuwe leverancier?": "portability",
    "Veuillez supprimer mon compte et toutes les données associées.": "erasure",
    "J'exerce mon droit à l'effacement.": "erasure",
    "Pouvez-vous me dire quelles données vous avez sur moi ?": "access",
    "Je ne veux plus recevoir vos publicités.": "objection",
    "Merci de geler l'utilisation de mes données pendant l'examen de ma réclamation.": "restriction",
    "Solicito la supresión de todos mis datos personales.": "erasure",
    "Bórrenme de su base de datos, por favor.": "erasure",
    "Quisiera saber qué información tienen sobre mí.": "access",
    "Mi dirección ha cambiado, ahora es Calle Falsa 1. Actualícenla, por favor.": "rectification",
    "Me opongo a que usen mis datos para publicidad.": "objection",
    "Quiero llevarme mis datos a otra compañía en formato CSV.": "portability",
    "Vorrei esercitare il diritto alla cancellazione dei miei dati.": "erasure",
    "Non voglio più ricevere pubblicità.": "objection",
    "Solicito o apagamento dos meus dados pessoais.": "erasure",
    "Haluan, että poistatte tietoni.": "erasure",
    "Haluan nähdä kaikki tiedot, joita teillä on minusta.": "access",
    "Proszę usunąć moje konto i wszystkie dane.": "erasure",
    "Nie chcę otrzymywać reklam.": "objection",
}
NOT_ASKED = [
    "Hi, thanks for finally deleting my account last week. Could you confirm the refund for order 4411?",
    "Hello, somebody deleted my review of the toaster. Please put it back.",
    "Hi there, I can't log in any more, it says my account has been deleted?! I never asked for that. Please restore it.",
    "Hello, if I close my account, will you delete my data?",
    "Good morning, before I sign up: do you keep recordings of calls, and can I have them deleted later?",
    "Hello, I'd like to close my account at the end of the month. What about my bonus points?",
    "Hallo, mein Konto wurde gelöscht, obwohl ich das nie wollte. Bitte stellen Sie es wieder her.",
    "Hallo, wenn Sie mir das Geld nicht zurückzahlen, verlange ich die Löschung meiner Daten.",
    "Hej, min konto er blevet slettet ved en fejl. Kan I gendanne den?",
    "Hej, hvordan sletter jeg min konto?",
    "Hej, ta inte bort mitt konto, jag använder det fortfarande!",
    "Hallo, jullie hebben mijn account verwijderd terwijl ik daar niet om vroeg.",
    "Bonjour, mon compte a été supprimé sans raison. Pouvez-vous le rétablir ?",
    "Hola, me han borrado la cuenta sin avisar. ¿Pueden recuperarla?",
    "Hello, I was told by your agent that my data would be deleted in March. Is that so?",
    "Hi, I'd rather you kept my account but removed my phone number from it.",
    "Hello, please delete the photo I uploaded with my complaint.",
    "Hi, I haven't decided yet: send me my data or delete it, whichever is quicker.",
    "Hello, we at Acme Ltd would like our company removed from your supplier list.",
    "Hi, cancel my subscription and delete the saved credit card.",
    "Can you tell me your opening hours, and do you delete call recordings after a while?",
    "I've noticed my old address is still on the invoice. Order 12.",
    "My daughter ordered something with my account. Please delete the order.",
    "Bitte löschen Sie meine Daten nicht, ich brauche sie noch für die Steuer.",
    "Ich hatte um Löschung gebeten, habe es mir aber anders überlegt.",
    "Löschen Sie bitte den letzten Artikel aus meinem Warenkorb.",
    "Wie lange speichern Sie eigentlich meine Daten?",
    "Jeg har ikke bedt om at få slettet noget, jeg vil bare have min pakke.",
    "Verwijder mijn account alsjeblieft nog niet.",
    "Comment faire pour supprimer mon compte ?",
    "Merci d'annuler ma commande et de supprimer l'article du panier.",
    "Merci de ne pas supprimer mon compte.",
    "No borren mi cuenta todavía.",
    "¿Cómo puedo borrar mi cuenta?",
]


def asked(text: str):
    head = "From: a@example.org\nTo: p@shop.example.org\nSubject: hello\n"
    head += "Content-Type: text/plain; charset=utf-8\n\n"
    return what_is_asked(read_mail(f"{head}{text}\n".encode()))


@pytest.mark.parametrize("text", ASKED)
def test_what_people_write_in_passing_opens_exactly_what_it_asks_for_or_is_asked_back(text):
    found = asked(text)
    assert found.doubts or {str(kind) for kind in found.kinds} == set(ASKED[text].split(","))
    assert not found.is_withdrawal


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_was_done_is_asked_about_or_is_to_stay_opens_nothing(text):
    found = asked(text)
    assert not found.kinds or found.doubts


@pytest.mark.parametrize(
    "around", ["I do not want this: {}", "{} No, leave it.", "If you must: {}", "Who wrote {}?"]
)
def test_whatever_stands_around_a_request_opens_nothing(around):
    opened = [text for text in ASKED if not asked(around.format(text)).doubts]
    assert opened == []


UNDERSTANDING = (
    *("affirmations", "confirmation", "mail_words", "named_values", "phrases"),
    *("requested_rights", "sentences", "sign_offs", "triage"),
)


def test_the_modules_that_understand_what_a_mail_asks_for_have_few_lines():
    """Blank lines and comments are not counted, docstrings are."""
    folder = Path(phrases.__file__).parent
    lines = [
        line.strip()
        for name in UNDERSTANDING
        for line in (folder / f"{name}.py").read_text("utf-8").splitlines()
    ]
    assert sum(bool(line) and not line.startswith("#") for line in lines) < 900


FILES = sorted((Path(translations.__file__).parent / "phrases").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_takes_few_words_and_lacks_nothing_that_the_others_have(file):
    text = file.read_text("utf-8")
    # docs/decisions/0012
    assert len(text.splitlines()) <= 40
    assert len(text) <= 6_300
    assert len((file.parents[1] / "mail_words" / file.name).read_text("utf-8")) <= 800
    english = tomllib.loads((file.parent / "en.toml").read_text("utf-8"))
    here = tomllib.loads(text)
    assert english.keys() == here.keys()
    assert english["sentences"].keys() - here["sentences"].keys() == set()


def shortest(template: str, entries: dict[str, str]) -> set[str]:
    """Return what a template says where nothing stands that may be missing."""

    def choice(at: int) -> tuple[set[str], int]:
        found: set[str] = set()
        texts = {""}
        while at < len(pieces) and pieces[at] not in (")", "]"):
            piece, at = pieces[at], at + 1
            if piece == "|":
                found, texts = found | texts, {""}
                continue
            more = {piece}
            if piece in ("(", "["):
                more, at = choice(at)
                at += 1
                more = {""} if piece == "[" else more
            elif piece.startswith("{"):
                more = shortest(entries[piece[1:-1]], entries)
            texts = {f"{one} {two}".strip() for one in texts for two in more}
        return found | texts, at

    pieces = re.findall(r"\{\w+\}|[()\[\]|]|[^\s()\[\]|{}]+", template)
    return choice(0)[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_phrase_of_a_right_is_so_short_that_it_names_no_data_and_no_right(file):
    """Whatever may be missing, a word by which no mail is ordinary stands there still."""
    book = next(one for one in phrases.PHRASES if one.language == file.stem)
    entries = tomllib.loads(file.read_text("utf-8"))["sentences"]
    for name in entries:
        if name.rpartition("_")[2] not in set(map(str, RequestKind)):
            continue
        for text in shortest(entries[name], entries):
            (sentence,) = sentences(text.replace("#", "4711").replace(" ?", "?"))
            assert book.has("hints", sentence), (name, text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_asked_for_is_always_the_writers_own(file):
    book = next(one for one in phrases.PHRASES if one.language == file.stem)
    entries = tomllib.loads(file.read_text("utf-8"))["sentences"]
    for name in entries.keys() & {"mine", "of_mine"}:
        for text in shortest(entries[name], entries):
            assert book.has("selves", f" {fold(text)} "), text
