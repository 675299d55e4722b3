"""Given names that are common in Europe and the Americas, to tell a name from another word."""

_NAMES = """
aaron abigail adam adele adrian agnes aidan alan albert alejandro alex alexander alexandra alexis alfred alice alicia alison allison
amanda amber amelia amy ana andre andrea andreas andrew andy angela angelica anita ann anna anne annie anthony antonia antonio april
archie arthur ashley audrey austin barbara barry beatrice becky ben benjamin bernard beth betty beverly bill billy blake bob bobby brad
bradley brandon brenda brendan brent brett brian bridget bruce bryan caitlin callum cameron carl carla carlos carol caroline carolyn
casey catherine cathy cecilia charles charlie charlotte chelsea cheryl chloe chris christian christina christine christopher cindy
claire clara clare claudia cody colin connie connor courtney craig crystal curtis cynthia daisy dale damian dan dana daniel daniela
danielle danny darren dave david dawn dean deborah debbie debra denise dennis derek diana diane diego dominic donald donna doris dorothy
doug douglas duncan dustin dylan eddie edith edward edwin eileen elaine eleanor elena eli elijah elizabeth ella ellen ellie emily emma
eric erica erik erin esther ethan eugene eva evan evelyn faith fiona florence frances francis frank fred freddie frederick gabriel
gabriela gail gareth gary gavin gemma geoffrey george georgia gerald gillian gina glen glenn gloria gordon grace graham grant greg
gregory hailey hannah harold harriet harry harvey hayley heather hector helen helena henry holly howard hugh hugo ian ida imogen ingrid
irene iris isaac isabel isabella isla ivan ivy jack jackie jackson jacob jacqueline jade jake james jamie jan jane janet janice jared jasmine jason
jay jean jeff jeffrey jenna jennifer jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joanne jocelyn jodie joe joel john johnny jon
jonathan jordan jorge jose joseph josephine josh joshua joyce juan judith judy julia julian juliana julie justin karen karl kate katherine
kathleen kathryn kathy katie keith kelly ken kenneth kerry kevin kieran kim kimberly kirsty kristen kyle lara larry laura lauren laurence leah
lee leo leon leonard leslie lewis liam lily linda lindsay lisa liz lola lorraine louis louise lucas lucia lucy luke lydia lynn mackenzie madison
maggie malcolm marc marcus margaret maria marie marion mark martha martin mary mason matt matthew maureen maurice max maya megan melanie melissa
mercedes meredith mia michael michaela michele michelle miguel mike mildred miles milly miranda mitchell mohamed mohammed molly monica morgan
muhammad muriel myra nancy naomi natalia natalie natasha nathan neil nelson nicholas nick nicola nicole nigel nina noah noel nora norma norman oliver
olivia oscar owen paige pamela pat patricia patrick paul paula pauline penelope peter phil philip phillip phoebe phyllis poppy priscilla rachel ralph
randy raymond rebecca reginald rhys ricardo richard rick ricky rita rob robert roberta robin rodney roger roland ron ronald rory rosa rosalind rose
rosemary ross roxanne roy russell ruth ryan sabrina sally sam samantha samuel sandra sara sarah scott sean sebastian shannon sharon shaun sheila
shirley sidney sienna simon sofia sonia sophia sophie stacey stanley stella stephanie stephen steve steven stuart sue summer susan suzanne sylvia tamara
tanya tara taylor ted teresa terence terry theresa thomas tiffany tim timothy tina todd tom tommy toni tony tracey tracy trevor tristan tyler valerie
vanessa vera vernon veronica vicky victor victoria vincent violet virginia vivian walter wanda warren wayne wendy william zachary zoe zoey
aage agnete allan amalie anders anette annelise anton arne asger asta astrid axel benedikte bent berit birgit birgitte birte birthe bjarne bjarke bjorn bodil
bolette brian britta camilla carsten cecilie christoffer clausen claus connie ditte dorte dorthe ebbe ejner elin elisabeth else emil emilie erling esben
finn flemming frederik frederikke freja frida gerda gitte grete grethe gudrun gunnar hanne hans harald heidi helle helge henning henrik holger inga inge
inger ingeborg jakob janni jannik jeanette jens jeppe jesper joan jonas jorgen josefine julie jytte kaare kaj karina karin karsten kasper katrine
keld kenneth kent kim kirsten kirstine kjeld klaus knud kristian kristina kristine kristoffer kurt lars lasse laurits lene lennart leif lilly line lis lisbet lisbeth lise
lone lotte louise ludvig mads magnus maja malene malthe maren maria mathias mathilde mette merete mikael mikkel mogens morten nanna niels nikolaj nils ole
oluf otto palle peder pernille per pia poul preben rasmus regitze rikke rune ruth sanne signe sigrid sille simone sofie soren steen steffen sten stine sune susanne
sussi svend tage thea thorkild thomas tobias tove tine trine troels ulla ulrik vagn vibeke victor viggo villads vilhelm villy yrsa
agneta ake alva anders anneli annika arvid barbro bengt bertil birger bo borje britt carina christer dag dagmar ebba elof elsa emelie erika ewa fredrik gosta goran gun gunilla gustav
hakan hampus hjalmar ingela ingemar ingvar isak jenny joakim johan johanna johannes jorgen josefin kajsa karolina katarina kerstin kjell klara kristofer lena lennart linnea linus
lisbet lovisa magdalena maj malin marika margareta marten marianne mats matilda mattias maud mikael moa monika nils oskar ove par patrik pontus rebecka roger rolf ronja sixten
staffan stefan stig sture sven tage therese thorbjorn tommy tor torbjorn tore ulf ulrika urban uno viktor viktoria vilgot wilhelm wilma yngve
aksel anniken ase asbjorn aslaug aud audun bente berit bjorg borghild dagfinn eirik eilif einar endre espen eskil even frode geir gro gry gunn gunnhild guro
halvard haakon havard heidi henriette hilde hildegunn ida ingvild ivar jarle jorunn jostein kai kari karianne kjetil kjersti knut kristin laila leif liv magne magnhild
marit marte mona mari morten nina oddvar odd oddny oivind olav ola olaug oyvind pal pernille petter ragnar ragnhild randi reidar reidun roar roald rolf ronny
runar siri sigmund silje sissel sindre sivert solveig steinar stian stein sturla svein synnove synne terje tone tor tora torill torstein toril tormod trond trude turid tuva unni vegard vidar wenche
adelheid albrecht alfons alois andrea angelika anja anke anneliese annette annika antje armin arndt arno astrid august axel beate bernd bernhard bettina bianca birgit bjorn
brigitte britta burkhard christel christiane christoph clemens corinna cornelia dagmar detlef dieter dietrich dirk doris dorothea eberhard eckhard edeltraud edgar elfriede elke ellen elmar emil erich
ernst erwin eva-maria ewald felix ferdinand florian franz franziska frauke friedrich frieda friederike fritz gabi gabriele georg gerd gerhard gerlinde gertrud gisela gottfried gregor gudrun gunter gunther guido
hannelore hannes hansjorg harald hartmut hedwig heike heiko heiner heinrich heinz helga helmut herbert hermann hildegard hilde holger horst ilka ilse ina ines inge ingo ingrid irmgard
jana jannik jens joachim jochen johann johannes jorg josef juergen jurgen jutta karin karl-heinz karla karlheinz karsten katharina kathrin katja katrin kerstin klaus konrad konstantin kornelia
kristin kurt leonie lieselotte lina lothar lukas lutz manfred manuela marcel mareike margarete margit margot marika marion marko markus marlene marlies martina mathias matthias maximilian mechthild melanie
michaela mirjam monika moritz nadine nadja niklas nils norbert olaf oliver ortrud otto patrick peter petra philipp rainer ralf reiner reinhard reinhold renate roland rosemarie rosi rudiger
rudi rudolf ruth sabine sandra sascha sibylle siegfried sigrid silke silvia simone sonja stefan stefanie steffen susanne svenja sven tanja theo theodor thomas thorsten tilman tim torsten
udo ulrich ulrike ursula ute uta uwe vera verena viktor volker waldemar walter waltraud werner wiebke wilfried wilhelm winfried wolf wolfgang yvonne
achille adrien agathe alain albane alexandre alexis aline amandine amelie anais andre angelique anne-marie annick antoine arnaud armelle arthur audrey aurelie aurore baptiste bastien beatrice benedicte benoit bernadette
bertrand brigitte bruno camille carole cecile celine chantal charlene christelle christophe claude clemence clement clementine colette coralie corinne cyril damien daniele david delphine denis
didier dominique edouard eliane elise elodie emilie emmanuel emmanuelle eric estelle etienne eugenie evelyne fabien fabienne fabrice fanny fernand florence florian francine francois francoise
franck frederic gaelle gaetan gerard genevieve georges geraldine ghislaine gilbert gilles gregory guillaume guy helene henri herve hortense huguette hugues ines isabelle jacky jacques jean-claude jean-luc jean-marie jean-paul
jean-pierre jean-michel jeanne jeannine jeremy jerome joel joelle joseph josette josiane jules julien juliette justine karine laetitia laure laurence laurent lea leon liliane lionel loic lou louis luc lucie lucien ludovic madeleine
magali manon marc marcel margaux margot marie-claude marine marjorie martine mathieu mathilde mathis maxime melanie michel micheline mireille monique morgane muriel myriam nadege nadia nadine nathalie nicolas noemie odile odette olivier
oceane pascal pascale patrice paulette philippe pierre pierre-yves quentin raphael raymonde regine regis remi remy renaud rene renee roger romain romane roxane sabine sabrina samuel sandrine sebastien serge severine simone solange solene sophie stephane sylvain sylvie
tatiana thibault thierry thomas titouan valentin valentine valerie veronique victor vincent virginie viviane xavier yann yannick yves yvette yvonne zoe
adriana agustin alba alberto alejandra alfonso alfredo alonso alvaro amparo ana angel angeles antonia araceli armando arturo aurora beatriz begona belen benito blanca borja carla carlota carmen carolina catalina cesar clara concepcion
consuelo cristian cristina cristobal diego dolores domingo eduardo elena elisa emilia emilio encarnacion enrique ernesto esperanza esteban estefania esther eugenia eva federico felipe felix fernanda fernando francisca francisco gabriela gerardo gloria
gonzalo gregorio guadalupe guillermo gustavo hector hernan hugo ignacio inmaculada ines irene isabel ismael ivan jaime javier jesus joaquin jordi jorge josefa jose juan-carlos juana julio lorena lorenzo lourdes lucia luis luisa macarena manuel manuela
marcela marcos margarita mariano mariana maribel maricarmen marina mario marisol marta mateo mauricio maximo mercedes miguel milagros mireia miriam monserrat montserrat natalia nerea nicolas nieves noelia nuria olga oscar pablo paloma paola patricia paz pedro
pilar rafael ramiro ramon raquel raul remedios rocio rodolfo rodrigo roberto rosario ruben salvador santiago sara sergio silvia sonia soledad susana tamara teresa tomas valentina vicente victor virginia xavier ximena yolanda
adele adriano agata alberto aldo alessandra alessandro alessia alessio alfredo amedeo andrea angela angelo anita annalisa annamaria antonella antonino antonio arianna attilio aurelio barbara beatrice benedetta bruno camilla carla carlo carmela carmine
caterina cecilia chiara cinzia ciro claudia claudio clara corrado cosimo cristiano cristina damiano daniela daniele dario davide debora denis diego domenico donatella edoardo elena eleonora eleonora elisa elisabetta emanuela emanuele emma enrico enzo erika
ermanno ernesto ettore eugenio eva fabiana fabio fabrizio federica federico felice ferdinando filippo fiorella flavia flavio franca francesca francesco franco gabriella gaetano gennaro giacomo giada giancarlo gianfranco gianluca gianni giorgia giorgio giovanna
giovanni giulia giuliana giuliano giulio giuseppe giuseppina grazia graziella greta guglielmo ilaria irene isabella ivana jacopo laura lidia liliana lorena lorenza lorenzo loredana luca lucia luciana luciano ludovica luigi luisa manuela marcello marco margherita
mariangela marianna marilena marina mario marisa marta martina massimo massimiliano matilde matteo maurizio mauro michela michele milena mirella monica nadia nicola nicoletta nino noemi ornella paola paolo patrizia piera piero pietro raffaella raffaele renata renato
riccardo rita roberta roberto rocco romina rosanna rosario rossella salvatore sabrina sandro sara serena sergio silvana silvia silvio simona simone sofia stefania stefano teresa tiziana tiziano tommaso ugo umberto valentina valeria valerio vincenza vincenzo vito vittoria vittorio viola
annemarie anneke annelies anouk arie arjan bart bas bastiaan bert bram cees coen cor corrie daan dick dirk dirkje eelco els erik esmee evert femke ferdi floor floris fleur frans freek frits gerard gerda gerrit geert gijs greet guus hanneke hans harm harmen hein hendrik hendrika henk herman
hilde hiske huub ilse inge ineke jaap jacco jacob jacobus jacqueline jan-willem jasper jelle jeroen jet jeroen jip joep johan johanna jolanda joost joop joris jos jurre karin kees klaas koen lars leendert lieke lies loes lonneke lotte luuk maaike maarten maartje machteld marcel margriet marieke
marijke marijn marjan marjolein marleen martijn mathijs matthijs meike menno merel mieke mirjam nelleke niek niels nienke noor peter-jan piet pieter pim petra quinten remco rene rik rianne rob robbert roel roeland ron ruud ruben sander sanne saskia sem siem sietske sjoerd sofie stefan sven
teun thijs tijn tineke tjeerd tom truus twan vincent wendy wesley wiebe wietske wilco wilhelmina willem willemijn wilma wim wouter yvonne
adam adrian agata agnieszka aleksander aleksandra alicja alina ala andrzej aneta anna antoni arkadiusz artur barbara bartek bartlomiej bartosz beata blazej bogdan bogumila boguslaw bozena cezary czeslaw damian danuta dariusz dawid dominik dominika dorota edyta elzbieta emilia eryk ewa ewelina
filip franciszek gabriela genowefa grazyna grzegorz halina hanna helena henryk hubert iga ignacy igor ilona irena ireneusz iwona iza izabela jacek jadwiga jagoda jakub jan janina janusz jaroslaw jerzy joanna jolanta jozef julia julita justyna kacper kamil kamila karol karolina kasia katarzyna kazimierz kinga klaudia krystian
krystyna krzysztof leszek lidia lucyna ludwik lukasz maciej magda magdalena maja malgorzata malwina marcin marek mariola mariusz marta martyna maryla marzena mateusz michal mieczyslaw mikolaj milena milosz miroslaw miroslawa monika natalia nikodem norbert oliwia oskar patryk paulina pawel piotr przemek przemyslaw radek radoslaw rafal renata
robert roman ryszard sandra sebastian slawomir stanislaw stefan stefania sylwia szymon tadeusz teresa tomasz tymon tymoteusz urszula waclaw waldemar wanda weronika wieslaw wieslawa wiktor wiktoria witold wladyslaw wojciech wojtek zbigniew zdzislaw zenon zofia zuzanna zygmunt
aino aila aleksi aki anja anna-liisa anneli anni annika antti ari arja armas arto asko auli eero eeva eija eila elina elli emmi erkki esa eveliina hanna hannele hannu harri heikki heini heli helvi henna hilkka iida iiro ilkka ilmari inkeri irja irma isto jaakko jaana jani janne jari jarkko jarmo jenni jere johanna jorma
jouko jouni juha juhani jukka juho jussi juuso kaarina kaisa kalevi kalle kari katja katri kauko kerttu kimmo kirsi kirsti kyllikki laura lasse lauri leena liisa maarit maija maarit maiju marja marjatta marjo marjukka markku marko markus martti mari marita matti mauri meri merja mervi miia mika mikko mikael miika mirja mirva minna
mirka nea niina niko niklas olli onni osmo outi paavo paivi paula pasi pauliina pekka pentti perttu petri petteri pirjo pirkko piia pia pertti raija raili raimo ritva reijo reijo riikka riitta risto saara sakari salla sami samuli sanna santeri sari satu seija seppo sini sirkka sirpa sinikka sisko taina taisto tapani tapio tarja
teemu teija teppo terhi tero terttu tiina timo tomi topi toni tuija tuomas tuomo tuula tuulikki tytti ulla urpo valtteri veera veikko veli vesa viljami ville virpi vuokko
abel adelino afonso alexandre alda alvaro amelia ana-maria anabela andreia antonio armando artur augusto aurora beatriz bernardo bruna bruno caetano carla carlos carolina catarina celeste celia cesar conceicao cristiana cristina custodio daniela david diana dinis diogo domingos duarte edite eduardo elisabete elsa elvira
emanuel fabio fatima fernanda fernando filipa filipe filomena flavio francisca francisco frederico gabriel goncalo graca guilherme gustavo helder helena henrique ines inacio irene isaura ivo jaime joao joaquim joaquina joana jorge jose julio juliana leandro leonardo leonor lidia ligia lourenco lucia luis luisa luzia madalena mafalda manuel manuela
marcelo margarida mariana marina mario marisa marta martim mateus matias matilde mauricio miguel monica natercia nelson nuno olga otavio paulo pedro rafael rafaela raquel raul regina renato ricardo rita roberto rodrigo rogerio rosa rui rute salvador sandra sara sebastiao sergio silvia simao sofia sonia susana tania telma teresa tiago tomas
valter vania vasco vera vitor vitoria xavier zelia
abdullah adnan ahmad ahmed aisha aleksandar aleksandr ali alina amina amir anastasia andrei andrej arjun ayse bogdan dana danijel darko dejan deepak dmitri dragan ekaterina elif emir fatima fatma farah goran hamza hasan hassan hussein ibrahim igor imran ioana ion ivana ivo jelena jovana karim katarina khaled leila layla ljiljana
maksim marija marko mehmet mihai milan milica mina mira mohammad mustafa nadia natalia nikola nikolai nour olena oleksandr olga omar osman oksana petar priya radu rahul rajesh raluca razvan samir sanjay serhii sergei slobodan sunita svetlana tatiana vasile viktor vlad vladimir yasmin yusuf zeynep zoran
"""

GIVEN_NAMES = frozenset(_NAMES.split())
"""Folded: without case and diacritics."""
