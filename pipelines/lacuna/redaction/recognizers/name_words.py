"""Words round names that are no names, and words that are names and something else."""

_NOT_NAMES = """
dr prof hr fr ing avv dott sig sr sra pan
a all alle alles alla am an and any anyone as at best bonjour both but buyer by can care central
chat client cliente clientes client's colleague colleagues company contact costumer could custom
customer customers customerservice damen dear desk der die das dato det den do doctor everybody
everyone faithfully first folks for friend friends from gentleman gentlemen gracias grazie guys
hello help helpdesk here herren herr frau hey hi hola how i if in info is it its kind ladies lady
last madam madame maam mailbox manager many me merci message mesdames messieurs miss mister
monsieur mr mrs ms my no not of office ok on one operator or our partner people please regards
reader reply sales seller señor senor senora señores senores señora service services shop
sincerely sir sirs so someone somebody staff store support supportteam team thank thanks that the
there this to tous toutes user users valued visitor webshop webmaster we what when where who why
will with world would yes you your yours kundeservice kundenservice kundendienst kundtjanst
kundservice klantenservice kunde kunder kunden kundin kund klant klanten kollega kolleger
kollegaer kollegen kollegin zusammen leute leser nutzer mitarbeiter sammen allesammen jer dig
eder igen forhand hjaelp hjalp hilfe butik butikken venner ven vaenner vanner igjen dere deg meg
mig mir mich dir ihr euch sie uns wir ich er es sig du jeg jag han hun hon vi de dem dette nok
meget mycket veldig sehr viel bitte danke tak tack takk vielen allen iedereen heer heren mevrouw
meneer dames beste collega collegas u jullie bedankt dank equipe service-client tout tlm vous toi
moi beaucoup avance tres bien cordialement salut todos equipo amigo amigos atencion buenas buenos
dias tardes noches servicio usted ustedes muchas mucho por para con saludos tutti servizio
clienti assistenza redazione buongiorno cortese signori signore egregi gentili spett spettabile
voi lei tante molte mille panstwo zespol wszyscy wszystkim obsluga klienta dziekuje prosze dzien
dobry panie pani pan bardzo kaikki asiakaspalvelu tiimi hei kiitos paljon hyva vastaanottaja
equipa pessoal senhores atendimento voces dia tarde noite muito obrigado obrigada monday tuesday
wednesday thursday friday saturday sunday january february march april may june july august
september october november december mandag tirsdag onsdag torsdag fredag lordag sondag mandags
montag dienstag mittwoch donnerstag freitag samstag sonntag kindest warm love cheers good god
goede great happy sorry unfortunately however also just since after before today tomorrow
yesterday morning afternoon evening day night again advance lot much very kindly subject re fw
fwd sent order ordre chatbot bot agent agents system admin administrator customer-service noreply
robot google amazon facebook instagram whatsapp paypal klarna zalando ikea netflix spotify
microsoft apple ebay dhl ups fedex gls postnord dpd visa mastercard english german danish swedish
norwegian dutch french spanish italian polish finnish portuguese dansk deutsch svensk norsk
nederlands francais espanol italiano polski suomi portugues europe england
"""
_PARTICLES = """
van von de der den het ter ten zu zum zur da das do dos di del della dalla la le af av el al bin
ibn y e du des i van't und
"""
_NO_MORE = """
and but or from i my og men fra jeg min und aber aus ich mein och fran jag en maar ik et mais je
mon y pero yo mi e ma io mio ale z ja mutta mas eu who with in at on the a to is am was er har
som der ist war habe bin heb ben die ai suis est tengo soy ho sono mam jestem olen tenho sou
calling writing here
"""
_ALSO_WORDS = """
even andre tone line ville ben hans guy floor harm tage cor par els amber iris ivy holly art bill
rob dale glen heather jasmine crystal dawn hazel ruby valentine robin angel angeles milagros
consuelo remedios dolores concepcion soledad pilar nieves rocio luz jesus bart sem pascal noel
clement aurore marine oceane jet fleur merel roman lone ida taisto onni armas are jan alba aurora
gloria grace salvador rosario viola valentina tor finn liv sten stein ulf knut ola ake ase gro
gry unni trond dag frank wolf falk horst linde iso reino rauha
"""

NOT_NAMES = frozenset(_NOT_NAMES.split())
"""Folded words that may follow a greeting or a cue and name nobody."""

PARTICLES = frozenset(_PARTICLES.split())
"""Small words between the words of a name."""

NO_MORE = frozenset(_NO_MORE.split())
"""Folded words that end a name in small letters: "my name is anna berg and i ..."."""

ALSO_WORDS = frozenset(_ALSO_WORDS.split())
"""Folded given names that are also words: alone and without a cue they are no name."""
