"""The words that make a street address, in the languages of Europe, as parts of patterns."""

from lacuna.redaction.letter_classes import UPPER

_MONTHS = (
    r"Jan(?:uar[yi]?|vier)?|Feb(?:ruar[yi]?)?|M(?:ar(?:ch|s)?|ärz)|Ap[rv](?:il)?|Ma[yji]|Ju[nl][eiy]?|"
    r"Aug(?:ust)?|Sept?(?:ember)?|O[kc]t(?:ober)?|Nov(?:ember)?|De[czs](?:ember)?|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
# Capitalized words that are no part of a street's name: a day, a currency, how a sentence begins.
_NO_NAME = (
    rf"(?!(?:{_MONTHS}|AM|PM|USD|EUR|GBP|DKK|SEK|NOK|PLN|GMT|EST|PST|CST|UTC|CET|KB|MB|GB|TB|The|This|"
    r"That|These|And|For|You|Your|Please|Thanks|If|In|On|At|We|It|He|She|They|But|Not|No|Yes|Do|Is|"
    r"Are|Was|My|Order|Invoice|Ticket|Phone|Tel|Fax|Mobile|Email|Page|Version|Type|Model|Items?|"
    r"Article|Art|Section|Chapter|Act|Law|Rule|Paragraph|Annex|Adults?|Child(?:ren)?|Hotel|Night|Nights|Day|Days)\b)"
)

CAPITAL = rf"{_NO_NAME}{UPPER}[\w'’.-]*+"
SMALL = (
    r"(?:(?:de|du|des|la|le|les|del|della|delle|dello|dei|degli|di|da|do|dos|das|los|las|el|en|van|von|"
    r"der|den|het|ter|zum|zur|am|im|an)[ ]|[ld]['’]|dell['’])"
)
NAME = (
    rf"{SMALL}{{0,3}}{CAPITAL}(?:[ ](?:(?:et|y|e|i|and|und|og)[ ])?{SMALL}{{0,2}}{CAPITAL}){{0,4}}"
)
"""Words of a street's or town's name: `de la Paix`, `Karl Johans`."""

DIRECTION = r"(?:[NS][EW]\b\.?|[NSEW]\b\.?|(?i:north|south)(?i:east|west)?\b|(?i:east|west)\b)"
ORDINAL = r"\d{1,3}(?:st|nd|rd|th)\b"

STREET = (
    r"(?:(?i:street|road|avenue|lane|boulevard|parkway|highway|crescent|expressway|freeway|turnpike)\b|"
    r"(?:(?i:blvd|pkwy|hwy|rd|ave|ln|str)|Dr|DR|Cir|Trl|Cres|Sq|St|ST|Pl|Ct|Av|Ter)\b\.?)"
)
"""English words that are a street even in small letters."""

STREET_ALONE = (
    r"(?i:broadway|embarcadero|(?:the|high|main|church|station|park|mill)[ ](?:street|road|lane))\b"
)
"""Streets that need no name before the word."""

STREET_IN_CAPITALS = (
    r"(?:(?:Drive|Way|Court|Place|Square|Terrace|Circle|Trail|Plaza|Alley|Close|Row|Walk|Loop|Pike|Mall|"
    r"Path|Grove|Gardens?|Mews|Quay|Wharf|Heights|Hts|Ridge|Run|Hill|Green|Commons?|"
    r"Mile|Fields?|Parade|Rise|Vale|Meadows?|Real)|(?:DRIVE|WAY|COURT|PLACE|SQUARE|"
    r"TERRACE|CIRCLE|GARDENS|GROVE|CLOSE))\b"
)
"""English words that are also ordinary words: with capitals only."""

BY_CHANCE = (
    r"(?!(?i:the|of|and|to|in|is|a|an|for|on|with|has|have|star|bed|bedrooms?|bath|rooms?|transfers?|"
    r"miles?|km|min|minutes?|hours?|days?|weeks?|months?|years?|people|persons?|men|women|tickets?|"
    r"seats?|nights?|guests?|percent|or|at|from|by|was|were|that|this|which|it|i|you|we|they|he|she|am|"
    r"pm|way|one|two|lanes?|orders?|items?|pairs?|pieces?|times?|parcels?|packages?|more|other|"
    r"different|street|road|please|thanks|thank|but|my|your|our|not|no)\b)"
)
"""Words that come between a number and `road` only by chance do not count."""

GLUED = (
    r"stra(?:ß|ss)e|strasze|stræde|vænget|vej|vejen|gatan|gaten|gata|vägen|stigen|gränd|veien|vegen|"
    r"straat|laan|gracht|steenweg|singel|katu|kuja|polku|utca|útja|gasse|vegur|stígur|braut|bakken|"
    r"svingen|toften|lunden"
)
"""Ends of one-word streets: `Storgade`, `Hauptstraße`."""

GLUED_IN_CAPITALS = (
    r"str\.|gade|gaden|allee|all[eé]|platz|weg|ufer|damm|ring|plads|pladsen|torv|torvet|väg|gate|vei|veg|"
    r"plass|plein|dreef|dijk|kade|steeg|wal|parken|haven|brinken|dalen|kroken|[eiou]ntie|stien|boulevarden|pfad"
)
"""Ends that ordinary words have too, `brigade` or `spring`: where the word has a capital."""

NO_STREET = (
    r"brigaden?|motorvej|genvej|omvej|renegade|gateway|(?:invest|navig|deleg|aggreg|propag|mitig|col)gate|"
    r"\w+igate|delegate|auntie|during|\w*(?:spring|string|wring|bring)|omweg|umweg|rückweg|hinweg|"
    r"\w+(?:n|r|f|t|o|u|e|d|i|a)(?<!st)(?:e?)ring"
)
"""Words with such an end that are no street."""

APART = (
    r"(?:(?i:gade|vej|allé|allee|gate|gata|vei|veg|plass|plads|torv|torg|väg|laan|straat|stra(?:ß|ss)e|utca|"
    r"utja|útja|boulevard|platz|plein|stigen|vägen|gatan|vænget|vejen|veien|tee|puiestee|iela|gatvė)|Str\.|Strand|Kaj|Weg|Ufer|Damm|Ring|Kade|"
    r"Alle|út|u\.|tér|Street|Road|Avenue|Lane)"
)
"""Street words that follow a name: `H. C. Andersens Boulevard`, `Karl Johans gate`."""

LEADING = (
    r"(?:(?i:rue|boulevard|avenue|chemin|all[ée]e|impasse|route[ ]de|calle|avenida|paseo|carrer|carretera|"
    r"camino|viale|piazza|corso|vicolo|piazzale|rua|rúa|travessa|praça|praceta|estrada|ulica|ulicy|aleja)|"
    r"(?i:place|plaza|largo|strada|quai|square)(?=[ ](?:de|du|des|della|del|di|do|da|dos|la|l['’]|d['’]))|"
    r"Plaza|Largo|Strada|Quai|Calea|Bulevardul|Ctra\.|Urb\.|[Aa]v\.|[Bb]d\.?|[Bb]lvd\.?|C/|[Aa]vda\.?|[Vv]ia|"
    r"[Uu]l\.|[Aa]l\.|[Oo]s\.|[Pp]l\.|P\.za|V\.le|Unter[ ]den)"
)
"""Street words before the name: `rue de la Paix`, `ul. Długa`."""

PREPOSITION = r"(?:An[ ]de[rn]|Auf[ ]de[rm]|Am|Im|Zu[mr]|Op[ ]de|Aan[ ]de)"
"""They begin a street, `Am Markt`, and many other things."""

CHANNELS = (
    r"(?!(?i:paypal|e-?mail|mail|sms|whatsapp|klarna|visa|mastercard|chat|telefono?|app|facebook|instagram|"
    r"messenger|amazon|ebay|dhl|ups|fedex|gls|postnord|dpd|google|apple|bank|stripe|teams|zoom|skype|"
    r"booking|swish|mobilepay|bizum|vipps|ideal|sofort|telegram|viber|web|internet|api)\b)"
)
"""Not what follows the other `via`: "paid via PayPal 20 euro"."""

_UNIT_WORD = (
    r"(?i:apartment|appartement|apto?|appt?|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|lejl(?:ighed)?|lgh|"
    r"lägenhet|leilighet|wohnung|whg|stiege|tür|tuer|piso|puerta|bloque|bl|interno|int|scala|esc|escal(?:era|ier)|"
    r"bât(?:iment)?|bo[iî]te|bte|bus|box|asunto|as|rappu|mieszkanie|lok|m)"
)
_STOREY = (
    r"(?i:ground|first|second|third|fourth|fifth|een|twee|drie|vier|erste[rs]?|zweite[rs]?|dritte[rs]?|vierte[rs]?|"
    r"två|tre|fyra|første|anden|tredje|premier|deuxième|troisième|primero?|segundo|tercero?|cuarto|primo|secondo|terzo|"
    r"primeiro|terceiro|quarto)"
)
UNIT = (
    rf"(?:{_UNIT_WORD}\b\.?[ ]*(?:#[ ]*|n[or]\.?[ ]*)?"
    r"(?:\d{1,5}[A-Za-z]?|[A-Za-z]\d{0,4})(?!\w)|#[ ]?\w{1,5}(?!\w)|"
    r"(?:st\.?|kl\.?|\d{1,2}\.?)[ ]?(?:sal|th|tv|mf|tr|og|[ée]tage|Stock|OG|EG|vån|izq|dcha|hoog|hs|\.?[º°ª])(?!\w)\.?"
    r"(?:,?[ ]?(?i:til[ ](?:venstre|højre)|th|tv|mf|dør[ ]?\d{1,3}|izq|dcha|esq|dto|[A-D])(?!\w)\.?)?|"
    r"\d{1,2}(?:er|e|[èe]me|nd|rd|th)[ ](?i:[ée]tage|[ée]t\.|floor)|"
    rf"{_STOREY}[ ](?:(?i:floor|hoog|[ée]tage|stock|obergeschoss|sal|trapp(?:a|or)(?:[ ]upp)?|piso|piano|andar|"
    r"esquerdo|direito|izquierda|derecha)\b|[A-D]\b)|(?i:stuen|r/c|rés-do-chão)(?:[ ](?i:th|tv|midtfor|direito|esquerdo|dto|esq))?(?!\w)|"
    r"[IVX]{1,4}(?=,)|[A-H][ ]\d{1,3}\b|[A-H],[ ](?=(?i:asunto|as|lgh)\b)|c/o[ ][^\W\d_][\w'’-]{1,40})"
)
"""A flat, floor or room: `Apt. 12`, `2. tv`, `st. th`, `lgh 1102`."""

BRITISH_POSTCODE = r"(?i:[a-z]{1,2}\d[a-z\d]?[ ]?\d[a-z]{2})\b"
POSTCODE = (
    r"(?:(?:[A-Z]{1,2}[- ])?\d{4,6}(?:-\d{3,4})?(?:[ ]?[A-Z]{2}\b)?(?![\w])|(?:[A-Z]{1,2}-)?\d{3}[ ]\d{2}(?!\d)|\d{2}-\d{3}(?!\d)|"
    rf"{BRITISH_POSTCODE}|"
    r"(?i:[a-z]\d[a-z][ ]?\d[a-z]\d)\b|[A-Z]\d{2}[ ][A-Z0-9]{4}\b)"
)

TRIGGER = (
    r"(?:(?:address(?:es)?|adresse[nr]?|adress|adres|adresem|anschrift|direcci[óo]n|domicilio|indirizzo|"
    r"endere[çc]o|morada|osoite(?:eni)?)\b[^\n\d]{0,16}|"
    r"(?:located|liv(?:es?|ing)|resid(?:es?|ing)|moved|deliver(?:ed|y)?|ship(?:ped)?|sen[dt]|return(?:ed)?|"
    r"mail(?:ed)?|taxi|meet|head(?:ing)?|go(?:ing)?|arrived?|found|venue|office|property|house|apartment|"
    r"bor|flyttet|flyttat|wohne|wohnt|wohnhaft|habite|demeure|vivo|resido|abito|residente|mieszkam|"
    r"zamieszka[łl][ay]?|woon|woont|moro|asun|corner)\b[^\n\d]{0,28}?"
    r"\b(?:to|at|in|on|from|is|of|til|på|i|à|au|en|a|na|przy|op|em)\b(?![ ](?:me|us|him|them|mig|mir|moi|me|mi|mij)\b)[^\n\d]{0,12})"
    r"(?:\n{0,2}[ \t>?]{0,4}(?:\d{1,2}[ ])?)"
)
"""Says, in small letters, that an address follows, and ends right before it."""
