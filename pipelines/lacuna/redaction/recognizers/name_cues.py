"""What people write before a name, in the languages of Europe, as parts of patterns."""

GREETING = (
    r"dear|hi|hello|hey|hiya|good[ ](?:morning|afternoon|evening|day)|greetings|"
    r"kære|hej|hejsa|hallo|god[ ](?:morgen|dag|aften|eftermiddag|kväll)|hei|kjære|heisann|bästa|kära|tjena|hallå|"
    r"liebe[rs]?|sehr[ ]geehrte[rs]?|geehrte[rs]?|werte[rs]?|guten[ ](?:tag|morgen|abend)|grüezi|servus|moin|"
    r"beste|geachte|goede(?:morgen|middag|navond|ndag)|dag|hoi|"
    r"bonjour|bonsoir|salut|ch[eè]re?s?|hola|estimad[oa]s?|querid[oa]s?|buen[oa]s[ ](?:días|tardes|noches)|"
    r"ciao|salve|buon(?:giorno|asera)|gentile|gentilissim[oa]|egregi[oa]|spettabile|car[oa]|"
    r"cześć|dzień[ ]dobry|witam|witaj|drog(?:i|a|ie)|szanown[ya](?:[ ]panie|[ ]pani)?|dobry[ ]wieczór|"
    r"moi|terve|hyvä|arvoisa|huomenta|päivää|heippa|"
    r"olá|oi|bom[ ]dia|boa[ ](?:tarde|noite)|prezad[oa]|car[íi]ssim[oa]|exm[oa]\.?"
)
REGARDS = (
    r"(?:(?:best|kind|kindest|warm|warmest|many|with[ ]kind)[ ])?regards|(?:yours[ ])?(?:sincerely|faithfully|truly)|"
    r"best(?:[ ]wishes)?|all[ ]the[ ]best|cheers|yours|love|br|kr|rgds|"
    r"(?:med[ ])?(?:venlig|kærlig|vennlig|vänlig|bedste|beste)(?:e|a)?[ ]?(?:hilsen|hilsener|hilsner|hälsning(?:ar)?)|mvh|m\.v\.h\.|"
    r"(?:mange[ ]|de[ ]bedste[ ]|kh[ ])?hils(?:en|ner|ener)|vh|dbh|kh|(?:bästa[ ]|vänliga[ ]|varma[ ])?hälsning(?:ar)?|"
    r"(?:mit[ ])?(?:freundliche[nr]?|besten?|viele[n]?|liebe[n]?|herzliche[n]?|schöne[n]?)[ ]gr(?:ü|ue)(?:ß|ss)en?|gr(?:u|ü|ue)(?:ß|ss)e?|"
    r"mfg|lg|vg|hochachtungsvoll|"
    r"(?:met[ ])?(?:vriendelijke|hartelijke|beste)[ ]groet(?:en)?|groet(?:en|jes)?|mvg|hoogachtend|"
    r"(?:bien[ ])?cordialement|(?:sincères|meilleures|cordiales)?[ ]?salutations|bien[ ]à[ ](?:vous|toi)|amicalement|respectueusement|"
    r"(?:un[ ]|muchos[ ])?(?:cordial[ ])?saludos?(?:[ ]cordial(?:es)?)?|atentamente|cordialmente|un[ ]abrazo|"
    r"(?:cordiali|distinti|cari)[ ]saluti|saluti|un[ ]saluto|"
    r"pozdrawiam|(?:serdecznie[ ])?pozdrawiam(?:[ ]serdecznie)?|pozdrowienia|z[ ]poważaniem|z[ ]wyrazami[ ]szacunku|"
    r"(?:ystävällisin[ ]|parhain[ ])?terveisin|terveisiä|t:|yst\.?[ ]terv\.?|"
    r"(?:com[ ]os[ ]melhores[ ]|melhores[ ])?cumprimentos|atenciosamente|att\.?|abraços?"
)
THANKS = (
    r"thanks(?:[ ](?:a[ ]lot|so[ ]much|again|in[ ]advance|and[ ](?:best|kind)?[ ]?regards))?|thank[ ]you(?:[ ](?:so|very)[ ]much|[ ]in[ ]advance)?|"
    r"many[ ]thanks|thx|ty|ta|(?:mange[ ]|tusen[ ])?takk?|på[ ]forhånd[ ]takk?|(?:stort[ ])?tack(?:[ ]på[ ]förhand)?|"
    r"(?:vielen[ ]|herzlichen[ ])?danke?(?:[ ]im[ ]voraus)?|(?:alvast[ ])?bedankt|dank[ ](?:u|je)[ ]?(?:wel)?|"
    r"merci(?:[ ]beaucoup|[ ]d['’]avance)?|(?:muchas[ ])?gracias|(?:molte[ ]|tante[ ])?grazie(?:[ ]mille)?|"
    r"dzięk(?:uję|i)|z[ ]góry[ ]dziękuję|kiitos|kiitoksia|(?:muito[ ])?obrigad[oa]"
)
SAYS_NAME = (
    r"(?:my|his|her|their|the[ ](?:customer|guest|patient)['’]?s?)[ ](?:full[ ]|new[ ]|old[ ])?names?(?:[ ]is|['’]s|:)|(?:i[ ]am|i['’]m)[ ]called|"
    r"(?:mit|hendes|hans|mitt|hennes|min)[ ](?:fulde[ ]|fulle[ ])?n(?:avn|amn)[ ](?:er|är)|jeg[ ]hedder|hedder|jeg[ ]heter|jag[ ]heter|heter|"
    r"(?:mein|sein|ihr)[ ]name[ ](?:ist|lautet)|ich[ ]hei(?:ß|ss)e|hei(?:ß|ss)t|(?:mijn|zijn|haar)[ ]naam[ ]is|ik[ ]heet|heet|"
    r"(?:je[ ]m|s)['’]appelle|(?:mon|son)[ ]nom[ ]est|au[ ]nom[ ]de|me[ ]llamo|se[ ]llama|(?:mi|su)[ ]nombre[ ](?:es|completo[ ]es)|a[ ]nombre[ ]de|"
    r"(?:mi|si)[ ]chiamo|si[ ]chiama|(?:il[ ]mio|il[ ]suo)[ ]nome[ ]è|a[ ]nome[ ](?:di)?|nazywam[ ]się|mam[ ]na[ ]imię|na[ ]nazwisko|"
    r"nimeni[ ]on|nimi[ ]on|(?:o[ ])?meu[ ]nome[ ]é|chamo-me|me[ ]chamo|em[ ]nome[ ]de|under[ ]the[ ]name(?:[ ]of)?|"
    r"i[ ](?:navnet|navn)|im[ ]namen[ ]von|auf[ ]den[ ]namen|op[ ]naam[ ]van|i[ ]namnet"
)
MAY_SAY_NAME = (
    r"i[ ]am|i['’]m|this[ ]is|it['’]s|it[ ]is|jeg[ ]er|det[ ]er|her[ ]er|jag[ ]är|det[ ]är|ich[ ]bin|hier[ ](?:ist|spricht|schreibt|is)|ik[ ]ben|"
    r"je[ ]suis|c['’]est|soy|habla|sono|sou|aqui[ ]é|jestem|mówi|z[ ]tej[ ]strony|olen|tässä|täällä|on[ ]behalf[ ]of|namens|på[ ]vegne[ ]a[fv]|"
    r"spoke[ ](?:to|with)|speak[ ](?:to|with)|talk(?:ed|ing)?[ ](?:to|with)|chatted[ ]with|asked|told|ask|tell|called|contact(?:ed)?|"
    r"talte[ ]med|snakket[ ]med|snakkede[ ]med|talade[ ]med|pratade[ ]med|gesprochen|gesproken|sprak[ ]met|parlé[ ](?:à|avec)|hablé[ ]con|"
    r"parlato[ ]con|rozmawiał(?:em|am)[ ]z|falei[ ]com|signed|colleague|kollega|kollege|kollegin|collega|collègue|colega"
)
TITLE = (
    r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Hr|Fru|Frk|Frøken|Fröken|Herr|Herrn|Frau|Dhr|Mevr|Mevrouw|Meneer|mevrouw|meneer|(?:de[ ])?[Hh]eer|"
    r"Mme|Mlle|Monsieur|Madame|Mademoiselle|Sr|Sra|Srta|Señora?|Señorita|señora?|Don|Doña|Sig|Sig\.ra|Sig\.na|Signora?|signora?|Dott|Dott\.ssa|Avv|Ing|"
    r"Pan|Pani|Pana|Panem|Panu|pan|pani|pana|Senhora?|senhora?|Dona|Rouva|Herra|rouva|herra"
)
LABEL = (
    r"(?:(?:full|first|last|given|family|middle|maiden|customer|contact|guest|passenger|account|billing|delivery|recipient|card)?[ ]?name|surname|"
    r"contact[ ]person|recipient|passenger|(?:for|efter|mellem)?navn|kontaktperson|modtager|avsändare|mottagare|(?:för|efter)?namn|"
    r"(?:vor|nach|familien|zu)?name|ansprechpartner(?:in)?|empfänger(?:in)?|absender(?:in)?|(?:voor|achter)?naam|ontvanger|contactpersoon|"
    r"(?:pré)?nom(?:[ ]de[ ]famille)?|destinataire|nombre(?:[ ]completo)?|apellidos?|titular|nome(?:[ ]completo)?|cognome|intestatario|"
    r"imię(?:[ ]i[ ]nazwisko)?|nazwisko|odbiorca|(?:etu|suku)?nimi|apelido|titular|destinatário|from|to|cc|fra|til|från|till|von|an|van|aan|"
    r"de|à|para|da|od|do|lähettäjä|vastaanottaja|attn|att|c/o)"
)
WROTE = r"wrote|writes|skrev|schrieb|schreef|a[ ]écrit|escribió|ha[ ]scritto|scritto|napisała?(?:\(a\))?|pisze|kirjoitti|escreveu"
