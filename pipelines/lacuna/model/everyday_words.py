"""Names that are also words of a language."""

from typing import Final

# English, Danish, Norwegian, Swedish, German, Dutch, French, Spanish, Italian, Polish, Finnish.
_WORDS = """
an ann art august bell best bill black bond brown case chance cook day dean don drew else
faith fall field fields ford forest frank gene good grace grant gray green hall hill hope
house jack joy june king lane law light long love mark mason max may miles moon nick noble
park pat penny piper price rain ray read reed rich rob rose say short sky smart snow spring
star stone sue summer sunny time tony violet walker wade ward way west white will wise wood
woods young
bjorn bo bro bror dag egg for fred gro hav hel helle i jul liv lyng mai maj mor nu od per pi
sol son sten stig storm sund tor tur vi vig vik
ernst gross gut hart jung klein kurz lang mild recht reich stark schwarz weiss bos de groot
jong vos wit
blanc blanche bon brave claire clement constant fleur grand juste noir petit rose amor
angel blanco bravo cruz dolores flores leal luz mar mercedes paz pilar reina reyes rico rosa
sol soledad buono bella franco gentile grande leone neri santo vero lis meri satu suvi
toivo usko
"""

EVERYDAY: Final = frozenset(_WORDS.split())
"""Without case and accents. A name of such words counts only where its capitals say that it is one."""
