"""Which kinds of known values were searched for, and where."""

from lacuna.model.identity import ValueClass
from lacuna.model.searched_places import OwnRowsSearched, SearchedPlaces, ValuesSought

PLACES = SearchedPlaces(
    columns=812,
    tables=74,
    file_groups=1,
    own_rows=(OwnRowsSearched(ValueClass.FULL_NAME, values=1, columns=17, tables=5),),
)


def test_every_kind_of_value_says_where_it_was_searched_for_or_why_not():
    sought = [
        ValuesSought(ValueClass.CONTACT, everywhere=2, own_rows=0, left=1),
        ValuesSought(ValueClass.FULL_NAME, everywhere=1, own_rows=3),
    ]
    lines = [line for line in PLACES.by_kind(sought) if line[1]]
    everywhere = "everywhere: 812 columns of 74 tables, 1 group of files"
    assert lines == [
        ("e-mail address or telephone number", 2, everywhere),
        (
            *("e-mail address or telephone number", 1),
            "nowhere: at least ten other people have it too, or an agent or another kind of person "
            "does",
        ),
        ("full name", 1, everywhere),
        ("full name", 1, "the person's own rows: 17 columns of 5 tables"),
        (
            *("full name", 2),
            "nowhere: too short or too common to tell whose; treated in the person's own rows",
        ),
    ]


def test_a_kind_without_a_known_value_is_named_too():
    lines = list(PLACES.by_kind(()))[1:]
    assert len({kind for kind, _, _ in PLACES.by_kind(())}) == len(ValueClass)
    assert {(count, where) for _, count, where in lines} >= {(0, "nowhere: no such value is known")}
