"""Other forms of common given names, folded; a line holds names that mean the same person.

They are kept apart by language: Kasia is Katarzyna, and no Katharina.
"""

from collections import defaultdict

_ENGLISH = """
abigail abby abbie gail
alexander alex alec xander sandy
alexandra alex lexi sandra
alfred alf alfie
alice ali
amanda mandy
andrew andy drew
anthony tony
barbara barb babs
benjamin ben benny benji
bernard bernie
catherine katherine kathryn cathy kathy kate katie kitty
katherine kathryn kathy kate katie kitty kat
kathryn kathy kate katie kitty kat
kathleen kathy kate katie
charles charlie chuck
charlotte lottie charlie
christine christina chris tina chrissy
christopher chris kit
daniel dan danny
david dave davy
deborah debbie deb
dennis denny
donald don donny
dorothy dot dottie
edward ed eddie ted teddy ned
eleanor ellie nell nora
elizabeth liz lizzie beth betty eliza libby lisa
emily em emmy
eugene gene
frances fran
francis frank
frederick fred freddie
gabriel gabe
geoffrey jeffrey geoff jeff
jeffrey jeff
gerald gerry jerry
gerard gerry jerry
gregory greg
harold harry hal
henry harry hank
isabella isabel bella izzy
isabel bella izzy belle
jacob jake
jacqueline jackie
james jim jimmy jamie
jennifer jen jenny
jessica jess jessie
john jack johnny
jonathan jon jonny jonno
joseph joe joey
joshua josh
judith judy
kenneth ken kenny
kimberly kim
lawrence laurence larry
laurence larry
leonard len lenny leo
margaret maggie meg peggy marge madge
martin marty
matthew matt matty
michael mike mick mickey mikey
nathaniel nathan nate
nicholas nick nicky
nicola nicky nikki
oliver ollie
pamela pam
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phillip phil
phillip phil
rachel rach
raymond ray
rebecca becky becca
richard rich rick ricky dick
robert rob robbie bob bobby bert
roger rodge
ronald ron ronnie
samantha sam sammy
samuel sam sammy
stephen steven steve stevie
steven steve stevie
susan suzanne sue susie
suzanne sue susie suzie
sylvester sly
terence terry
theodore theo ted teddy
theresa teresa terry tess
teresa terry tess
thomas tom tommy
timothy tim timmy
valerie val
victoria vicky tori
vincent vince vinnie
walter walt wally
william will bill billy willy liam
zachary zach zack zak
"""
_IRISH = """
aoife eva
bridget brigid breda bridie
caoimhe keeva
catriona caitriona triona
diarmuid dermot
eamon eamonn ned
fionnuala nuala finola
liam william
maire mary
niamh nia
padraig patrick paddy padraic
peadar peter
roisin rose
sean john shane
siobhan shiv
tadhg tim
"""
_GERMAN = """
alexander alex
andreas andi
anneliese anne liese
barbara babsi
benjamin ben benni
bernhard bernd
brigitte gitte birgit
christian chris
christina christine tina
daniela dani
dorothea doris thea
eberhard ebi
elisabeth lisa lisbeth elli sissi
ferdinand ferdi
franziska franzi
friedrich fritz
gabriele gabi
georg schorsch
gerhard gerd
gertrud trude
gunther gunter
heinrich heinz heini
helene leni
hieronymus jerome
hildegard hilde
ilse ilsebill
jakob jockel
johann johannes hannes hans jo
josef sepp joseph
jurgen jurgi juergi
karoline lina
katharina kathi kathe katja
klaus nikolaus niko
konrad conny
lieselotte lilo lotte
ludwig lutz wiggerl
magdalena leni lena
manfred manni
margarete gretel grete gretchen marga
matthias hias matze
maximilian max maxi
michael michi
monika moni
rudolf rudi
sabine bine
sebastian basti
siegfried sigi
stefan stephan steffen
stefanie steffi
susanne susi
theodor theo
therese resi
thomas tom
ulrich uli
ulrike uli ulli
ursula uschi ulla
walburga burgl
walter walti
wilhelm willi wilm
wolfgang wolf wolfi
"""
_NORDIC = """
anders andy
anne marie annemarie annemie
birgitte gitte birgit
carl calle kalle karl
charlotte lotte lotta
christian chris
christina stina tina
elisabeth lisbeth lise lis bettan
fredrik frederik fred figge
gustav gosta
hans hasse
henrik henke
jakob jeppe
jan janne
johan johannes jojje
jorgen jorn jorre
karl kalle
katarina kajsa kaja
kirsten kisser
kristian kris
kristina stina kia
lars lasse
magdalena malena lena
margareta greta maggan
margrethe grethe
mikael micke michael
mikkel mik
nicolai niko
nils nisse niels
olof olle olav
ove uffe
per pelle peter
rasmus ras
sofie fie
soren sorn
stefan steffe
susanne sanne
sven svenne
thomas tommy
ulf uffe
victoria vicky
"""
_DUTCH = """
adriaan adrie arie
antonius ton toon anton antoon
cornelis cees kees cor
elisabeth els elly lies liesbeth
franciscus frans
gerardus gerard geert
hendrik henk rik
hendrika riek rika
jacobus jaap koos sjaak
johanna jo hanneke annie jopie
johannes jan johan hans joop
josephus jos jef
catharina trijn tineke toos
cornelia cor corrie nel
leonardus leo
margaretha greet margriet
maria marie ria mieke marijke
mattheus thijs
matthijs thijs
nicolaas klaas nico
petrus piet peter
theodorus theo dirk
wilhelmina mina willemien wil
wilhelmus willem wim
willem wim
"""
_FRENCH = """
alexandre alex
anne nanou annie
antoine toine tony
benjamin ben
bernard nanard
catherine cathy kate
christophe chris
christine cricri
dominique dom
edouard doudou ed
elisabeth babeth lisa
emmanuel manu
frederic fred
francois fanfan
gabriel gaby
guillaume gui guigui
jacqueline jackie
jacques jacquot
jean jeannot
jerome jeje
joseph jojo
laurence lolo
marguerite margot
marie josephe marijo
maxime max
mathilde matou
michel mimi
nathalie nath
nicolas nico
philippe phil
sebastien seb
stephane steph
stephanie steph
theodore theo
therese zeze
thomas tom
valerie val
veronique vero
vincent vince
xavier xav
"""
_SPANISH = """
alejandro alex ale jandro
antonio tono toni
beatriz bea
carmen menchu
concepcion concha conchita
consuelo chelo
cristina cris
dolores lola loli
eduardo edu lalo
enrique quique kike
ernesto neto
esperanza espe
fernando fer nando
francisca paca paqui
francisco paco pancho fran curro kiko
gabriel gabi
guadalupe lupe
guillermo guille memo
gregorio goyo
ignacio nacho
isabel isa chabela
jesus chus chuy
joaquin quino
jose pepe
josefa pepa
juan juanito
lourdes lurdes
luis lucho
manuel manolo manu
margarita marga
maria marie mari
mercedes merche
miguel migue
montserrat montse
pilar pili
rafael rafa
ramon moncho
remedios reme
ricardo ricky
roberto rober beto
rosario charo
salvador salva
santiago santi
sebastian sebas
soledad sole
teresa tere
vicente chente
"""
_POLISH = """
agnieszka aga agusia
aleksander olek alek
aleksandra ola
andrzej jedrek
anna ania anka
antoni antek
barbara basia
bartosz bartlomiej bartek
boguslaw bogus
czeslaw czesiek
danuta danka
dominik domino
dorota dorotka
elzbieta ela elka
ewa ewka
franciszek franek
grzegorz grzesiek grzes
ireneusz irek
iwona iwonka
jacek jacus
jadwiga jadzia
jakub kuba
jan janek jas
jaroslaw jarek
jerzy jurek
joanna asia joasia
jozef jozek
kamil kamilek
karolina karola
katarzyna kasia kaska
kazimierz kazik
krzysztof krzysiek krzys
leszek lech
lukasz lukaszek
maciej maciek
magdalena magda
malgorzata gosia malgosia gocha
marek mareczek
mateusz mati
michal misiek
miroslaw mirek
monika monia
pawel pawelek
piotr piotrek
przemyslaw przemek
rafal rafalek
roman romek
ryszard rysiek
slawomir slawek
stanislaw staszek stasiek
stefan stefek
szymon szymek
tadeusz tadek
teresa tereska
tomasz tomek
urszula ula
waldemar waldek
wieslaw wiesiek
wladyslaw wladek
wojciech wojtek
zbigniew zbyszek
zdzislaw zdzisiek
zofia zosia
zuzanna zuzia
"""
_ITALIAN = """
alessandro ale sandro
alessandra ale sandra
antonio toni tonino
domenico mimmo
elisabetta betta
federico fede
filippo pippo
francesco franco ciccio
francesca fra franca
gabriele lele
giovanni gianni nanni
giuseppe beppe peppe pino
giuseppina pina
lorenzo renzo
luigi gigi
margherita rita
matteo teo
raffaele lele
roberto robi
salvatore toto
vincenzo enzo
"""

_LANGUAGES = (
    _ENGLISH, _IRISH, _GERMAN, _NORDIC, _DUTCH, _FRENCH, _SPANISH, _POLISH, _ITALIAN,
)  # fmt: skip


def _read(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    others: dict[str, set[str]] = defaultdict(set)
    for names in languages:
        for line in names.split("\n"):
            full, *short = line.split() or [""]
            for name in short:
                others[full].add(name)
                others[name].add(full)
    return {name: frozenset(alike) for name, alike in others.items()}


_OTHERS = _read(_LANGUAGES)


def nicknames(name: str) -> frozenset[str]:
    """Return the other forms of a folded given name: a full name's short ones, and the reverse.

    >>> sorted(nicknames("jurgen")), sorted(nicknames("liz"))
    (['juergi', 'jurgi'], ['elizabeth'])
    """
    return _OTHERS.get(name, frozenset())


def is_given_name(word: str) -> bool:
    """Whether a folded word is one of the names above."""
    return word in _OTHERS
