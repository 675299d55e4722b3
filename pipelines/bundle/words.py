"""What the pages of a bundle say, in the languages that they speak.

English is written where it is said; its translations stand here, beside each other.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipelines.bundle.markup import text
from pipelines.model.bundle import BundleContent

LANGUAGES: Final = ("en", "da", "de", "fr")


class Words:
    """The phrases of a page in one language."""

    def __init__(self, language: str, of_map: Mapping[str, str] | None = None) -> None:
        """Speak `language`, or English where there is no translation into it.

        Args:
            language: ISO 639-1 code.
            of_map: translations of what the data map says.
        """
        self.language = language if language in LANGUAGES else "en"
        self._of_map = of_map or {}

    @classmethod
    def of(cls, content: BundleContent) -> "Words":
        """Return the words of a bundle, in the language of the person whom it is for."""
        return cls(content.language, content.datamap.translations.get(content.language))

    def __call__(self, phrase: str, **values: int) -> str:
        """Return a phrase of ours in this language, with the numbers in it filled in.

        Raises:
            KeyError: the phrase has no translations.
        """
        translations = dict(zip(LANGUAGES, (phrase, *TRANSLATIONS[phrase]), strict=True))
        return translations[self.language].format(**values)

    def from_map(self, phrase: str) -> str:
        """Return what the data map says, in this language as far as it was translated."""
        return self._of_map.get(phrase, phrase)

    def of_map(self, phrase: str) -> str:
        """Return the same as markup that tells a reader's voice which language it is in."""
        translated = self._of_map.get(phrase)
        if translated is not None or self.language == "en":
            return text(translated or phrase)
        return f'<span lang="en">{text(phrase)}</span>'


TRANSLATIONS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "access (Art. 15)": ("indsigt (art. 15)", "Auskunft (Art. 15)", "accès (art. 15)"),
        "portability (Art. 20)": (
            "dataportabilitet (art. 20)",
            "Datenübertragbarkeit (Art. 20)",
            "portabilité (art. 20)",
        ),
        "access": ("indsigt", "Auskunft", "accès"),
        "portability": ("dataportabilitet", "Datenübertragbarkeit", "portabilité"),
        "erasure": ("sletning", "Löschung", "effacement"),
        "rectification": ("berigtigelse", "Berichtigung", "rectification"),
        "restriction": (
            "begrænsning af behandling",
            "Einschränkung der Verarbeitung",
            "limitation du traitement",
        ),
        "objection": ("indsigelse", "Widerspruch", "opposition"),
        "received": ("modtaget", "eingegangen", "reçue"),
        "identity pending": (
            "identiteten skal bekræftes",
            "Identität ist zu bestätigen",
            "identité à confirmer",
        ),
        "ambiguous": (
            "det er uklart, hvem den handler om",
            "unklar, um wen es geht",
            "on ne sait pas de qui il s'agit",
        ),
        "resolved": ("personen er fundet", "Person ermittelt", "personne trouvée"),
        "planned": ("planlagt", "geplant", "planifiée"),
        "approved": ("godkendt", "genehmigt", "approuvée"),
        "applied": ("udført", "ausgeführt", "exécutée"),
        "verified": ("efterprøvet", "geprüft", "vérifiée"),
        "completed": ("afsluttet", "abgeschlossen", "terminée"),
        "nothing found": ("intet fundet", "nichts gefunden", "rien trouvé"),
        "held": ("sat i bero", "ausgesetzt", "suspendue"),
        "refused": ("afvist", "abgelehnt", "refusée"),
        "withdrawn": ("trukket tilbage", "zurückgezogen", "retirée"),
        "This folder holds what was found about you. Everything can be read without a network: this page for people, the files beside it for programs.": (
            "Denne mappe indeholder det, der blev fundet om dig. Alt kan læses uden netforbindelse: denne side for mennesker, filerne ved siden af for programmer.",
            "Dieser Ordner enthält, was über Sie gefunden wurde. Alles ist ohne Netzverbindung lesbar: diese Seite für Menschen, die Dateien daneben für Programme.",
            "Ce dossier contient ce qui a été trouvé à votre sujet. Tout se lit sans réseau : cette page pour les personnes, les fichiers à côté pour les programmes.",
        ),
        "Summary": ("Oversigt", "Überblick", "Résumé"),
        "Where your data is, and why": (
            "Hvor dine oplysninger er, og hvorfor",
            "Wo Ihre Daten sind, und warum",
            "Où sont vos données, et pourquoi",
        ),
        "Your conversations": ("Dine samtaler", "Ihre Gespräche", "Vos conversations"),
        "Your data, table by table": (
            "Dine oplysninger, tabel for tabel",
            "Ihre Daten, Tabelle für Tabelle",
            "Vos données, table par table",
        ),
        "Your requests": ("Dine anmodninger", "Ihre Anträge", "Vos demandes"),
        "Consents and agreements": (
            "Samtykker og aftaler",
            "Einwilligungen und Vereinbarungen",
            "Consentements et accords",
        ),
        "Files in this folder": (
            "Filer i denne mappe",
            "Dateien in diesem Ordner",
            "Fichiers de ce dossier",
        ),
        "Your personal data": (
            "Dine personoplysninger",
            "Ihre personenbezogenen Daten",
            "Vos données à caractère personnel",
        ),
        "This bundle is not complete.": (
            "Denne samling er ikke fuldstændig.",
            "Diese Sammlung ist nicht vollständig.",
            "Ce recueil n'est pas complet.",
        ),
        "Some sources could not be given in full; they are listed below.": (
            "Nogle kilder kunne ikke gives i deres helhed; de er nævnt nedenfor.",
            "Einige Quellen konnten nicht vollständig angegeben werden; sie sind unten aufgeführt.",
            "Certaines sources n'ont pas pu être fournies en entier ; elles figurent ci-dessous.",
        ),
        "Request": ("Anmodning", "Antrag", "Demande"),
        "Rights": ("Rettigheder", "Rechte", "Droits"),
        "State of the data": ("Oplysningernes stand pr.", "Stand der Daten", "État des données"),
        "Written": ("Skrevet", "Erstellt", "Rédigé"),
        "Controller": ("Dataansvarlig", "Verantwortlicher", "Responsable du traitement"),
        "Data protection officer": (
            "Databeskyttelsesrådgiver",
            "Datenschutzbeauftragte",
            "Délégué à la protection des données",
        ),
        "Supervisory authority": ("Tilsynsmyndighed", "Aufsichtsbehörde", "Autorité de contrôle"),
        "What was found": ("Hvad der blev fundet", "Was gefunden wurde", "Ce qui a été trouvé"),
        "Where": ("Hvor", "Wo", "Où"),
        "Rows or files": ("Rækker eller filer", "Zeilen oder Dateien", "Lignes ou fichiers"),
        "Looked into as well, with nothing found about you: {count} sources.": (
            "Også undersøgt, uden at der blev fundet noget om dig: {count} kilder.",
            "Ebenfalls durchsucht, ohne etwas über Sie zu finden: {count} Quellen.",
            "Également examinées, sans rien trouver à votre sujet : {count} sources.",
        ),
        "In full:": ("I fuld længde:", "Vollständig:", "En entier :"),
        "Why your data is processed": (
            "Hvorfor dine oplysninger behandles",
            "Warum Ihre Daten verarbeitet werden",
            "Pourquoi vos données sont traitées",
        ),
        "Purpose": ("Formål", "Zweck", "Finalité"),
        "On what basis": ("På hvilket grundlag", "Auf welcher Grundlage", "Sur quelle base"),
        "Kept for": ("Opbevares i", "Aufbewahrt", "Conservées"),
        "Who receives it": ("Hvem der modtager dem", "Wer sie erhält", "Qui les reçoit"),
        "nobody else": ("ingen andre", "niemand sonst", "personne d'autre"),
        "Conversations: {count}; the newest first.": (
            "Samtaler: {count}; de nyeste først.",
            "Gespräche: {count}; die neuesten zuerst.",
            "Conversations : {count} ; les plus récentes d'abord.",
        ),
        "Conversations: {count}; below, the newest {shown} of them.": (
            "Samtaler: {count}; nedenfor de {shown} nyeste.",
            "Gespräche: {count}; unten die neuesten {shown}.",
            "Conversations : {count} ; ci-dessous les {shown} plus récentes.",
        ),
        "Conversation": ("Samtale", "Gespräch", "Conversation"),
        "And {count} more, in the files.": (
            "Og {count} mere, i filerne.",
            "Und {count} weitere, in den Dateien.",
            "Et {count} de plus, dans les fichiers.",
        ),
        "There are no rows.": (
            "Der er ingen rækker.",
            "Es gibt keine Zeilen.",
            "Il n'y a aucune ligne.",
        ),
        "Records: {count}; below, all of them.": (
            "Poster: {count}; nedenfor alle.",
            "Einträge: {count}; unten alle.",
            "Enregistrements : {count} ; ci-dessous tous.",
        ),
        "Records: {count}; below, the first {shown} of them.": (
            "Poster: {count}; nedenfor de første {shown}.",
            "Einträge: {count}; unten die ersten {shown}.",
            "Enregistrements : {count} ; ci-dessous les {shown} premiers.",
        ),
        "For programs:": ("Til programmer:", "Für Programme:", "Pour les programmes :"),
        "Record {number} of {count}": (
            "Post {number} af {count}",
            "Eintrag {number} von {count}",
            "Enregistrement {number} sur {count}",
        ),
        "No earlier requests are on record.": (
            "Der er ikke registreret tidligere anmodninger.",
            "Frühere Anträge sind nicht verzeichnet.",
            "Aucune demande antérieure n'est enregistrée.",
        ),
        "Requests, this one included": (
            "Anmodninger, denne medregnet",
            "Anträge, diesen eingeschlossen",
            "Demandes, celle-ci comprise",
        ),
        "Received": ("Modtaget", "Eingegangen", "Reçue"),
        "State": ("Tilstand", "Stand", "État"),
        "Closed": ("Afsluttet", "Abgeschlossen", "Close"),
        "Ground": ("Grund", "Grund", "Motif"),
        "When": ("Hvornår", "Wann", "Quand"),
        "What for": ("Til hvad", "Wofür", "Pour quoi"),
        "Answer": ("Svar", "Antwort", "Réponse"),
        "How": ("Hvordan", "Wie", "Comment"),
        "Version of the text": ("Tekstens version", "Fassung des Textes", "Version du texte"),
        "Choice {number} of {count}": (
            "Valg {number} af {count}",
            "Wahl {number} von {count}",
            "Choix {number} sur {count}",
        ),
        "No consent or agreement is on record.": (
            "Der er ikke registreret samtykker eller aftaler.",
            "Einwilligungen oder Vereinbarungen sind nicht verzeichnet.",
            "Aucun consentement ni accord n'est enregistré.",
        ),
        "Files": ("Filer", "Dateien", "Fichiers"),
        "File": ("Fil", "Datei", "Fichier"),
        "What it is from": ("Hvad den stammer fra", "Woraus sie stammt", "D'où il provient"),
        "Rows": ("Rækker", "Zeilen", "Lignes"),
        "Bytes": ("Byte", "Bytes", "Octets"),
        "And {count} more, listed in manifest.json.": (
            "Og {count} mere, nævnt i manifest.json.",
            "Und {count} weitere, aufgeführt in manifest.json.",
            "Et {count} de plus, énumérés dans manifest.json.",
        ),
        "What every column means:": (
            "Hvad hver kolonne betyder:",
            "Was jede Spalte bedeutet:",
            "Ce que signifie chaque colonne :",
        ),
        "To check that no file was changed, run this in the folder:": (
            "Kør dette i mappen for at kontrollere, at ingen fil er ændret:",
            "Um zu prüfen, dass keine Datei verändert wurde, im Ordner ausführen:",
            "Pour vérifier qu'aucun fichier n'a été modifié, exécutez dans le dossier :",
        ),
        "Skip to the content": ("Gå til indholdet", "Zum Inhalt", "Aller au contenu"),
        "Contents": ("Indhold", "Inhalt", "Sommaire"),
        "No personal data about you was found.": (
            "Der blev ikke fundet personoplysninger om dig.",
            "Es wurden keine personenbezogenen Daten über Sie gefunden.",
            "Aucune donnée à caractère personnel vous concernant n'a été trouvée.",
        ),
        "Personal data about you is processed. This is what was found.": (
            "Der behandles personoplysninger om dig. Dette blev fundet.",
            "Es werden personenbezogene Daten über Sie verarbeitet. Dies wurde gefunden.",
            "Des données à caractère personnel vous concernant sont traitées. Voici ce qui a été trouvé.",
        ),
        "your consent": ("dit samtykke", "Ihre Einwilligung", "votre consentement"),
        "a contract with you, or steps before one that you asked for": (
            "en aftale med dig eller skridt forud for en, som du bad om",
            "ein Vertrag mit Ihnen, oder Schritte davor, um die Sie baten",
            "un contrat avec vous, ou des mesures préalables que vous avez demandées",
        ),
        "a legal obligation": (
            "en retlig forpligtelse",
            "eine rechtliche Verpflichtung",
            "une obligation légale",
        ),
        "vital interests": (
            "vitale interesser",
            "lebenswichtige Interessen",
            "des intérêts vitaux",
        ),
        "a task in the public interest": (
            "en opgave i samfundets interesse",
            "eine Aufgabe im öffentlichen Interesse",
            "une mission d'intérêt public",
        ),
        "legitimate interests": (
            "legitime interesser",
            "berechtigte Interessen",
            "des intérêts légitimes",
        ),
        "rectification of what is wrong": (
            "berigtigelse af det, der er forkert",
            "Berichtigung von Falschem",
            "la rectification de ce qui est inexact",
        ),
        "restriction of processing": (
            "begrænsning af behandlingen",
            "Einschränkung der Verarbeitung",
            "la limitation du traitement",
        ),
        "a copy to pass on, of what you provided on consent or contract": (
            "en kopi til videregivelse af det, du har givet på grundlag af samtykke eller aftale",
            "eine Kopie zur Weitergabe dessen, was Sie aufgrund von Einwilligung oder Vertrag bereitgestellt haben",
            "une copie transmissible de ce que vous avez fourni sur la base d'un consentement ou d'un contrat",
        ),
        "objection to processing for legitimate interests": (
            "indsigelse mod behandling på grundlag af legitime interesser",
            "Widerspruch gegen die Verarbeitung für berechtigte Interessen",
            "l'opposition au traitement fondé sur des intérêts légitimes",
        ),
        "withdrawal of a consent, at any time": (
            "at trække et samtykke tilbage når som helst",
            "Widerruf einer Einwilligung, jederzeit",
            "le retrait d'un consentement, à tout moment",
        ),
        "Is data about you processed?": (
            "Behandles der oplysninger om dig?",
            "Werden Daten über Sie verarbeitet?",
            "Des données vous concernant sont-elles traitées ?",
        ),
        "What the codes mean": (
            "Hvad koderne betyder",
            "Was die Kürzel bedeuten",
            "Ce que signifient les codes",
        ),
        "Your rights": ("Dine rettigheder", "Ihre Rechte", "Vos droits"),
        "What was covered, and what is missing": (
            "Hvad der er dækket, og hvad der mangler",
            "Was verdeckt wurde, und was fehlt",
            "Ce qui a été masqué, et ce qui manque",
        ),
        "none": ("ingen", "keine", "aucun"),
        "Lawful basis": ("Retsgrundlag", "Rechtsgrundlage", "Base juridique"),
        "Recipients": ("Modtagere", "Empfänger", "Destinataires"),
        "Source": ("Kilde", "Herkunft", "Source"),
        "you, directly or while you used the service": (
            "dig selv, direkte eller mens du brugte tjenesten",
            "Sie selbst, direkt oder bei der Nutzung des Dienstes",
            "vous-même, directement ou en utilisant le service",
        ),
        "Automated decisions": (
            "Automatiske afgørelser",
            "Automatisierte Entscheidungen",
            "Décisions automatisées",
        ),
        "Third countries": ("Tredjelande", "Drittländer", "Pays tiers"),
        "Categories found": ("Fundne kategorier", "Gefundene Kategorien", "Catégories trouvées"),
        "Category": ("Kategori", "Kategorie", "Catégorie"),
        "Values": ("Værdier", "Werte", "Valeurs"),
        "Code": ("Kode", "Kürzel", "Code"),
        "Meaning": ("Betydning", "Bedeutung", "Signification"),
        "You have the right to, 15(1)(e):": (
            "Du har ret til, 15(1)(e):",
            "Sie haben das Recht auf, 15(1)(e):",
            "Vous avez droit à, 15(1)(e) :",
        ),
        "To use one, write to:": (
            "Skriv hertil for at bruge en af dem:",
            "Um eines auszuüben, schreiben Sie an:",
            "Pour en exercer un, écrivez à :",
        ),
        "You may complain to a supervisory authority": (
            "Du kan klage til en tilsynsmyndighed",
            "Sie können sich bei einer Aufsichtsbehörde beschweren",
            "Vous pouvez introduire une réclamation auprès d'une autorité de contrôle",
        ),
        "Covered for the sake of other people, 15(4), or because no file can hold it": (
            "Dækket af hensyn til andre, 15(4), eller fordi ingen fil kan rumme det",
            "Verdeckt um anderer willen, 15(4), oder weil keine Datei es fasst",
            "Masqué par égard pour autrui, 15(4), ou parce qu'aucun fichier ne peut le contenir",
        ),
        "What": ("Hvad", "Was", "Quoi"),
        "Places": ("Steder", "Stellen", "Endroits"),
        "Nothing was covered.": (
            "Intet blev dækket.",
            "Nichts wurde verdeckt.",
            "Rien n'a été masqué.",
        ),
        "Not given in full": (
            "Ikke givet i sin helhed",
            "Nicht vollständig angegeben",
            "Non fourni en entier",
        ),
        "Why": ("Hvorfor", "Warum", "Pourquoi"),
        "Every source could be given in full.": (
            "Alle kilder kunne gives i deres helhed.",
            "Alle Quellen konnten vollständig angegeben werden.",
            "Toutes les sources ont pu être fournies en entier.",
        ),
        "The part that you can pass on": (
            "Den del, som du kan give videre",
            "Der Teil, den Sie weitergeben können",
            "La partie que vous pouvez transmettre",
        ),
        "The folder portability holds what you provided and what was observed of you, "
        "on your consent or a contract with you (Art. 20).": (
            "Mappen portability rummer det, du har givet, og det, der er iagttaget om dig, på grundlag af "
            "dit samtykke eller en aftale med dig (art. 20).",
            "Der Ordner portability enthält, was Sie bereitgestellt haben und was über Sie beobachtet wurde, "
            "aufgrund Ihrer Einwilligung oder eines Vertrags mit Ihnen (Art. 20).",
            "Le dossier portability contient ce que vous avez fourni et ce qui a été observé de vous, "
            "sur la base de votre consentement ou d'un contrat avec vous (art. 20).",
        ),
        "Nothing is left out of it.": (
            "Intet er udeladt af den.",
            "Nichts ist darin weggelassen.",
            "Rien n'en est exclu.",
        ),
        "What is left out of it stands in the folder access.": (
            "Det, der er udeladt, står i mappen access.",
            "Was darin weggelassen ist, steht im Ordner access.",
            "Ce qui en est exclu se trouve dans le dossier access.",
        ),
        "To see what is left out of it, ask for access (Art. 15).": (
            "Bed om indsigt (art. 15) for at se det, der er udeladt.",
            "Um zu sehen, was darin weggelassen ist, verlangen Sie Auskunft (Art. 15).",
            "Pour voir ce qui en est exclu, demandez l'accès (art. 15).",
        ),
        "Left out of the part that you can pass on": (
            "Udeladt af den del, som du kan give videre",
            "Weggelassen aus dem Teil, den Sie weitergeben können",
            "Exclu de la partie que vous pouvez transmettre",
        ),
        "whole rows": ("hele rækker", "ganze Zeilen", "lignes entières"),
        "nothing": ("intet", "nichts", "rien"),
        "something that is not known": (
            "noget ukendt",
            "etwas Unbekanntes",
            "quelque chose d'inconnu",
        ),
        "not provided by you": (
            "ikke givet af dig",
            "nicht von Ihnen bereitgestellt",
            "non fourni par vous",
        ),
        "somebody else is named as the one it is from": (
            "en anden er angivet som den, det kommer fra",
            "als Urheber ist jemand anderes genannt",
            "quelqu'un d'autre en est indiqué comme l'auteur",
        ),
        "it does not say whom it is from": (
            "der står ikke, hvem det kommer fra",
            "es steht nicht dabei, von wem es ist",
            "son auteur n'est pas indiqué",
        ),
        "belongs to what is left out": (
            "hører til noget, der er udeladt",
            "gehört zu Weggelassenem",
            "appartient à ce qui est exclu",
        ),
        "processed on another ground than your consent or a contract with you": (
            "behandles på et andet grundlag end dit samtykke eller en aftale med dig",
            "aus einem anderen Grund als Ihrer Einwilligung oder einem Vertrag mit Ihnen verarbeitet",
            "traité pour un autre motif que votre consentement ou un contrat avec vous",
        ),
        "noted or worked out by the company": (
            "noteret eller udledt af virksomheden",
            "vom Unternehmen notiert oder abgeleitet",
            "noté ou déduit par l'entreprise",
        ),
        "needed for the work of the company, not provided by you": (
            "bruges i virksomhedens arbejde, ikke givet af dig",
            "dient der Arbeit des Unternehmens, nicht von Ihnen bereitgestellt",
            "sert au travail de l'entreprise, non fourni par vous",
        ),
        "identifiers of other people, covered": (
            "andre menneskers kendetegn, dækket",
            "Kennungen anderer Menschen, verdeckt",
            "identifiants d'autres personnes, masqués",
        ),
        "details of staff, replaced by a name that this bundle alone uses": (
            "oplysninger om medarbejdere, erstattet af et navn, som kun denne samling bruger",
            "Angaben zu Beschäftigten, ersetzt durch einen Namen, den nur diese Sammlung verwendet",
            "informations sur le personnel, remplacées par un nom propre à ce recueil",
        ),
        "halves of characters, which no file can hold, replaced by U+FFFD": (
            "halve tegn, som ingen fil kan rumme, erstattet af U+FFFD",
            "halbe Zeichen, die keine Datei fasst, ersetzt durch U+FFFD",
            "moitiés de caractères, qu'aucun fichier ne peut contenir, remplacées par U+FFFD",
        ),
    }
)
"""Each English phrase in Danish, German and French."""
