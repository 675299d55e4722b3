"""The words beside numbers, in the languages of Europe: what calls a number somebody's.

A star stands for any ending: `bestelling*` is `bestelling`, `bestellingen` and `bestellingnummer`.
Case, accents and doubled letters do not count.
"""

NUMBER = (
    "number* numbr nbr numb nummer nummeret nummret nummern nummers nummere numret numrets numre numrene nummers numer "
    "numeru numerem numery numerów numéro* número* numero numeroni numeromme numeron numerot numeri nr nrs nro no nos "
    "nº n° num núm numerol* numeros* code* kode* kod kodem kodu koden koodi* código* codice codici kodas id ids ident identifier* kennung "
    "tunnus* tunnuks* kody identifiant* identificat* identificad* identyfikator* tuniste* número* numeroa"
)
"""They say that a number follows, whatever it is of."""

LABELS = (
    # Cases, references, contracts
    "referen* referan* reference* référence* referencja ref refs refer réf rif riferiment* viite viittee* viitenro aktenzeichen* zeichen "
    "expediente* protocolo* protocollo* sygnatur* localizador* pnr ocr fnr svnr idnr kundnr kdnr kd vsnr pratica pratiche "
    "sygn znak znakiem az ticketid caseid kenmerk* beteckning* diarie* journalnr s/n "
    # Meters and connections
    "mpan mprn cups pdr pdl pce cpe ppe målepunkt* anläggnings* marktlokation* messlokation* malo melo käyttöpaik* "
    # Vehicles and devices
    "kennzeichen* kenteken* targa targhe matrícula* matricule* matricola* matricole immatricul* imei* meid imeisv "
    "nummerplade* nummerskylt* registreringsskylt* skilt skiltet plate plates plaque rejestrac* rekisterikil* placa rekkari rek "
    "chassi* bastidor* telaio* fahrgestell* vin reg registration*"
)
"""A number after one of them is somebody's."""

REFERENCES = "ref refs refer réf rif referencia referência référence riferimento cod code id"
"""Of them, a number is nobody's if a word of PUBLIC is right before them: `article ref. 4410`."""

IDENTITIES = (
    "cpr* pesel* bsn* burgerservice* dni nif nir nip cpf pps* ppsn* ssn hetu* sotu* ahv avs niss insz tin "
    "steuerid steueridentifikat* steuerident* sozialversicherung* contribuinte* cidadão cidadania fiscale cf "
    "osobist* sécu sécurité seguridad henkilötunnu* rijksregister* personbeteckning* samordning* cnp egn oib isikukood* "
    "rodné rodného kennital* emso personnr fødselsnr amka svnummer personnumer* fødselsnumer*"
)

ACRONYMS = "POD NIE KID NINO NHS FIN"
"""Labels in capitals alone: in small letters they are other words."""

BANK = (
    "iban* bic nib rib blz bankleitzahl* clearing* clearingnr kontonr kontonummer* rachunk* rachunek ccc bankgiro* "
    "plusgiro* postgiro* bankrekening* sortcode clabe cuenta"
)
CARDS = (
    "kreditkort* kredittkort* kreditkarte* kreditkart* creditcard* creditkaart* debitkort* debetkort* debitkarte* bankkort* bankkarte* girocard dankort* visakort* "
    "visa mastercard* amex maestro card cards kort kortet kortets karte karten kaart carte cartes tarjeta* carta carte "
    "cartão cartões karta karty kartę kartą karcie kortti kortin korttini korttia kortil* kortis* luottokort* pankkikort* pas pasje betaalkaart* betaalpas* bankpas* "
    "kredytow* créditcard kk cb"
)
"""What a card is called. A number after it must be long."""

PHONES = (
    "tel tél tlf tfn tlm tfno telf telefon* telefoon* telefono* teléfono* telefone* téléphone* telephone* phone phones mobil "
    "mobile mobilen mobiltelefon* mobiel* móvil* telemóvel* telem celular* cellulare* cell handy* portable* komórk* "
    "gsm puh puhelin* puhelime* matkapuhelin* fax faks telefax* festnetz* fastnet* landline fisso fijo fixe rufnummer* kom "
    "puhnro whatsapp sms"
)
CALLS = (
    "ring ringe ringer ringa ringes ringas call calling dial phone bel bellen anruf* anrufen rufen ruft rückruf* zurückrufen "
    "erreich* appel* rappel* joindre joignable llam* llám* chiam* richiam* contatt* zadzwo* dzwoni* oddzwo* soit* "
    "ligar ligue liguem liguen telefoner* bereikbaar træffes nås reach bell text sms"
)
"""Who says so to somebody wants to be called. A number after it must be long, or in groups."""

EXTENSIONS = (
    "durchwahl* dw ext extn extension* extensión* extensão ramal ramais lokal lokalnr lokalnummer anknytning* alanumero* alanro toestel* poste int "
    "interno wewnętrzn* wewn klappe nebenstelle* doorkiesnummer* lokaltelefon*"
)
"""After them, two figures are a telephone number."""

RECORDS = (
    # Orders
    "order orders ordre ordren ordrene ordrer ordrerne ordrens ordern orderns ordrar ordrarna bestell* bestelling* bestellung* beställning* bestilling* bestillin* "
    "tinging* auftrag* auftrags* commande* comande* pedido* ordine ordini zamówieni* zam tilaus tilauks* tilaust* "
    "encomenda* compra purchase* einkauf* aankoop* "
    # Customers, members, users
    "customer* custommer* cust client* clients kunde kunden kundes kundens kunder kund kundin* kundes kd klant* cliente* klient* asiakas asiakka* "
    "member* mitglied* medlem* lid lidmaatschap* adhérent* abonné* abonent* abonnem* abonnent* abonament* abbonament* abonado* "
    "assinatura* assinante* socio* socia* sócio* członk* jäsen* tessera tessere user* usuario* utente* utilizador* utilisateur* "
    "användar* bruger* bruker* benutzer* gebruiker* käyttäjä* użytkownik* subscri* suscrip* teilnehmer* partner* "
    # Cases
    "case cases sag sagen sager sags sak saken saker saks ärende* vorgang* ticket* zaak zaken dossier* caso casos pratica* "
    "spraw* processo* processi proces tapaus tapauks* incident* incidenc* hendels* henvendels* claim* skade* skada* schaden* schade* schadens* "
    "sinistre* siniestro* sinistro* szkod* vahinko* vahingo* reclam* réclam* reklam* klage* klacht* beschwerde* complaint* "
    "zgłoszeni* segnalazion* tukipyyn* pyyntö* anfrage* demande* solicitud* richiesta* pedidos wniosk* wniosek application* "
    "antrag* ansøgning* ansökan* søknad* hakemu* file akte* avis meldung* melding* anmälan* anmeld* støttesak* interven* "
    # Contracts, policies, bills
    "contract* contrat* contrato* contratto* contratti kontrakt* vertrag* vertrags* umow* sopimu* avtal* aftale* overeenkomst* "
    "policy policies police* polisen* polise* polis polisse* póliza* polizz* polis* apólice* vakuutu* insurance* forsikring* försäkring* versicherung* "
    "verzekering* assurance* seguro* assicurazion* ubezpieczeni* "
    "invoice* faktura* fakturan* faktur* rechnung* factuur* facturen facture* factura* fattur* lasku* fatura* bill billing regning* räkning* "
    "quittung* receipt* kvittering* kvitto* kuitti* paragon* recibo* ricevut* scontrin* boleto* mahnung* rykker* purring* "
    "betaling* payment* zahlung* paiement* pago* pagament* płatnoś* maksu* transaction* transaktion* transaks* transacci* transazion* transakcj* transação* "
    # Accounts
    "account* acct konto kontoen kontot kontos kontoer kontem konta kontu kontonr compte* cuenta* conto conti corrente rekening* tili tilin tilini tilille tilinum* "
    "conta contas depot* "
    # Bookings
    "booking* boeking* buchung* buchungs* bokning* bestilling* reservation* reservierung* reservering* réservation* reservasjon* reserva* "
    "prenotazion* rezerwacj* varau* booked booket bokat bokad bokade gebucht* geboekt* gereserveerd reserviert* reserveret reservert "
    "réservé* reservé reservad* prenotat* zarezerwowa* varasi* varannut "
    # Parcels
    "tracking* track trace sporing* spårning* sendung* sendungs* sending* shipment* shipping forsendelse* försändelse* suivi envío* envio* "
    "spedizion* przesyłk* lähety* zending* parcel* pakke* pakken* paket* paketti* paketin* pakket* paczk* colis pacco pacchi paquete* "
    "pacote* package* kolli* consignment* rastre* rastreio* seguimiento* tracciamento* śledzeni* seurant* verfolgung* levering* lieferung* "
    "albar* bolletta bollette pakbon* pakkseddel* pakkeseddel* følgesed* rahtikirj* przewozow* livraison* entrega* consegna* dostaw* delivery lieferschein* følgeseddel* retoure* retur* return* rma objednávk* "
    # Meters, devices, vehicles
    "måler* målar* mätar* zähler* zählers compteur* contador* contatore contatori licznik* mittari* meternr meternum* "
    "serial* seriennr device* gerät* laite* enhet* appareil* véhicule* vehicle* kfz samoch* samochod* "
    # Papers
    "passport* passeport* pasaporte* passaporto* paszport* paspoort* passport pass passet reisepass* passi passin personalausweis* ausweis* legitimation* "
    "identitetskort* identity identità identidad identité identidade card idcard henkilökort* driving driver licence* license* kørekort* førerkort* körkort* führerschein* rijbewijs* permis "
    "carnet* patente* prawo prawa jazdy ajokort* condução dowód* dowodu employee* staff medarbejder* medewerker* mitarbeiter* ansatt* "
    "patient* paciente* paziente* potilas* personal* personeel* student* elev* matrikel*"
)
"""What a company keeps of somebody: a number right after one is that record's."""

ABBREVIATIONS = "ped cde cmd cmde enc ord inv fact résa résas resv rsv"
"""Records in small letters or with one capital; in capitals they begin a number: `INV 2024 01`."""

MATTERS = (
    # Requests, offers, forms, appointments
    "request* enquir* inquir* query queries quote* quotation* estimate* offer offers proposal* appointment* enrol* prescription* anmodning* "
    "forespørg* forespørs* förfråg* verzoek* aanvraag* zapytan* petición* petizione* consulta* requête* domanda* demand istanz* kysely* "
    "anliegen* angebot* kostenvoranschlag* tilbud* offert* oferta* ofert* ofre* devis preventiv* presupuest* orçament* tarjou* anmeldung* "
    "påmeld* tilmeld* inschrijv* inscri* iscrizion* ilmoittau* zapis* marcaç* afspraak* termin termins rendez-vous cita wizyt* atendim* chamado* "
    # Loans, guarantees, repairs, refunds
    "loan* mortgage* agreement* lease warrant* refund* repair* chargeback* dispute* lån lånet lånesag* låne* lening* hypothe* darlehen* kredit* "
    "crédit* credito* préstamo* prestito* mutuo* prêt kredyt* pożyczk* laina* lainani emprést* financiam* garant* garanz* gwaranc* takuu* "
    "reparat* reparasj* réparation* riparazion* naprawa* huolto* korjau* zwrot* palautus* palautuks* reembols* rimbors* remboursement* "
    "gutschrift* kreditnota* widerspruch* bescheid* "
    # Work, papers on the way
    "workorder* docket* waybill* zlecen* zleceni* opdracht* werkbon* intervent* rapport* rapporto* bolla bolle ddt bordereau* guia* remessa* "
    "serviço* ordem nota beleg* bilet* billet* biljet* bilhete* bigliet* billete* lippu* lipun ticketnr permit* "
    # Reminders, fines, letters
    "reminder* påminn* påmind* herinnering* aanmaning* incasso* inkasso* mise demeure* relance* sollecit* wezwan* ponaglen* cobranç* muistut* "
    "perintä* fine penalt* multa* amende* boete* bøde* böter* bußgeld* mandat* verbale* letter* brev brevet brief* courrier* carta lettera* "
    "pismo pisma piśmie kirje* skarg* boletín* boletim* opgørelse* rekvisi* requisi* klagom* klagemål* valitu* valituks* zażaleni* queixa* queja* plaint* notice* statement* "
    # Things of somebody's
    "badge* fob fobs breloki porte-clés llaver* membership* loyalty giftcard* utenz* liittym* keskustel* anschluss* relatie* brik brikke* fall fälle fald matter akten abo abos"
    # Further, a language in a line or two
    "grievanc* tenanc* premises* ledger* proform* remittanc* transfer* reimbursement* exchang* guarantee* certificat* diplom* grant* "
    "submission* referral* admission* specimen* manifest* itinerar* cruis* excursion* rental* installation* connection* outag* visit* "
    "engineer* technician* payroll* candidat* pupil* librar* borrower* wallet* merchant* vendor* supplier* debtor* collection* summons* "
    "chat conversation* thread* messag* correspondenc* survey* competition* raffl* lotter* locker* microchip* "
    "køb lejemål* ejendom* kontoudtog* overslag* overførsel* refusion* ombytning* registrering* bevilling* tilladels* certifikat* "
    "bevis* henvisning* recept* indlæggels* journal* prøve* fragtbrev* rejse* udlejning* leje køretøj* plade* tilslutning* driftsstop* "
    "besøg* montør* kandidat* studerend* forhandler* leverandør* debitor* afgift* stævning* akt dokument* samtal* besked* undersøgels* "
    "konkurrenc* nøgle* opholdstilladels* "
    "kauf anspruch* vereinbarung* wohnung* objekt* grundstück* auszug* überweisung* erstattung* rückgab* umtausch* registrierung* "
    "genehmigung* zertifikat* urkund* spend* rezept* miete* mietwagen* fahrzeug* störung* einsatz* besuch* techniker* monteur* "
    "bewerber* schüler* ausleih* händler* lieferant* urteil* gespräch* nachricht* schreiben* umfrag* gewinnspiel* schließfach* "
    "parkplatz* schlüssel* aufenthaltstitel* krankenkass* "
    "acuerd* viviend* inmuebl* extract* transferencia* devolución* registr* licencia* permis* certificad* títul* afiliación* recet* "
    "muestr* viaje* vehícul* instalación* suministr* averí* orden* técnic* emplead* estudiant* alumn* hipotec* proveedor* deudor* "
    "acreedor* cobro* requerimient* sanción* citación* document* conversación* mensaj* correo* encuest* sorteo* taquill* aparcamient* "
    "visad* residencia* trámit* "
    "ostos* osto vaatimus* kiinteistö* tiliot* arvio* tilisiirt* tapahtum* hyvitys* vaiht* rekisteröint* todistus* lahjoitus* eläke* "
    "etuus* lähet* resept* näyte* toimitus* kuormalav* vuokraus* ajoneuv* reititin* modeem* asennus* häiriö* vika työmääräys* käynt* "
    "asentaj* työntekijä* hakij* opiskelij* oppilas* pääte* kauppias* toimittaj* velallinen* huomautus* sakko* haast* asiakirj* puhelu* "
    "viest* kilpailu* loker* pysäköint* viisum* oleskelulup* päätös* "
    "achat* affair* logement* reçu virement* enregistrement* diplôm* adhésion* ordonnanc* échantillon* envoi* routeur* "
    "raccordement* panne* technicien* salarié* étudiant* emprunteur* commerçant* fournisseur* débiteur* créancier* recouvrement* "
    "contravention* convocation* enquêt* concours* titre* séjour* quittanc* échéanc* "
    "acquist* accord* affitt* immobil* estratt* bonific* registrazion* licenz* permess* appuntament* ricett* ricover* campion* viaggio* "
    "noleggio* veicol* fornitur* guast* tecnic* dipendent* alunn* esercent* fornitor* recuper* citazion* fascicol* conversazion* "
    "messaggio* sondaggio* concors* schedin* armadiett* parcheggio* soggiorn* cedolin* "
    "kjøp leieforhold* eiendom* kontoutskrift* overføring* refusjon* bytte* tillatels* sertifikat* pensjon* pasient* fraktbrev* reise* "
    "utleie* kjøretøy* understell* anlegg* tilkobling* oppdrag* besøk* låntaker* gebyr* stevning* undersøkels* konkurrans* opphold* "
    "vedtak* "
    "woning* afschrift* schatting* transactie* registratie* vergunning* certificaat* uitkering* verwijzing* opnam* verhuur* voertuig* "
    "installatie* aansluiting* storing* bezoek* kandidaat* leerling* winkelier* leverancier* debiteur* kennisgeving* dagvaarding* "
    "gesprek* bericht* prijsvraag* kluisj* parkeerplaats* sleutel* verblijf* beschikking* "
    "zakup* roszczenie* najem* nieruchomość* mieszkanie* wyciąg* wycen* przelew* wymian* zezwolenie* certyfikat* zaświadczenie* "
    "emerytur* świadczenie* skierowanie* pacjent* próbk* podróż* wynajem* pojazd* nadwozie* instalacj* przyłącz* awaria* technik* "
    "pracownik* kandydat* uczeń* sprzedawc* dłużnik* windykacj* monit* pozew* akta rozmow* wiadomość* ankiet* konkurs* szafk* wiza "
    "decyzj* "
    "acord* imóvel* extrat* propost* transferência* devoluçã* regist* licenç* adesã* pensã* internament* amostr* aluguer* veícul* "
    "instalaçã* forneciment* avaria* funcionário* estudant* aluno* comerciant* fornecedor* devedor* credor* notificaçã* citaçã* chamad* "
    "convers* mensagem* inquérit* concurs* cacif* estacionament* residência* requeriment* "
    "köp fastighet* kontoutdrag* uppskattning* betalning* överföring* återbetalning* tillstånd* intyg* ersättning* remiss* leverans* "
    "fraktsedel* uthyrning* fordon* anläggning* anslutning* uppdrag* montör* anställd* låntagar* handlar* leverantör* gäldenär* "
    "varning* stämning* meddeland* enkät* nyckel* brick* uppehåll* "
    "lamentel* bonifik* ostoks* kiinteistö* anlegg* anlæg* köpet kjøpet købet kjøpene zakupu zakupie fastighet* ejendom* eiendom* órden ordene lainanum* todistu* tapahtum* työmäärä* lähete* lähettee* asiakirja* potila* toimituk* "
    "pedimento tutkimu* päätöks* hyvityks* perinnä* huomautu* sakko sakon velallis* kauppa kaupan compravenda talonn* debitor* debiteur* kreditor* acreedor* creditor* debtor* lejemål* leieforhold* hyresavtal* huurcontr* "
)
"""What a company writes about, too: after them, a number must look like one of a record."""

CITES = (
    "quote quoting cite citing mention state oppgi oppgir opplyse oplyse oplys angive ange angeben nennen indicar indicara indicare citar "
    "citare mencionar mentionner indiquer rappeler vermelden opgeven podać podaję podawać ilmoittaa mainita "
    # Whoever refers to something, or writes about it
    "refer refers referring verwijs verwijzen verwijst verwijzend henvis* hänvis* vise viittaa viittaan viittaamaan powołać powołuję powołując citara citer citant berufe beziehe bezugnehmend "
    "regarding concerning re angående ang vedr vedrørende vedrörande gällande gjeldende betreft betreffende betreff betr betrifft betreffend bezüglich bzgl concernant dotyczy dot "
    "koskien koskee riguardo riguarda referente relativo relativa respecto"
)
"""What people are told to do with a number of theirs."""

ENDINGS = (
    "ending ends end endar endet endend* endziffer* ziffern digits cijfers cyfry cyfr cyfrach sifre sifrene sifrer ciffer cifre cifrene siffror siffrorna "
    "ender slut* slutar sluter eindig* termina terminada terminado terminan terminas terminat* finiss* finit finis* finals kończ* chiffre* cifra dígitos digitos numeroa loppu* pääty* final"
)
"""The last figures of a number follow."""

HEADS = (
    "kort kortet kortets kortene kortena korten kortit kortti kortini kortin kortilta kortiltani kortista kortistani karte karten kaart kaarten sak saken sakens saker sag sagen sagens sager "
    "konto kontoen kontot akte akten lån lånet order ordre ordren ordern abo lasku laskun laskusta laskustani laskut"
)
"""Ends of compounds that are too short to be looked for in every word."""

PUBLIC = (
    "article* artikel* artículo* articolo* articoli artigo* artykuł* vare varer vara varan varu vareno* tuote* tuotte* produkt* product* produit* "
    "producto* prodott* produto* item* sku isbn model* modell* modèle* modelo* typ type* tipo tyyp* version* versio* versjon* versie* versão* wersj* "
    "side* seite* sida sidan page* pagina* página* strona strony stronie sivu* hus huset haus house huis maison casa dom talo* "
    "room rom rommet rum rummet zimmer* kamer* chambre* habitación camera camere quarto* pokój huone* postnr postnummer postnummeret postnumret postnumero postinumero plz zip "
    "postal postale pocztow* postcode* postleit* windows ios android iphone* galaxy playstation kapitel* chapter* paragraph* "
    "størrelse* storlek* größe* size maat taille* talla* taglia* tamanho* rozmiar* koko år året jahr jahre year years année* ans año años anno "
    "anni ano anos rok roku lat vuosi vuonna vuotta flight* vol vuelo* volo voo lot lennon error* fehler* feil* fejl* fel erreur* virhe* "
    "błąd błęd* rabatt* rabat* discount* promo* voucher* gutschein* kupong* kupon* coupon* bon skonto org organi* cvr kvk btw ust "
    "vat moms siret siren piva iva krs regon beløb* beløp* belopp* betrag* amount* montant* importe importo kwot* kwota summa* "
    "summe* valor total* totalt pris prisen preis* price* prix precio* prezzo* cena ceny hinta* saldo* balance guthaben* "
    "målerstand* mätarställning* zählerstand* meterstand* stand relevé* lectura* lettura* leitura* stan lukema* reading viser visar shows zeigt "
    "marca affiche segna pokazuje näyttää wskazuje indique indica kanal* channel* gate linje* linie* line lijn* linea tog zug train treno comboio "
    "pociąg* antal anzahl aantal nombre cantidad quantit* liczba ilość määrä gang gange part teil teile teils teilenr teilenummer teilnummer saison* season* level "
    "nivel livello poziom* taso etage* stock floor piso piano piętr* kerros våning* bus autobus* tram bussi* ligne startnr "
    "hr hrb handelsregister* nok sek dkk eur euro euros usd gbp pln kr zł zl chf norm din iso fw firmware* build build* update* "
    "opening hours åbningstid* index art hausnr hausnum* husnum* zimmernr seitennum* telefonsex topic"
)
"""What has numbers that are nobody's: a word among them before the number ends the search."""

LINKS = (
    "is was are be er var är ar ist war lautet lauten lyder lyde lyd est etait es era e è é sera to jest był brzmi on oli sono "
    "zijn were hedder heter heißt heet reads the that this it its my our your mine mit mitt min mina mine mitte mein meine meiner meinem "
    "meinen dein ihr ihre ihrer mijn uw onze mon ma mes votre notre mi mis nuestro su sus mio mia miei il lo la i gli le meu minha meus "
    "minhas seu sua o a os as mój moja moje mojego mojej moją mego swój minun meidän vores vår våra vårt din dit ditt deres unser unsere unserer de des du "
    "del della delle dell dei d l all al da do dos das der die den det dem ett et ei eit en een ein eine het an of af av von van vom for for för fra from für "
    "pour para per dla på paa i in im em na au aux alla till til naar with mit med met avec con com z o ze w at by hos bei chez "
    "als as som comme como come jako noch also også också ogsa auch ook aussi también tambien anche também również też myös namely nemlig nämligen nämlich "
    "me mig meg mir mich moi mij mnie mi minut meg "
    "us uns oss os nous ons ci nas bitte please venligst vennligst please by porte lleva ha tem har hat has heeft ma nosi n s "
    "under unter sous sub bajo sotto pod onder numbered nowy nowa new neue neuer nye ny nya nouveau nouvelle nuevo nueva nuovo nuova novo nova uusi nieuwe "
    "siguient* seguent* seguint* suivant* seuraav* folgend* følgend* följand* volgend* następując* "
    "el los las les un une una uno ce cette este esta esse essa sie ich ik jeg jag jij je yo io eu hun wir we vi ni you jullie "
    "altså alltså dus czyli seja donc cioè ossia sea eli siis namelijk zur zum zu til klo y"
)
"""They may stand between the word and its number."""

EMPHASES = (
    "urgent please always cancel latest failed denied locked broken closed falsch sofort erneut fehler fehlen weiter defekt "
    "helaas altijd jamais encore erreur urgente errado nunca ahora grazie errato subito ukjent aldrig saknas kiitos nigdy prosze pilne "
    "brakuj"
)
"""What people write in capitals beside a label, of as many letters as a code."""

COPULAS = (
    "is was er var är ist war lautet lyder est es era è e é on oli to jest zijn som als as comme como come jako eer sont ar heter "
    "hedder are"
)
"""They stand between a number and the word that follows it."""

POINTERS = "that this it das dies dieses es det dette detta det dit dat esto eso es esta c'est c ce questo quello quella è este isso isto to tämä se"
"""They point back at the number before them."""

LISTS = "and og och und en et y e i ja sekä samt sowie oraz or eller oder of ou o lub tai also også ogsa og också och auch ed plus a resp bzw then dann puis poi luego sitten daarna dan derefter sedan sen potem depois"
"""They stand between numbers that have one word."""
