"""The words round a name that say it is one."""

import re

INTRODUCTION = re.compile(
    r"(?:^|[^\w])(?:dear|hi|hello|hey|hiya|morning|evening|thanks|thank you|cheers|regards|love|"
    r"sincerely|mr|mrs|ms|miss|dr|mx|sir|madam|named?|called|i am|i'm|im|this is|it's|signed|from|"
    r"hej|hejsa|kaere|hilsen|venlig hilsen|mvh|vh|kh|tak|hedder|navn|herr|fru|hr|"
    r"halsningar|tack|heter|namn|vennlig hilsen|takk|"
    r"hallo|liebe|lieber|geehrter|geehrte|frau|herrn|gruss|grusse|heisse|danke|"
    r"beste|geachte|meneer|mevrouw|groet|groeten|naam|heet|bedankt|"
    r"bonjour|bonsoir|salut|cher|chere|madame|monsieur|mme|cordialement|m'appelle|nom|merci|"
    r"hola|estimado|estimada|querido|querida|senor|senora|saludos|llamo|gracias|"
    r"ciao|buongiorno|gentile|caro|cara|signor|signora|saluti|chiamo|grazie|"
    r"ola|obrigado|obrigada|prezado|prezada|drogi|droga|szanowny|szanowna|pan|pani|dziekuje|"
    r"terveisin|nimi|kiitos|moi)[\s,.:!>*_-]*$"
)
"""Ends, folded, right before a name: a greeting, a title, a thanks or an introduction."""

LEGAL_FORM = re.compile(
    r"(?:[ \t]+(?:&[ \t]*)?[A-ZÆØÅÄÖÜ][\w.'’-]{0,30}){0,2}[ \t]+(?:&[ \t]*)?"
    r"(?:A/S|ApS|I/S|K/S|P/S|AS|ASA|AB|HB|KB|Oy|Oyj|GmbH|mbH|AG|KG|OHG|UG|SE|eG|e\.V\.|B\.?V\.?|"
    r"N\.?V\.?|VOF|S\.?A\.?|SAS|SARL|SASU|EURL|S\.?L\.?U?\.?|SpA|S\.p\.A\.|S\.?r\.?l\.?|Lda|"
    r"sp\.[ ]?z[ ]?o\.[ ]?o\.|Ltd|Limited|LLC|LLP|PLC|plc|Inc|Corp|Co|Company|Group|Holding|"
    r"Sons|Søn|Sønner|Söhne|Zonen|Fils|Hijos|Figli)(?![\w])"
)
"""Follows a name that is a company's."""
